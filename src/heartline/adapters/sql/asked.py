"""Units that wait for their commit, and how whoever asked hears of it. Never runs a statement."""

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any


class Asked:
    """One unit of work, and the future of whoever asked: on a loop, or of a thread."""

    __slots__ = ("error", "future", "loop", "result", "unit")

    def __init__(
        self,
        unit: Callable[[Any], Any],
        future: "Future[Any] | asyncio.Future[Any]",
        loop: AbstractEventLoop | None = None,
    ) -> None:
        self.unit, self.future, self.loop = unit, future, loop
        self.result: Any = None
        self.error: BaseException | None = None

    def wanted(self) -> bool:
        """Whether anybody still waits; a thread cannot change its mind after this."""
        if isinstance(self.future, Future):
            return self.future.set_running_or_notify_cancel()
        return not self.future.cancelled()

    def attempt(self, work: Callable[[], Any]) -> None:
        """Keep what comes of it, told to nobody yet."""
        try:
            self.result = work()
        except BaseException as error:  # noqa: BLE001 - handed to whoever asked
            self.error = error

    def tell(self) -> None:
        """On the loop of whoever asked, or from any thread if there is none."""
        if self.future.cancelled():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


def settle(group: Iterable[Asked]) -> None:
    """Tell all of a group, waking each loop once: waking costs more than a small unit does."""
    loops: dict[AbstractEventLoop, list[Asked]] = {}
    for asked in group:
        if asked.loop is None:
            asked.tell()
        else:
            loops.setdefault(asked.loop, []).append(asked)
    for loop, mine in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_tell_all, mine)


def _tell_all(group: Iterable[Asked]) -> None:
    for asked in group:
        asked.tell()
