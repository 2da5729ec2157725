"""A descriptor that is used only while its number means our file. Never touches another's.

Programs that become daemons close every descriptor, and the numbers are given to files of theirs.
"""

import contextlib
import os


def _identity(number: int) -> tuple[int, int, int] | None:
    try:
        found = os.fstat(number)
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mode


class Owned:
    """One descriptor, or none (-1)."""

    def __init__(self, number: int = -1) -> None:
        self._number, self._file = number, _identity(number)

    @property
    def number(self) -> int:
        """-1 once it is not ours any more."""
        known = self._file is not None and _identity(self._number) == self._file
        return self._number if known else -1

    def become(self, number: int) -> None:
        """Another file under the number that other threads know, if that is still ours."""
        if (kept := self.number) >= 0:
            os.dup2(number, kept, inheritable=False)
            os.close(number)
            number = kept
        self._number, self._file = number, _identity(number)

    def read(self, limit: int) -> bytes:
        """What comes next; empty at the end, or if it is not ours."""
        try:
            return os.read(self.number, limit)
        except OSError:
            return b""

    def write(self, data: bytes) -> None:
        """As much as can be written without waiting."""
        with contextlib.suppress(OSError):
            os.write(self.number, data)

    def close(self) -> None:
        """Let go of it."""
        number, self._file = self.number, None
        if number >= 0:
            with contextlib.suppress(OSError):
                os.close(number)
