"""How long a question may take: what would hold a reader for minutes is refused.

Never of a write.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.core.filters import FilterError
from heartline.core.filters.automaton import compiled

READ_S_MAX = 20.0
STEPS_BETWEEN_LOOKS = 100_000
_this = threading.local()


class TooSlow(FilterError):
    """A question takes longer than a server answers one: ask for fewer runs, or of one project."""

    def __init__(self) -> None:
        super().__init__(
            f"the answer would take more than {READ_S_MAX:.0f} s: name one project, filter by state "
            "or time first, or write a simpler pattern"
        )


def prepare(raw: sqlite3.Connection) -> None:
    """SQLite looks at the time between its steps, and before every pattern."""
    raw.create_function("regexp", 2, _regexp, deterministic=True)
    raw.set_progress_handler(_is_over, STEPS_BETWEEN_LOOKS)


@contextmanager
def bounded(connection: Connection, *, sqlite: bool) -> Iterator[None]:
    """Everything that is read within ends in time."""
    until = time.monotonic() + READ_S_MAX
    if sqlite:
        _this.until = until
    else:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(READ_S_MAX * 1000)}")
    try:
        yield
    except (sa.exc.DBAPIError, sqlite3.Error) as error:
        if time.monotonic() < until:
            raise
        raise TooSlow from error
    finally:
        _this.until = None


def _is_over() -> bool:
    until = getattr(_this, "until", None)
    return until is not None and time.monotonic() > until


def _regexp(pattern: str, value: object) -> bool:
    if _is_over():
        raise TooSlow
    return isinstance(value, str) and compiled(pattern).search(value)
