"""What every RunStore promises."""

from dataclasses import replace

import pytest

from heartline.core.filters import parse, parse_order
from heartline.core.lifecycle import (
    Actor,
    Attempt,
    Changed,
    Created,
    Heard,
    Instant,
    Now,
    Started,
    State,
    Wall,
    create,
    lease_ms,
    step,
)
from heartline.core.records import Project, RunKey, RunPath, RunRecord
from heartline.ports import Conflict, Life, Question

PLACE = ("bo", "digits")
NOW = Now(Instant(0), Wall(1_700_000_000_000))
BO = Actor("user", "bo")


def make(tx, name="r1", **words):
    tx.accounts.put_project(Project("bo", "digits", 1))
    life, made = create(Created(BO), NOW)
    path = RunPath("bo", "digits", name)
    record = RunRecord(RunKey(0), path, name, "bo", life, made.entries[0], NOW.wall, **words)
    return tx.runs.create(record, made.entries)


def ask(world, filters="", order="-created", limit=50, offset=0, projects=(("bo", "digits"),)):
    question = Question(projects, parse(filters, NOW.wall), parse_order(order), NOW, limit, offset)
    answer = world.read(lambda tx: tx.runs.query(question))
    return [record.path.id for record in answer.runs], answer


def test_a_run_is_found_by_its_path_and_by_its_key_as_it_was_stored(world):
    made = world.write(lambda tx: make(tx, config={"lr": 0.1, "nest": {"a": [1, 2]}}, tags=("x",)))
    found = world.read(lambda tx: tx.runs.find(made.path))
    assert found == made
    assert world.read(lambda tx: tx.runs.get(made.key)) == made
    assert world.read(lambda tx: tx.runs.find(RunPath("bo", "digits", "other"))) is None


def test_where_a_run_is_belongs_to_the_run_as_it_is_now(world):
    made = world.write(make)
    world.write(lambda tx: tx.accounts.put_project(Project("ann", "other", 1)))
    assert world.read(lambda tx: tx.runs.life(made.key).place) == ("bo", "digits")
    there = RunPath("ann", "other", "r1")
    saved = world.write(lambda tx: tx.runs.save(replace(made, path=there)))
    assert world.read(lambda tx: tx.runs.life(made.key).place) == ("ann", "other")
    world.write(lambda tx: tx.runs.delete(saved.key))
    assert world.read(lambda tx: tx.runs.life(made.key)) is None


def test_a_path_is_taken_only_once(world):
    world.write(make)
    with pytest.raises(Conflict):
        world.write(make)


def test_who_saves_second_is_told_so(world):
    made = world.write(make)
    world.write(lambda tx: tx.runs.save(replace(made, name="first")))
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.runs.save(replace(made, name="second")))
    assert world.read(lambda tx: tx.runs.get(made.key)).name == "first"


def test_a_unit_that_fails_leaves_nothing_behind(world):
    def fails(tx):
        make(tx)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        world.write(fails)
    assert ask(world)[1].total == 0


def test_the_ledger_keeps_its_order_and_the_deadline_is_indexed(world):
    made = world.write(make)
    said = Started(Attempt(1, "a"), "w", 1, lease_ms(5_000), BO)
    life, outcome = step(made.life, said, NOW)
    assert isinstance(outcome, Changed)
    saved = world.write(lambda tx: tx.runs.save(replace(made, life=life), outcome.entries))
    entries = world.read(lambda tx: tx.runs.ledger(made.key))
    assert [entry.seq for entry in entries] == [1, 2]
    assert entries[1] == outcome.entries[0]
    assert world.read(lambda tx: tx.runs.next_deadline()) == 15_000
    assert world.read(lambda tx: tx.runs.overdue(Instant(14_999), 10)) == []
    assert world.read(lambda tx: tx.runs.overdue(Instant(15_000), 10)) == [made.key]
    world.write(lambda tx: tx.runs.defer(saved, Instant(20_000)))
    assert world.read(lambda tx: tx.runs.overdue(Instant(15_000), 10)) == []
    world.write(lambda tx: tx.runs.defer(made, Instant(1)))
    assert world.read(lambda tx: tx.runs.next_deadline()) == 20_000, "it was changed since"
    world.write(lambda tx: tx.runs.defer(saved, None))
    assert world.read(lambda tx: tx.runs.next_deadline()) is None
    assert world.read(lambda tx: tx.runs.changed_since(1, 10)) == [(2, made.key)]


def test_a_heartbeat_moves_the_deadline_and_nothing_else(world):
    made = world.write(make)
    attempt = Attempt(1, "a")
    life, outcome = step(made.life, Started(attempt, "w", 1, lease_ms(5_000), BO), NOW)
    saved = world.write(lambda tx: tx.runs.save(replace(made, life=life), outcome.entries))
    later = Now(Instant(9_000), Wall(NOW.wall + 9_000))
    beaten, _ = step(saved.life, Heard(attempt, "w", 2), later)
    world.write(
        lambda tx: tx.runs.save_life(made.key, Life(beaten, saved.version, later.wall, 7, PLACE))
    )
    found = world.read(lambda tx: tx.runs.get(made.key))
    assert (found.life, found.last_step, found.progress_at) == (beaten, 7, later.wall)
    assert world.read(lambda tx: tx.runs.next_deadline()) == 24_000
    with pytest.raises(Conflict):
        world.write(
            lambda tx: tx.runs.save_life(made.key, Life(life, saved.version, None, -1, PLACE))
        )


