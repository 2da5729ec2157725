"""Where the records of a run go, and what happens to those that cannot be kept. Never raises."""

import contextlib
import os
from pathlib import Path
from typing import Any

from heartline.sdk import birth as born
from heartline.sdk import clock, tending
from heartline.sdk.messages import warn_once
from heartline.sdk.spool import Spool, SpoolClosed
from heartline.sdk.values import encode, keep
from heartline.wire import spool as kinds

NOTES_BYTES = 64 * 1024
FORK_BYTES = 256 * 1024


class Recorder:
    """The spool of one run in this process; OSError if it cannot be begun."""

    def __init__(self, directory: Path, *, silent: bool) -> None:
        self.directory = directory
        self._silent = silent
        self._warned: set[str] = set()
        self.main = Spool(directory, born.MAIN)
        try:
            self._notes: Spool | None = Spool(directory, "notes", NOTES_BYTES)
        except OSError:
            self.main.close()
            raise

    @property
    def lost(self) -> int:
        """Records that could not be kept: no space, or no right to write."""
        return self.main.lost

    def warn(self, key: str, text: str) -> None:
        """The same trouble is told once."""
        warn_once(self._warned, key, text, silent=self._silent)

    def record(self, record: list[Any]) -> None:
        """Keep one record."""
        try:
            self.main.append(encode(record))
        except Exception as error:  # noqa: BLE001 - nothing of ours may stop training
            self._tell(error)

    def log_slowly(self, step: Any, data: Any, error: Exception) -> None:
        """A row that could not be kept as it is: what can be kept of it is."""
        try:
            self._log_slowly(step, data, error)
        except Exception as unforeseen:  # noqa: BLE001 - likewise
            self.warn("row", f"a row was not logged: {unforeseen}")

    def _log_slowly(self, step: Any, data: Any, error: Exception) -> None:
        if isinstance(error, OSError | SpoolClosed):
            self._tell(error)
            return
        if not hasattr(data, "items"):
            self.warn("data", f"log takes a dict of key: value, got {type(data).__name__}")
            return
        if type(step) is not int:
            step = int(step)
        from heartline.sdk import media

        kept, wrong = keep(media.replaced(self, data, step))
        for each in wrong:
            self.warn(each.partition(":")[0], f"not logged: {each}")
        if kept:
            self.record([kinds.LOG, step, clock.wall_s(), kept])

    def _tell(self, error: Exception) -> None:
        if isinstance(error, SpoolClosed):
            self.warn("closed", "the run has ended: what is logged now is not recorded")
        elif isinstance(error, OSError):
            if not self.lost & (self.lost - 1):
                # Noted ever more rarely, so that a program that says no farewell tells most of it.
                self.note({"lost": self.lost})
            self.warn(
                "loss",
                f"cannot keep what is logged in {self.directory}: {error.strerror}; training goes "
                "on, the loss is counted",
            )
        else:
            self.warn("record", f"not recorded: {error}")

    def note(self, what: dict[str, Any]) -> None:
        """What this process says of its own end."""
        if self._notes is not None:
            with contextlib.suppress(Exception):
                self._notes.append(encode([kinds.NOTE, what]))

    def log_forked(self, payload: bytes) -> None:
        """A row of a forked child, which counts its steps apart from its parent."""
        self.warn(
            "fork",
            "this forked process logs into the run of its parent: of values with the same key and "
            "step only one is shown; use keys of its own, or a run for each process",
        )
        self.main.append(payload)

    def forked(self) -> None:
        """In a forked child: a stream of its own in the same directory, and no word on the end."""
        self._notes = None
        name = f"{born.FORK}-{os.getpid()}-{os.urandom(2).hex()}"
        self.main = Spool(self.directory, name, FORK_BYTES, lazy=True)
        tending.announce(self.directory, name)

    def close(self) -> None:
        """Nothing more comes."""
        self.main.close()
        if self._notes is not None:
            self._notes.close()
