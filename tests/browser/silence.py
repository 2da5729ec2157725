"""A long silence without waiting: what was heard of a run grows old in the store.

Never tells the server anything; it reads the run as it finds it.
"""

import sqlite3
from dataclasses import replace

from heartline.adapters.sql.rows import LIFE, narrow
from heartline.core.lifecycle.time import Instant
from heartline.server.wiring import DATABASE
from tests.server_process import ServerProcess

SELDOM_MS = 600_000
"""A heartbeat so seldom that the lease outlives every test."""
SILENCE_MS = 2 * SELDOM_MS + 60_000
_FOUND = "SELECT l.run, l.life, l.version FROM lives l JOIN runs r ON r.key = l.run WHERE r.id = ?"
_AGED = (
    "UPDATE lives SET life = ?, deadline = ?, version = version + 1 WHERE run = ? AND version = ?"
)


def fall_silent(server: ServerProcess, *runs: str) -> None:
    """Runs that declared `SELDOM_MS` were last heard longer ago than two of their heartbeats."""
    database = sqlite3.connect(server.home / "data/heartline" / DATABASE)
    try:
        for run in runs:
            key, stored, version = database.execute(_FOUND, (run,)).fetchone()
            life = LIFE.decode(stored)
            aged = [replace(w, heard_at=Instant(w.heard_at - SILENCE_MS)) for w in life.writers]
            told = narrow(replace(life, writers=tuple(aged)), None, 0)
            made = database.execute(_AGED, (told["life"], told["deadline"], key, version))
            assert made.rowcount == 1, f"{run} was written to meanwhile"
        database.commit()
    finally:
        database.close()
