"""Every database answers a filter as the reference does, whatever is asked."""

import random
from dataclasses import replace

import pytest

from heartline.core.filters import VALUES_MAX, And, Compare, FilterError, Not, Or, Order, parse
from heartline.core.filters.document import TERMS_MAX
from heartline.core.filters.evaluate import matches
from heartline.core.lifecycle import (
    Actor,
    Attempt,
    Changed,
    Instant,
    Now,
    Started,
    Wall,
    lease_ms,
    step,
)
from heartline.ports import Question

from .test_runs import NOW, make

ROUNDS = 150
LATER = Now(Instant(9_000), Wall(NOW.wall + 60_000))
VALUES = {
    "state": ["pending", "running", "crashed"],
    "name": ["a", "b", "r3"],
    "id": ["r1", "r2", "r9"],
    "user": ["bo", "eve"],
    "tags": ["x", "y", "z"],
    "group": ["g", "", "h"],
    "cause": ["created", "started"],
    "created": [NOW.wall, NOW.wall + 1],
    "started": [NOW.wall, NOW.wall + 5],
    "heartbeat": [NOW.wall, NOW.wall + 5],
    "duration": [60_000, 0, 59_999],
    "config.lr": [0.1, 0.2, "auto", True, 1],
    "config.nest.a": [1, 2],
    "config.opt": ["adam", "sgd"],
    "summary.loss": [0.5, 1.5, None],
}


def populate(tx):
    dice = random.Random(7)
    for n in range(30):
        config = {}
        for key in ("lr", "opt", "flag"):
            if dice.random() < 0.7:
                config[key] = dice.choice([0.1, 0.2, 1, True, "adam", "auto", None, [1, 2]])
        if dice.random() < 0.5:
            config["nest"] = {"a": dice.choice([1, 2, 3])}
        record = make(
            tx, f"r{n}", config=config, group=dice.choice(["", "g", "h"]),
            tags=tuple(dice.sample(["x", "y", "z"], dice.randint(0, 2))),
            started_at=dice.choice([None, NOW.wall, NOW.wall + 5]),
            summary={"loss": dice.choice([0.5, 1.5])} if dice.random() < 0.5 else {},
        )  # fmt: skip
        if dice.random() < 0.5:
            said = Started(Attempt(1, "a"), "w", 1, lease_ms(5_000), Actor("process"))
            life, outcome = step(record.life, said, NOW)
            assert isinstance(outcome, Changed)
            told = outcome.entries[-1]
            tx.runs.save(replace(record, life=life, told=told), outcome.entries)


def tree(dice, depth=0):
    kind = dice.random()
    if depth < 3 and kind < 0.35:
        parts = tuple(tree(dice, depth + 1) for _ in range(dice.randint(0, 3)))
        return And(parts) if dice.random() < 0.5 else Or(parts)
    if depth < 3 and kind < 0.45:
        return Not(tree(dice, depth + 1))
    field = dice.choice(list(VALUES))
    value = dice.choice(VALUES[field])
    operator = dice.choice(["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists", "regex"])
    if operator in {"in", "nin"}:
        value = tuple(dice.choice(VALUES[field]) for _ in range(dice.randint(0, 3)))
    elif operator == "exists":
        value = dice.random() < 0.5
    elif operator == "regex":
        value = dice.choice(["a", "^r1", "x|y", "g$"])
    return Compare(field, operator, value)


def test_a_random_filter_finds_the_same_runs_as_the_reference(world):
    world.write(populate)
    everything = world.read(lambda tx: [tx.runs.find(make_path(n)) for n in range(30)])
    dice = random.Random(11)
    for _ in range(ROUNDS):
        asked = tree(dice)
        orders = (Order(dice.choice(["created", "config.lr", "name"]), dice.random() < 0.5),)
        question = Question([("bo", "digits")], asked, orders, LATER, 100)
        answer = world.read(lambda tx, q=question: tx.runs.query(q))
        expected = {run.path.id for run in everything if matches(asked, run, LATER)}
        assert {run.path.id for run in answer.runs} == expected, asked
        assert answer.total == len(expected)


def test_as_many_values_as_are_allowed_are_looked_for_at_once(world):
    world.write(populate)
    everything = world.read(lambda tx: [tx.runs.find(make_path(n)) for n in range(30)])
    numbers = [0.1, *(n / 7 for n in range(VALUES_MAX // 4 - 1))]
    texts = ["adam", None, *(f"text{n}" for n in range(VALUES_MAX // 4 - 2))]
    wide = {"$or": [{"config.lr": {"$in": numbers}}, {"config.opt": {"$in": texts}},
                    {"name": {"$nin": texts}}, {"tags": {"$in": texts}}]}  # fmt: skip
    deep = {"$or": [{"config.lr": n / 7} for n in range(TERMS_MAX - 2)] + [{"name": "r3"}]}
    mixed = {"config.lr": {"$in": ["auto", True, float("nan"), None, 2**70]}}
    for filters in (wide, deep, mixed):
        asked = parse(filters, NOW.wall)
        question = Question([("bo", "digits")], asked, (), LATER, 100)
        found = {run.path.id for run in world.read(lambda tx, q=question: tx.runs.query(q)).runs}
        assert found == {run.path.id for run in everything if matches(asked, run, LATER)}
    with pytest.raises(FilterError, match="more than 20,000 values"):
        parse({"$or": [{"name": {"$in": texts}}] * 5}, NOW.wall)


def make_path(n):
    from heartline.core.records import RunPath

    return RunPath("bo", "digits", f"r{n}")
