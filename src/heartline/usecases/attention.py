"""What needs a person, over all projects that somebody may see. Never invents urgency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from heartline.core.filters import And, Compare, Or, Order
from heartline.core.lifecycle import LIVE, Now, State
from heartline.core.lifecycle.view import SILENT_MS_SHOWN
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Question, Transaction
from heartline.usecases.access import Principal, entities

RUNS_MAX = 500
ENDED_MS = 3 * 24 * 3600 * 1000
STALLED_MS = 15 * 60 * 1000
STOP_MS = 60 * 1000
BAD = (State.FAILED, State.CRASHED)

SEEN, SEEN_MAX = "seen", 5_000
WORST = ("crashed", "failed", "unreachable", "stalled", "preempting", "stopping", "running",
         "pending")  # fmt: skip

Decide = list[tuple[RunRecord, str, int]]
Ended = dict[tuple[str, str], list[RunRecord]]
Hosts = list[tuple[str, str, int]]
Shown = Callable[[RunRecord], RunRecord]


@dataclass(frozen=True, slots=True)
class Needs:
    """To decide about, ended badly and not yet seen by cause, and (host, worst state, live runs)."""

    decide: Decide
    ended: Ended
    hosts: Hosts


def _stored(record: RunRecord) -> RunRecord:
    return record


def attention(tx: Transaction, who: Principal, now: Now, shown: Shown = _stored) -> Needs:
    """Live runs to decide about, those that ended badly lately, and how their hosts stand.

    `shown` adds to a record what was heard and is not stored yet.
    """
    pairs = [(p.entity, p.name) for p in tx.accounts.projects(entities(tx, who))]
    live = Or(tuple(Compare("state", "eq", state.value) for state in sorted(LIVE)))
    bad = And(
        (
            Or(tuple(Compare("state", "eq", state.value) for state in BAD)),
            Compare("ended", "gte", now.wall - ENDED_MS),
        )
    )
    newest = (Order("created", descending=True),)
    running = [shown(r) for r in tx.runs.query(Question(pairs, live, newest, now, RUNS_MAX)).runs]
    lately = tx.runs.query(Question(pairs, bad, newest, now, RUNS_MAX)).runs
    seen = tx.accounts.document(SEEN, "", who.user.name) or {}
    decide = [(r, *told) for r in running if (told := _why(r, now)) is not None]
    ended: Ended = {}
    for record in lately:
        if seen.get(str(record.key)) != record.told.seq:
            ended.setdefault((record.told.cause.value, record.state.value), []).append(record)
    return Needs(decide, ended, _hosts(running, lately, now))


def see(tx: Transaction, who: Principal, keys: Sequence[RunKey]) -> int:
    """Somebody has seen how these runs ended; a run that ends again is news again."""
    seen = dict(tx.accounts.document(SEEN, "", who.user.name) or {})
    before = len(seen)
    for record in tx.runs.get_many(keys[:SEEN_MAX]):
        if who.may_see(record.path.entity):
            seen[str(record.key)] = record.told.seq
    newest = dict(sorted(seen.items(), key=lambda each: int(each[0]))[-SEEN_MAX:])
    tx.accounts.put_document(SEEN, "", who.user.name, newest)
    return len(newest) - before


def _hosts(running: Sequence[RunRecord], ended: Sequence[RunRecord], now: Now) -> Hosts:
    """Each host once, with the worst that it runs or that ended on it lately."""
    states: dict[str, list[str]] = {}
    for record in [*running, *ended]:
        state = qualifier(record, now) or record.state.value
        for host in {w.host for w in record.life.writers if w.host} or {record.host}:
            if host:
                states.setdefault(host, []).append(state)
    live = [state for state in WORST if state not in {"crashed", "failed"}]
    return [
        (host, min(found, key=WORST.index), sum(state in live for state in found))
        for host, found in sorted(states.items())
    ]


def qualifier(record: RunRecord, now: Now) -> str:
    """What a live run is besides its state: unreachable, stopping or stalled; nothing if well."""
    if record.state not in LIVE:
        return ""
    if _silent_ms(record, now) > SILENT_MS_SHOWN:
        return "unreachable"
    if record.life.stop is not None:
        return "stopping"
    progress = record.progress_at
    stalled = record.state is State.RUNNING and progress and now.wall - progress > STALLED_MS
    return "stalled" if stalled else ""


def _silent_ms(record: RunRecord, now: Now) -> int:
    """Since the last beat of the quietest live writer."""
    live = [w for w in record.life.writers if w.id and w.state in LIVE]
    return max((now.alive - writer.heard_at for writer in live), default=0)


def _why(record: RunRecord, now: Now) -> tuple[str, int] | None:
    """Why a live run needs a decision and since when (wall ms); None if all is well."""
    stop = record.life.stop
    silent = _silent_ms(record, now)
    if stop is not None and stop.acknowledged_at is None and now.wall - stop.asked_at > STOP_MS:
        return "a stop was asked for and is not acknowledged", stop.asked_at
    if silent > SILENT_MS_SHOWN:
        return f"nothing heard for {silent // 1000} s", now.wall - silent
    if record.state is State.PREEMPTING:
        return "it is being preempted", record.life.since
    progress = record.progress_at
    if record.state is State.RUNNING and progress and now.wall - progress > STALLED_MS:
        return f"alive, but no new step for {(now.wall - progress) // 60_000} min", progress
    return None
