"""The JSON records of what needs a person. Never decides what does.

Names and units are those of `heartline.wire.api`.
"""

import msgspec

from heartline.wire.api import RunView


class AttentionItem(msgspec.Struct, kw_only=True):
    """A run that needs a person, and why."""

    run: RunView
    why: str
    since: int


class AttentionGroup(msgspec.Struct, kw_only=True):
    """Runs that ended badly of the same cause."""

    cause: str
    state: str
    runs: list[RunView]


class HostView(msgspec.Struct):
    """A host with the worst state on it, and how many live runs it has."""

    host: str
    state: str
    runs: int


class Attention(msgspec.Struct, kw_only=True):
    """What to decide now, what ended badly lately and is not yet seen, and the hosts."""

    decide: list[AttentionItem]
    ended: list[AttentionGroup]
    hosts: list[HostView] = []


class SeenBody(msgspec.Struct, kw_only=True):
    """The keys of runs whose end somebody has seen."""

    keys: list[int]
