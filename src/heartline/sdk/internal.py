"""Starts the internal process, listens to it, and starts it again if it dies. Never ships.

The pidfd of this process is opened before the internal process is started, so that it can never
mean another process that got the same number.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heartline.client import proxies
from heartline.sdk.exits import EXITS, LEAVING, ends_together
from heartline.sdk.hooks import HOOKS
from heartline.sdk.owned import Owned

RESTARTS_MAX = 5
RESTART_S, RESTART_S_MAX = 0.1, 60.0
STEADY_S = 60.0
EVENTS_BYTES = 65_536
READY_S = 10.0
_ENVIRONMENT = frozenset({
    "PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH",
    "LD_PRELOAD", "CUDA_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES", "XDG_CONFIG_HOME",
    *proxies.VARIABLES,
})  # fmt: skip
_SCRIPT = Path(__file__).with_name("shipper.py")

Hear = Callable[[dict[str, Any]], None]


def _search_path() -> list[str]:
    """Where the internal process finds us and our two dependencies, without `site`."""
    import msgspec

    found = [Path(__file__).parents[2], Path(msgspec.__file__ or "").parent.parent]
    with contextlib.suppress(ImportError):
        from importlib.util import find_spec

        spec = find_spec("psutil")
        if spec is not None and spec.origin:
            found.append(Path(spec.origin).parent.parent)
    return list(dict.fromkeys(str(path) for path in found))


class Internal:
    """The internal process of one run in this process.

    It is not our child for long: it forks once at its start, so that a program that waits for
    all of its children (`os.wait`) does not wait for ours.
    """

    def __init__(self, directory: Path, api_key: str, hear: Hear) -> None:
        self._directory, self._key, self._hear = directory, api_key, hear
        self._pidfd = Owned(_pidfd())
        self._control, self._events = Owned(), Owned()
        self._closed = False
        self._restarts = 0
        self._pid: int | None = None
        self._ready = threading.Event()
        self._started_at = 0.0
        self._leaving = False
        self._ending = threading.Event()
        self.level, self.done = threading.Event(), threading.Event()
        self.ends_with_us = ends_together(os.environ)
        self._hold = EXITS.hold() if self.ends_with_us else None
        self._start()
        if self._hold is not None:
            HOOKS.at_leave(self._leave_at_once)
        thread = threading.Thread(target=self._listen, name="heartline", daemon=True)
        thread.start()

    def _start(self) -> None:
        self._started_at = time.monotonic()
        control_read, control = os.pipe()
        events, events_write = os.pipe()
        # A call that wakes must never wait, even if the internal process was stopped.
        os.set_blocking(control, False)
        hold = self._hold.other_end() if self._hold is not None else -1
        try:
            self._process = self._spawn(control_read, events_write, hold)
        except BaseException:
            os.close(control)
            os.close(events)
            raise
        finally:
            for each in (control_read, events_write, hold):
                if each >= 0:
                    os.close(each)
        self._events = Owned(events)
        self._control.become(control)

    def _spawn(self, control: int, events: int, hold: int) -> "subprocess.Popen[bytes]":
        pidfd = self._pidfd.number
        fds = [fd for fd in (pidfd, control, events, hold) if fd >= 0]
        command = [
            sys.executable, "-I", "-S", str(_SCRIPT), str(self._directory),
            str(pidfd), str(control), str(events), str(hold), *_search_path(),
        ]  # fmt: skip
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in _ENVIRONMENT or name.startswith("SLURM_")
        }
        environment["HEARTLINE_INTERNAL_KEY"] = self._key
        with contextlib.ExitStack() as stack:
            log: Any = subprocess.DEVNULL
            with contextlib.suppress(OSError):
                log = stack.enter_context((self._directory / "internal.log").open("ab"))
            return subprocess.Popen(
                command, pass_fds=fds, start_new_session=True, env=environment, cwd="/",
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            )  # fmt: skip

    def _listen(self) -> None:
        """Blocks in `read`, so that it costs the training nothing."""
        while True:
            waiting = b""
            while chunk := self._events.read(EVENTS_BYTES):
                *lines, waiting = (waiting + chunk).split(b"\n")
                for line in lines:
                    self._take(line)
            self._events.close()
            if self.done.is_set() or self._closed or not self._restart():
                self.done.set()
                return

    def _take(self, line: bytes) -> None:
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if event.get("event") == "ready":
                self._pid = event.get("pid")
                self._process.wait()
                self._ready.set()
                if self._leaving:
                    self._control.write(LEAVING)
            elif event.get("event") == "level":
                self.level.set()
            elif event.get("event") == "done":
                self.done.set()
            self._hear(event)

    def _restart(self) -> bool:
        """It died and nobody asked it to: start it again, it goes on from the durable offset.

        As long as the program lives: without it a run that trains on would look dead.
        """
        self._process.poll()
        if time.monotonic() - self._started_at > STEADY_S:
            self._restarts = 0
        pause = RESTART_S * self._restarts
        if self._restarts >= RESTARTS_MAX:
            self._hear({"event": "lost"})
            pause = RESTART_S_MAX
        if self._ending.wait(pause) and self._restarts >= RESTARTS_MAX:
            return False
        self._restarts += 1
        try:
            self._start()
        except (OSError, RuntimeError):
            self._hear({"event": "lost"})
            return False
        return True

    def end(self) -> None:
        """The program waits for us: one that dies again and again is not waited for."""
        self._ending.set()

    @property
    def pid(self) -> int | None:
        """Of the internal process, for those who want to look at it."""
        self._ready.wait(READY_S)
        return self._pid

    def wake(self) -> None:
        """Something waits: do not wait for the next round."""
        self._control.write(b"w")

    def leave(self) -> None:
        """We are about to end: `level` is when all that there is was sent."""
        self._leaving = True
        self._control.write(LEAVING)

    def _leave_at_once(self) -> None:
        """By `os._exit`, which asks nobody."""
        if self._hold is not None and not self._closed:
            self.leave()
            self._hold.wait()

    def left_behind(self) -> None:
        """In a forked child: nothing of this is ours to wait for."""
        self._closed = True

    def close(self) -> None:
        """After the end: let go of everything."""
        self._closed = True
        if self._hold is not None:
            hold, self._hold = self._hold, None
            EXITS.let_go(hold)
        self._control.close()
        self._pidfd.close()


def _pidfd() -> int:
    try:
        return os.pidfd_open(os.getpid())
    except (OSError, AttributeError):
        return -1
