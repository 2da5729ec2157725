"""Who tends a spool: the internal process holds a lock on it while it lives. Never waits for the lock."""

import contextlib
import os
import time
from pathlib import Path

from heartline.sdk import birth as born
from heartline.sdk import witness

FILE = "tended"
PULSE_S = 5.0
LOOK_S = 0.1


def _hold(lock: int) -> None:
    # Here, so that a script whose run is disabled needs no system that has it.
    import fcntl

    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def tend(directory: Path) -> int:
    """Hold the lock until we end, however we end; -1 if another holds it or there is no lock."""
    try:
        lock = os.open(directory / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1
    try:
        _hold(lock)
    except OSError:
        os.close(lock)
        return -1
    return lock


def is_tended(directory: Path) -> bool:
    """Whether an internal process lives that writes verdicts for this spool."""
    try:
        lock = os.open(directory / FILE, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        _hold(lock)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def pulse(directory: Path) -> None:
    """Seen by other machines as well, which locks do not always reach; `PULSE_S` apart."""
    with contextlib.suppress(OSError):
        os.utime(directory / FILE)


def has_pulse(directory: Path, within_s: float) -> bool:
    """Whether an internal process shows that it lives, wherever that is. Compares no clocks."""
    until = time.monotonic() + within_s
    first = _touched(directory)
    while first and time.monotonic() < until:
        if _touched(directory) != first:
            return True
        time.sleep(LOOK_S)
    return False


def _touched(directory: Path) -> int:
    try:
        return (directory / FILE).stat().st_mtime_ns
    except OSError:
        return 0


def announce(directory: Path, worker: str) -> None:
    """A forked worker was born that may yet log: an empty file, since most never do."""
    with contextlib.suppress(OSError):
        os.close(os.open(directory / worker, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))


def workers(directory: Path) -> set[int]:
    """The process ids of all forked workers who have logged into this spool, or might."""
    return {int(each.name.split("-")[1]) for each in directory.glob(f"{born.FORK}-*")}


def is_alive(pid: int) -> bool:
    """Whether a process still runs."""
    return witness.process_state(pid) not in {"", "Z", "X"}
