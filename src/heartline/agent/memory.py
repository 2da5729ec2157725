"""A memory limit for a command: a cgroup where one can be made, else a watch. Never RLIMIT_AS.

RLIMIT_AS counts address space, of which CUDA and NumPy reserve far more than they use: it would
stop programs that are well within their limit. Without a cgroup the launcher looks at the use of
the whole process tree several times a second, and says so.
"""

import contextlib
import os
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from heartline.sdk import witness

CGROUPS = Path("/sys/fs/cgroup")
UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30, "T": 2**40}
LIMIT_BYTES_MIN = 2**20
WATCH_S = 0.05
REMOVE_S = 0.5
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?$", re.IGNORECASE)


class BadLimit(ValueError):
    """A memory limit is a size such as 500M, 2G or 1.5GiB, and at least 1M."""


def parse_limit(text: str) -> int:
    """A size as bytes; the units are powers of 1024."""
    match = _SIZE.match(text.strip())
    size = int(float(match[1]) * UNITS[match[2].upper()]) if match else 0
    if size < LIMIT_BYTES_MIN:
        raise BadLimit(f"`{text}` is not a memory limit: write 500M, 2G or 1.5GiB (at least 1M)")
    return size


@dataclass(slots=True)
class Use:
    """What a command used and was allowed, as evidence."""

    oom: bool = False
    oom_kills_before: int | None = None
    oom_kills_after: int | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None


@dataclass(slots=True)
class Limit:
    """One command's limit. `cgroup` is its own, `shared` the one that it lives in otherwise."""

    bytes: int | None
    cgroup: Path | None = None
    shared: Path | None = None
    note: str = ""
    before: int | None = None
    peak_bytes: int = 0
    ended_by_watch: bool = False
    _looked_at: float = field(default=0.0)

    @property
    def watching(self) -> bool:
        """Whether the launcher itself must look."""
        return self.bytes is not None and self.cgroup is None

    def enter(self) -> None:
        """Called in the child before it becomes the command."""
        if self.cgroup is not None:
            with (self.cgroup / "cgroup.procs").open("w") as out:
                out.write(str(os.getpid()))

    def look(self, pid: int) -> None:
        """End the command if its process tree is over the limit; only where there is no cgroup."""
        now = time.monotonic()
        if not self.watching or self.ended_by_watch or now - self._looked_at < WATCH_S:
            return
        self._looked_at = now
        used = tree_bytes(pid)
        self.peak_bytes = max(self.peak_bytes, used)
        if self.bytes is not None and used > self.bytes:
            self.ended_by_watch = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def use(self) -> Use:
        """What can be said once the command has ended."""
        group = self.cgroup or self.shared
        after = witness.oom_kills(group)
        kernel = after is not None and self.before is not None and after > self.before
        found = Use(kernel or self.ended_by_watch, self.before, after)
        found.memory_limit_bytes = self.bytes or witness.memory_limit(group)
        if self.cgroup is not None or kernel:
            found.memory_bytes = witness.memory_used(group)
        elif self.peak_bytes:
            found.memory_bytes = self.peak_bytes
        return found

    def remove(self) -> None:
        """The cgroup goes when the last process of it is gone; one that stays is left alone."""
        until = time.monotonic() + REMOVE_S
        while self.cgroup is not None:
            try:
                self.cgroup.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                if time.monotonic() > until:
                    return
                time.sleep(0.02)
            else:
                return


def limit(size: int | None) -> Limit:
    """The best limit that this machine offers."""
    shared = witness.cgroup_of(os.getpid())
    made = Limit(size, shared=shared)
    if size is not None:
        made.cgroup = _made(size)
        if made.cgroup is None:
            made.note = (
                "no memory cgroup can be made here; the launcher watches the memory of the "
                f"command itself, {1 / WATCH_S:.0f} times a second"
            )
    made.before = witness.oom_kills(made.cgroup or shared)
    return made


def _made(size: int) -> Path | None:
    """A new cgroup with this limit, beside or below ours, where the kernel and its owner let us."""
    name = f"heartline-{os.getpid()}-{time.monotonic_ns()}"
    for parent in _parents():
        path = parent / name
        try:
            path.mkdir()
        except OSError:
            continue
        if _limited(path, size):
            return path
        with contextlib.suppress(OSError):
            path.rmdir()
    return None


def _parents() -> list[Path]:
    """Cgroups that could hold ours: our own memory cgroup, then those above it."""
    own = witness.cgroup_of(os.getpid())
    if own is None:
        return []
    above = [each for each in own.parents if each.is_relative_to(CGROUPS) and each != CGROUPS]
    tops = [CGROUPS] if (CGROUPS / "cgroup.controllers").exists() and own != CGROUPS else []
    return [own, *above, *tops]


def _limited(path: Path, size: int) -> bool:
    """Whether the new cgroup took the limit and lets a process in."""
    two = (path / "memory.max").exists()
    one = (path / "memory.limit_in_bytes").exists()
    if not two and not one:
        return False
    try:
        (path / ("memory.max" if two else "memory.limit_in_bytes")).write_text(str(size))
        # Without this the kernel would page out instead of telling the truth about the limit.
        for extra, value in (("memory.swap.max", 0), ("memory.memsw.limit_in_bytes", size)):
            if (path / extra).exists():
                with contextlib.suppress(OSError):
                    (path / extra).write_text(str(value))
    except OSError:
        return False
    return os.access(path / "cgroup.procs", os.W_OK)


def tree_bytes(pid: int) -> int:
    """Resident memory of a process and all below it."""
    import psutil

    total = 0
    with contextlib.suppress(psutil.Error):
        root = psutil.Process(pid)
        for each in [root, *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                total += each.memory_info().rss
    return total
