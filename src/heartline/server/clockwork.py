"""What happens by itself: ticks, leases, merges, the summary index. Never judges; the core does."""

import asyncio
from typing import Any

from heartline.core.lifecycle.time import TICK_LATE_MS, AliveClock, started, tick
from heartline.core.records import RunKey, RunRecord
from heartline.server import metrics
from heartline.server.house import House
from heartline.server.log import log
from heartline.usecases.deleted import sweep
from heartline.usecases.expire_leases import expire_leases
from heartline.usecases.summary import index_summary

TICK_S = 1.0
INDEX_TICKS = 2
MERGE_TICKS = 5
SWEEP_TICKS = 7
MERGE_STREAMS_MAX = 4
INDEX_RUNS_MAX = 50


async def begin(house: House) -> None:
    """Nothing that was missed while no server was here counts against a run."""

    def unit(tx: Any) -> AliveClock:
        while True:
            seen = tx.clock.load()
            new = started(seen)
            if tx.clock.swap(seen, new):
                return new

    house.clock.adopt(await house.db.write(unit))


async def run(house: House) -> None:
    """Tick until the server stops; a failing tick is logged and the next one tries again."""
    count = 0
    while not house.stopping.is_set():
        try:
            await asyncio.wait_for(house.stopping.wait(), TICK_S)
        except TimeoutError:
            count += 1
            try:
                await beat(house, count)
            except Exception as error:  # noqa: BLE001 - the clockwork must not stop
                log.error("clockwork", exc_info=error)


async def beat(house: House, count: int) -> None:
    """One tick and the work that is due with it."""
    await advance(house)
    now, healthy = house.clock.now(), house.clock.healthy_since()
    ended = await house.db.write(lambda tx: expire_leases(tx, healthy, now))
    for record in ended:
        told(house, record)
    if count % INDEX_TICKS == 0:
        await index(house)
    if count % SWEEP_TICKS == 0:
        for blob in await house.db.write(sweep):
            await house.blobs.delete(blob)
    if count % MERGE_TICKS == 0:
        metrics.merged.inc(await house.db.write(lambda tx: tx.series.merge(MERGE_STREAMS_MAX)))


def told(house: House, record: RunRecord) -> None:
    """A run was judged by its lease."""
    metrics.expiries.inc()
    log.info("lease ended", run=str(record.path), state=record.state.value)
    house.tell(record, "state")


async def advance(house: House) -> None:
    """Tick the stored clock by what passed since it was seen; other replicas may have been first."""
    seen, elapsed = house.clock.seen, house.clock.elapsed_ms()
    if elapsed > TICK_LATE_MS:
        metrics.tick_late.inc()
        log.warning("late tick: every lease is extended", late_ms=elapsed)

    def unit(tx: Any) -> AliveClock:
        new = tick(seen, elapsed)
        return new if tx.clock.swap(seen, new) else tx.clock.load()

    house.clock.adopt(await house.db.write(unit))
    metrics.alive_ms.set(house.clock.seen.at)


async def index(house: House) -> None:
    """Refresh the index of the runs whose series changed, a few at a time."""
    keys = [house.dirty.pop() for _ in range(min(len(house.dirty), INDEX_RUNS_MAX))]
    if keys:
        await house.db.write(lambda tx: [index_summary(tx, RunKey(key)) for key in keys])
