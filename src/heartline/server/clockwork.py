"""What happens by itself: ticks, leases, merges, the summary index. Never judges; the core does."""

import asyncio
import time
from functools import partial
from typing import Any

from heartline.core.lifecycle import Instant, Now
from heartline.core.lifecycle.time import TICK_LATE_MS, AliveClock, started, tick
from heartline.core.records import RunKey, RunRecord
from heartline.server import metrics, replicas
from heartline.server.hearts import SAVES_PER_UNIT_MAX, Beats, save
from heartline.server.house import House
from heartline.server.log import log
from heartline.server.sweeping import look_after_sweeps
from heartline.usecases.expire_leases import expire_leases
from heartline.usecases.forget_deleted import forget_deleted, is_left
from heartline.usecases.redate import redate
from heartline.usecases.summary import index_summary

TICK_S = 1.0
NAP_S = 0.01
INDEX_TICKS = 2
MERGE_TICKS = 5
SWEEP_TICKS, FORGET_UNITS_MAX = 7, 40
CHANGES_PER_TICK_MAX = 10_000
OVERLAP = 100
TICKED = "ticked"
MERGE_STREAMS_MAX, MERGE_S_MAX = 4, 1.0
INDEX_RUNS_MAX = 50


async def begin(house: House) -> None:
    """Nothing that was missed while no server was here counts against a run."""

    def unit(tx: Any) -> tuple[AliveClock, Any, int]:
        while True:
            seen = tx.clock.load()
            new = started(seen)
            if tx.clock.swap(seen, new):
                return new, tx.accounts.document(TICKED, "", "last"), tx.runs.last_seq()

    clock, last, house.seq = await house.db.write(unit)
    house.clock.adopt(clock)
    if last is not None:
        house.down_ms = max(0, house.clock.now().wall - last["at"])


async def run(house: House) -> None:
    """Tick until the server stops, and judge as soon as the earliest deadline has come."""
    chores = asyncio.create_task(_chores(house))
    ticked = time.monotonic()
    while not house.stopping.is_set():
        try:
            tick_in = ticked + TICK_S - time.monotonic()
            if tick_in > 0 and await _sleep(house, min(tick_in, await _deadline_in(house))):
                break
            if time.monotonic() >= ticked + TICK_S:
                ticked = time.monotonic()
                await advance(house)
                await store_beats(house, house.hearts.due(house.clock.now()))
            if await _deadline_in(house) <= 0:
                await judge(house)
        except Exception as error:  # noqa: BLE001 - the clockwork must not stop
            log.error("clockwork", exc_info=error)
            await _sleep(house, TICK_S)
    await chores


async def _sleep(house: House, seconds: float) -> bool:
    """Sleep, or wake at once when the server stops: then it is true."""
    try:
        await asyncio.wait_for(house.stopping.wait(), max(seconds, NAP_S))
    except TimeoutError:
        return False
    return True


async def _deadline_in(house: House) -> float:
    """Seconds until the earliest stored deadline."""
    earliest = await house.db.read(lambda tx: tx.runs.next_deadline())
    return TICK_S if earliest is None else (earliest - house.clock.now().alive) / 1000


async def judge(house: House) -> None:
    """Everyone whose lease may be over, after what waits in memory has been heard."""
    more = True
    while more and not house.stopping.is_set():
        now, healthy = house.clock.now(), house.clock.healthy_since()

        def unit(
            tx: Any, now: Now = now, healthy: Instant = healthy
        ) -> tuple[list[RunRecord], bool]:
            return expire_leases(tx, healthy, now, house.hearts.unsaved)

        ended, more = await house.db.write(unit)
        for record in ended:
            told(house, record)


async def store_beats(house: House, keys: list[RunKey]) -> None:
    """Write held heartbeats through, a bounded number in one unit."""
    for start in range(0, len(keys), SAVES_PER_UNIT_MAX):
        part = keys[start : start + SAVES_PER_UNIT_MAX]
        beats = {key: house.hearts.unsaved(key) for key in part}

        def unit(tx: Any, beats: Beats = beats) -> list[RunKey]:
            return save(tx, beats)

        house.hearts.saved(beats, await house.db.write(unit))


