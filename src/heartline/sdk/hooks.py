"""Hears how this process ends, from inside: exceptions, interrupts, exit codes, signals.

Never steals a handler: every hook calls the one that was there before.
"""

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

Note = Callable[[dict[str, Any]], None]
RECORDED = ("SIGTERM", "SIGHUP", "SIGXCPU")
TRACEBACK_CHARS_MAX = 20_000


def describe(error: BaseException) -> dict[str, Any]:
    """A note about an exception that nobody caught."""
    if isinstance(error, KeyboardInterrupt):
        return {"interrupt": True}
    text = "".join(traceback.format_exception(error))
    line = traceback.format_exception_only(error)[-1].strip()
    return {"exception": line[:1_000], "traceback": text[-TRACEBACK_CHARS_MAX:]}


class Hooks:
    """The hooks of one process, for all its active runs."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._installed = False
        self._fault_files: list[Any] = []
        self._lock = threading.Lock()

    def add(self, note: Note, directory: Path) -> None:
        """A run wants to hear; the first one brings the hooks in."""
        with self._lock:
            self._notes.append(note)
            if not self._installed:
                self._installed = True
                self._install()
        self._record_signals(directory)

    def remove(self, note: Note) -> None:
        """A run has ended."""
        with self._lock:
            if note in self._notes:
                self._notes.remove(note)

    def _tell(self, what: dict[str, Any]) -> None:
        for note in list(self._notes):
            with contextlib.suppress(Exception):
                note(what)

    def _install(self) -> None:
        before, thread_before, exit_before = sys.excepthook, threading.excepthook, os._exit

        def excepthook(kind: Any, error: BaseException, trace: Any) -> None:
            self._tell(describe(error))
            before(kind, error, trace)

        def thread_hook(said: Any) -> None:
            name = said.thread.name if said.thread is not None else "a thread"
            line = traceback.format_exception_only(said.exc_type, said.exc_value)[-1].strip()
            self._tell({"warnings": [f"exception in thread {name}: {line}"[:1_000]]})
            thread_before(said)

        def leave(code: int) -> Any:
            if os.getpid() == self._pid:
                self._tell({"exit_code": code})
            exit_before(code)

        self._pid = os.getpid()
        sys.excepthook = excepthook
        threading.excepthook = thread_hook
        os._exit = leave  # type: ignore[assignment]

    def _record_signals(self, directory: Path) -> None:
        """C-level records: written even while Python code cannot run, then chained."""
        if threading.current_thread() is not threading.main_thread():
            return
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            for name in RECORDED:
                number = getattr(signal, name)
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue
                file = (directory / f"fault-{name}").open("wb", buffering=0)
                self._fault_files.append(file)
                faulthandler.register(number, file=file, all_threads=False, chain=True)
            if not faulthandler.is_enabled():
                file = (directory / "fault").open("wb", buffering=0)
                self._fault_files.append(file)
                faulthandler.enable(file=file, all_threads=False)


HOOKS = Hooks()
