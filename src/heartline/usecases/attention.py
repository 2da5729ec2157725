"""What needs a person, over all projects that somebody may see. Never invents urgency."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from heartline.core.filters import And, Compare, Or, Order
from heartline.core.lifecycle import LIVE, Now, State
from heartline.core.lifecycle.view import sentence
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Question, Transaction
from heartline.usecases.access import Principal, entities
from heartline.usecases.cares import (
    Assigned,
    Snooze,
    assignments,
    seen_ends,
    snooze,
    snoozes,
)
from heartline.usecases.common_traits import common
from heartline.usecases.refusal import Refused
from heartline.usecases.troubles import Trouble, hosts_of, qualifier, troubles

RUNS_MAX = 500
ENDED_MS = 3 * 24 * 3600 * 1000
BAD = (State.FAILED, State.CRASHED)
WORST = ("crashed", "failed", "unreachable", "stalled", "preempting", "stopping", "running",
         "pending")  # fmt: skip

Hosts = list[tuple[str, str, int]]
Shown = Callable[[RunRecord], RunRecord]
Item = tuple[RunRecord, Trouble]


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that ended badly by one cause, newest first; `shared`: what they have in common."""

    cause: str
    state: str
    runs: list[RunRecord]
    shared: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """To decide about, ended badly and not yet seen by cause, put off, hosts, and who has what.

    `hosts` are (host, worst state, live runs); `well` counts the live runs that need nobody.
    """

    decide: list[Item]
    ended: list[Group]
    hosts: Hosts
    snoozed: list[tuple[RunRecord, Trouble, Snooze]] = field(default_factory=list)
    assigned: Mapping[RunKey, Assigned] = field(default_factory=dict)
    well: int = 0


def _stored(record: RunRecord) -> RunRecord:
    return record


def attention(tx: Transaction, who: Principal, now: Now, shown: Shown = _stored) -> Needs:
    """Live runs to decide about, those that ended badly lately, and how their hosts stand.

    `shown` adds to a record what was heard and is not stored yet.
    """
    running, live, lately = _asked(tx, who, now, shown)
    seen, mine = seen_ends(tx, who), snoozes(tx, who)
    due = troubles(tx, running, now)
    unseen = [(r, ended(r)) for r in lately if seen.get(str(r.key)) != r.told.seq]
    off = [(r, why, mine[r.key]) for r, why in [*due, *unseen] if _is_off(mine, r, why, now)]
    hidden = {record.key for record, _, _ in off}
    groups: dict[tuple[str, str], list[RunRecord]] = {}
    for record, _ in unseen:
        if record.key not in hidden:
            groups.setdefault((record.told.cause.value, record.state.value), []).append(record)
    return Needs(
        [each for each in due if each[0].key not in hidden],
        [Group(*kind, runs, common(tx, runs, now)) for kind, runs in groups.items()],
        _hosts(running, lately, now),
        off,
        assignments(tx, [record for record, _ in [*due, *unseen]]),
        max(0, live - len(due)),
    )


def _asked(
    tx: Transaction, who: Principal, now: Now, shown: Shown
) -> tuple[list[RunRecord], int, Sequence[RunRecord]]:
    """Live runs as they are heard now, how many there are, and those that ended badly lately."""
    pairs = [(p.entity, p.name) for p in tx.accounts.projects(entities(tx, who))]
    live = Or(tuple(Compare("state", "eq", state.value) for state in sorted(LIVE)))
    bad = And(
        (
            Or(tuple(Compare("state", "eq", state.value) for state in BAD)),
            Compare("ended", "gte", now.wall - ENDED_MS),
        )
    )
    newest = (Order("created", descending=True),)
    running = tx.runs.query(Question(pairs, live, newest, now, RUNS_MAX))
    lately = tx.runs.query(Question(pairs, bad, newest, now, RUNS_MAX)).runs
    return [shown(record) for record in running.runs], running.total, lately


def ended(record: RunRecord) -> Trouble:
    """A bad end as something to look at."""
    at = record.ended_at or record.life.since
    return Trouble("ended", sentence(record.told), at)


def _what(record: RunRecord, why: Trouble) -> str:
    """What is put off: the same again later is news, and so is another state or cause."""
    told = record.told
    when = told.seq if why.kind == "ended" else why.since
    return f"{why.kind} {record.state} {told.cause} {record.life.attempt.epoch} {when}"


def _is_off(mine: Mapping[RunKey, Snooze], record: RunRecord, why: Trouble, now: Now) -> bool:
    found = mine.get(record.key)
    return found is not None and found.holds(_what(record, why), now)


def put_off(
    tx: Transaction,
    who: Principal,
    keys: Sequence[RunKey],
    for_ms: int | None,
    now: Now,
    shown: Shown = _stored,
) -> int | Refused:
    """Take these off one's list for a while, as far as they are on it."""
    wanted = set(keys)
    running, _, lately = _asked(tx, who, now, shown)
    due = troubles(tx, running, now) + [(record, ended(record)) for record in lately]
    what = {record.key: _what(record, why) for record, why in due if record.key in wanted}
    return snooze(tx, who, what, for_ms, now)


def _hosts(running: Sequence[RunRecord], gone: Sequence[RunRecord], now: Now) -> Hosts:
    """Each host once, with the worst that it runs or that ended on it lately."""
    states: dict[str, list[str]] = {}
    for record in [*running, *gone]:
        state = qualifier(record, now) or record.state.value
        for host in hosts_of(record):
            states.setdefault(host, []).append(state)
    live = [state for state in WORST if state not in {"crashed", "failed"}]
    return [
        (host, min(found, key=WORST.index), sum(state in live for state in found))
        for host, found in sorted(states.items())
    ]
