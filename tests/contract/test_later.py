"""Launches that are told of later share an epoch with others; what was told in its time wins."""

import pytest

from heartline.core.records import Stream
from heartline.core.series.shown import later
from tests.contract.test_series import append, block, merged, seed, values


@pytest.mark.parametrize("merge", [False, True])
def test_what_was_told_in_its_time_wins_however_late_the_others_come(world, merge):
    (run,) = seed(world)
    in_time = Stream(run, 1, "w")
    young = Stream(run, 1, later(1_700_000_000_000, "b", "w"))
    old = Stream(run, 1, later(1_600_000_000_000, "a", "w"))
    append(world, in_time, 0, 2, history=[block([2, 3], loss=[9.0, 9.0])])
    append(world, young, 0, 3, history=[block([1, 2, 4], loss=[5.0, 5.0, 5.0])])
    append(world, old, 0, 4, history=[block([0, 1, 2, 4], loss=[1.0, 1.0, 1.0, 1.0])])
    append(world, Stream(run, 2, "v"), 0, 1, history=[block([5], loss=[7.0])])
    if merge:
        merged(world)
    wanted = [(0, 1.0), (1, 5.0), (2, 9.0), (3, 9.0), (4, 5.0), (5, 7.0)]
    assert values(world, run, "loss") == wanted
    (stats,) = world.read(lambda tx: tx.series.keys([run]))[run]
    assert (stats.count, stats.last, stats.min, stats.max) == (6, 7.0, 1.0, 9.0)
    assert stats.mean == sum(value for _, value in wanted) / 6
    (window,) = world.read(lambda tx: tx.series.window([run], ["loss"]))
    assert list(zip(window.x, window.mean, strict=True)) == wanted


def test_a_launch_that_is_told_later_has_a_stream_of_its_own(world):
    (run,) = seed(world)
    append(world, Stream(run, 1, "w"), 0, 2)
    assert world.read(lambda tx: tx.series.durable(Stream(run, 1, later(5, "b", "w")))) == 0