async def _pass_on(house: House, since: int) -> None:
    """Tell the listeners here what other servers on this database have changed.

    A change gets its number before its commit, so that a smaller one may be seen after a greater.
    """

    def unit(tx: Any) -> tuple[frozenset[int], list[RunRecord]]:
        changes = tx.runs.changed_since(max(0, since - OVERLAP), CHANGES_PER_TICK_MAX)
        new = {run for seq, run in changes if seq not in house.passed_on}
        return frozenset(seq for seq, _ in changes), tx.runs.get_many(sorted(new))

    house.passed_on, found = await house.db.read(unit)
    for record in found:
        house.tell(record, "state", "series", seq=house.seq)


async def _chores(house: House) -> None:
    """Work that may take its time: sweeps' trials, the index, the merge, what was deleted."""
    count = 0
    while not await _sleep(house, TICK_S):
        count += 1
        try:
            await _chore(house, count)
        except Exception as error:  # noqa: BLE001 - the next round tries again
            log.error("chores", exc_info=error)


async def _chore(house: House, count: int) -> None:
    metrics.live_runs.set(house.hearts.runs)
    await look_after_sweeps(house)
    if count % INDEX_TICKS == 0:
        await index(house)
    if count % SWEEP_TICKS == 0:
        await forget(house)
    if count % MERGE_TICKS == 0:
        await merge(house)


async def merge(house: House) -> None:
    """A few streams in one unit, so that nobody waits for long; more while there is time."""
    until, merged = time.monotonic() + MERGE_S_MAX, MERGE_STREAMS_MAX
    while merged == MERGE_STREAMS_MAX and time.monotonic() < until:
        merged = await house.db.write(lambda tx: tx.series.merge(MERGE_STREAMS_MAX))
        metrics.merged.inc(merged)


async def forget(house: House) -> None:
    """What has been deleted for longer than it is kept, a few runs at a time; then their files."""
    over = house.clock.now().wall - house.keep_deleted_ms
    for _ in range(FORGET_UNITS_MAX):
        for blob in await house.db.write(lambda tx: forget_deleted(tx, over)):
            await house.blobs.delete(blob)
        if not await house.db.read(lambda tx: is_left(tx, over)):
            break


def told(house: House, record: RunRecord) -> None:
    """A run was judged by its lease."""
    metrics.expiries.inc()
    house.dirty.add(record.key)
    log.info("lease ended", run=str(record.path), state=record.state.value)
    house.tell(record, "state")


async def advance(house: House) -> None:
    """Tick the stored clock by what passed since it was seen; other replicas may have been first."""
    at = time.monotonic()
    seen, elapsed = house.clock.seen, house.clock.elapsed_ms(at)
    if elapsed > TICK_LATE_MS:
        metrics.tick_late.inc()
        log.warning("late tick: every lease is extended", late_ms=elapsed)
        house.down_ms = elapsed

    new, ticked = tick(seen, elapsed), {"at": house.clock.now().wall}

    def unit(tx: Any) -> tuple[AliveClock, int]:
        tx.accounts.put_document(TICKED, "", "last", ticked)
        return new if tx.clock.swap(seen, new) else tx.clock.load(), tx.runs.last_seq()

    before = house.seq
    stored, house.seq = await house.db.write(unit)
    if house.shared:
        await _pass_on(house, before)
        replicas.take(house, await house.db.read(replicas.read))
    house.clock.adopt(stored, at if stored is new else None)
    metrics.alive_ms.set(house.clock.seen.at)
    await _redate(house)


async def _redate(house: House) -> None:
    """How long a run has run does not change because the wall clock was set.

    Servers that share a database may disagree about the time: there nobody is right.
    """
    by = house.clock.set_by_ms()
    if by and not house.shared:
        log.warning("the wall clock was set: live runs are dated anew", by_ms=by)
        now, keys = house.clock.now(), await house.db.read(lambda tx: tx.runs.live())
        for start in range(0, len(keys), SAVES_PER_UNIT_MAX):
            part = keys[start : start + SAVES_PER_UNIT_MAX]
            await house.db.write(partial(redate, keys=part, by=by, now=now))


async def index(house: House) -> None:
    """Refresh the index of the runs whose series changed, a few at a time."""
    keys = [house.dirty.pop() for _ in range(min(len(house.dirty), INDEX_RUNS_MAX))]
    if keys:
        await house.db.write(lambda tx: _index(tx, keys))


def _index(tx: Any, keys: list[RunKey]) -> None:
    for key in sorted(keys):
        index_summary(tx, key)
