"""What the training loop pays: import, init, log, finish; ours and the peers that are installed."""

import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.limited import limited
from benchmarks.peers import PEERS, Peer
from tests.server_process import running

ROOT = Path(__file__).parents[1]
Work = tuple[str, int, int]
ROUNDS, CELL_S = 3, 3.0
"""So many rounds of each measurement, but none begins when the former took so long together."""
PEER_S = 60
"""A peer that does not end by then is said so, and asked for nothing more."""
WORK = (
    ("tight", 1, 10_000),
    ("tight", 10, 10_000),
    ("tight", 100, 2_000),
    ("paced", 10, 300),
)
LONG = ("tight", 10, 100_000)
BUSY = ("busy", 10, 1_000)
"""Fewer: where a call hands the interpreter over, it waits 5 ms to get it back. The last, since a
peer that is stuck is asked for nothing more."""


def environment() -> dict[str, str]:
    """As users run it: with byte code kept, as pip compiles what it installs."""
    found = {k: v for k, v in os.environ.items() if not k.startswith(("HEARTLINE_", "WANDB_"))}
    found.pop("PYTHONDONTWRITEBYTECODE", None)
    return found


def measure(peer: Peer, work: Work, told: dict[str, str]) -> dict[str, Any]:
    """Medians of a few rounds, or the fault that ended them."""
    kind, keys, wanted = work
    calls = peer.calls(keys, wanted)
    words = [sys.executable, "-m", "benchmarks.child", peer.name, kind, str(keys), str(calls)]
    began, found = time.perf_counter(), list[dict[str, float]]()
    while len(found) < ROUNDS and (not found or time.perf_counter() - began < CELL_S):
        ended = limited(words, PEER_S, env=told, cwd=ROOT)
        lines = [line for line in ended.out.splitlines() if line.startswith('{"init_s"')]
        if ended.fault or not lines:
            return {"calls": calls, "fault": ended.fault or "printed no result"}
        found.append(json.loads(lines[-1]))
    return {"calls": calls, **{k: statistics.median(each[k] for each in found) for k in found[0]}}


def works(peer: Peer) -> list[Work]:
    """The long one only where it is longer than its short twin."""
    longer = peer.calls(*LONG[1:]) > peer.calls(*WORK[1][1:])
    return [*WORK, *([LONG] if longer else []), BUSY]


def importing(module: str, told: dict[str, str]) -> float:
    """Seconds that a whole process takes which only imports; the first one may compile."""
    took = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        limited([sys.executable, "-c", f"import {module}"], PEER_S, env=told)
        took.append(time.perf_counter() - began)
    return statistics.median(took[1:])


def run() -> dict[str, Any]:
    found: dict[str, Any] = {"import_s": {}, "work": {}}
    with running(Path(tempfile.mkdtemp(prefix="heartline-bench-"))) as server:
        told = {**environment(), "HEARTLINE_BASE_URL": server.base_url,
                "XDG_CONFIG_HOME": server.environment["XDG_CONFIG_HOME"]}  # fmt: skip
        for peer in PEERS:
            if importlib.util.find_spec(peer.module) is None:
                print(f"  {peer.name}: not installed", flush=True)
                continue
            if peer.module not in found["import_s"]:
                found["import_s"][peer.module] = importing(peer.module, told)
            for work in works(peer):
                began = time.perf_counter()
                result = measure(peer, work, told)
                found["work"].setdefault(titled(work), {})[peer.name] = result
                took = time.perf_counter() - began
                print(f"  {peer.name}, {titled(work)}: {took:.0f} s", flush=True)
                if fault := result.get("fault"):
                    print(f"  {peer.name} {fault}: asked for nothing more", flush=True)
                    break
    return found


def titled(work: Work) -> str:
    kind, keys, calls = work
    told = {"tight": "in a tight loop", "paced": "100 a second", "busy": "beside a busy thread"}
    return f"{keys} scalars {told[kind]}, {calls:,} calls"


def table(found: dict[str, Any]) -> list[list[str]]:
    head = ["init s", "log µs p50", "p99", "max", "finish s", "points/s", "CPU µs/point",
            "+ helpers", "MB", "+ helpers", "p50 ×"]  # fmt: skip
    rows = [["import, whole process", *("" for _ in head)]]
    for module, seconds in found["import_s"].items():
        rows.append([f"  {module}: {seconds:.3f} s", *("" for _ in head)])
    for title, results in found["work"].items():
        rows.append([title, *head])
        ours = results.get("heartline", {}).get("log_us_p50")
        asked = max(each["calls"] for each in results.values())
        for name, each in results.items():
            told = f"  {name}" if each["calls"] == asked else f"  {name}, {each['calls']:,} calls"
            if fault := each.get("fault"):
                rows.append([f"{told}: {fault}", *("" for _ in head)])
                continue
            rows.append([
                told, f"{each['init_s']:.3f}", f"{each['log_us_p50']:.2f}",
                f"{each['log_us_p99']:.1f}", f"{each['log_us_max']:.0f}",
                f"{each['finish_s']:.2f}", f"{each['points_per_s'] / 1000:,.1f} k",
                f"{each['own_cpu_us_per_point']:.2f}", f"{each['helper_cpu_us_per_point']:.2f}",
                f"{each['memory_mb']:.0f}", f"{each['helper_memory_mb']:.0f}",
                f"{each['log_us_p50'] / ours:.1f}" if ours else "",
            ])  # fmt: skip
    return rows
