"""When what was said in few large batches is merged: once nothing more can come."""

import pytest
import sqlalchemy as sa

from heartline.adapters.sql.database import opened
from heartline.adapters.sql.merge import ENDED_POINTS_MIN
from heartline.core.records import Stream

from .conftest import World
from .test_runs import make
from .test_series import append, block


@pytest.mark.parametrize(
    ("ended_at", "points", "merged"),
    [(None, ENDED_POINTS_MIN, 0), (9, ENDED_POINTS_MIN, 1), (9, ENDED_POINTS_MIN - 1, 0)],
)
def test_a_few_large_batches_are_merged_when_their_run_has_ended(
    tmp_path, ended_at, points, merged
):
    with opened(tmp_path / "x.db") as database:
        world = World(database)
        run = world.write(lambda tx: make(tx, ended_at=ended_at)).key
        steps = list(range(points))
        append(world, Stream(run, 1, "w"), 0, points, history=[block(steps, loss=[1.0] * points)])
        assert world.write(lambda tx: tx.series.merge(9)) == merged
        assert world.write(lambda tx: tx.series.merge(9)) == 0
        (line,) = world.read(lambda tx: tx.series.window([run], ["loss"], width=10))
        assert sum(line.count) == points


# 20,000 points: more than 256 in each of 10 buckets, more than 64 in each of 200, fewer in 400.
@pytest.mark.parametrize("width", [10, 200, 400])
@pytest.mark.parametrize("level", ["none", "\x01fine\x01", "\x01"])
def test_no_spike_is_lost_whatever_roll_ups_a_chunk_has(tmp_path, width, level):
    with opened(tmp_path / "x.db") as database:
        world = World(database)
        run = world.write(lambda tx: make(tx, ended_at=9)).key
        values = [9.0 if step % 5_003 == 77 else step % 7 / 7 for step in range(20_000)]
        append(world, Stream(run, 1, "w"), 0, 20_000, history=[block(range(20_000), loss=values)])
        assert world.write(lambda tx: tx.series.merge(9)) == 1
        # As chunks of earlier versions are, which lack some or all of their roll-ups.
        old = "DELETE FROM columns WHERE metric LIKE ? || '_%' AND metric LIKE '%loss'"
        with database.engine.begin() as connection:
            connection.exec_driver_sql(old, (level,))
        (line,) = world.read(lambda tx: tx.series.window([run], ["loss"], width=width))
        assert len(line.x) == width
        assert sum(line.count) == 20_000
        assert sum(largest == 9.0 for largest in line.max) == 4


def test_however_many_keys_a_merged_run_has_they_are_fetched_together(tmp_path):
    asked = []
    with opened(tmp_path / "x.db") as database:
        world = World(database)
        run = world.write(lambda tx: make(tx)).key
        stream, keys = Stream(run, 1, "w"), [f"k{n}" for n in range(100)]
        for step in range(20):
            said = block([step], **{key: [float(step)] for key in keys})
            append(world, stream, step, 1, history=[said])
        assert world.write(lambda tx: tx.series.merge(9)) == 1

        @sa.event.listens_for(database.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        rows = world.read(lambda tx: tx.series.sample(run, None, 500))
    assert [len(row.values) for row in rows] == [100] * 20
    assert len([each for each in asked if "FROM columns" in each]) == 1
