"""`python -m benchmarks [PART…]`: measure, print, keep as JSON; without words every part.

Each part is a process of its own with a limit, so that one that hangs or breaks is said so and
the others are measured all the same; a part that is not in the first list is asked for by name.
"""

import importlib
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.limited import adopt, kill_children, limited
from benchmarks.summary import rows_of

PARTS = {
    "client": 420, "deaths": 300, "server": 300, "sweeps": 180, "wandb": 240, "app": 240,
    "app_peers": 600,
}  # fmt: skip
"""The most seconds that each may take, on a machine that does other things too."""
BY_NAME = {"soak": 1_500, "kills": 3_000, "worlds": 1_500}
RESULTS = Path(__file__).parent / "results"
ALONE = "--alone"


def show(rows: list[list[str]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells).rstrip())
    print(flush=True)


def alone(name: str, target: str) -> None:
    """One part in this process; its result as JSON in a file."""
    part = importlib.import_module(f"benchmarks.{name}")
    result = part.run()
    show(part.table(result))
    Path(target).write_text(json.dumps(result), encoding="utf-8")


def measured(name: str, limit_s: float) -> dict[str, Any]:
    """A part's result, or its fault, and how long it took."""
    print(f"== {name} (at most {limit_s:.0f} s)", flush=True)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as place:
        target = Path(place) / "result.json"
        words = [sys.executable, "-m", "benchmarks", ALONE, name, str(target)]
        fault = limited(words, limit_s, shown=True).fault
        kill_children(os.getpid())
        result = json.loads(target.read_text(encoding="utf-8")) if target.exists() else None
    took = time.perf_counter() - began
    if fault:
        print(f"== {name} {fault}\n", flush=True)
    return {"took_s": took, "fault": fault, "result": result}


def main() -> None:
    known = PARTS | BY_NAME
    if unknown := [name for name in sys.argv[1:] if name not in known]:
        sys.exit(f"no part {', '.join(unknown)}; there are {', '.join(known)}")
    adopt()
    found = {name: measured(name, known[name]) for name in sys.argv[1:] or PARTS}
    show(rows_of({name: each["result"] for name, each in found.items() if each["result"]}))
    show([["part", "s", "fault"],
          *([name, f"{each['took_s']:.0f}", each["fault"] or "-"] for name, each in found.items()),
          ["all", f"{sum(each['took_s'] for each in found.values()):.0f}", ""]])  # fmt: skip
    about = {"machine": platform.platform(), "python": platform.python_version(), "at": time.time()}
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / "latest.json"
    target.write_text(json.dumps({**about, **found}, indent=2), encoding="utf-8")
    print(f"kept in {os.path.relpath(target)}")
    sys.exit(any(each["fault"] for each in found.values()))


if __name__ == "__main__":
    if sys.argv[1:2] == [ALONE]:
        alone(*sys.argv[2:])
    else:
        main()
