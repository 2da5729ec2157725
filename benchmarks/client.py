"""What the training loop pays: import, init, log, finish; ours and the peers that are installed."""

import importlib.util
import json
import statistics
import subprocess
import sys
from typing import Any

from benchmarks.peers import PEERS

ROUNDS = 3
SIZES = ((1, 10_000), (10, 10_000), (100, 2_000))


def measure(name: str, keys: int, calls: int) -> dict[str, float] | None:
    rounds = []
    for _ in range(ROUNDS):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.child", name, str(keys), str(calls)],
            capture_output=True, text=True, timeout=600, check=False,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"import_s"')]
        if done.returncode != 0 or not lines:
            print(f"  {name}: {done.stderr.strip().splitlines()[-1:]}")
            return None
        rounds.append(json.loads(lines[-1]))
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}


def run() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for peer in PEERS:
        if importlib.util.find_spec(peer.module) is None:
            continue
        for keys, calls in SIZES:
            # MLflow needs minutes for what the others do in a second.
            result = measure(peer.name, keys, min(calls, 500 if "mlflow" in peer.name else calls))
            if result is not None:
                found[f"{peer.name}, {keys} scalars"] = result
    return found


def table(found: dict[str, Any]) -> list[list[str]]:
    rows = [
        ["", "import s", "init s", "log µs p50", "p99", "max", "finish s", "CPU µs/call", "p50 ×"]
    ]
    for name, result in found.items():
        ours = found.get(f"heartline, {name.rsplit(', ', 1)[1]}", result)
        rows.append(
            [
                name, f"{result['import_s']:.3f}", f"{result['init_s']:.3f}",
                f"{result['log_us_p50']:.2f}", f"{result['log_us_p99']:.1f}",
                f"{result['log_us_max']:.0f}", f"{result['finish_s']:.2f}",
                f"{result['cpu_us_per_call']:.1f}",
                f"{result['log_us_p50'] / ours['log_us_p50']:.1f}",
            ]
        )  # fmt: skip
    return rows
