"""Statements on the way of every batch, compiled once and handed to the driver as they are.

SQLAlchemy's own way costs several times what SQLite needs to run them. Never a statement whose
values need more than the driver does for them: texts are cleaned before they come here.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

_Ready = tuple[str, tuple[str, ...] | None]


class Hot:
    """One statement, always with the same names of values."""

    def __init__(self, statement: sa.ClauseElement) -> None:
        self._statement = statement
        self._ready: dict[str, _Ready] = {}

    def __call__(self, db: Connection, values: Mapping[str, Any]) -> Any:
        """The driver's cursor; its errors come as SQLAlchemy's, for those who retry."""
        text, names = self._ready.get(db.dialect.name) or self._compile(db, values)
        said: Any = values if names is None else [values[name] for name in names]
        driver: Any = db.connection.driver_connection
        try:
            return driver.execute(text, said)
        except db.dialect.loaded_dbapi.Error as error:
            raise sa.exc.DBAPIError.instance(
                text, said, error, db.dialect.loaded_dbapi.Error, dialect=db.dialect
            ) from error

    def _compile(self, db: Connection, values: Mapping[str, Any]) -> _Ready:
        made: Any = self._statement.compile(dialect=db.dialect, column_keys=list(values))
        names = tuple(made.positiontup) if made.positional else None
        self._ready[db.dialect.name] = ready = (str(made), names)
        return ready


def run(db: Connection, text: str) -> None:
    """A word to SQLite that neither asks nor answers anything: SAVEPOINT and the like."""
    driver: Any = db.connection.driver_connection
    try:
        driver.execute(text)
    except db.dialect.loaded_dbapi.Error as error:
        raise sa.exc.DBAPIError.instance(
            text, (), error, db.dialect.loaded_dbapi.Error, dialect=db.dialect
        ) from error
