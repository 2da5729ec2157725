"""One host: what runs there, what ended there, what fell silent together. Never judges a run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from heartline.core.filters import And, Compare, Filter, Not, Or, Order
from heartline.core.lifecycle import LIVE, CauseKind, Now, Writer
from heartline.core.lifecycle.time import LEASE_BEATS, LEASE_MS_MIN
from heartline.core.lifecycle.view import unheard
from heartline.core.records import RunRecord
from heartline.core.texts import length
from heartline.ports import Question, Transaction
from heartline.usecases.access import Principal, entities
from heartline.usecases.attention import ENDED_MS, WORST, Shown, ended_badly, stored
from heartline.usecases.find_runs import PROJECTS_MAX
from heartline.usecases.refusal import Refused
from heartline.usecases.troubles import hosts_of, qualifier

RUNS_MAX = 500
LATELY_MAX = 50
TOGETHER_MS = LEASE_MS_MIN // LEASE_BEATS
"""Whoever dies with a host was last heard within one heartbeat of the others: at least this."""
UNHEARD = frozenset({CauseKind.LOST_HEARTBEAT, CauseKind.VANISHED})
_LIVE = Or(tuple(Compare("state", "eq", state.value) for state in sorted(LIVE)))


@dataclass(frozen=True, slots=True)
class OnHost:
    """A run with those of its writers that are on the host, all of its newest attempt."""

    record: RunRecord
    writers: tuple[Writer, ...]
    measured: bool

    @property
    def heard_at(self) -> int | None:
        """When it was last heard from the host."""
        return max((each.heard_wall for each in self.writers), default=None)

    @property
    def beat_ms(self) -> int:
        """How far apart its heartbeats are, by the longest lease."""
        leases = (each.lease // LEASE_BEATS for each in self.writers if each.lease is not None)
        return max(leases, default=TOGETHER_MS)


@dataclass(frozen=True, slots=True)
class Silent:
    """Runs that were last heard from a host at nearly the same time, the last of them at `at`."""

    at: int
    span_ms: int
    runs: tuple[OnHost, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Host:
    """What the asker's runs tell of a host; `ended` counts more than `lately` lists.

    `not_looked_at` counts the live runs that were heard more lately than as many as are looked at.
    """

    name: str
    state: str
    live: Sequence[OnHost]
    lately: Sequence[OnHost]
    ended: int
    silences: Sequence[Silent]
    not_looked_at: int


def find_host(
    tx: Transaction, who: Principal, name: str, now: Now, shown: Shown = stored
) -> Host | Refused:
    """The host with the runs that somebody may see; `shown` adds what was heard but not stored."""
    quietest, newest = Order("heartbeat"), Order("ended", descending=True)
    live, _, unseen = _on(tx, who, name, now, _LIVE, quietest)
    live = [_here(shown(each.record), name) for each in live]
    live.sort(key=lambda each: (each.record.created_at, each.record.key), reverse=True)
    gone, ended, _ = _on(tx, who, name, now, Not(_LIVE), newest, since=now.wall - ENDED_MS)
    if not live and not gone:
        return Refused("not_found", f"no run of yours is or was on host {name}")
    gone.sort(key=lambda each: -(each.record.ended_at or each.record.life.since))
    return Host(
        name,
        _worst(live, gone, now),
        live,
        gone[:LATELY_MAX],
        ended,
        _silences(name, live, gone, now),
        unseen,
    )


def _on(
    tx: Transaction, who: Principal, name: str, now: Now, which: Filter, order: Order,
    since: int | None = None,
) -> tuple[list[OnHost], int, int]:  # fmt: skip
    """Runs on the host, how many, and how many were not looked at.

    Those that began there, and those of which any writer is there: these are sought among the
    first in this order, where `since` says how new.
    """
    found: dict[int, RunRecord] = {}
    total = unseen = 0
    lately = which if since is None else And((which, Compare("ended", "gte", since)))
    for pairs in _projects(tx, who):
        home = And((which, Compare("host", "eq", name)))
        mine = tx.runs.query(Question(pairs, home, (order,), now, RUNS_MAX))
        others = tx.runs.query(Question(pairs, lately, (order,), now, RUNS_MAX))
        found |= {each.key: each for each in mine.runs}
        found |= {each.key: each for each in others.runs if name in hosts_of(each)}
        total += mine.total
        looked_at = {each.key for each in [*mine.runs, *others.runs]}
        unseen += max(0, others.total - len(looked_at))
    return [_here(each, name) for each in found.values()], max(total, len(found)), unseen


def _projects(tx: Transaction, who: Principal) -> Iterator[list[tuple[str, str]]]:
    """All that somebody may see, as many at a time as one question may hold."""
    pairs = [(each.entity, each.name) for each in tx.accounts.projects(entities(tx, who))]
    for first in range(0, len(pairs), PROJECTS_MAX):
        yield pairs[first : first + PROJECTS_MAX]


def _here(record: RunRecord, name: str) -> OnHost:
    writers = sorted((w for w in record.life.writers if w.id), key=lambda w: (w.rank or 0, w.id))
    # Of several ranks the lowest is the one whose measurements are shown.
    home = (writers[0].host if writers else "") or record.host
    here = tuple(each for each in writers if (each.host or record.host) == name)
    return OnHost(record, here, home == name)


def _worst(live: Sequence[OnHost], gone: Sequence[OnHost], now: Now) -> str:
    """As in the list of all hosts; `finished` where all is over and nothing bad is new."""
    lately = now.wall - ENDED_MS
    bad = [e.record for e in gone if ended_badly(e.record)]
    bad = [each for each in bad if (each.ended_at or 0) >= lately]
    records = [*(each.record for each in live), *bad]
    states = [qualifier(each, now) or each.state.value for each in records]
    return min(states, key=WORST.index, default="finished")


def _silences(name: str, live: Sequence[OnHost], gone: Sequence[OnHost], now: Now) -> list[Silent]:
    """Each time that several runs were last heard together, newest first."""
    silent = [each for each in live if _is_silent(each, now)]
    silent += [each for each in gone if each.writers and _was_lost(each)]
    silent.sort(key=lambda each: each.heard_at or 0)
    found: list[list[OnHost]] = []
    for each in silent:
        if found and _together(found[-1][0], each):
            found[-1].append(each)
        else:
            found.append([each])
    heard = [each for each in live if not _is_silent(each, now) and each.writers]
    everyone = [*live, *gone]
    return [_silent(name, runs, heard, everyone) for runs in reversed(found) if len(runs) > 1]


def _together(first: OnHost, other: OnHost) -> bool:
    """Whether what was heard last of both may have been within one heartbeat of either."""
    apart = (other.heard_at or 0) - (first.heard_at or 0)
    return apart <= max(first.beat_ms, other.beat_ms, TOGETHER_MS)


def _is_silent(each: OnHost, now: Now) -> bool:
    alive = [writer for writer in each.writers if writer.state in LIVE]
    return bool(alive) and len(unheard(alive, now)) == len(alive)


def _was_lost(each: OnHost) -> bool:
    """Whether its last writers here ended unheard."""
    return all(writer.cause in UNHEARD for writer in each.writers)


def _silent(
    name: str, runs: list[OnHost], heard: Sequence[OnHost], everyone: Sequence[OnHost]
) -> Silent:
    first, last = runs[0].heard_at or 0, runs[-1].heard_at or 0
    told = f"{len(runs)} runs on {name} fell silent within {length(max(last - first, 100))}"
    if since := _after(last, heard):
        told += f"; {_others(since, 'are', 'is')} still heard from there"
    elif later := _after(last, everyone):
        told += f"; {_others(later, 'were', 'was')} heard from there later"
    else:
        told += "; nothing is heard from there now: likely the host or its network was lost"
    return Silent(last, last - first, tuple(runs), told)


def _after(at: int, runs: Sequence[OnHost]) -> int:
    return sum((each.heard_at or 0) > at for each in runs)


def _others(count: int, many: str, one: str) -> str:
    return f"{count} other runs {many}" if count > 1 else f"1 other run {one}"
