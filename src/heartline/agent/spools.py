"""The spools of a command's processes: which there are, and whether they are shipped. Never reads one."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from heartline.sdk import birth, exits, witness

POLL_S, POLL_S_MAX, POLL_GROWTH = 0.02, 0.5, 1.3
NOTICE_S = 2.0


@dataclass(slots=True)
class Registered:
    """A process of the command that opened a run, as the SDK told the launcher."""

    pid: int
    spool: Path
    pidfd: int = -1
    told: bool = False


class Spools:
    """What appears in the launcher's directory while the command runs."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.known: dict[str, Registered] = {}
        with contextlib.suppress(OSError):
            (directory / exits.NAMESPACE).write_text(witness.namespace(), encoding="utf-8")

    def scan(self) -> None:
        """Take up newly registered processes; one too old to be watched is simply not watched."""
        for path in self.directory.glob("*.json"):
            if path.name in self.known:
                continue
            with contextlib.suppress(
                OSError, msgspec.MsgspecError, KeyError, TypeError, ValueError
            ):
                said = msgspec.json.decode(path.read_bytes())
                found = Registered(int(said["pid"]), Path(said["spool"]))
                with contextlib.suppress(OSError, AttributeError):
                    found.pidfd = os.pidfd_open(found.pid)
                self.known[path.name] = found

    def reaped(self, pid: int, facts: dict[str, Any]) -> None:
        """The kernel told us, the parent, how a process ended: pass it on to its spools."""
        self.scan()
        for each in self.known.values():
            if each.pid == pid and not each.told:
                self._tell(each, facts)

    def look(self, others: Callable[[witness.End], dict[str, Any]]) -> None:
        """Processes that another one is the parent of: the kernel may tell us as well."""
        self.scan()
        for each in self.known.values():
            if each.told or each.pidfd < 0 or witness.alive(each.pidfd, each.pid):
                continue
            end = witness.kernel_record(each.pidfd, each.pid)
            if end is not None and end.source == "pidfd":
                self._tell(each, others(end))

    def _tell(self, each: Registered, facts: dict[str, Any]) -> None:
        each.told = True
        if each.spool.is_dir():
            with contextlib.suppress(OSError):
                birth.store(each.spool, birth.LAUNCHER_EXIT, {"pid": each.pid, **facts})

    @property
    def left(self) -> list[Path]:
        """Spools whose records are not all on a server."""
        return [each.spool for each in self.known.values() if _waiting(each.spool)]

    def see_home(
        self, patience_s: float, say: Callable[[str], None], turn: Callable[[], None]
    ) -> None:
        """Wait until every spool is shipped; ship it ourselves where its internal process is gone."""
        started = time.monotonic()
        noticed, pause_s = False, POLL_S
        while (left := self.left) and time.monotonic() - started < patience_s:
            tended = [spool for spool in left if tender(spool)]
            for spool in left:
                if spool not in tended and _waiting(spool):
                    ship(spool, patience_s - (time.monotonic() - started))
                    if _waiting(spool):
                        say(
                            f"its last records are kept in {spool}; send them with `heartline sync`"
                        )
            if not tended:
                return
            if not noticed and time.monotonic() - started > NOTICE_S:
                noticed = True
                say("sending the last records...")
            turn()
            # Each look goes through all processes of the machine: less and less often.
            time.sleep(pause_s)
            pause_s = min(pause_s * POLL_GROWTH, POLL_S_MAX)
        if self.left:
            say("the server does not answer; the internal process keeps trying, and "
                "`heartline sync` sends what it could not")  # fmt: skip

    def close(self) -> None:
        """Let go of the processes, and of the launcher's directory."""
        for each in self.known.values():
            if each.pidfd >= 0:
                os.close(each.pidfd)
        for path in self.directory.glob("*"):
            with contextlib.suppress(OSError):
                path.unlink()
        with contextlib.suppress(OSError):
            self.directory.rmdir()


def _waiting(spool: Path) -> bool:
    """Whether a spool still holds what its server should have; offline ones wait for a sync."""
    if not (spool / birth.FILE).exists() or (spool / birth.SYNCED).exists():
        return False
    try:
        return birth.load(spool).mode == "online"
    except (OSError, birth.Unreadable):
        return False


def tender(spool: Path) -> int | None:
    """The internal process of a spool, if it lives: it bears the directory in its command line."""
    wanted = os.fsencode(str(spool))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().split(b"\0")
                if wanted in words and any(word.endswith(b"shipper.py") for word in words):
                    return int(entry.name)
    return None


def ship(spool: Path, patience_s: float) -> None:
    """`heartline sync` of one spool, quietly and not for ever."""
    with contextlib.suppress(subprocess.TimeoutExpired, OSError):
        subprocess.run(
            [sys.executable, "-m", "heartline.cli.main", "sync", "--quiet", str(spool)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=max(1.0, patience_s),
            check=False,
        )
