"""Searchers: a grid is exact, chance is seeded, bayes learns and knows of what runs."""

import itertools
import sys

from heartline.adapters.search import Seeded, Seeker
from heartline.core.sweep.config import SweepConfig, read
from heartline.core.sweep.search import Known, Told
from heartline.core.sweep.space import assembled, number, point, size, taken_apart

SEEKER = Seeker()


def config(**said):
    found = read(said)
    assert isinstance(found, SweepConfig), found
    return found


def key(args):
    return tuple(sorted((name, repr(value)) for name, value in args.items()))


BIG = config(
    method="grid",
    parameters={
        "a": {"min": 1, "max": 62},
        "b": {"distribution": "q_uniform", "min": 0.0, "max": 1.0, "q": 0.05},
        "n": {"parameters": {"c": {"values": ["x", "y", True, 1, None]}, "d": {"value": 3}}},
        "e": {"values": [0.1, 2]},
    },
)  # 62 * 21 * 5 * 1 * 2


def test_a_grid_of_13020_makes_13020_and_no_point_twice():
    assert size(BIG.space) == BIG.planned == 13_020
    made = [SEEKER.next(BIG, Known(made=n), "") for n in range(13_020)]
    seen = {(a["a"], a["b"], repr(a["n"]["c"]), a["e"]) for a in made}
    assert len(seen) == 13_020
    values = [[a["b"] for a in made if (a["a"], a["n"]["c"], a["e"]) == (1, "x", 2)]]
    assert values[0] == [round(n * 0.05, 10) for n in range(21)]
    assert SEEKER.next(BIG, Known(made=13_020), "") is None


def test_a_grid_goes_around_what_prior_runs_have_tried():
    grid = config(
        method="grid",
        parameters={"a": {"values": [1, 2, 3]}, "b": {"values": "xy".split() * 1 + ["z"]}},
    )
    prior = [Told({"a": 2, "b": "z"}), Told({"a": 2, "b": "z"}), Told({"a": 9, "b": "z"})]
    found = []
    while (args := SEEKER.next(grid, Known(len(found), prior), "")) is not None:
        found.append(args)
    every = [{"a": a, "b": b} for a, b in itertools.product([1, 2, 3], ["xy", "z"])]
    assert found == [args for args in every if args != {"a": 2, "b": "z"}]


def test_every_point_of_a_grid_has_its_number_and_back():
    for index in range(0, 13_020, 37):
        assert number(BIG.space, point(BIG.space, index)) == index
    args = point(BIG.space, 5)
    assert number(BIG.space, {**args, "a": 63}) is None
    assert number(BIG.space, {"a": 1}) is None
    # True is not 1.
    ones = [point(BIG.space, n) for n in range(10)]
    assert [number(BIG.space, each) for each in ones] == list(range(10))


def test_a_cap_ends_any_method():
    for method in ("grid", "random", "bayes"):
        capped = config(
            method=method, run_cap=2, metric={"name": "loss"},
            parameters={"a": {"min": 1, "max": 9}},
        )  # fmt: skip
        assert SEEKER.next(capped, Known(made=1), "s") is not None
        assert SEEKER.next(capped, Known(made=2), "s") is None


def test_chance_is_the_same_for_the_same_seed_and_differs_for_others():
    space = config(
        method="random", parameters={"a": {"min": 0.0, "max": 1.0}, "b": {"mu": 0, "sigma": 1}}
    )
    first = SEEKER.next(space, Known(), "0/0")
    assert first == SEEKER.next(space, Known(), "0/0")
    assert first != SEEKER.next(space, Known(), "0/1")
    assert 0.0 <= Seeded("x").random() < 1.0


def test_nested_arguments_are_put_together_and_taken_apart():
    values = {"a": 1, "b": 0.5, "n.c": None, "n.d": 3, "e": 2}
    args = assembled(BIG.space, values)
    assert args == {"a": 1, "b": 0.5, "n": {"c": None, "d": 3}, "e": 2}
    assert taken_apart(BIG.space, args) == values
    assert taken_apart(BIG.space, {"a": 1, "n": 7}) == {"a": 1}


BAYES = config(
    method="bayes", metric={"name": "loss"},
    parameters={"x": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1.0},
                "k": {"values": ["good", "bad"]}, "c": {"value": 7}},
)  # fmt: skip


def loss(args):
    return abs(args["x"] - 0.01) + (args["k"] == "bad")


def test_bayes_learns_is_seeded_and_keeps_what_is_fixed():
    told = []
    for n in range(40):
        args = SEEKER.next(BAYES, Known(n, (), tuple(told)), f"0/{n}")
        assert args == SEEKER.next(BAYES, Known(n, (), tuple(told)), f"0/{n}") or n % 13
        assert args["c"] == 7 and 1e-4 <= args["x"] <= 1.0
        told.append(Told(args, loss(args)))
    late = [each.value for each in told[-15:]]
    assert sorted(late)[7] < 0.05


def test_bayes_maximizes_when_that_is_the_goal():
    up = config(
        method="bayes", metric={"name": "acc", "goal": "maximize"},
        parameters={"k": {"values": ["good", "bad", "ugly"]}},
    )  # fmt: skip
    told = [Told({"k": k}, float(k == "good")) for k in ("good", "bad", "ugly") * 8]
    found = [SEEKER.next(up, Known(24, (), told), f"{n}")["k"] for n in range(8)]
    assert found.count("good") > 5


def test_agents_that_ask_at_once_are_not_all_sent_to_the_same_place():
    done = [
        Told({"x": x, "k": "good", "c": 7}, abs(x - 0.01))
        for x in (0.9, 0.5, 0.2, 0.1, 0.05, 0.02, 0.011, 0.009, 0.005, 0.001, 0.0002, 0.7)
    ]
    told = list(done)
    for n in range(6):
        args = SEEKER.next(BAYES, Known(12 + n, (), tuple(told)), f"{n}")
        told.append(Told(args, None, live=True))
    places = {round(each.args["x"], 6) for each in told[12:]}
    assert len(places) == 6


def test_bayes_leaves_out_what_no_longer_fits_its_space():
    odd = [Told({"x": 5.0, "k": "good", "c": 7}, 0.0), Told({"k": "good"}, 0.0), Told({}, None)]
    args = SEEKER.next(BAYES, Known(3, odd, odd), "0")
    assert 1e-4 <= args["x"] <= 1.0


def test_a_sampler_that_is_not_installed_is_told_before_a_sweep_is_made(monkeypatch):
    space = config(
        method="bayes", sampler="gp", metric={"name": "loss"},
        parameters={"x": {"min": 0.0, "max": 1.0}},
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "install torch" in SEEKER.lacks(space)
    assert SEEKER.lacks(BAYES) == ""
    # Should it be lost later, agents are still given trials.
    told = [Told({"x": n / 12}, (n / 12 - 0.3) ** 2) for n in range(12)]
    assert 0.0 <= SEEKER.next(space, Known(12, (), told), "1")["x"] <= 1.0
