"""A real server process for tests: own data, own configuration, a free port, killable."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

UP_S = 30.0
NOT_GIVEN_ON = ("HEARTLINE_", "WANDB_", "COLUMNS", "LINES")
"""Of the environment of the tests: neither servers and keys, nor the size of a terminal."""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ServerProcess:
    """`heartline server` as people start it; `kill()` and `restart()` are as hard as they sound."""

    home: Path
    port: int = field(default_factory=free_port)
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """What a client of the same account runs with, to find its credentials."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith(NOT_GIVEN_ON)},
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_DATA_HOME": str(self.home / "data"),
            "HEARTLINE_BASE_URL": self.base_url,
        }

    @property
    def credentials(self) -> dict[str, str]:
        told = json.loads((self.home / "config/heartline/credentials").read_text())
        found: dict[str, str] = told[self.base_url]
        return found

    @property
    def api_key(self) -> str:
        return self.credentials["api_key"]

    @property
    def entity(self) -> str:
        return self.credentials["entity"]

    @property
    def output(self) -> str:
        return (self.home / "server.log").read_text()

    def start(self) -> "ServerProcess":
        self.spawn()
        self.wait_ready()
        return self

    def spawn(self) -> None:
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "heartline.cli.main", "server",
                    "--port", str(self.port), "--data-dir", str(self.home / "data/heartline"),
                    *self.options,
                ],
                stdout=log, stderr=log, env=self.environment,
            )  # fmt: skip

    def wait_ready(self) -> None:
        assert self.process is not None
        until = time.monotonic() + UP_S
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the server ended at its start:\n{self.output}"
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.base_url}/readyz").status_code == 200:
                    return
            time.sleep(0.02)
        raise AssertionError(f"the server was not ready in {UP_S} s:\n{self.output}")

    def client(self, key: str | None = None, **options: object) -> httpx.Client:
        """An HTTP client with the local user's key, or another."""
        headers = {"Authorization": f"Bearer {self.api_key if key is None else key}"}
        return httpx.Client(base_url=self.base_url, headers=headers, timeout=30, **options)  # type: ignore[arg-type]

    def kill(self) -> None:
        """SIGKILL: no goodbye, nothing flushed."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM: a graceful stop; the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not stop in 20 s:\n{self.output}") from None

    def restart(self) -> None:
        """SIGKILL, then start again over the same data."""
        self.kill()
        self.start()


@contextlib.contextmanager
def running(home: Path, *options: str) -> Iterator[ServerProcess]:
    """A server for the length of a block; its log is shown if it could not be stopped."""
    home.mkdir(parents=True, exist_ok=True)
    server = ServerProcess(home, options=options)
    try:
        yield server.start()
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
