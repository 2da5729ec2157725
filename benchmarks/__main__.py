"""`python -m benchmarks [client] [deaths] [server] [sweeps] [wandb]`: measure, print, keep as JSON."""

import json
import platform
import sys
import time
from pathlib import Path

from benchmarks import client, deaths, server, sweeps, wandb

PARTS = {"client": client, "deaths": deaths, "server": server, "sweeps": sweeps, "wandb": wandb}
RESULTS = Path(__file__).parent / "results"


def show(rows: list[list[str]]) -> None:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
        ]
        print("  ".join(cells))
    print()


def main() -> None:
    names = [name for name in sys.argv[1:] if name in PARTS] or list(PARTS)
    found = {"machine": platform.platform(), "python": platform.python_version(), "at": time.time()}
    for name in names:
        print(f"== {name}", flush=True)
        result = PARTS[name].run()
        show(PARTS[name].table(result))
        found[name] = result
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / "latest.json"
    target.write_text(json.dumps(found, indent=2))
    print(
        f"kept in {target.relative_to(Path.cwd()) if target.is_relative_to(Path.cwd()) else target}"
    )


if __name__ == "__main__":
    main()
