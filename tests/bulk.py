"""Many runs put into a SQLite store at once, row for row as the server would have kept them.

For tables that are too large to make run by run. Never used beside a server that is up.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import rows, tables
from heartline.adapters.sql.database import open_engine
from heartline.adapters.sql.migrate import migrate
from heartline.adapters.sql.runs import ALIVE
from heartline.core.filters.fields import indexable
from heartline.core.lifecycle import Entry
from heartline.core.records import RunKey, RunRecord
from heartline.core.texts import clean_record

RUNS_PER_UNIT = 2_000
Made = tuple[RunRecord, Sequence[Entry]]


def put_runs(
    database: Path, made: Iterable[Made], told: Callable[[int], None] = lambda _: None
) -> None:
    """Store the runs, whose ids are new; the projects that they lack are made. Tells how many."""
    database.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(str(database))
    migrate(engine)
    with engine.connect() as db:
        for statement in ("PRAGMA synchronous=OFF", "BEGIN IMMEDIATE"):
            db.exec_driver_sql(statement)
        # An index is made in a fraction of the time that a million rows in no order cost it.
        indexes = [each for table in (tables.runs, tables.fields) for each in table.indexes]
        for index in indexes:
            index.drop(db)
        store, left, count = _Store(db), iter(made), 0
        while unit := list(islice(left, RUNS_PER_UNIT)):
            store.put(unit)
            count += len(unit)
            told(count)
        for index in indexes:
            index.create(db)
        db.exec_driver_sql("COMMIT")
        db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


class _Store:
    """What is numbered, and the numbers given so far."""

    def __init__(self, db: Connection) -> None:
        self.db = db
        self.last = db.execute(sa.select(sa.func.max(tables.runs.c.key))).scalar() or 0
        named = db.execute(sa.select(tables.projects)).all()
        self.projects = {(each.entity, each.name): each.key for each in named}
        known = db.execute(sa.select(tables.field_names)).all()
        self.names = {(each.project, each.name): each.key for each in known}

    def put(self, unit: list[Made]) -> None:
        found: dict[sa.Table, list[dict[str, Any]]] = {}
        for record, entries in unit:
            self.last += 1
            for table, row in self.rows_of(
                rows.keyed(clean_record(record), RunKey(self.last), 1), entries
            ):
                found.setdefault(table, []).append(row)
        for table, many in found.items():
            self.db.execute(sa.insert(table), many)

    def rows_of(
        self, run: RunRecord, entries: Sequence[Entry]
    ) -> Iterator[tuple[sa.Table, dict[str, Any]]]:
        project = self.project(run.path.entity, run.path.project, run.created_at)
        yield (
            tables.runs,
            {"key": run.key, "project": project, "deleted_at": ALIVE, **rows.wide(run)},
        )
        life = rows.narrow(run.life, run.progress_at, run.last_step)
        yield tables.lives, {"run": run.key, "version": run.version, **life}
        yield tables.bodies, {"run": run.key, **rows.nested(run)}
        for entry in entries:
            told = msgspec.msgpack.encode(entry)
            yield tables.ledger, {"run": run.key, "number": entry.seq, "entry": told}
        for tag in run.tags:
            yield tables.tags, {"run": run.key, "tag": tag}
        for name, value in indexable(run).items():
            field = self.field(project, name)
            yield tables.fields, {"run": run.key, "field": field, **rows.indexed(value)}

    def project(self, entity: str, name: str, at: int) -> int:
        if (entity, name) not in self.projects:
            made = {"entity": entity, "name": name, "created_at": at, "description": ""}
            done = self.db.execute(sa.insert(tables.projects).values(**made))
            self.projects[entity, name] = int(done.inserted_primary_key[0])  # type: ignore[index]
        return int(self.projects[entity, name])

    def field(self, project: int, name: str) -> int:
        if (project, name) not in self.names:
            row = {"project": project, "name": name}
            done = self.db.execute(sa.insert(tables.field_names).values(**row))
            self.names[project, name] = int(done.inserted_primary_key[0])  # type: ignore[index]
        return int(self.names[project, name])
