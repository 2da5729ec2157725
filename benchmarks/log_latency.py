"""What `run.log()` costs its caller: microseconds per call, without and beside other work.

    python -m benchmarks.log_latency [--calls 10000] [--json latency.json]

Runs offline, so that it measures the promise of `log()` and nothing of a network. Each cell is one
fresh process; import, init, the internal process and its memory are measured beside it.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SCALARS = (1, 10, 100)
KINDS = ("tight loop", "paced at 100 Hz", "beside a busy thread")
PACED_CALLS = 300
CHILD = """
import gc, json, os, sys, threading, time
kind, scalars, calls, place = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
began = time.perf_counter()
import heartline
imported = time.perf_counter()
settings = {"silent": True, "system_metrics": False, "git": False, "packages": False}
run = heartline.init(project="p", mode="offline", dir=place, settings=settings)
opened = time.perf_counter()
pid = run._internal.pid
ready = time.perf_counter()
data = {f"train/metric_{n}": n * 1.1 for n in range(scalars)}
clock, log = time.perf_counter_ns, run.log
for _ in range(200):
    log(data)
if "busy" in kind:
    def busy():
        while True:
            sum(range(1000))
    threading.Thread(target=busy, daemon=True).start()
    sys.setswitchinterval(0.005)
took = [0] * calls
for n in range(calls):
    if "paced" in kind:
        time.sleep(0.01)
    start = clock()
    log(data)
    took[n] = clock() - start
took.sort()
smaps = open(f"/proc/{pid}/status").read()
said = {
    "p50_us": took[calls // 2] / 1e3, "p99_us": took[calls * 99 // 100] / 1e3,
    "max_us": took[-1] / 1e3, "lost": run.lost, "import_ms": (imported - began) * 1e3,
    "init_ms": (opened - imported) * 1e3, "ready_ms": (ready - imported) * 1e3,
    "internal_mb": int(smaps.split("VmRSS:")[1].split()[0]) / 1024,
}
print(json.dumps(said), flush=True)
run.finish()
"""


def measured(kind: str, scalars: int, calls: int) -> dict[str, float]:
    """One cell, in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        wanted = min(calls, PACED_CALLS) if "paced" in kind else calls
        done = subprocess.run(
            [sys.executable, "-c", CHILD, kind, str(scalars), str(wanted), place],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure, print, and keep as JSON if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    table = {}
    print(f"{'log(), microseconds':24}" + "".join(f"{n:>7} scalars p50/p99/max" for n in SCALARS))
    for kind in KINDS:
        cells = [measured(kind, n, said.calls) for n in SCALARS]
        table[kind] = dict(zip(map(str, SCALARS), cells, strict=True))
        told = (f"{c['p50_us']:.2f} / {c['p99_us']:.1f} / {c['max_us']:.0f}" for c in cells)
        print(f"{kind:24}" + "".join(f"{each:>30}" for each in told), flush=True)
    every = sorted(
        (cell for row in table.values() for cell in row.values()), key=lambda c: c["init_ms"]
    )
    middle = every[len(every) // 2]
    print(
        f"init {middle['init_ms']:.1f} ms, internal process ready after {middle['ready_ms']:.0f} ms "
        f"with {middle['internal_mb']:.1f} MB, records lost {sum(c['lost'] for c in every):.0f}"
    )
    if said.json is not None:
        said.json.write_text(json.dumps(table, indent=2))


if __name__ == "__main__":
    main()
