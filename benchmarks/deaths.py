"""From death to the state on the server: real processes, the server's own time stamps."""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.server_process import ServerProcess

ROUNDS = int(os.environ.get("HEARTLINE_DEATHS", "20"))
CODE = """
import os, sys, time, heartline
run = heartline.init(project="deaths", name=sys.argv[1], settings={"silent": True})
for step in range(50):
    run.log({"loss": 1 / (step + 1)})
print("ready", flush=True)
sys.stdin.readline()
if sys.argv[2] == "exit 3": sys.exit(3)
if sys.argv[2] == "exception": raise ValueError("x")
if sys.argv[2] == "finish": run.finish()
"""
KINDS: dict[str, signal.Signals | None] = {
    "SIGKILL": signal.SIGKILL,
    "SIGTERM": signal.SIGTERM,
    "SIGSEGV": signal.SIGSEGV,
    "Ctrl-C": signal.SIGINT,
    "exit 3": None,
    "exception": None,
}


def one(server: ServerProcess, kind: str, number: int, launcher: bool) -> tuple[float, str]:
    name = f"{kind}-{number}-{launcher}"
    words = [sys.executable, "-c", CODE, name, kind]
    if launcher:
        words = [sys.executable, "-m", "heartline.cli.main", "run", "--", *words]
    environment = {**server.environment, "HEARTLINE_DIR": tempfile.mkdtemp()}
    process = subprocess.Popen(
        words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.3)
    died = time.time()
    sent = KINDS[kind]
    if sent is not None:
        os.kill(_trainer(process.pid) if launcher else process.pid, sent)
    else:
        process.stdin.write("\n")
        process.stdin.flush()
    process.wait(timeout=60)
    return _told(server, name, died)


def _trainer(launcher: int) -> int:
    """The launcher's own child is the training."""
    children = Path(f"/proc/{launcher}/task/{launcher}/children").read_text().split()
    return int(children[0])


def _told(server: ServerProcess, name: str, died: float) -> tuple[float, str]:
    with server.client() as client:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            body = {"filters": {"name": name}}
            found = client.post("/api/v1/runs/query", json=body).json().get("runs", [])
            if found and found[0]["state"] not in {"pending", "running"}:
                run = found[0]
                told = f"{run['state']} ({run['cause']}, {run['confidence']})"
                return run["since"] / 1000 - died, told
            time.sleep(0.02)
    raise httpx.TimeoutException(name)


def run() -> dict[str, Any]:
    server = ServerProcess(Path(tempfile.mkdtemp(prefix="heartline-bench-"))).start()
    found: dict[str, Any] = {}
    for launcher in (False, True):
        for kind in KINDS:
            took = [one(server, kind, n, launcher) for n in range(ROUNDS)]
            times = sorted(seconds for seconds, _ in took)
            found[f"{kind}{', launcher' if launcher else ''}"] = {
                "state": sorted({state for _, state in took}),
                "p50_s": statistics.median(times),
                "max_s": times[-1],
            }
    server.stop()
    return found


def table(found: dict[str, Any]) -> list[list[str]]:
    rows = [["death", "state (cause, confidence)", "p50 s", "max s"]]
    for name, told in found.items():
        rows.append(
            [name, " / ".join(told["state"]), f"{told['p50_s']:.3f}", f"{told['max_s']:.3f}"]
        )
    return rows
