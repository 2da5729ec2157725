"""The JSON records of what needs a person. Never decides what does.

Names and units are those of `heartline.wire.api`.
"""

import msgspec

from heartline.wire.api import RunView


class AttentionItem(msgspec.Struct, kw_only=True):
    """A run that needs a person, and why.

    `kind` is stop, unreachable, preempting, stalled, pending or disk; ended only among snoozed
    ones.
    """

    run: RunView
    kind: str
    why: str
    since: int


class SnoozedItem(AttentionItem, kw_only=True):
    """What the caller has snoozed, until a time, or (null) until its state or cause changes."""

    until: int | None


class AttentionGroup(msgspec.Struct, kw_only=True):
    """Runs that ended badly of the same cause; `shared`: what all have and few others do."""

    cause: str
    state: str
    runs: list[RunView]
    shared: str = ""


class HostView(msgspec.Struct):
    """A host with the worst state on it, and how many live runs it has."""

    host: str
    state: str
    runs: int


class AssignedView(msgspec.Struct):
    """Who looks after a run, by whose word, since when."""

    user: str
    by: str
    at: int


class ReaperView(msgspec.Struct, kw_only=True):
    """How the server judges silence: not before `judges`, and nothing from before `since`.

    `down_ms` is how long nothing was judged before `since`, null where that is not known.
    """

    judges: bool
    since: int
    down_ms: int | None


class Notice(msgspec.Struct, kw_only=True):
    """What needs a person besides runs: `kind` is disk."""

    kind: str
    why: str


class Attention(msgspec.Struct, kw_only=True):
    """What to decide now, what ended badly lately and is not yet seen, and the hosts.

    `snoozed` is what the caller has snoozed; `assigned` names by the run's key who looks after it;
    `well` counts the live runs that need nobody. Of very many live runs only those are looked at
    that were heard the longest ago: `not_looked_at` counts the others.
    """

    decide: list[AttentionItem]
    ended: list[AttentionGroup]
    hosts: list[HostView] = []
    snoozed: list[SnoozedItem] = []
    assigned: dict[str, AssignedView] = {}
    notices: list[Notice] = []
    well: int = 0
    not_looked_at: int = 0
    reaper: ReaperView | None = None


class SeenBody(msgspec.Struct, kw_only=True):
    """The keys of runs whose end somebody has seen."""

    keys: list[int]


class SnoozeBody(msgspec.Struct, kw_only=True):
    """Snooze these runs for a while; `for_ms` null: until their state or cause changes."""

    keys: list[int]
    for_ms: int | None = None


class AssignBody(msgspec.Struct, kw_only=True):
    """Who shall look after these runs; nobody if `user` is empty."""

    keys: list[int]
    user: str
