"""Runs put into a store in bulk are those that the server itself would have made."""

import random
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from heartline.adapters.sql.database import open_engine, opened
from heartline.adapters.sql.tables import metadata
from heartline.core.records import Project
from tests import bulk
from tests.browser import crowd

RUNS = 20
LONG_AGO = crowd.BEGAN


def dump(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows and all indexes."""
    engine = open_engine(str(path))
    with engine.connect() as db:
        found = {
            table.name: [tuple(row) for row in db.execute(sa.select(table))]
            for table in metadata.sorted_tables
        }
        asked = "SELECT name, sql FROM sqlite_master ORDER BY name"
        found["schema"] = [tuple(row) for row in db.exec_driver_sql(asked)]
    engine.dispose()
    return found


def test_runs_put_in_bulk_are_stored_row_for_row_like_runs_that_were_made(tmp_path: Path) -> None:
    plain = [crowd.record(n, random.Random(n)) for n in range(RUNS)]
    runs = [(replace(run, tags=("b", "a")), entries) for run, entries in plain]
    with opened(tmp_path / "one.db") as db:
        db.submit(
            lambda tx: tx.accounts.put_project(Project(crowd.ENTITY, crowd.PROJECT, LONG_AGO))
        ).result()
        for made in runs:
            db.submit(lambda tx, made=made: tx.runs.create(*made)).result()
    bulk.put_runs(tmp_path / "many.db", runs)
    assert dump(tmp_path / "many.db") == dump(tmp_path / "one.db")
