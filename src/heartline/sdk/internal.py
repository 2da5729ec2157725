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
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESTARTS_MAX = 5
_SCRIPT = Path(__file__).with_name("shipper.py")

Hear = Callable[[dict[str, Any]], None]


def _search_path() -> list[str]:
    """Where the internal process finds us and our two dependencies, without `site`."""
    import msgspec

    import heartline

    found = [Path(module.__file__ or "").parent.parent for module in (heartline, msgspec)]
    with contextlib.suppress(ImportError):
        from importlib.util import find_spec

        spec = find_spec("psutil")
        if spec is not None and spec.origin:
            found.append(Path(spec.origin).parent.parent)
    return list(dict.fromkeys(str(path) for path in found))


class Internal:
    """The internal process of one run in this process."""

    def __init__(self, directory: Path, api_key: str, hear: Hear) -> None:
        self._directory, self._key, self._hear = directory, api_key, hear
        self._pidfd = _pidfd()
        self._control, self._events = -1, -1
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._restarts = 0
        self.done = threading.Event()
        self._start()
        thread = threading.Thread(target=self._listen, name="heartline", daemon=True)
        thread.start()

    def _start(self) -> None:
        control_read, self._control = os.pipe()
        self._events, events_write = os.pipe()
        fds = [fd for fd in (self._pidfd, control_read, events_write) if fd >= 0]
        command = [
            sys.executable, "-I", "-S", str(_SCRIPT), str(self._directory),
            str(self._pidfd), str(control_read), str(events_write), *_search_path(),
        ]  # fmt: skip
        environment = {
            name: value
            for name, value in os.environ.items()
            if name in {"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"}
            or name.startswith("SLURM_")
        }
        environment["HEARTLINE_INTERNAL_KEY"] = self._key
        try:
            self._process = subprocess.Popen(
                command, pass_fds=fds, start_new_session=True, env=environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=self._log(),
            )  # fmt: skip
        finally:
            os.close(control_read)
            os.close(events_write)

    def _log(self) -> Any:
        try:
            return (self._directory / "internal.log").open("ab")
        except OSError:
            return subprocess.DEVNULL

    def _listen(self) -> None:
        """Blocks in `read`, so that it costs the training nothing."""
        while True:
            waiting = b""
            while chunk := _read(self._events):
                *lines, waiting = (waiting + chunk).split(b"\n")
                for line in lines:
                    self._take(line)
            os.close(self._events)
            if self.done.is_set() or self._closed or not self._restart():
                self.done.set()
                return

    def _take(self, line: bytes) -> None:
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if event.get("event") == "done":
                self.done.set()
            self._hear(event)

    def _restart(self) -> bool:
        """It died and nobody asked it to: start it again, it goes on from the durable offset."""
        if self._process is not None:
            self._process.poll()
        if self._restarts >= RESTARTS_MAX:
            self._hear({"event": "lost"})
            return False
        self._restarts += 1
        with contextlib.suppress(OSError):
            os.close(self._control)
        try:
            self._start()
        except (OSError, RuntimeError):
            self._hear({"event": "lost"})
            return False
        return True

    @property
    def pid(self) -> int | None:
        """Of the internal process, for those who want to look at it."""
        return None if self._process is None else self._process.pid

    def wake(self) -> None:
        """Something waits: do not wait for the next round."""
        with contextlib.suppress(OSError):
            os.write(self._control, b"w")

    def left_behind(self) -> None:
        """In a forked child: these are not ours to close or wait for."""
        self._closed = True
        self._process = None

    def close(self) -> None:
        """After the end: take the child's exit status, so that no zombie stays."""
        self._closed = True
        if self._process is not None and self.done.is_set():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=2)
        with contextlib.suppress(OSError):
            os.close(self._control)
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1


def _pidfd() -> int:
    try:
        return os.pidfd_open(os.getpid())
    except (OSError, AttributeError):
        return -1


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65_536)
    except OSError:
        return b""
