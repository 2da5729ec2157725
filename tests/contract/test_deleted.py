"""What every DeletedStore promises."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from heartline.adapters.sql.database import SqlDatabase
from heartline.adapters.sql.tables import metadata
from heartline.core.lifecycle import Attempt, Evidence, Started, lease_ms, step
from heartline.core.records import RunKey, RunPath
from heartline.ports import Conflict
from heartline.usecases.control_run import delete_run
from heartline.usecases.forget_deleted import forget_deleted
from heartline.usecases.undelete_run import undelete_run
from tests.contract.test_overlap import PATIENCE_S, WHO, overlapped
from tests.contract.test_runs import BO, NOW, ask, make

PLACE = ("bo", "digits")


def started(tx, name="r1", **words):
    """A live run with a deadline, tags and an index."""
    made = make(tx, name, config={"lr": 0.1}, tags=("x", "y"), **words)
    said = Started(Attempt(1, "a"), "w", 1, lease_ms(5_000), BO)
    life, outcome = step(made.life, said, NOW)
    saved = tx.runs.save(replace(made, life=life), outcome.entries)
    tx.runs.index_summary(saved.key, {"loss": 0.5, "odd": float("nan")})
    return saved


def put(world, key, at=1):
    world.write(lambda tx: tx.deleted.put(key, "cy", at))


def test_a_run_set_aside_is_seen_by_nobody_and_comes_back_as_it_was(world):
    made = world.write(started)
    ledger = world.read(lambda tx: tx.runs.ledger(made.key))
    held = world.read(lambda tx: tx.runs.indexed([made.key], None))
    deadline = world.read(lambda tx: tx.runs.next_deadline())
    put(world, made.key, at=7)
    assert world.read(lambda tx: (tx.runs.get(made.key), tx.runs.find(made.path))) == (None, None)
    assert world.read(lambda tx: (tx.runs.life(made.key), tx.runs.get_many([made.key]))) == (
        None,
        [],
    )
    assert world.read(lambda tx: tx.runs.next_deadline()) is None
    assert world.read(lambda tx: list(tx.runs.fields(PLACE, "", 9))) == []
    assert world.read(lambda tx: dict(tx.runs.indexed([made.key], None))) == {}
    assert ask(world)[1].total == 0
    told = world.read(lambda tx: tx.deleted.get(made.key))
    assert (told.key, told.path, told.name) == (made.key, made.path, "r1")
    assert (told.user, told.state, told.by, told.at) == ("bo", made.state, "cy", 7)
    back = world.write(lambda tx: tx.deleted.bring_back(made.key))
    assert back == replace(made, version=back.version) and back.version > made.version
    assert world.read(lambda tx: tx.runs.find(made.path)) == back
    assert world.read(lambda tx: tx.runs.ledger(made.key)) == ledger
    assert world.read(lambda tx: tx.runs.indexed([made.key], None)) == held
    assert world.read(lambda tx: tx.runs.next_deadline()) == deadline
    assert ask(world, "config.lr = 0.1 and summary.loss < 1 and tags = x")[0] == ["r1"]
    assert world.read(lambda tx: tx.deleted.get(made.key)) is None


def test_whoever_read_it_before_it_was_deleted_does_not_save_over_what_came_back(world):
    made = world.write(started)
    put(world, made.key)
    world.write(lambda tx: tx.deleted.bring_back(made.key))
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.runs.save(replace(made, name="late")))


def test_what_is_not_aside_is_neither_brought_back_nor_dropped(world):
    made = world.write(make)
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.deleted.bring_back(made.key))
    with pytest.raises(Conflict):
        put(world, RunKey(999))
    put(world, made.key)
    assert world.write(lambda tx: [tx.deleted.drop(made.key) for _ in range(2)]) == [True, False]
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.deleted.bring_back(made.key))


def test_a_path_that_is_taken_meanwhile_stays_with_the_other(world):
    made = world.write(make)
    put(world, made.key)
    other = world.write(make)
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.deleted.bring_back(made.key))
    assert world.read(lambda tx: tx.runs.find(made.path)) == other
    assert world.read(lambda tx: tx.deleted.get(made.key)) is not None


def test_a_run_comes_back_into_a_project_that_was_made_again(world):
    made = world.write(started)
    put(world, made.key)
    world.write(lambda tx: tx.accounts.delete_project(*PLACE))
    world.write(lambda tx: make(tx, "other"))
    world.write(lambda tx: tx.deleted.bring_back(made.key))
    assert sorted(ask(world, "config.lr = 0.1")[0]) == ["r1"]
    assert sorted(ask(world)[0]) == ["other", "r1"]


def test_deleted_runs_are_listed_by_place_and_by_time(world):
    keys = [world.write(lambda tx, n=n: make(tx, f"r{n}")).key for n in range(4)]
    for at, key in enumerate((keys[2], keys[0], keys[1])):
        put(world, key, at=10 + at)
    found, total = world.read(lambda tx: tx.deleted.newest(*PLACE, 2))
    assert ([each.key for each in found], total) == ([keys[1], keys[0]], 3)
    assert world.read(lambda tx: tx.deleted.newest("bo", "", 9))[1] == 3
    for place in (("bo", "other"), ("eve", "digits"), ("eve", "")):
        assert world.read(lambda tx, place=place: tx.deleted.newest(*place, 9)) == ([], 0)
    assert world.read(lambda tx: list(tx.deleted.before(11, 9))) == [keys[2], keys[0]]
    assert world.read(lambda tx: list(tx.deleted.before(12, 1))) == [keys[2]]
    assert world.read(lambda tx: list(tx.deleted.before(9, 9))) == []


def deletes(key):
    """A deletion by its path."""
    return lambda tx: delete_run(tx, WHO, RunPath(*PLACE, "r1"), NOW) and key


def test_of_those_who_bring_back_and_those_who_forget_at_once_one_has_its_way(postgresql):
    def undone(tx):
        return undelete_run(tx, WHO, key, NOW)

    def forgotten(tx):
        return forget_deleted(tx, NOW.wall)

    for first, second, stays in ((undone, forgotten, True), (forgotten, undone, False)):
        key = postgresql.submit(lambda tx: make(tx).key).result(PATIENCE_S)
        postgresql.submit(deletes(key)).result(PATIENCE_S)
        overlapped(postgresql, first, second)
        left = postgresql.submit(lambda tx: (tx.runs.get(key), tx.deleted.get(key)))
        run, aside = left.result(PATIENCE_S)
        assert (run is not None, aside) == (stays, None)
        if run is not None:
            postgresql.submit(lambda tx: tx.runs.delete(key)).result(PATIENCE_S)


def test_what_is_saved_while_a_run_is_deleted_is_kept_with_it(postgresql):
    made = postgresql.submit(started).result(PATIENCE_S)
    named = replace(made, name="newer")
    overlapped(postgresql, lambda tx: tx.runs.save(named), deletes(made.key))
    back = postgresql.submit(lambda tx: tx.deleted.bring_back(made.key)).result(PATIENCE_S)
    assert back.name == "newer"


def test_nothing_that_it_said_is_left_of_a_run_that_was_deleted_for_good(world):
    if not isinstance(world.database, SqlDatabase):
        pytest.skip("memory forgets by itself")
    made = world.write(lambda tx: started(tx, notes="sesame", host="sesame-1", group="sesame"))
    said = Evidence(exception="sesame", traceback="sesame", last_lines=("open sesame",))
    entry = replace(made.told, seq=9, evidence=said)
    world.write(lambda tx: tx.runs.save(made, [entry]))
    assert left(world, b"sesame") >= {"runs", "ledger"}
    put(world, made.key)
    assert "deleted_runs" in left(world, b"sesame")
    world.write(lambda tx: tx.deleted.drop(made.key))
    assert left(world, b"sesame") == set()


def left(world, word):
    """The tables in which a word is."""
    with world.database.engine.connect() as connection:
        return {
            table.name
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for cell in row
            if word
            in (
                cell.encode() if isinstance(cell, str) else cell if isinstance(cell, bytes) else b""
            )
        }