def test_those_that_live_are_those_that_have_not_ended_nor_were_deleted(world):
    live, over, gone = (world.write(lambda tx, n=n: make(tx, n)) for n in ("r1", "r2", "r3"))
    ended = replace(over.life, state=State.FAILED)
    world.write(lambda tx: tx.runs.save(replace(over, life=ended)))
    world.write(lambda tx: tx.runs.delete(gone.key))
    assert world.read(lambda tx: tx.runs.live()) == [live.key]


def test_a_deleted_run_is_gone_everywhere_and_its_path_is_free(world):
    made = world.write(make)
    world.write(lambda tx: tx.runs.delete(made.key))
    assert world.read(lambda tx: tx.runs.get(made.key)) is None
    assert world.read(lambda tx: tx.runs.life(made.key)) is None
    assert ask(world)[1].total == 0
    assert world.read(lambda tx: tx.runs.next_deadline()) is None
    assert world.write(make).key != made.key


def test_pages_follow_each_other_without_a_gap(world):
    def many(tx):
        for n in range(7):
            make(tx, f"r{n}", config={"lr": n / 10} if n % 2 else {})

    world.write(many)
    for order in ("-created", "config.lr", "-config.lr", "name", "state", "-duration", "heartbeat"):
        whole, answer = ask(world, order=order)
        assert (answer.total, answer.states) == (7, {"pending": 7})
        parts = [ask(world, order=order, limit=3, offset=at)[0] for at in (0, 3, 6)]
        assert [run for part in parts for run in part] == whole, order
        assert sorted(whole) == [f"r{n}" for n in range(7)]


def test_runs_that_lack_the_value_come_last_in_either_direction(world):
    def some(tx):
        make(tx, "low", config={"lr": 0.1})
        make(tx, "none")
        make(tx, "high", config={"lr": 0.9})
        make(tx, "word", config={"lr": "auto"})

    world.write(some)
    assert ask(world, order="config.lr")[0] == ["low", "high", "word", "none"]
    assert ask(world, order="-config.lr")[0] == ["high", "low", "word", "none"]


def test_only_the_projects_asked_for_are_seen(world):
    world.write(make)
    assert ask(world, projects=(("eve", "digits"),))[1].total == 0
    assert ask(world, projects=())[1].total == 0


def test_last_values_of_series_can_be_filtered_and_sorted(world):
    made = world.write(make)
    world.write(
        lambda tx: tx.runs.index_summary(made.key, {"loss": 0.5, "ok": True, "bad": float("nan")})
    )
    assert ask(world, "summary.loss < 1 and summary.ok = true")[0] == ["r1"]
    assert ask(world, "summary.loss > 1")[0] == []
    world.write(lambda tx: tx.runs.index_summary(made.key, {"loss": 2.5}))
    assert ask(world, "summary.loss > 1")[0] == ["r1"]
    assert world.read(lambda tx: tx.runs.fields(("bo", "digits"), "LOSS", 10)) == ["summary.loss"]
    found = world.read(lambda tx: tx.runs.indexed([made.key], ["summary.loss"]))
    assert found == {made.key: {"summary.loss": 2.5}}


def test_the_commonest_values_are_counted(world):
    def some(tx):
        make(tx, "a", tags=("x", "y"), group="g")
        make(tx, "b", tags=("x",), config={"opt": "adam"})

    world.write(some)
    project = ("bo", "digits")
    assert world.read(lambda tx: tx.runs.values(project, "tags", 1)) == [("x", 2)]
    assert list(world.read(lambda tx: tx.runs.values(project, "group", 9))) == [("g", 1)]
    assert list(world.read(lambda tx: tx.runs.values(project, "config.opt", 9))) == [("adam", 1)]


def test_a_run_saved_under_another_path_is_there_with_all_that_is_searched(world):
    def begun(tx):
        tx.accounts.put_project(Project("bo", "kept", 1))
        made = make(tx, config={"lr": 0.1}, tags=("x",))
        tx.runs.index_summary(made.key, {"loss": 0.5, "odd": float("nan")})
        return made

    made = world.write(begun)
    to = RunPath("bo", "kept", "r1")
    world.write(lambda tx: tx.runs.save(replace(made, path=to, config={"lr": 0.2})))
    assert world.read(lambda tx: tx.runs.find(made.path)) is None
    assert world.read(lambda tx: tx.runs.find(to)).key == made.key
    for filters in (
        "",
        "config.lr = 0.2 and summary.loss = 0.5 and tags = x",
        "summary.odd exists",
    ):
        assert ask(world, filters)[0] == []
        assert ask(world, filters, projects=[("bo", "kept")])[0] == ["r1"]
    fields = world.read(lambda tx: tx.runs.fields(("bo", "kept"), "", 10))
    assert list(fields) == ["config.lr", "summary.loss", "summary.odd"]
    assert list(world.read(lambda tx: tx.runs.fields(("bo", "digits"), "", 10))) == []


def test_a_run_is_not_saved_under_the_path_of_another(world):
    made = world.write(make)
    world.write(lambda tx: make(tx, name="r2"))
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.runs.save(replace(made, path=RunPath("bo", "digits", "r2"))))
