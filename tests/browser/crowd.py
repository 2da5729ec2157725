"""A table full of runs, put into a server's data directory before the server starts."""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from heartline.adapters.sql.database import SqlDatabase, open_engine
from heartline.adapters.sql.migrate import migrate
from heartline.core.lifecycle import Actor, Created, Instant, Now, State, Wall, create
from heartline.core.records import Project, RunKey, RunPath, RunRecord, Team
from heartline.server.wiring import DATABASE

ENTITY, PROJECT = "crowd", "table"
BEGAN = 1_790_000_000_000
RUNS_PER_UNIT = 500
ENDS = (State.FINISHED, State.FINISHED, State.FINISHED, State.FAILED, State.CRASHED, State.KILLED)
BO = Actor("user", "bo")


def record(n: int, dice: random.Random) -> tuple[RunRecord, Any]:
    """The nth run: ended, with something to sort and to filter by."""
    now = Now(Instant(0), Wall(BEGAN + n * 1_000))
    life, made = create(Created(BO), now)
    life = replace(life, state=dice.choice(ENDS), writers=())
    return RunRecord(
        RunKey(0), RunPath(ENTITY, PROJECT, f"r{n}"), f"run-{n}", "bo", life,
        replace(made.entries[0], after=life.state), now.wall, started_at=now.wall,
        ended_at=now.wall + 500, config={"lr": dice.random()}, summary={"loss": dice.random()},
    ), made.entries  # fmt: skip


def fill(data_dir: Path, runs: int, told: Callable[[int], None] = lambda _: None) -> None:
    """`runs` runs through the storage adapter, as the server itself would keep them."""
    data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_engine(str(data_dir / DATABASE))
    migrate(engine)
    db = SqlDatabase(engine)
    dice = random.Random(0)

    def unit(tx: Any, start: int) -> None:
        tx.accounts.put_team(Team(ENTITY, created_at=1))
        tx.accounts.put_project(Project(ENTITY, PROJECT, 1))
        for n in range(start, min(start + RUNS_PER_UNIT, runs)):
            tx.runs.create(*record(n, dice))

    async def everything() -> None:
        for start in range(0, runs, RUNS_PER_UNIT):
            await db.write(lambda tx, s=start: unit(tx, s))
            told(start)
        await db.close()

    # In a thread of its own: a browser's tests have an event loop running already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, everything()).result()
