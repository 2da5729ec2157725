"""Order: by every field that was asked, and by the same alphabet everywhere."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from heartline.core.filters import And, parse_order
from heartline.core.questions import Question
from heartline.core.records import Project, RunPath

from .test_runs import NOW, ask, make

WORDS = ["zeta", "Zeta", "alpha", "Alpha", "_x", "-x", "a b", "ab", "éclair", "ecl", "ß", "ss",
         "\U0001f600", "\uffee", "10", "9", "a-c", "aB"]  # fmt: skip
FIELDS = ["config.lr", "config.opt", "summary.loss", "state", "name", "group", "tags", "user",
          "created", "config.mixed", "host", "last_step", "duration", "project", "attempt"]  # fmt: skip


def test_texts_stand_in_the_order_of_their_code_points(world):
    def some(tx):
        for n, word in enumerate(WORDS):
            make(tx, f"r{n}", config={"w": word}, tags=(word,), group=word, host=word)

    world.write(some)
    wanted = [f"r{WORDS.index(word)}" for word in sorted(WORDS)]
    for field in ("config.w", "tags", "group", "host"):
        assert ask(world, order=field)[0] == wanted, field
        assert ask(world, order=f"-{field}")[0] == wanted[::-1], field
    for border in ("Zeta", "a b", "é"):
        after = {f"r{n}" for n, word in enumerate(WORDS) if word > border}
        for field in ("config.w", "tags", "group"):
            assert set(ask(world, {field: {"$gt": border}})[0]) == after, (field, border)
    made = world.read(lambda tx: tx.runs.fields(("bo", "digits"), "", 99))
    assert made == ["config.w"]


def test_names_of_fields_stand_in_the_order_of_their_code_points(world):
    world.write(lambda tx: make(tx, config=dict.fromkeys(WORDS, 1)))
    found = world.read(lambda tx: tx.runs.fields(("bo", "digits"), "", 99))
    assert list(found) == sorted(f"config.{word}" for word in WORDS)


def test_every_field_of_an_order_counts(world):
    def some(tx):
        for n, (opt, lr, loss) in enumerate([
            ("adam", 0.1, 3), ("sgd", 0.1, 2), ("adam", 0.2, 1), ("sgd", 0.2, 1), ("adam", 0.1, 1),
        ]):  # fmt: skip
            make(tx, f"r{n}", config={"opt": opt, "lr": lr}, summary={"loss": loss})

    world.write(some)
    assert ask(world, order="config.opt,-config.lr,summary.loss")[0] == [
        "r2", "r4", "r0", "r3", "r1",
    ]  # fmt: skip
    assert ask(world, order="state,-config.opt,config.lr")[0] == [
        "r1", "r3", "r4", "r0", "r2",
    ]  # fmt: skip


def populate(tx):
    dice = random.Random(5)
    for project in ("digits", "other"):
        tx.accounts.put_project(Project("bo", project, 1))
    for n in range(40):
        config = {"lr": dice.choice([0.1, 0.2, 1]), "opt": dice.choice(["adam", "Sgd", "lion"])}
        config["mixed"] = dice.choice([1, 2, "a", "b", True, None])
        summary = {"loss": dice.choice([1, 2, 3])} if dice.random() < 0.6 else {}
        words = {"group": dice.choice(["", "g", "G"]), "host": dice.choice(["", "h"])}
        made = make(
            tx, f"r{n}", config=config, summary=summary, started_at=dice.choice([None, 5, 9]),
            tags=tuple(dice.sample(["x", "y"], dice.randint(0, 2))), **words,
        )  # fmt: skip
        assert made.key


def test_random_orders_give_the_same_page_as_the_reference(world):
    """The memory adapter is the reference: it is asked beside each of the others."""
    from heartline.adapters.memory.database import MemoryDatabase

    from .conftest import World

    reference = World(MemoryDatabase())
    world.write(populate)
    reference.write(populate)
    dice = random.Random(9)
    for _ in range(120):
        fields = dice.sample(FIELDS, dice.randint(1, 4))
        order = ",".join(dice.choice(["", "-"]) + field for field in fields)
        filters = dice.choice(["", "config.lr < 1", "config.opt = adam or group = g"])
        how = {"limit": dice.choice([3, 50]), "offset": dice.choice([0, 7, 35])}
        assert ask(world, filters, order, **how)[0] == ask(reference, filters, order, **how)[0], (
            filters, order, how,
        )  # fmt: skip


@pytest.mark.parametrize("order", ["config.lr,name", "-summary.loss,config.opt", "group,config.lr"])
def test_pages_of_several_fields_follow_each_other(world, order):
    world.write(populate)
    whole = ask(world, order=order, limit=100)[0]
    parts = [ask(world, order=order, limit=7, offset=at)[0] for at in range(0, 42, 7)]
    assert [run for part in parts for run in part] == whole
    assert len(set(whole)) == 40


def test_projects_asked_together_are_one_order(world):
    def some(tx):
        for n in range(6):
            name = "digits" if n % 2 else "letters"
            tx.accounts.put_project(Project("bo", name, 1))
            made = make(tx, f"r{n}", config={"lr": n})
            if n % 2 == 0:
                tx.runs.delete(made.key)
                path = RunPath("bo", "letters", f"r{n}")
                from dataclasses import replace

                tx.runs.create(replace(made, path=path), ())

    world.write(some)
    both = (("bo", "digits"), ("bo", "letters"))
    found = ask(world, order="-config.lr", projects=both)[0]
    assert found == [f"r{n}" for n in (5, 4, 3, 2, 1, 0)]
    assert ask(world, order="project,config.lr", projects=both)[0] == [
        "r1", "r3", "r5", "r0", "r2", "r4",
    ]  # fmt: skip
    assert all(a >= b for a, b in pairwise(ask(world, order="-entity", projects=both)[0]))


def test_a_page_is_the_same_when_nothing_is_counted(world):
    world.write(lambda tx: [make(tx, f"r{n}", config={"lr": n}) for n in range(5)])
    for order in ("-created", "config.lr", "name"):
        said = Question([("bo", "digits")], And(), parse_order(order), NOW, 2, 1)
        counted, not_counted = (
            world.read(lambda tx, wanted=wanted: tx.runs.query(replace(said, counted=wanted)))
            for wanted in (True, False)
        )
        assert (counted.total, sum(counted.states.values())) == (5, 5)
        assert (not_counted.total, dict(not_counted.states)) == (0, {})
        assert not_counted.runs == counted.runs
        keys = world.read(lambda tx, said=said: tx.runs.keys(said))
        assert list(keys) == [run.key for run in counted.runs]
