"""When what was said in few large batches is merged: once nothing more can come."""

import pytest

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
