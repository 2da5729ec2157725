"""Insert or replace by primary key, on both dialects. Never anything else."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection


def upsert(
    db: Connection, table: sa.Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> None:
    """Store rows, replacing those with the same primary key."""
    dialect = sqlite if db.dialect.name == "sqlite" else postgresql
    rows = [values] if isinstance(values, Mapping) else list(values)
    if not rows:
        return
    keys = [column.name for column in table.primary_key]
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if changed:
        statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    db.execute(statement, rows)


def insert_missing(
    db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], unique: Sequence[str]
) -> None:
    """Store those rows whose unique columns are not there yet."""
    if rows:
        dialect = sqlite if db.dialect.name == "sqlite" else postgresql
        db.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=unique), list(rows))
