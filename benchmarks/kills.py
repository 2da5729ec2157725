"""SIGKILL at random moments: calls of `log` that had returned, beside the rows on the server.

The stories of `tests/sdk/test_kills.py`, each with `HEARTLINE_KILLS` kills (200), from a seed of
its own each time (`HEARTLINE_SEED`); one row that is missing, doubled or out of order ends it.
"""

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.sdk import test_kills as stories
from tests.server_process import running

KILLS = int(os.environ.get("HEARTLINE_KILLS", "200"))
SEED = int(os.environ.get("HEARTLINE_SEED", str(time.time_ns() % 1_000_000)))
STORIES = {
    "trainer": stories.killed_trainers,
    "trainer and internal process": stories.killed_both,
    "internal process": stories.killed_internals,
    "server during ingest": stories.killed_servers,
}


def run() -> dict[str, Any]:
    killed: dict[str, Any] = {}
    for name, story in STORIES.items():
        place = Path(tempfile.mkdtemp(prefix="heartline-kills-"))
        began, load = time.perf_counter(), os.getloadavg()[0]
        with running(place / "server") as server:
            found = story(server, place, KILLS, SEED)
        killed[name] = {
            "kills": found.kills, "acknowledged": found.acknowledged,
            "recovered": found.recovered, "took_s": time.perf_counter() - began, "load": load,
        }  # fmt: skip
        print(f"  {name}: {found.kills} kills, {killed[name]['took_s']:.0f} s", flush=True)
    return {"seed": SEED, "killed": killed}


def table(found: dict[str, Any]) -> list[list[str]]:
    rows = [["killed", "kills", "acknowledged", "recovered", "lost", "s", "load before"]]
    for name, each in found["killed"].items():
        lost = max(0, each["acknowledged"] - each["recovered"])
        rows.append([
            name, str(each["kills"]), f"{each['acknowledged']:,}", f"{each['recovered']:,}",
            str(lost), f"{each['took_s']:.0f}", f"{each['load']:.1f}",
        ])  # fmt: skip
    return rows
