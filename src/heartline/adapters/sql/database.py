"""Units of work over one database, with group commit on SQLite. Never knows what a unit does."""

import asyncio
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from heartline.adapters.sql import patience
from heartline.adapters.sql.asked import Asked, settle
from heartline.adapters.sql.hot import run
from heartline.adapters.sql.transaction import SqlTransaction
from heartline.ports import Conflict, Transaction

T = TypeVar("T")

READERS = 4
GROUP_UNITS_MAX = 256
GROUP_WAIT_S, CROWD_UNITS = 0.001, 4
CONFLICT_RETRIES_MAX = 20
BUSY_TIMEOUT_MS = 30_000
CACHE_KIB = 65_536


def open_engine(address: str) -> Engine:
    """An engine for a file path or a database URL, set up to lose nothing at power loss."""
    if "://" not in address:
        address = f"sqlite:///{address}"
    if not address.startswith("sqlite"):
        scheme = "postgresql+psycopg://"
        address = re.sub(r"^postgres(ql)?://", scheme, address)
        return sa.create_engine(address, pool_size=READERS * 2, pool_pre_ping=True)
    engine = sa.create_engine(
        address,
        poolclass=sa.pool.QueuePool,
        pool_size=READERS + 1,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(raw: sqlite3.Connection, _record: object) -> None:
    raw.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{CACHE_KIB}",
        "temp_store=MEMORY",
        "mmap_size=268435456",
    ):
        raw.execute(f"PRAGMA {pragma}")
    patience.prepare(raw)


class SqlDatabase:
    """`Database` over an engine; see the port for the promises."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._closed = False
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._sqlite = engine.dialect.name == "sqlite"
        writers = 1 if self._sqlite else READERS
        self._queue: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        work = self._write_in_groups if self._sqlite else self._write_singly
        self._writers = [
            threading.Thread(target=work, name=f"write-{n}", daemon=True) for n in range(writers)
        ]
        for thread in self._writers:
            thread.start()

    @property
    def engine(self) -> Engine:
        """For migrations and backup, never for queries."""
        return self._engine

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run and commit; returns after the commit is durable."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._ask(Asked(unit, future, loop))
        return await future

    def submit(self, unit: Callable[[Transaction], T]) -> "Future[T]":
        """The same for threads: a future that resolves after the commit."""
        future: Future[T] = Future()
        self._ask(Asked(unit, future))
        return future

    def _ask(self, asked: Asked) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")
        self._queue.put(asked)

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        """Run on a snapshot in a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, unit)

    def _read(self, unit: Callable[[Transaction], T]) -> T:
        with self._engine.connect() as connection:
            if self._sqlite:
                connection.exec_driver_sql("BEGIN")
            else:
                # As a read in SQLite: all statements of a unit see the same moment.
                connection.exec_driver_sql(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
                )
            try:
                with patience.bounded(connection, sqlite=self._sqlite):
                    return unit(SqlTransaction(connection))
            finally:
                connection.rollback()
                if self._sqlite and connection.connection.in_transaction:
                    connection.exec_driver_sql("ROLLBACK")

    def _write_in_groups(self) -> None:
        """All units that wait share one commit; each is undone alone if it fails.

        After a group of many the next is waited for a little: while this thread works, it and the
        loop, which reads what comes, take the interpreter from each other at every statement.
        """
        connection, crowd = self._engine.connect(), False
        while (first := self._queue.get()) is not None:
            if crowd:
                time.sleep(GROUP_WAIT_S)
            group = [first]
            while len(group) < GROUP_UNITS_MAX and not self._queue.empty():
                item = self._queue.get()
                if item is None:
                    self._queue.put(None)
                    break
                group.append(item)
            crowd = len(group) >= CROWD_UNITS
            self._commit_group(connection, group)
        connection.close()

    def _commit_group(self, connection: Connection, asked: list[Asked]) -> None:
        group = [each for each in asked if each.wanted()]
        try:
            run(connection, "BEGIN IMMEDIATE")
            if not _together(connection, group):
                for each in group:
                    each.attempt(partial(_savepoint, connection, each.unit))
            run(connection, "COMMIT")
        except BaseException as error:  # noqa: BLE001 - nothing of the group is durable
            _abandon(connection)
            for each in group:
                each.error = each.error or error
        settle(group)

    def _write_singly(self) -> None:
        while (asked := self._queue.get()) is not None:
            if asked.wanted():
                asked.attempt(partial(self._commit_one, asked.unit))
                settle([asked])
        self._queue.put(None)

    def _commit_one(self, unit: Callable[[Any], T]) -> T:
        for attempt in range(CONFLICT_RETRIES_MAX):
            try:
                with self._engine.begin() as connection:
                    return unit(SqlTransaction(connection))
            except (Conflict, sa.exc.IntegrityError, sa.exc.OperationalError):
                if attempt + 1 == CONFLICT_RETRIES_MAX:
                    raise
        raise AssertionError("unreachable")

    async def backup(self, target: str) -> None:
        """A consistent copy into the file `target`, while running (SQLite's online backup)."""
        if not self._sqlite:
            raise ValueError("use pg_dump to back up a PostgreSQL database")
        await asyncio.get_running_loop().run_in_executor(self._readers, self._backup, target)

    def _backup(self, target: str) -> None:
        with self._engine.connect() as connection, sqlite3.connect(target) as copy:
            raw = connection.connection.driver_connection
            assert isinstance(raw, sqlite3.Connection)
            raw.backup(copy, pages=4096)
        copy.close()

    async def close(self) -> None:
        """Finish what was accepted, then let go."""
        self._closed = True
        self._queue.put(None)
        loop = asyncio.get_running_loop()
        for thread in self._writers:
            await loop.run_in_executor(None, thread.join)
        self._readers.shutdown()
        if self._sqlite:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._engine.dispose()


def _together(connection: Connection, group: list[Asked]) -> bool:
    """All units without savepoints; where one fails they are undone, and false is the answer."""
    try:
        for each in group:
            each.result = each.unit(SqlTransaction(connection))
    except BaseException:  # noqa: BLE001 - whose it is will be seen when each runs alone
        _abandon(connection)
        run(connection, "BEGIN IMMEDIATE")
        return False
    return True


def _savepoint(connection: Connection, unit: Callable[[Any], T]) -> T:
    """One unit inside the group; run again when someone else saved first."""
    for attempt in range(CONFLICT_RETRIES_MAX):
        run(connection, "SAVEPOINT unit")
        try:
            result = unit(SqlTransaction(connection))
        except BaseException as error:
            run(connection, "ROLLBACK TO unit")
            run(connection, "RELEASE unit")
            if not isinstance(error, Conflict) or attempt + 1 == CONFLICT_RETRIES_MAX:
                raise
        else:
            run(connection, "RELEASE unit")
            return result
    raise AssertionError("unreachable")


def _abandon(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    if isinstance(raw, sqlite3.Connection) and raw.in_transaction:
        raw.execute("ROLLBACK")


@contextmanager
def opened(address: str | Path) -> Iterator[SqlDatabase]:
    """A migrated database for tests and tools; closed at the end."""
    from heartline.adapters.sql.migrate import migrate

    engine = open_engine(str(address))
    migrate(engine)
    database = SqlDatabase(engine)
    try:
        yield database
    finally:
        asyncio.run(database.close())
