"""A program that becomes a daemon goes on in a process that it forked. Never follows a worker.

Daemons begin a session of their own, which workers do not: they end with their parent's work.
"""

import contextlib
import os
import time
from pathlib import Path
from typing import Any

from heartline.sdk import exits, tending, witness

SETTLE_S = 0.3
POLL_S = 0.005


def find(
    directory: Path, session: int, notes: list[dict[str, Any]], end: witness.End | None
) -> int:
    """The process in which a program goes on that left without a word; 0 if it just ended."""
    told = any(note.keys() & {"finish", "exception", "interrupt"} for note in notes)
    if told or session < 0 or (end is not None and end.exit_code != 0):
        return 0
    until = time.monotonic() + SETTLE_S
    while alive := [pid for pid in tending.workers(directory) if tending.is_alive(pid)]:
        for pid in alive:
            if witness.session(pid) not in {session, -1}:
                return pid
        if time.monotonic() > until:
            return 0
        time.sleep(POLL_S)
    return 0


def inherit(directory: Path, notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is still true of the program when the first process of it has left."""
    with contextlib.suppress(OSError):
        os.unlink(directory / exits.FILE)
    return [{k: v for k, v in note.items() if k != "exit_code"} for note in notes]
