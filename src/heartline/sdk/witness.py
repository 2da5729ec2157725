"""What the kernel says about a process that is watched from outside. Never concludes.

Sources, best first: PIDFD_GET_INFO (Linux 6.15: exit status for a non-parent), the zombie's line
in /proc, the cgroup's out-of-memory counter and the kernel's log.
"""

import os
import select
import signal
import struct
from dataclasses import dataclass
from pathlib import Path

_INFO = struct.Struct("<QQ11Ii")
_GET_INFO = (3 << 30) | (_INFO.size << 16) | (0xFF << 8) | 11
_EXIT = 1 << 3
_SESSION_FIELD, _START_FIELD, _EXIT_CODE_FIELD = 3, 19, 49
"""`session`, `starttime`, `exit_code`: fields 6, 22, 52 of /proc/PID/stat, after the name."""
KERNEL_LOG_BYTES_MAX = 4 * 2**20
CLOCK_US = 1_000_000
"""The log's clock and ours are read at different places: they differ by less than this."""
FIRST_PID_NAMESPACE = "pid:[4026531836]"


@dataclass(frozen=True, slots=True)
class End:
    """How a process ended, by the kernel's own record."""

    exit_code: int | None
    signal: str | None
    core_dumped: bool | None
    source: str


def from_status(status: int, source: str) -> End:
    """A wait status as exit code or signal."""
    if os.WIFSIGNALED(status):
        return End(None, signal_name(os.WTERMSIG(status)), os.WCOREDUMP(status), source)
    return End(os.WEXITSTATUS(status), None, None, source)


def signal_name(number: int) -> str:
    """SIGTERM for 15; real-time signals by number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def alive(pidfd: int, pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    if pidfd < 0:
        return process_state(pid) not in {"", "Z", "X"}
    return not select.select([pidfd], [], [], 0)[0]


def kernel_record(pidfd: int, pid: int) -> End | None:
    """The exit status, if the kernel tells it to us: once reaped by pidfd, before that by /proc."""
    if pidfd >= 0:
        import fcntl

        buffer = bytearray(_INFO.size)
        _INFO.pack_into(buffer, 0, _EXIT, *([0] * 13))
        try:
            fcntl.ioctl(pidfd, _GET_INFO, buffer)
        except OSError:
            pass
        else:
            found = _INFO.unpack(buffer)
            if found[0] & _EXIT:
                return from_status(found[-1], "pidfd")
    fields = _stat(pid)
    if fields and fields[0] == "Z" and len(fields) > _EXIT_CODE_FIELD:
        return from_status(int(fields[_EXIT_CODE_FIELD]), "zombie")
    return None


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def process_state(pid: int) -> str:
    """R, S, D, T (stopped), Z (zombie) …; empty when the process is gone."""
    fields = _stat(pid)
    return fields[0] if fields else ""


def session(pid: int) -> int:
    """The session that a process belongs to (0: one from outside); -1 when it is gone."""
    fields = _stat(pid)
    return int(fields[_SESSION_FIELD]) if len(fields) > _SESSION_FIELD else -1


def started(pid: int) -> str:
    """When a process began, in ticks since the boot: its number alone may come again."""
    fields = _stat(pid)
    return fields[_START_FIELD] if len(fields) > _START_FIELD else ""


def cgroup_of(pid: int) -> Path | None:
    """The directory of a process's memory cgroup (v2, else v1)."""
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    for line in lines:
        _, names, path = line.split(":", 2)
        root = Path("/sys/fs/cgroup/memory" if "memory" in names.split(",") else "/sys/fs/cgroup")
        if (not names or "memory" in names.split(",")) and (root / path.lstrip("/")).is_dir():
            return root / path.lstrip("/")
    return None


def oom_kills(cgroup: Path | None) -> int | None:
    """How often the kernel has killed in this cgroup for want of memory."""
    if cgroup is None:
        return None
    for name in ("memory.events.local", "memory.events", "memory.oom_control"):
        try:
            for line in (cgroup / name).read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition(" ")
                if key == "oom_kill":
                    return int(value)
        except (OSError, ValueError):
            continue
    return None


def memory_limit(cgroup: Path | None) -> int | None:
    """The cgroup's limit in bytes, if it has one."""
    for name in ("memory.max", "memory.limit_in_bytes"):
        value = number_in(cgroup, name)
        if value is not None and value < 1 << 60:
            return value
    return None


def memory_used(cgroup: Path | None) -> int | None:
    """What the cgroup has used at most, in bytes."""
    for name in ("memory.peak", "memory.max_usage_in_bytes", "memory.current"):
        value = number_in(cgroup, name)
        if value is not None:
            return value
    return None


def number_in(cgroup: Path | None, name: str) -> int | None:
    """The number that a file of the cgroup holds."""
    if cgroup is None:
        return None
    try:
        return int((cgroup / name).read_text(encoding="utf-8").strip())
    except (OSError, ValueError):
        return None


def kernel_log_names(pid: int, since_us: int) -> bool:
    """Whether the kernel's log says that it killed this process for want of memory since then."""
    if not is_first_namespace():
        return False
    try:
        log = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return _names(log, b"Killed process %d " % pid, since_us)
    finally:
        os.close(log)


def _names(log: int, wanted: bytes, since_us: int) -> bool:
    seen = 0
    while seen < KERNEL_LOG_BYTES_MAX:
        try:
            record = os.read(log, 8192)
        except BrokenPipeError:
            # Records were overwritten before we read them: go on with the oldest there is.
            continue
        except OSError:
            return False
        seen += len(record)
        at = record.split(b",", 3)[2:3]
        if wanted in record and at and at[0].isdigit() and int(at[0]) >= since_us - CLOCK_US:
            return True
    return False


def is_first_namespace() -> bool:
    """Elsewhere the kernel's log counts processes by other numbers than ours."""
    return namespace() == FIRST_PID_NAMESPACE


def namespace() -> str:
    """Within what processes are numbered here: a container has numbers of its own."""
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def boot_id() -> str:
    """Which start of this machine it is."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
