"""What several servers on one database merge and cut at the same moment is there once."""

import sqlalchemy as sa

from heartline.adapters.sql.database import SqlDatabase
from heartline.adapters.sql.tables import chunks
from heartline.core.records import RunKey, Stream

from .conftest import World
from .test_accounts_at_once import at_once
from .test_series import append, block, seed, values

STREAMS, ROWS = 12, 20
STEPS = STREAMS * ROWS
LEFT = STEPS // 2 + ROWS // 2


def filled(database: SqlDatabase) -> tuple[World, RunKey]:
    world = World(database)
    (run,) = seed(world)
    for number in range(STREAMS):
        stream = Stream(run, 1, f"w{number}")
        for row in range(ROWS):
            step = number * ROWS + row
            append(world, stream, row, 1, history=[block([step], loss=[float(step)])])
    return world, run


def points(world: World, run: RunKey) -> int:
    (stats,) = world.read(lambda tx: tx.series.keys([run]))[run]
    return int(stats.count)


def test_two_servers_that_merge_at_once_double_nothing(postgresql: SqlDatabase) -> None:
    world, run = filled(postgresql)
    at_once(postgresql, *[lambda tx: tx.series.merge(STREAMS)] * 2)
    with postgresql.engine.connect() as connection:
        stored = connection.execute(sa.select(sa.func.sum(chunks.c.points))).scalar()
    assert stored == STEPS
    assert [step for step, _ in values(world, run, "loss")] == list(range(STEPS))


def test_what_is_cut_while_it_is_merged_stays_cut(postgresql: SqlDatabase) -> None:
    world, run = filled(postgresql)
    at_once(
        postgresql,
        lambda tx: tx.series.merge(STREAMS),
        lambda tx: tx.series.truncate(run, LEFT - 1),
    )
    assert points(world, run) == LEFT
    assert [step for step, _ in values(world, run, "loss")] == list(range(LEFT))
