"""Keeps the exit status of this process where its parent alone would learn it. Never guesses one.

Before Linux 6.15 only the parent is told how a process exited. There glibc's `on_exit` calls a C
function with the true status, whoever asked for the exit, when Python is gone already: `fputc`
fits, and puts one byte, which is all that a status has, into a file of the spool.

So it is done, too, where the internal process is killed as soon as we end: in a container, and in
a job of Slurm. There we `Hold` our end, in C and for so long at most, until it is told.
"""

import contextlib
import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from heartline.sdk import witness
from heartline.sdk.owned import Owned

FILE = "exit-status"
NAMESPACE = "namespace"
KERNEL_TELLS = (6, 15)
HOLD_S = 10
LEAVING = b"e"
"""The word for the internal process that this one is about to end; any other only wakes it."""
_UNBUFFERED = 2


def kernel_tells(release: str) -> bool:
    """Whether this kernel tells a status to others than the parent."""
    numbers = release.split("-", maxsplit=1)[0].split(".")
    try:
        return (int(numbers[0]), int(numbers[1])) >= KERNEL_TELLS
    except (IndexError, ValueError):
        return False


def launcher(environ: Mapping[str, str]) -> Path | None:
    """The directory of the launcher; none if it is outside of our container.

    There our number is another process's, and of our end it is not told.
    """
    said = environ.get("HEARTLINE_LAUNCHER_DIR")
    if not said:
        return None
    try:
        same = Path(said, NAMESPACE).read_text(encoding="utf-8") == witness.namespace()
    except OSError:
        same = True
    return Path(said) if same else None


def ends_together(environ: Mapping[str, str]) -> bool:
    """Whether the internal process does not outlive this one; a launcher sees to it by itself."""
    if launcher(environ) is not None:
        return False
    return "SLURM_JOB_ID" in environ or not witness.is_first_namespace()


def read(directory: Path) -> int | None:
    """The status that a process left here."""
    try:
        said = (directory / FILE).read_bytes()
    except OSError:
        return None
    return said[-1] if said else None


def _c_library() -> Any:
    import ctypes

    libc: Any = ctypes.CDLL(None)
    for call in (libc.fopen, libc.freopen, libc.fdopen):
        call.restype = ctypes.c_void_p
    libc.on_exit.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    libc.setvbuf.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
    libc.freopen.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p]
    libc.fdopen.argtypes = [ctypes.c_int, ctypes.c_char_p]
    libc.fgetc.argtypes = libc.clearerr.argtypes = [ctypes.c_void_p]
    libc.at_exit = libc["__cxa_atexit"]
    libc.at_exit.argtypes = [ctypes.c_void_p] * 3
    return libc


def _address(call: Any) -> Any:
    import ctypes

    return ctypes.cast(call, ctypes.c_void_p)


class ExitRecord:
    """One record per process; every run of it has a link to the file."""

    def __init__(self) -> None:
        self._libc: Any = None
        self._stream: Any = None
        self._path: Path | None = None
        self._holds: list[Hold] = []
        self._free: list[Hold] = []

    @property
    def libc(self) -> Any:
        """The C library, once it is needed."""
        if self._libc is None:
            self._libc = _c_library()
        return self._libc

    def record(self, directory: Path, *, needed: bool | None = None) -> None:
        """From now on the status is kept in this directory too."""
        if needed is None:
            needed = not kernel_tells(os.uname().release) or ends_together(os.environ)
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
        if self._stream is None:
            self._stream = self.libc.fopen(os.fsencode(path), b"we")
            if not self._stream:
                return
            self._register()
        else:
            self.libc.freopen(os.fsencode(path), b"we", self._stream)
        self.libc.setvbuf(self._stream, None, _UNBUFFERED, 0)
        self._path = path

    def _register(self) -> None:
        """What is registered last is called first: the status is kept before anything waits."""
        self.libc.on_exit(_address(self.libc.fputc), self._stream)

    def hold(self) -> "Hold | None":
        """A hold on the end of this process; None where there is no way."""
        if self._free:
            return self._free.pop()
        try:
            hold = Hold(self.libc)
        except (OSError, AttributeError, ImportError):
            return None
        self._holds.append(hold)
        if self._stream:
            self._register()
        return hold

    def let_go(self, hold: "Hold") -> None:
        """Nobody waits for it any more; it serves the next run."""
        hold.forget()
        if hold in self._holds:
            self._free.append(hold)

    def forked(self) -> None:
        """In a forked child: its status is not that of the run's process, nor is its end held."""
        if self._stream is not None:
            self.libc.freopen(b"/dev/null", b"we", self._stream)
        for hold in self._holds:
            hold.forget()
        self._holds, self._free = [], []
        self._path = None


class Hold:
    """One end of a pair of sockets, read from at the very end of this process: `fgetc` waits."""

    def __init__(self, libc: Any) -> None:
        self._libc = libc
        number = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        self._end = Owned(number)
        self._stream = libc.fdopen(number, b"r")
        libc.setvbuf(self._stream, None, _UNBUFFERED, 0)
        libc.at_exit(_address(libc.fgetc), self._stream, None)

    def other_end(self) -> int:
        """For the internal process: as long as it is open there, and `HOLD_S` at most, we wait."""
        import socket

        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", HOLD_S, 0))
        # Under the same number, since that is where C will read.
        self._end.become(ours.detach())
        self._libc.clearerr(self._stream)
        return theirs.detach()

    def wait(self) -> None:
        """Wait now: for an end that C is not told of."""
        self._libc.fgetc(self._stream)

    def forget(self) -> None:
        """Nothing is waited for, whatever this number will stand for."""
        if self._end.number >= 0:
            with contextlib.suppress(OSError):
                self._end.become(os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC))
                self._libc.fgetc(self._stream)


EXITS = ExitRecord()
