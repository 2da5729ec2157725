"""The index of run files. Never holds their bytes."""

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import files
from heartline.adapters.sql.upsert import upsert
from heartline.core.records import FileRecord, RunKey

_COLUMNS = [column for column in files.c if column.name != "run"]


class SqlFiles:
    """`FileStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def put(self, run: RunKey, file: FileRecord) -> None:
        """Add or replace."""
        upsert(self._db, files, {"run": run, **asdict(file)})

    def get(self, run: RunKey, path: str) -> FileRecord | None:
        """One file by its path."""
        row = self._db.execute(
            sa.select(*_COLUMNS).where(files.c.run == run, files.c.path == path)
        ).first()
        return None if row is None else FileRecord(**row._mapping)

    def list(self, run: RunKey) -> Sequence[FileRecord]:
        """All files of a run, by path."""
        found = self._db.execute(
            sa.select(*_COLUMNS).where(files.c.run == run).order_by(files.c.path)
        )
        return [FileRecord(**row._mapping) for row in found]

    def delete(self, run: RunKey, path: str) -> FileRecord | None:
        """Forget a file; what it was, so that its bytes can be dropped."""
        found = self.get(run, path)
        self._db.execute(sa.delete(files).where(files.c.run == run, files.c.path == path))
        return found
