"""Keeps the exit status of this process where its parent alone would learn it. Never guesses one.

Before Linux 6.15 only the parent is told how a process exited. There glibc's `on_exit` calls a C
function with the true status, whoever asked for the exit, when Python is gone already: `fputc`
fits, and puts one byte, which is all that a status has, into a file of the spool.
"""

import contextlib
import os
from pathlib import Path
from typing import Any

FILE = "exit-status"
KERNEL_TELLS = (6, 15)


def kernel_tells(release: str) -> bool:
    """Whether this kernel tells a status to others than the parent."""
    numbers = release.split("-", maxsplit=1)[0].split(".")
    try:
        return (int(numbers[0]), int(numbers[1])) >= KERNEL_TELLS
    except (IndexError, ValueError):
        return False


def read(directory: Path) -> int | None:
    """The status that a process left here."""
    try:
        said = (directory / FILE).read_bytes()
    except OSError:
        return None
    return said[-1] if said else None


class ExitRecord:
    """One record per process; every run of it has a link to the file."""

    def __init__(self) -> None:
        self._libc: Any = None
        self._stream: Any = None
        self._path: Path | None = None

    def record(self, directory: Path, *, needed: bool | None = None) -> None:
        """From now on the status is kept in this directory too."""
        if needed is None:
            needed = not kernel_tells(os.uname().release)
        if not needed:
            return
        with contextlib.suppress(OSError, AttributeError, ImportError):
            path = directory / FILE
            if self._path is not None and self._linked(path):
                return
            self._open(path)

    def _linked(self, path: Path) -> bool:
        try:
            os.link(self._path or path, path)
        except OSError:
            return False
        self._path = path
        return True

    def _open(self, path: Path) -> None:
        import ctypes

        if self._libc is None:
            libc = ctypes.CDLL(None)
            libc.fopen.restype = libc.freopen.restype = ctypes.c_void_p
            libc.on_exit.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
            libc.setvbuf.argtypes = [
                ctypes.c_void_p,
                ctypes.c_void_p,
                ctypes.c_int,
                ctypes.c_size_t,
            ]
            libc.freopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
            stream = libc.fopen(os.fsencode(path), b"we")
            if not stream:
                return
            libc.setvbuf(stream, None, 2, 0)
            libc.on_exit(ctypes.cast(libc.fputc, ctypes.c_void_p), stream)
            self._libc, self._stream = libc, stream
        else:
            self._libc.freopen(os.fsencode(path), b"we", self._stream)
            self._libc.setvbuf(self._stream, None, 2, 0)
        self._path = path

    def forked(self) -> None:
        """In a forked child: its status is not that of the run's process."""
        if self._libc is not None:
            self._libc.freopen(b"/dev/null", b"we", self._stream)
        self._path = None


EXITS = ExitRecord()
