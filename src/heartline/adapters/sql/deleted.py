"""Deleted runs that are kept aside. Never reads what a run logged; that stays where it is."""

from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import index
from heartline.adapters.sql.runs import SqlRuns
from heartline.adapters.sql.tables import deleted_runs, ledger, runs
from heartline.core.lifecycle import State
from heartline.core.records import Deleted, RunKey, RunPath, RunRecord
from heartline.ports import Conflict


class Aside(msgspec.Struct):
    """A run as it was, and what the index held of it: name, number, text."""

    run: RunRecord
    indexed: list[index.Held]


_WORDS = dict.fromkeys(("name", "user", "group", "job_type", "notes", "host", "client"), "")
_ASIDE = msgspec.msgpack.Decoder(Aside)
_TOLD = sa.select(
    deleted_runs.c.run, deleted_runs.c.entity, deleted_runs.c.project, deleted_runs.c.deleted_by,
    deleted_runs.c.deleted_at, runs.c.id, runs.c.name, runs.c.user, runs.c.state, runs.c.created_at,
).join(runs, runs.c.key == deleted_runs.c.run)  # fmt: skip


class SqlDeleted:
    """`DeletedStore`."""

    def __init__(self, connection: Connection, runs: SqlRuns) -> None:
        self._db, self._runs = connection, runs

    def put(self, key: RunKey, by: str, at: int) -> None:
        """Set aside the run as it is now: held, so that nothing is saved to it meanwhile."""
        run = self._runs.get(key, hold=True)
        if run is None:
            raise Conflict(f"run {key} is gone")
        row = {
            "run": key,
            "entity": run.path.entity,
            "project": run.path.project,
            "deleted_by": by,
            "deleted_at": at,
            "body": msgspec.msgpack.encode(Aside(run, index.held(self._db, key))),
        }
        self._db.execute(sa.insert(deleted_runs).values(**row))
        self._runs.delete(key)

    def get(self, key: RunKey) -> Deleted | None:
        """What is known of one."""
        row = self._db.execute(_TOLD.where(deleted_runs.c.run == key)).first()
        return None if row is None else _told(row)

    def newest(self, entity: str, project: str, limit: int) -> tuple[Sequence[Deleted], int]:
        """The last deleted, and how many there are."""
        where = [deleted_runs.c.entity == entity]
        if project:
            where.append(deleted_runs.c.project == project)
        order = (deleted_runs.c.deleted_at.desc(), deleted_runs.c.run.desc())
        found = self._db.execute(_TOLD.where(*where).order_by(*order).limit(limit))
        count = sa.select(sa.func.count()).select_from(deleted_runs).where(*where)
        return [_told(row) for row in found], self._db.execute(count).scalar() or 0

    def before(self, at: int, limit: int) -> Sequence[RunKey]:
        """Those that were deleted at or before `at`, the earliest first."""
        asked = (
            sa.select(deleted_runs.c.run)
            .where(deleted_runs.c.deleted_at <= at)
            .order_by(deleted_runs.c.deleted_at, deleted_runs.c.run)
            .limit(limit)
        )
        return [RunKey(run) for run in self._db.execute(asked).scalars()]

    def bring_back(self, key: RunKey) -> RunRecord:
        """Where it was and as it was; the row decides between those who want it at once."""
        here = deleted_runs.c.run == key
        body = self._db.execute(
            sa.delete(deleted_runs).where(here).returning(deleted_runs.c.body)
        ).scalar()
        if body is None:
            raise Conflict(f"run {key} is not aside")
        found = _ASIDE.decode(body)
        return self._runs.put_back(found.run, found.indexed)

    def drop(self, key: RunKey) -> bool:
        """Forget it for good: the rows that hold its number in an order stay, without a word."""
        gone = self._db.execute(sa.delete(deleted_runs).where(deleted_runs.c.run == key))
        if gone.rowcount:
            self._db.execute(sa.update(ledger).where(ledger.c.run == key).values(entry=b""))
            self._db.execute(sa.update(runs).where(runs.c.key == key).values(_WORDS))
        return gone.rowcount > 0


def _told(row: Any) -> Deleted:
    return Deleted(
        RunKey(row.run),
        RunPath(row.entity, row.project, row.id),
        row.name,
        row.user,
        State(row.state),
        row.created_at,
        row.deleted_by,
        row.deleted_at,
    )
