"""What needs a person, over all projects that somebody may see. Never invents urgency."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from heartline.core.filters import And, Compare, Filter, Or, Order
from heartline.core.lifecycle import LIVE, CauseKind, Now, State
from heartline.core.lifecycle.view import sentence
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Question, Transaction
from heartline.usecases.access import Principal, entities
from heartline.usecases.cares import (
    Assigned,
    Snoozable,
    Snooze,
    assignments,
    seen_ends,
    snoozes,
)
from heartline.usecases.common_traits import common
from heartline.usecases.troubles import Trouble, hosts_of, qualifier, troubles

RUNS_MAX = 500
ENDED_MS = 3 * 24 * 3600 * 1000
BAD = (State.FAILED, State.CRASHED)
WORST = ("crashed", "failed", "killed", "unreachable", "stalled", "preempting", "stopping", "running",
         "pending")  # fmt: skip

_KILLED = And((
    Compare("state", "eq", State.KILLED.value), Compare("cause", "eq", CauseKind.SIGNAL.value),
))  # fmt: skip

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
    """To decide about, ended badly and not yet seen by cause, snoozed, hosts, and who has what.

    `hosts` are (host, worst state, live runs); `well` counts the live runs that need nobody, and
    `not_looked_at` those that were heard more lately than as many as are looked at.
    """

    decide: list[Item]
    ended: list[Group]
    hosts: Hosts
    snoozed: list[tuple[RunRecord, Trouble, Snooze]] = field(default_factory=list)
    assigned: Mapping[RunKey, Assigned] = field(default_factory=dict)
    well: int = 0
    not_looked_at: int = 0


def stored(record: RunRecord) -> RunRecord:
    """The record as it is stored, where nothing is known that was heard since."""
    return record


def ended_badly(record: RunRecord) -> bool:
    """Whether nobody meant it: a SIGKILL that nobody here asked for is bad, too."""
    told = record.told
    unasked = record.life.stop is None and told.evidence.signal == "SIGKILL"
    killed = record.state is State.KILLED and told.cause is CauseKind.SIGNAL and unasked
    return record.state in BAD or killed


def attention(tx: Transaction, who: Principal, now: Now, shown: Shown = stored) -> Needs:
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
        len(running) - len(due),
        max(0, live - len(running)),
    )


def _asked(
    tx: Transaction, who: Principal, now: Now, shown: Shown
) -> tuple[list[RunRecord], int, Sequence[RunRecord]]:
    """Live runs as they are heard now, how many there are, and those that ended badly lately.

    Of too many live runs those are looked at that were heard the longest ago.
    """
    pairs = [(p.entity, p.name) for p in tx.accounts.projects(entities(tx, who))]
    live = Or(tuple(Compare("state", "eq", state.value) for state in sorted(LIVE)))
    bad = Or(tuple(Compare("state", "eq", state.value) for state in BAD))
    running = tx.runs.query(Question(pairs, live, (Order("heartbeat"),), now, RUNS_MAX))
    # Asked apart: killed ones that somebody meant must not crowd out what failed.
    lately = [*_ended_lately(tx, pairs, bad, now), *_ended_lately(tx, pairs, _KILLED, now)]
    lately.sort(key=lambda each: (each.created_at, each.key), reverse=True)
    looked_at = sorted(running.runs, key=lambda each: (each.created_at, each.key), reverse=True)
    return [shown(record) for record in looked_at], running.total, lately


def _ended_lately(
    tx: Transaction, pairs: list[tuple[str, str]], how: Filter, now: Now
) -> list[RunRecord]:
    since = And((how, Compare("ended", "gte", now.wall - ENDED_MS)))
    newest = (Order("created", descending=True),)
    found = tx.runs.query(Question(pairs, since, newest, now, RUNS_MAX)).runs
    return [record for record in found if ended_badly(record)]


def ended(record: RunRecord) -> Trouble:
    """A bad end as something to look at."""
    at = record.ended_at or record.life.since
    return Trouble("ended", sentence(record.told), at)


def _what(record: RunRecord, why: Trouble) -> str:
    """What is snoozed: the same again later is news, and so is another state or cause."""
    told = record.told
    when = told.seq if why.kind == "ended" else why.since
    return f"{why.kind} {record.state} {told.cause} {record.life.attempt.epoch} {when}"


def _is_off(mine: Mapping[RunKey, Snooze], record: RunRecord, why: Trouble, now: Now) -> bool:
    found = mine.get(record.key)
    return found is not None and found.holds(_what(record, why), now)


def snoozable(
    tx: Transaction, who: Principal, keys: Sequence[RunKey], now: Now, shown: Shown = stored
) -> Snoozable:
    """Those of these runs that are on one's list, and one's snoozes that no longer hold."""
    wanted = set(keys)
    running, _, lately = _asked(tx, who, now, shown)
    due = troubles(tx, running, now) + [(record, ended(record)) for record in lately]
    what = {record.key: _what(record, why) for record, why in due}
    known = {record.key: what.get(record.key, "") for record in [*running, *lately]}
    mine = snoozes(tx, who)
    there = {record.key: record for record in tx.runs.get_many(list(mine))}
    over = {k: s for k, s in mine.items() if not _may_hold(s, there.get(k), known, now)}
    return Snoozable({key: of for key, of in what.items() if key in wanted}, over)


def _may_hold(off: Snooze, record: RunRecord | None, known: Mapping[RunKey, str], now: Now) -> bool:
    """Whether it is for what the run is due for; a run that was not looked at may be due."""
    if record is None:
        return False
    if record.key in known:
        return off.of == known[record.key]
    if ended_badly(record):
        lately = (record.ended_at or 0) >= now.wall - ENDED_MS
        return lately and off.of == _what(record, ended(record))
    return record.state in LIVE


def _hosts(running: Sequence[RunRecord], gone: Sequence[RunRecord], now: Now) -> Hosts:
    """Each host once, with the worst that it runs or that ended on it lately."""
    states: dict[str, list[str]] = {}
    for record in [*running, *gone]:
        state = qualifier(record, now) or record.state.value
        for host in hosts_of(record):
            states.setdefault(host, []).append(state)
    live = [state for state in WORST if state not in {"crashed", "failed", "killed"}]
    return [
        (host, min(found, key=WORST.index), sum(state in live for state in found))
        for host, found in sorted(states.items())
    ]
