"""A short piece of work in a forked child that tells through a pipe. Never more than one thread.

For the internal process only: it has one thread and no asyncio, so a fork is safe and costs a
millisecond, and whatever the work imports or waits for stays out of the process that beats.
"""

import contextlib
import os
import select
import signal
from collections.abc import Callable

TOLD_BYTES = 65_536
DESCRIPTORS_MAX = 4_096

Tell = Callable[[str], None]


class Child:
    """Work that goes on beside us; `lines` are what it told, complete once `ended()`."""

    def __init__(self, work: Callable[[Tell], None]) -> None:
        self._pipe, write = os.pipe()
        self._heard = b""
        self.pid = os.fork()
        if self.pid == 0:
            _work(work, write)
        os.close(write)
        os.set_blocking(self._pipe, False)

    def ended(self) -> bool:
        """Whether it is over; never waits."""
        while self._pipe >= 0:
            try:
                said = os.read(self._pipe, TOLD_BYTES)
            except BlockingIOError:
                return False
            self._heard += said
            if not said:
                os.close(self._pipe)
                self._pipe = -1
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(self.pid, 0)
        return True

    def wait(self, seconds: float) -> bool:
        """Whether it was over within this time."""
        if self._pipe >= 0 and not self.ended():
            select.select([self._pipe], [], [], seconds)
        return self.ended()

    def stop(self) -> None:
        """End it where it is."""
        if self._pipe >= 0:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    @property
    def lines(self) -> list[str]:
        """What it told, line by line."""
        return self._heard.decode("utf-8", "replace").splitlines()


def _work(work: Callable[[Tell], None], write: int) -> None:
    """In the child: nothing of the parent's is open here, so nobody waits for our end of a pipe."""

    def tell(line: str) -> None:
        os.write(write, line.encode("utf-8", "replace").replace(b"\n", b" ") + b"\n")

    try:
        os.closerange(3, write)
        os.closerange(write + 1, DESCRIPTORS_MAX)
        work(tell)
    finally:
        os._exit(0)
