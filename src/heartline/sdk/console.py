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
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Take what was printed."""
        with self._lock:
            *whole, rest = text.split("\n")
            for part in whole:
                self._redraw(part)
                self._emit(self._stream, self._number, self._line)
                self._number += 1
                self._line = ""
            if rest:
                self._redraw(rest)
                if "\r" in rest and time.monotonic() - self._drawn_at > REDRAW_S:
                    self._drawn_at = time.monotonic()
                    self._emit(self._stream, self._number, self._line)

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
                self._emit(self._stream, self._number, self._line)


class Console:
    """Wraps `sys.stdout.write` and `sys.stderr.write` of this process while a run is active."""

    def __init__(self, emit: Emit) -> None:
        self._wrapped: list[tuple[Any, Any, Lines]] = []
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            if stream is not None:
                self._wrap(stream, Lines(name, emit))

    def _wrap(self, stream: Any, lines: Lines) -> None:
        write = stream.write

        def both(text: Any) -> Any:
            written = write(text)
            # Printing must not fail because of us.
            with contextlib.suppress(Exception):
                lines.write(text if isinstance(text, str) else str(text))
            return written

        try:
            stream.write = both
        except AttributeError:
            return
        self._wrapped.append((stream, write, lines))

    def close(self) -> None:
        """Give the streams back as they were."""
        for stream, write, lines in self._wrapped:
            lines.flush()
            if getattr(stream.write, "__closure__", None) is not None:
                stream.write = write
        self._wrapped.clear()
