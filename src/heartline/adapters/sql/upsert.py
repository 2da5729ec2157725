"""Insert or replace by primary key, on both dialects. Never anything else."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

STATEMENTS_MAX = 256


def upsert(
    db: Connection, table: sa.Table, values: Mapping[str, Any] | Sequence[Mapping[str, Any]]
) -> None:
    """Store rows, replacing those with the same primary key."""
    rows = [values] if isinstance(values, Mapping) else list(values)
    if rows:
        db.execute(_upsert(db.dialect.name, table, tuple(rows[0])), rows)


@lru_cache(maxsize=STATEMENTS_MAX)
def _upsert(dialect_name: str, table: sa.Table, names: tuple[str, ...]) -> sa.Insert:
    """Built once for each set of columns: building costs more than running it."""
    dialect = sqlite if dialect_name == "sqlite" else postgresql
    keys = [column.name for column in table.primary_key]
    statement = dialect.insert(table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    found: sa.Insert = (
        statement.on_conflict_do_update(index_elements=keys, set_=changed)
        if changed
        else statement.on_conflict_do_nothing(index_elements=keys)
    )
    return found


def insert_missing(
    db: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]], unique: Sequence[str]
) -> None:
    """Store those rows whose unique columns are not there yet."""
    if rows:
        dialect = sqlite if db.dialect.name == "sqlite" else postgresql
        db.execute(dialect.insert(table).on_conflict_do_nothing(index_elements=unique), list(rows))
