"""A table full of runs, put into a server's data directory before the server starts."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from heartline.adapters.sql.database import open_engine
from heartline.adapters.sql.transaction import SqlTransaction
from heartline.core.lifecycle import Actor, Created, Instant, Now, State, Wall, create
from heartline.core.records import RunKey, RunPath, RunRecord, Team
from heartline.server.wiring import DATABASE
from tests import bulk

ENTITY, PROJECT = "crowd", "table"
BEGAN = 1_790_000_000_000
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
    """`runs` runs of a team of their own; 100,000 take less than a minute."""
    dice = random.Random(0)
    database = data_dir / DATABASE
    bulk.put_runs(database, (record(n, dice) for n in range(runs)), told)
    engine = open_engine(str(database))
    with engine.connect() as db:
        SqlTransaction(db).accounts.put_team(Team(ENTITY, created_at=1))
    engine.dispose()
