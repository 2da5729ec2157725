"""Writes batch after batch and says so, for `test_power_loss`: `writer DATABASE MARKER SYNCHRONOUS`.

What it says goes to the file MARKER, so that words and writes stand in one order in the trace.
"""

import asyncio
import os
import sys
from array import array
from typing import Any

import sqlalchemy as sa

from heartline.adapters.sql.database import SqlDatabase, open_engine
from heartline.adapters.sql.migrate import migrate
from heartline.core.records import Block, Column, Stream
from tests.contract.test_runs import make

BATCHES = 400
ROWS = 3
MERGE_EVERY = 40


def rows(batch: int) -> Block:
    steps = array("q", range(batch * ROWS, (batch + 1) * ROWS))
    return Block(steps, array("q", steps), (Column("loss", array("d", steps), None),))


async def write(database: SqlDatabase, marker: int) -> None:
    run = (await database.write(lambda tx: make(tx, "r1"))).key
    stream = Stream(run, 1, "w", None)
    for batch in range(BATCHES):

        def unit(tx: Any, batch: int = batch) -> None:
            tx.series.append(stream, batch * ROWS, ROWS, history=[rows(batch)])

        await database.write(unit)
        os.write(marker, b"%d\n" % ((batch + 1) * ROWS))
        if batch % MERGE_EVERY == MERGE_EVERY - 1:
            await database.write(lambda tx: tx.series.merge(100))


def main(path: str, marker: str, synchronous: str) -> None:
    engine = open_engine(path)
    if synchronous:
        word = f"PRAGMA synchronous={synchronous}"
        sa.event.listen(engine, "connect", lambda raw, _: raw.execute(word))
    migrate(engine)
    database = SqlDatabase(engine)
    told = os.open(marker, os.O_WRONLY | os.O_CREAT, 0o600)
    asyncio.run(write(database, told))
    # No orderly end: whoever traces us cuts the power in the middle anyway.
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
