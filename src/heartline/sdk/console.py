"""Copies what the program prints into the spool, line by line. Never changes or delays it.

A carriage return overwrites the line, as on a terminal: a progress bar is one line, sent at most
twice a second while it moves.
"""

import contextlib
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

LINE_CHARS_MAX = 8_192
REDRAW_S = 0.5

Emit = Callable[[str, int, str], None]


class Lines:
    """Text as numbered lines of one stream; pure but for the clock that paces redraws."""

    def __init__(self, stream: str, emit: Emit) -> None:
        self._stream, self._emit = stream, emit
        self._number = 0
        self._line = ""
        self._drawn_at = 0.0
        # A signal handler may print while its own thread prints.
        self._lock = threading.RLock()

    def write(self, text: str) -> None:
        """Take what was printed."""
        with self._lock:
            *whole, rest = text.split("\n")
            for part in whole:
                self._redraw(part)
                self._tell()
                self._number += 1
                self._line = ""
            if rest:
                self._redraw(rest)
                if "\r" in rest and time.monotonic() - self._drawn_at > REDRAW_S:
                    self._drawn_at = time.monotonic()
                    self._tell()

    def _tell(self) -> None:
        line = self._line
        if not line.isascii():
            # What could not be decoded when it was read cannot be encoded either.
            line = line.encode("utf-8", "replace").decode("utf-8")
        self._emit(self._stream, self._number, line)

    def _redraw(self, part: str) -> None:
        part = part.removesuffix("\r")
        before, returned, after = part.rpartition("\r")
        self._line = (after if returned else self._line + part)[:LINE_CHARS_MAX]
        if returned and not after:
            self._line = before.rpartition("\r")[2][:LINE_CHARS_MAX]

    def flush(self) -> None:
        """The last line, although it has no end."""
        with self._lock:
            if self._line:
                self._tell()

    def forked(self) -> None:
        """In a forked child: another thread may have held the lock, and its line is the parent's."""
        self._lock = threading.RLock()
        self._line = ""


class Tee:
    """One output stream whose `write` is heard by every active run of this process."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.sinks: tuple[Lines, ...] = ()
        self._inside = threading.local()
        self.attach()

    def attach(self) -> None:
        """Stand before the stream's `write`, again if somebody has put back what was there before us."""
        if self.stream.write == getattr(self, "write", None):
            return
        below = self.below = self.stream.write

        def write(text: Any) -> Any:
            # One of us may stand below somebody who stands below one of us: that one is silent.
            if getattr(self._inside, "now", False):
                return below(text)
            self._inside.now = True
            try:
                written = below(text)
            finally:
                self._inside.now = False
            self._tell(text)
            return written

        self.write = write
        self.stream.write = write

    def _tell(self, text: Any) -> None:
        """Printing must not fail because of us."""
        for sink in self.sinks:
            with contextlib.suppress(Exception):
                sink.write(text if isinstance(text, str) else str(text))

    def leave(self, sink: Lines) -> None:
        """The last one gives the stream back as it was, unless somebody else wrapped it since."""
        self.sinks = tuple(each for each in self.sinks if each is not sink)
        if not self.sinks and getattr(self.stream, "write", None) is self.write:
            self.stream.write = self.below
            _tees.remove(self)


_tees: list[Tee] = []


def _tee(stream: Any) -> Tee | None:
    for known in _tees:
        if known.stream is stream:
            return known
    try:
        made = Tee(stream)
    except AttributeError:
        return None
    _tees.append(made)
    return made


class Console:
    """What `sys.stdout` and `sys.stderr` of this process print while a run is active."""

    def __init__(self, emit: Emit) -> None:
        self._heard: list[tuple[Tee, Lines]] = []
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            tee = _tee(stream) if stream is not None else None
            if tee is not None:
                lines = Lines(name, emit)
                tee.sinks += (lines,)
                self._heard.append((tee, lines))

        _notebook(self.attach)

    def attach(self, *_: Any) -> None:
        """A notebook puts its own `write` around each cell, and afterwards back what was before."""
        for tee, _lines in self._heard:
            tee.attach()

    def close(self) -> None:
        """Hear no more."""
        _notebook(self.attach, register=False)
        for tee, lines in self._heard:
            lines.flush()
            tee.leave(lines)
        self._heard.clear()

    def forked(self) -> None:
        """In a forked child."""
        for _, lines in self._heard:
            lines.forked()


def _notebook(call: Callable[..., None], *, register: bool = True) -> None:
    """Be told before each cell, where there are cells."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    with contextlib.suppress(Exception):
        (shell.events.register if register else shell.events.unregister)("pre_run_cell", call)
