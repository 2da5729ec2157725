"""Who tends a spool: the internal process holds a lock on it while it lives. Never waits for it."""

import fcntl
import os
from pathlib import Path

from heartline.sdk import birth as born
from heartline.sdk import witness
from heartline.sdk.tail import streams

FILE = "tended"


def tend(directory: Path) -> int:
    """Hold the lock until we end, however we end; -1 if another holds it or there is no lock."""
    try:
        lock = os.open(directory / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
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
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(lock)


def has_workers(directory: Path) -> bool:
    """Whether a forked worker that has logged into this spool still lives."""
    names = [each.split("-") for each in streams(directory)]
    pids = [int(each[1]) for each in names if each[0] == born.FORK]
    return any(witness.process_state(pid) not in {"", "Z", "X"} for pid in pids)
