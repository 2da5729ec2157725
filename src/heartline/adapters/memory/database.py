"""The reference `Database`: one copy of the world, a write is all or nothing. Never persistent."""

from collections.abc import Callable
from typing import TypeVar

from heartline.adapters.memory.accounts import MemoryAccounts, MemoryClock, MemoryFiles
from heartline.adapters.memory.deleted import MemoryDeleted
from heartline.adapters.memory.runs import MemoryRuns
from heartline.adapters.memory.series import MemorySeries
from heartline.adapters.memory.state import State
from heartline.adapters.memory.sweeps import MemorySweeps
from heartline.ports import Conflict, Transaction

T = TypeVar("T")
RETRIES_MAX = 20


class MemoryTransaction:
    """`Transaction` over a state."""

    def __init__(self, state: State) -> None:
        self.runs = MemoryRuns(state)
        self.deleted = MemoryDeleted(state, self.runs)
        self.series = MemorySeries(state)
        self.accounts = MemoryAccounts(state)
        self.files = MemoryFiles(state)
        self.clock = MemoryClock(state)
        self.sweeps = MemorySweeps(state)


class MemoryDatabase:
    """`Database`."""

    def __init__(self) -> None:
        self.state = State()

    def write_now(self, unit: Callable[[Transaction], T]) -> T:
        """The same without an event loop."""
        for attempt in range(RETRIES_MAX):
            work = self.state.copy()
            try:
                result = unit(MemoryTransaction(work))
            except Conflict:
                if attempt + 1 == RETRIES_MAX:
                    raise
            else:
                self.state = work
                return result
        raise AssertionError("unreachable")

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run and keep, or leave everything as it was."""
        return self.write_now(unit)

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        """Run on a copy."""
        return unit(MemoryTransaction(self.state.copy()))

    async def backup(self, target: str) -> None:
        """There is nothing on disk."""
        raise ValueError(f"a memory database cannot be backed up to {target}")

    async def close(self) -> None:
        """Nothing to let go of."""
