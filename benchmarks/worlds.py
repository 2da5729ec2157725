"""The simulator's speed on one core, and how many of the bugs planted on purpose are found.

Whole worlds from seeds that no test has had yet (`HEARTLINE_SEED` says which was the first), for
`HEARTLINE_WORLDS_S` seconds (60) each of runs and of sweeps; then every planted bug, hunted alone.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.mutants.hunt import FOUND
from tests.mutants.test_planted import ALL, hunt, plant
from tests.simulation import sweep_world, world

SECONDS = float(os.environ.get("HEARTLINE_WORLDS_S", "60"))
SEED = int(os.environ.get("HEARTLINE_SEED", str(time.time_ns() % 10**9)))
WORLDS: dict[str, Callable[[int], object]] = {"runs": world.play, "sweeps": sweep_world.play}


def played(play: Callable[[int], object]) -> dict[str, float]:
    """Worlds without a broken law; the first that breaks one ends it, with its seed."""
    count, began, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - began < SECONDS:
        try:
            play(SEED + count)
        except AssertionError as broken:
            raise AssertionError(f"world {SEED + count}: {broken}") from broken
        count += 1
    spent = time.process_time() - cpu
    return {
        "worlds": count,
        "per_s": count / (time.perf_counter() - began),
        "per_cpu_s": count / spent,
    }


def run() -> dict[str, Any]:
    found: dict[str, Any] = {"seed": SEED, "load": os.getloadavg()[0]}
    found["worlds"] = {name: played(play) for name, play in WORLDS.items()}
    found["missed"], found["planted"], began = [], len(ALL), time.perf_counter()
    for hunter, name, *where in ALL:
        with tempfile.TemporaryDirectory() as place:
            if hunt(plant(Path(place), name, *where), hunter).returncode != FOUND:
                found["missed"].append(name)
    found["hunted_s"] = time.perf_counter() - began
    return found


def table(found: dict[str, Any]) -> list[list[str]]:
    rows = [["worlds of", "played", "per second", "per CPU second"]]
    for name, each in found["worlds"].items():
        rows.append([
            name, f"{each['worlds']:,.0f}", f"{each['per_s']:.0f}", f"{each['per_cpu_s']:.0f}",
        ])  # fmt: skip
    hits = found["planted"] - len(found["missed"])
    rows.append(["planted bugs found", f"{hits} of {found['planted']}", "", ""])
    return rows + [[f"  missed: {name}", "", "", ""] for name in found["missed"]]
