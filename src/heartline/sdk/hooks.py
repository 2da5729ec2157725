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

from heartline.sdk.exits import EXITS

Note = Callable[[dict[str, Any]], None]
FAULT = "fault"
RECORDED = ("SIGTERM", "SIGHUP", "SIGXCPU")
TRACEBACK_CHARS_MAX = 20_000
INTERRUPTED = 130


def describe(error: BaseException) -> dict[str, Any]:
    """A note about an exception that nobody caught."""
    if isinstance(error, KeyboardInterrupt):
        return {"interrupt": True}
    text = "".join(traceback.format_exception(error))
    line = traceback.format_exception_only(error)[-1].strip()
    return {"exception": _sayable(line[:1_000]), "traceback": _sayable(text[-TRACEBACK_CHARS_MAX:])}


def _sayable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _close(before: tuple[Any, Path] | None) -> None:
    """Only once nothing writes to it any more."""
    if before is not None:
        before[0].close()


class Hooks:
    """The hooks of one process, for all its active runs."""

    def __init__(self) -> None:
        self._notes: list[Note] = []
        self._leavers: list[Callable[[], object]] = []
        self._interrupted = False
        self._installed = False
        self._records: dict[str, tuple[Any, Path]] = {}
        self._enabled = False
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._mask = threading.local()

    def add(self, note: Note, directory: Path) -> None:
        """A run wants to hear; the first one brings the hooks in."""
        with self._lock:
            self._notes.append(note)
            if not self._installed:
                self._installed = True
                self._install()
        self._record_signals(directory)
        EXITS.record(directory)

    def remove(self, note: Note) -> None:
        """A run has ended."""
        with self._lock:
            if note in self._notes:
                self._notes.remove(note)

    def at_leave(self, call: Callable[[], object]) -> None:
        """Be called before `os._exit`, which no other hook hears of."""
        self._leavers.append(call)

    def leaving(self) -> None:
        """At exit, where nobody will see the signal that Python ends by after an interrupt."""
        if self._interrupted and not hasattr(sys, "ps1"):
            self._tell({"exit_code": INTERRUPTED})

    def _tell(self, what: dict[str, Any]) -> None:
        for note in list(self._notes):
            with contextlib.suppress(Exception):
                note(what)

    def _install(self) -> None:
        before, thread_before, exit_before = sys.excepthook, threading.excepthook, os._exit

        def excepthook(kind: Any, error: BaseException, trace: Any) -> None:
            self._interrupted = isinstance(error, KeyboardInterrupt)
            with contextlib.suppress(Exception):
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
                for call in self._leavers:
                    call()
            exit_before(code)

        sys.excepthook = excepthook
        threading.excepthook = thread_hook
        os._exit = leave  # type: ignore[assignment]

    def _record_signals(self, directory: Path) -> None:
        """C-level records: written even while Python code cannot run, then chained.

        One file per signal serves all runs of the process: each has a link to it.
        """
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            for name in RECORDED:
                number = getattr(signal, name)
                if signal.getsignal(number) is signal.SIG_IGN:
                    continue
                if self._linked(name, directory):
                    continue
                before = self._records.get(name)
                file = self._opened(name, directory / f"{FAULT}-{name}")
                faulthandler.register(number, file=file, all_threads=False, chain=True)
                _close(before)
            if (self._enabled or not faulthandler.is_enabled()) and not self._linked("", directory):
                self._enabled = True
                before = self._records.get("")
                faulthandler.enable(file=self._opened("", directory / FAULT), all_threads=False)
                _close(before)

    def _opened(self, name: str, path: Path) -> Any:
        file = path.open("wb", buffering=0)
        self._records[name] = (file, path)
        return file

    def _linked(self, name: str, directory: Path) -> bool:
        """Whether the record that there is serves this run too; one with a past does not."""
        file, path = self._records.get(name, (None, None))
        if file is None or path is None or os.fstat(file.fileno()).st_size:
            return False
        try:
            os.link(path, directory / path.name)
        except OSError:
            return False
        self._records[name] = (file, directory / path.name)
        return True

    def forking(self) -> None:
        """Before a fork: a child that is signalled at once must not write to our records."""
        with contextlib.suppress(OSError, ValueError):
            wanted = {getattr(signal, name) for name in RECORDED}
            self._mask.before = signal.pthread_sigmask(signal.SIG_BLOCK, wanted)

    def fork_over(self) -> None:
        """After a fork, in parent and child: signals that waited arrive now."""
        before = self._mask.__dict__.pop("before", None)
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def forked(self) -> None:
        """In a forked child: its signals and crashes are its own, not those of the run's process."""
        self._lock = threading.RLock()
        self._notes, self._leavers = [], []
        self._pid = os.getpid()
        EXITS.forked()
        with contextlib.suppress(ValueError, RuntimeError):
            for name in self._records:
                if name:
                    faulthandler.unregister(getattr(signal, name))
            if self._enabled:
                faulthandler.disable()
        self._enabled = False
        self._records.clear()


HOOKS = Hooks()
