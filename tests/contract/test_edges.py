"""Values at the edge of what a float or a step can say are kept as they were said."""

import math
from array import array

from heartline.core.records import Block, Column, Stream

from .test_runs import ask, make
from .test_series import append, block, merged, seed, settle, values

__all__ = ["settle"]
EDGES = [1.7e308, 1.7e308, -1.7e308, 5e-324, -0.0, 0.0, math.inf, -math.inf, math.nan,
         2.0**53 + 2, 1.7e308, 0.1]  # fmt: skip


def test_floats_at_the_edge_are_read_back_bit_by_bit(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        append(world, stream, 2 * n, 1, history=[block([n], edge=[EDGES[n % len(EDGES)]])])
        append(world, stream, 2 * n + 1, 1, history=[block([n], big=[1.7e308])])
    many = [EDGES[n % len(EDGES)] for n in range(100)]
    append(world, stream, 40, 1, history=[block(range(20, 120), edge=many)])
    settle()
    found = array("d", [value for _, value in values(world, run, "edge")])
    wanted = array("d", [EDGES[n % len(EDGES)] for n in range(20)] + many)
    assert [float(v).hex() for v in found] == [float(v).hex() for v in wanted]


def test_sums_beyond_all_floats_stop_nothing(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    append(world, stream, 0, 1, history=[block([0, 1], big=[1.7e308, 1.7e308])])
    append(world, stream, 1, 1, history=[block(range(2, 50), big=[1.7e308] * 48)])
    for n in range(2, 20):
        append(world, stream, n, 1, history=[block([48 + n], big=[-1.7e308])])
    settle()
    (stats,) = world.read(lambda tx: tx.series.keys([run])[run])
    assert (stats.min, stats.max, stats.count) == (-1.7e308, 1.7e308, 68)
    (line,) = world.read(lambda tx: tx.series.window([run], ["big"], width=2))
    assert next(iter(line.max)) == 1.7e308
    assert sum(line.count) == 68


def test_steps_at_the_edge_are_kept_in_order(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    steps = [-(2**62), -1, 0, 2**53 + 1, 2**62]
    for n in range(20):
        column = Column("k", array("d", [float(n)]))
        step = steps[n % 5]
        append(world, stream, n, 1, history=[Block(array("q", [step]), array("q", [n]), (column,))])
    settle()
    found = values(world, run, "k", min_step=-(2**63))
    assert [step for step, _ in found] == steps
    (line,) = world.read(lambda tx: tx.series.window([run], ["k"], width=3))
    assert sum(line.count) == 5


def test_true_is_one_and_no_text(world):
    def some(tx):
        make(tx, "bool", config={"v": True})
        make(tx, "int", config={"v": 1})
        make(tx, "float", config={"v": 1.0})
        make(tx, "text", config={"v": "1"})
        make(tx, "zero", config={"v": -0.0})

    world.write(some)
    ones = {"bool", "int", "float"}
    for value in (True, 1, 1.0):
        assert set(ask(world, {"config.v": value})[0]) == ones
        assert set(ask(world, {"config.v": {"$in": [value, "x"]}})[0]) == ones
    assert ask(world, {"config.v": "1"})[0] == ["text"]
    assert ask(world, {"config.v": False})[0] == ask(world, {"config.v": 0})[0] == ["zero"]


def test_keys_with_dots_are_found_by_the_path_that_they_spell(world):
    config = {"a": {"b.c": 1, "b": {"c": 2}}, "a.b": {"c": 3}, "x.y": 4, "x": {"y": 5}, "": 6}
    world.write(lambda tx: make(tx, config=config))
    for path, value in (("a.b.c", 3), ("x.y", 4)):
        assert ask(world, {f"config.{path}": value})[0] == ["r1"]
        assert ask(world, {f"config.{path}": {"$gt": value}})[0] == []


def test_pages_of_equal_values_neither_repeat_nor_skip(world):
    def some(tx):
        for n in range(23):
            make(tx, f"r{n}", config={"lr": 1} if n % 3 else {"lr": "same"}, group="g")

    world.write(some)
    for order in ("config.lr", "-config.lr", "group", "-user", "state", "tags", "-duration"):
        parts = [ask(world, order=order, limit=4, offset=at)[0] for at in range(0, 24, 4)]
        found = [run for part in parts for run in part]
        assert sorted(found) == sorted(f"r{n}" for n in range(23)), order
        assert found == ask(world, order=order)[0]


def test_merging_twice_changes_nothing(world):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(40):
        append(world, stream, n, 1, history=[block([n], k=[float(n)])])
        if n % 18 == 17:
            merged(world)
    merged(world)
    assert values(world, run, "k") == [(n, float(n)) for n in range(40)]
