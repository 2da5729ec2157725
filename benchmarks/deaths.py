"""From death to the state on the server: real processes in every mode, the server's own stamps.

Each way to end of `tests/sdk/test_deaths.py` as the account that runs this, as another account
(where root runs this), under the launcher, and as the first process of a container where it is no
signal, which would end its witness as well. A latency is from the kernel's word that the
process is gone to the moment since which the server shows its state.
"""

import contextlib
import os
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.sdk.test_containers import ROOMS, has_rooms
from tests.sdk.test_deaths import DEATHS, TERMINAL, python_for_all
from tests.server_process import ServerProcess

ROUNDS = int(os.environ.get("HEARTLINE_DEATHS", "2"))
PATIENCE_S = 30.0
NOBODY = 65_534
LAUNCHER = [sys.executable, "-m", "heartline.cli.main", "run"]
SCRIPT = Path(__file__).parents[1] / "tests" / "sdk" / "scripts" / "dies.py"
OOM = (
    "import heartline\nrun = heartline.init(project='deaths', name='out of memory')\n"
    "run.log({'loss': 1.0})\ninput()\nhold = []\n"
    "while True: hold.append(bytearray(b'x' * 2**20))\n"
)


class Scene:
    """One server, and a place where any account finds the package and leaves its spools."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="heartline-deaths-"))
        self.home.chmod(0o755)
        self.server = ServerProcess(self.home / "server")
        self.server.home.mkdir()
        self.server.start()
        self.python = python_for_all() if os.getuid() == 0 else None
        self.api = self.server.client()

    def place(self, owner: int | None) -> Path:
        """A new directory for the spools of one process."""
        made = Path(tempfile.mkdtemp(dir=self.home))
        if owner is not None:
            os.chown(made, owner, owner)
        return made

    def packages(self) -> Path:
        """Copies, since the checkout may lie where only its owner may look."""
        import msgspec
        import psutil

        import heartline

        target = self.home / "packages"
        if not target.exists():
            for module in (heartline, msgspec, psutil):
                shutil.copytree(
                    Path(str(module.__file__)).parent, target / module.__name__,
                    ignore=shutil.ignore_patterns("__pycache__", "static"),
                )  # fmt: skip
            shutil.copy(SCRIPT, target / "dies.py")
        return target

    def close(self) -> None:
        self.api.close()
        self.server.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def start(self, mode: str, words: list[str], told: dict[str, str]) -> "subprocess.Popen[bytes]":
        other = mode == "another user"
        place = self.place(NOBODY if other else None)
        environment = {**self.server.environment, "HEARTLINE_DIR": str(place), **told}
        more: dict[str, Any] = {}
        if other:
            environment |= {
                "HEARTLINE_API_KEY": self.server.api_key, "XDG_CONFIG_HOME": str(place),
                "HEARTLINE_ENTITY": self.server.entity, "HOME": str(place),
                "PYTHONPATH": str(self.packages()), "PYTHONDONTWRITEBYTECODE": "1",
            }  # fmt: skip
            more = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "cwd": "/"}
        return subprocess.Popen(
            words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, **more,
        )  # fmt: skip


def modes_of(scene: Scene) -> list[str]:
    """Those that this machine and account allow."""
    other = ["another user"] if scene.python else []
    return ["plain", *other, "launcher", *(["container"] if has_rooms() else [])]


def is_told(kind: str, cause: str, mode: str) -> bool:
    """Whether anybody is left in this mode who could tell of this death."""
    if mode == "container":
        return cause != "signal" and kind != "exec"
    return kind != "out of memory" or mode == "launcher"


def trainer(process: "subprocess.Popen[bytes]", mode: str) -> int:
    """The training itself: the launcher's own child, or the first process of a container."""
    if mode not in {"launcher", "container"}:
        return process.pid
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := children.read_text().split():
            return int(found[0])
        time.sleep(0.002)
    raise TimeoutError(f"{mode}: nothing was started")


def died_at(pidfd: int) -> float:
    """The moment when the kernel says that it is gone."""
    if not select.select([pidfd], [], [], PATIENCE_S)[0]:
        raise TimeoutError("the training does not end")
    return time.time()


def one(scene: Scene, mode: str, kind: str) -> tuple[float, str]:
    """One death: seconds from it to its state, and the state as told."""
    python = str(scene.python) if mode == "another user" else sys.executable
    script = str(scene.packages() / "dies.py") if mode == "another user" else str(SCRIPT)
    words = [python, "-c", OOM] if kind == "out of memory" else [python, script, kind, "when told"]
    if mode == "launcher":
        limit = ["--memory", "300M"] if kind == "out of memory" else []
        words = [*LAUNCHER, *limit, "--", *words]
    elif mode == "container":
        words = [*ROOMS, *words]
    run_id = f"d{time.monotonic_ns()}"
    process = scene.start(mode, words, {"HEARTLINE_RUN_ID": run_id})
    assert process.stdin is not None
    pidfd = os.pidfd_open(trainer(process, mode))
    try:
        state_of(scene, run_id, {"running"})
        with contextlib.closing(process.stdin):
            process.stdin.write(b"now\n")
        died = died_at(pidfd)
        since, told = state_of(scene, run_id, TERMINAL)
        process.wait(timeout=PATIENCE_S)
    finally:
        os.close(pidfd)
    return since - died, told


def state_of(scene: Scene, run_id: str, wanted: set[str]) -> tuple[float, str]:
    """Since when it is in one of these states, and what is told of it."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = scene.api.get(f"/api/v1/runs/{scene.server.entity}/deaths/{run_id}")
        run = answer.json()["run"] if answer.status_code == 200 else {"state": ""}
        if run["state"] in wanted and (run["last_step"] >= 0 or "running" not in wanted):
            told = f"{run['state']} ({run['cause']}, {run['confidence']})"
            return run["since"] / 1000, told
        time.sleep(0.01)
    raise TimeoutError(f"run {run_id} is never {' or '.join(sorted(wanted))}")


def run() -> dict[str, Any]:
    # Started in the background we may have been told to ignore what our trainings shall die of.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    scene = Scene()
    modes = modes_of(scene)
    deaths: dict[str, Any] = {}
    try:
        for kind, _, cause, _ in [*DEATHS, ("out of memory", "", "signal", "")]:
            for mode in modes:
                if not is_told(kind, cause, mode):
                    continue
                took = [one(scene, mode, kind) for _ in range(ROUNDS)]
                deaths.setdefault(kind, {})[mode] = {
                    "told": sorted({told for _, told in took}),
                    "latencies_s": [seconds for seconds, _ in took],
                }
    finally:
        scene.close()
    return {"account": "root" if os.getuid() == 0 else "not root", "deaths": deaths}


def table(found: dict[str, Any]) -> list[list[str]]:
    modes = list(next(iter(found["deaths"].values())))
    rows = [["death", "state (cause, confidence)", *(f"{mode} p50 ms" for mode in modes)]]
    every: dict[str, list[float]] = {mode: [] for mode in modes}
    for kind, told in found["deaths"].items():
        states = sorted({state for each in told.values() for state in each["told"]})
        cells = []
        for mode in modes:
            took = [max(0.0, s) * 1000 for s in told.get(mode, {}).get("latencies_s", [])]
            every[mode] += took
            cells.append(f"{statistics.median(took):.0f}" if took else "-")
        rows.append([kind, " / ".join(states), *cells])
    for name, share in (("all deaths, p50", 0.5), ("all deaths, p99", 0.99)):
        rows.append([name, "", *(f"{_quantile(every[mode], share):.0f}" for mode in modes)])
    return rows


def _quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
