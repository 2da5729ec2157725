"""The birth certificate of a spool: everything the internal process and `sync` need to know.

A certificate that an earlier version wrote is read as well; it never says what that did not know.
"""

import os
import time
from pathlib import Path
from typing import Any

import msgspec

from heartline.sdk import clock, witness
from heartline.wire.ingest import OpenRequest

FILE = "run.json"
VERDICT = "verdict.json"
SYNCED = "synced.json"
LAUNCHER_EXIT = "launcher-exit.json"
LATEST = "latest.json"
SLACK_MS = 2_000
"""Two clocks are read one after the other, on machines that may be busy."""
MAIN, SYSTEM, FORK = "main", "system", "fork"


class Unreadable(ValueError):
    """A spool whose certificate is torn or of another version: what it holds cannot be sent."""


class Birth(msgspec.Struct, kw_only=True):
    """How a run was opened, by whom, and how it wants to be watched.

    `oom_kills` is the counter of the cgroup, and `clock_us` the kernel's clock, before training:
    the kernel may kill before the internal process has even begun. `boot_ms` and `ticks` are when
    the run and its process started, by clocks that do not jump; older spools bear neither.
    """

    request: OpenRequest
    base_url: str
    mode: str
    pid: int
    directory: str
    program: str
    search_path: list[str]
    ticks: str = ""
    boot_ms: int | None = None
    boot: str = ""
    cgroup: str = ""
    oom_kills: int | None = None
    clock_us: int = 0
    session: int = -1
    launcher: bool = False
    heartbeat_s: float = 5.0
    system_s: float = 10.0
    capture_git: bool = True
    capture_packages: bool = True
    capture_code: bool = True
    scheduler: dict[str, str] = {}

    @property
    def captures(self) -> bool:
        """Whether anything is looked for once."""
        return self.capture_git or self.capture_packages or self.capture_code or self.system_s > 0

    def is_of_this_boot(self, since: int | None = None) -> bool:
        """Whether the boot clock still counts on from the start of the run, and from `since`.

        In some containers that clock is the container's own, and starts anew with it: then less
        time has gone by than the machine was awake.
        """
        now, latest = clock.boot_ms(), max(self.boot_ms or 0, since or 0)
        if self.boot != witness.boot_id() or now < latest:
            return False
        awake_ms = time.monotonic_ns() // 1_000_000 - self.clock_us // 1_000
        known = self.clock_us != 0 and self.boot_ms is not None
        return not known or -SLACK_MS < awake_ms < now - (self.boot_ms or 0) + SLACK_MS


class Verdict(msgspec.Struct, kw_only=True):
    """The verdict as kept in the spool, written before it is sent: the kernel tells it once.

    `boot_ms` is when the process had ended, if that was seen in the boot that it began in.
    """

    exit: dict[str, Any]
    seq: int
    boot_ms: int | None = None


def store(directory: Path, name: str, value: object) -> None:
    """Write a small JSON file so that readers see all or nothing."""
    beside = directory / f".{name}.{os.getpid()}"
    beside.write_bytes(msgspec.json.encode(value))
    beside.replace(directory / name)


def load(directory: Path) -> Birth:
    """The certificate of a spool directory."""
    said = (directory / FILE).read_bytes()
    try:
        return msgspec.json.decode(said, type=Birth)
    except msgspec.MsgspecError as error:
        raise Unreadable(f"{directory / FILE} cannot be read: {error}") from None
