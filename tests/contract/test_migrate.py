"""A database of the first revision becomes one of today, with everything in it."""

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from heartline.adapters.sql.database import open_engine, opened
from heartline.adapters.sql.migrate import migrate
from heartline.core.records import RunPath, Stream

from .conftest import World
from .test_runs import ask, make
from .test_series import append, block, values

FIRST = Path(__file__).parent / "first.sql"


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as raw:
        raw.executescript(FIRST.read_text())
    raw.close()
    return path


def shape(engine):
    found = sa.inspect(engine)
    return {
        table: (
            {(each["name"], str(each["type"]), each["nullable"])
             for each in found.get_columns(table)},
            {(each["name"], *each["column_names"]) for each in found.get_indexes(table)},
            {tuple(each["column_names"]) for each in found.get_unique_constraints(table)},
        )
        for table in found.get_table_names()
    }  # fmt: skip


def test_what_the_first_revision_kept_is_still_there(old):
    with opened(old) as database:
        world = World(database)
        run = world.read(lambda tx: tx.runs.find(RunPath("bo", "digits", "old")))
        assert (run.config, run.summary) == ({"lr": 0.1, "opt": "adam"}, {"best": 2})
        assert (run.tags, run.environment) == (("Y", "x"), {"argv": ["a"]})
        assert ask(world, "config.lr = 0.1 and summary.loss < 1", "config.lr")[0] == ["old"]
        assert ask(world)[1].total == 1
        assert values(world, run.key, "loss") == [(0, 1.0), (1, 0.5)]
        assert append(world, Stream(run.key, 1, "w"), 2, 1, history=[block([2], loss=[0.1])]) == 3
        assert world.write(lambda tx: make(tx, "new")).key > run.key
        assert world.read(lambda tx: tx.accounts.user_by_key("digest")).name == "bo"


def test_an_old_database_gets_the_shape_of_a_new_one(old, tmp_path):
    engines = [open_engine(str(old)), open_engine(str(tmp_path / "new.db"))]
    for engine in engines:
        migrate(engine)
    before, after = (shape(engine) for engine in engines)
    for engine in engines:
        engine.dispose()
    assert before == after
