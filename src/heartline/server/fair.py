"""One caller's slow questions leave a reader for everybody else. Never knows who the caller is."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar
from weakref import WeakValueDictionary

from heartline.ports import Database, Transaction
from heartline.server.problems import ProblemError

T = TypeVar("T")

READS_WAITING_MAX = 200
CALLER: ContextVar[bytes] = ContextVar("caller", default=b"")
"""The credential of a request, set where it comes in; the server's own questions have none."""


class _Caller:
    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.waiting = 0


class FairDatabase:
    """`Database` in which a caller has at most `at_once` readers, and then waits in a row."""

    def __init__(self, db: Database, at_once: int) -> None:
        self._db, self._at_once = db, at_once
        self._callers: WeakValueDictionary[bytes, _Caller] = WeakValueDictionary()
        self.write, self.backup, self.close = db.write, db.backup, db.close

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        """As the database does; ProblemError `busy` for who asks far more than is answered."""
        name = CALLER.get()
        if not name:
            return await self._db.read(unit)
        caller = self._callers.get(name)
        if caller is None:
            caller = self._callers[name] = _Caller(self._at_once)
        if caller.waiting >= READS_WAITING_MAX:
            raise ProblemError("busy", f"{READS_WAITING_MAX} questions of yours wait: ask later")
        caller.waiting += 1
        try:
            async with caller.turns:
                return await self._db.read(unit)
        finally:
            caller.waiting -= 1
