"""What the training loop pays: import, init, log, finish; ours and the peers that are installed."""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.peers import PEERS
from tests.server_process import running

ROUNDS = 3
WORK = (
    ("tight", 1, 10_000),
    ("tight", 10, 10_000),
    ("tight", 100, 2_000),
    ("paced", 10, 300),
    ("busy", 10, 10_000),
)
LONG = ("tight", 10, 100_000)
SLOW = {"mlflow async": 500}
"""MLflow needs minutes for what the others do in a second; it is spared the long work."""


def environment() -> dict[str, str]:
    """As users run it: with byte code kept, as pip compiles what it installs."""
    found = {k: v for k, v in os.environ.items() if not k.startswith(("HEARTLINE_", "WANDB_"))}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def measure(
    name: str, work: tuple[str, int, int], told: dict[str, str], rounds: int = ROUNDS
) -> dict[str, float] | None:
    kind, keys, calls = work
    found = []
    for _ in range(rounds):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.child", name, kind, str(keys), str(calls)],
            capture_output=True, text=True, timeout=600, check=False, env=told,
        )  # fmt: skip
        lines = [line for line in done.stdout.splitlines() if line.startswith('{"init_s"')]
        if not lines:
            print(f"  {name}: {done.stderr.strip().splitlines()[-1:]}")
            return None
        found.append(json.loads(lines[-1]))
    return {key: statistics.median(each[key] for each in found) for key in found[0]}


def importing(module: str, told: dict[str, str]) -> float:
    """Seconds that a whole process takes which only imports; the first one may compile."""
    took = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True, env=told)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def run() -> dict[str, Any]:
    found: dict[str, Any] = {"import_s": {}, "work": {}}
    with running(Path(tempfile.mkdtemp(prefix="heartline-bench-"))) as server:
        told = {**environment(), "HEARTLINE_BASE_URL": server.base_url,
                "XDG_CONFIG_HOME": server.environment["XDG_CONFIG_HOME"]}  # fmt: skip
        for peer in PEERS:
            if importlib.util.find_spec(peer.module) is None:
                continue
            found["import_s"].setdefault(peer.module, importing(peer.module, told))
            most = SLOW.get(peer.name, LONG[2])
            works = [(kind, keys, min(calls, most)) for kind, keys, calls in WORK]
            for work in [*works, *([LONG] if most == LONG[2] else [])]:
                rounds = 1 if work == LONG else ROUNDS
                if (result := measure(peer.name, work, told, rounds)) is not None:
                    found["work"].setdefault(titled(work), {})[peer.name] = result
    return found


def titled(work: tuple[str, int, int]) -> str:
    kind, keys, calls = work
    told = {"tight": "in a tight loop", "paced": "100 a second", "busy": "beside a busy thread"}
    long = f", {calls:,} calls" if work == LONG else ""
    return f"{keys} scalars {told[kind]}{long}"


def table(found: dict[str, Any]) -> list[list[str]]:
    head = ["init s", "log µs p50", "p99", "max", "finish s", "points/s", "CPU µs/point",
            "+ helpers", "MB", "+ helpers", "p50 ×"]  # fmt: skip
    rows = [["import, whole process", *("" for _ in head)]]
    for module, seconds in found["import_s"].items():
        rows.append([f"  {module}: {seconds:.3f} s", *("" for _ in head)])
    for title, results in found["work"].items():
        rows.append([title, *head])
        ours = results.get("heartline")
        for name, each in results.items():
            rows.append([
                f"  {name}", f"{each['init_s']:.3f}", f"{each['log_us_p50']:.2f}",
                f"{each['log_us_p99']:.1f}", f"{each['log_us_max']:.0f}",
                f"{each['finish_s']:.2f}", f"{each['points_per_s'] / 1000:,.0f} k",
                f"{each['own_cpu_us_per_point']:.2f}", f"{each['helper_cpu_us_per_point']:.2f}",
                f"{each['memory_mb']:.0f}", f"{each['helper_memory_mb']:.0f}",
                f"{each['log_us_p50'] / ours['log_us_p50']:.1f}" if ours else "",
            ])  # fmt: skip
    return rows
