"""Finds a server that answers, or starts one in the background. Never stops one."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from heartline.client import credentials, errors
from heartline.client.api import Api

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
PORT = 8787
UP_S = 30.0
ASK_S = 0.3
POLL_S = 0.05


class NotStarted(errors.HeartlineError):
    """The server did not start: its log says why."""


@dataclass(frozen=True, slots=True)
class Found:
    """A server that answers to our key; pid and log if we started it just now."""

    base_url: str
    pid: int | None = None
    log: Path | None = None


def state_dir() -> Path:
    """Where logs and spools of things that we start ourselves go."""
    home = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(home) / "heartline"


def find() -> Found | None:
    """The server of our settings, or another one on this machine that knows our key."""
    addresses = [credentials.base_url()]
    if not os.environ.get("HEARTLINE_BASE_URL"):
        known = credentials.load_all()
        addresses += [url for url in known if urlsplit(url).hostname in LOOPBACK]
    for address in dict.fromkeys(addresses):
        try:
            api = Api(address, patience=ASK_S)
            _ = api.viewer
        except errors.HeartlineError:
            continue
        return Found(api.base_url)
    return None


def start() -> Found:
    """A new server of this account, which outlives us."""
    wanted = urlsplit(credentials.base_url())
    if wanted.hostname not in LOOPBACK:
        raise errors.Unreachable(
            f"{credentials.base_url()} does not answer to your key: check HEARTLINE_BASE_URL and "
            "HEARTLINE_API_KEY, or unset them to use a server on this machine"
        )
    port = _free(wanted.port or PORT)
    log = state_dir() / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "heartline.cli.main", "server", "--port", str(port)],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    _await(process, address, log)
    return Found(address, process.pid, log)


def _free(port: int) -> int:
    """The port, or any other if something listens there."""
    for each in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", each))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise NotStarted("no free port on 127.0.0.1")


def _await(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    until = time.monotonic() + UP_S
    while time.monotonic() < until:
        said = log.read_text(encoding="utf-8", errors="replace")
        if process.poll() is not None:
            last = said.strip().splitlines()[-1:] or ["it printed nothing"]
            raise NotStarted(f"the server did not start: {last[0]} (all of it: {log})")
        if "is up at" in said:
            try:
                _ = Api(address, patience=ASK_S).viewer
            except errors.Unreachable:
                pass
            else:
                return
        time.sleep(POLL_S)
    process.terminate()
    raise NotStarted(f"the server did not answer within {UP_S:.0f} s; its log is {log}")
