"""Sweeps: trials handed out per second to 100 agents, and how well bayes searches beside others.

The three functions are standard ones, each searched for the same number of trials over 20 seeds:
chance, ours one trial at a time, ours with eight agents at once, and Optuna's own loop alone.
"""

import heapq
import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import optuna

from heartline.adapters.search import Seeded, Seeker
from heartline.client.transport import Connection
from heartline.core.sweep.config import SweepConfig, read
from heartline.core.sweep.search import Known, Told, draw

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.server_process import ServerProcess

AGENTS, HANDING_S = 100, 10.0
SEEDS, TRIALS, AT_ONCE = 20, 60, 8
ACKLEY_DIMENSIONS = 4
JSON = "application/json"
Function = Callable[[list[float]], float]


def branin(x: list[float]) -> float:
    a, b = x
    bend = b - 5.1 / (4 * math.pi**2) * a**2 + 5 / math.pi * a - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(a) + 10


_ALPHA = (1.0, 1.2, 3.0, 3.2)
_A = ((10, 3, 17, 3.5, 1.7, 8), (0.05, 10, 17, 0.1, 8, 14), (3, 3.5, 1.7, 10, 17, 8),
      (17, 8, 0.05, 10, 0.1, 14))  # fmt: skip
_P = ((1312, 1696, 5569, 124, 8283, 5886), (2329, 4135, 8307, 3736, 1004, 9991),
      (2348, 1451, 3522, 2883, 3047, 6650), (4047, 8828, 8732, 5743, 1091, 381))  # fmt: skip


def hartmann6(x: list[float]) -> float:
    return -sum(
        alpha * math.exp(-sum(a * (each - p / 10_000) ** 2 for a, p, each in zip(row, at, x, strict=True)))
        for alpha, row, at in zip(_ALPHA, _A, _P, strict=True)
    )  # fmt: skip


def ackley(x: list[float]) -> float:
    square = math.sqrt(sum(each**2 for each in x) / len(x))
    wave = sum(math.cos(2 * math.pi * each) for each in x) / len(x)
    return -20 * math.exp(-0.2 * square) - math.exp(wave) + 20 + math.e


FUNCTIONS: dict[str, tuple[Function, list[tuple[float, float]], float]] = {
    "Branin": (branin, [(-5.0, 10.0), (0.0, 15.0)], 0.397887),
    "Hartmann 6": (hartmann6, [(0.0, 1.0)] * 6, -3.32237),
    f"Ackley {ACKLEY_DIMENSIONS}": (ackley, [(-32.768, 32.768)] * ACKLEY_DIMENSIONS, 0.0),
}


def configured(bounds: list[tuple[float, float]], seed: int) -> SweepConfig:
    found = read({
        "method": "bayes", "metric": {"name": "y"}, "seed": seed + 1,
        "parameters": {f"x{n}": {"min": low, "max": high} for n, (low, high) in enumerate(bounds)},
    })  # fmt: skip
    assert isinstance(found, SweepConfig)
    return found


def by_chance(function: Function, bounds: list[tuple[float, float]], seed: int) -> float:
    config = configured(bounds, seed)
    return min(function([*draw(config, Seeded(f"{seed}/{n}")).values()]) for n in range(TRIALS))


def ours(
    function: Function, bounds: list[tuple[float, float]], seed: int, agents: int = 1
) -> float:
    """Trials as a server hands them out: each agent's ends when the others have had their turn."""
    config, seeker = configured(bounds, seed), Seeker()
    told: list[Told] = []
    running: list[tuple[int, int]] = []
    for number in range(TRIALS):
        args = seeker.next(config, Known(number, (), told), f"{seed}/{number}")
        assert args is not None
        told.append(Told(args, None, live=True))
        heapq.heappush(running, (number, number))
        if len(running) >= agents:
            _, ended = heapq.heappop(running)
            told[ended] = Told(told[ended].args, function([*told[ended].args.values()]))
    return min(function([*each.args.values()]) for each in told)


def optunas(function: Function, bounds: list[tuple[float, float]], seed: int) -> float:
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))

    def objective(trial: optuna.Trial) -> float:
        return function([trial.suggest_float(f"x{n}", *each) for n, each in enumerate(bounds)])

    study.optimize(objective, n_trials=TRIALS)
    return study.best_value


WAYS: dict[str, Callable[..., float]] = {
    "random": by_chance,
    "heartline bayes": ours,
    f"heartline bayes, {AT_ONCE} agents": lambda *said: ours(*said, AT_ONCE),
    "optuna alone": optunas,
}


def quality() -> dict[str, dict[str, list[float]]]:
    """How far from the least value the best trial was, for each function, way and seed."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    found: dict[str, dict[str, list[float]]] = {}
    for name, (function, bounds, least) in FUNCTIONS.items():
        found[name] = {
            way: [search(function, bounds, seed) - least for seed in range(SEEDS)]
            for way, search in WAYS.items()
        }
    return found


class Agent:
    """An agent whose trials end at once: one beat tells an end and takes the next trial."""

    def __init__(self, server: ServerProcess, path: str) -> None:
        self.link = Connection(server.base_url, server.api_key)
        self.path, self.took, self.trials = path, list[float](), 0
        self.last: str | None = None
        made = self.ask(f"{path}/agents", {"host": "bench"})
        self.beat_at = f"{path}/agents/{made['id']}/beat"

    def ask(self, path: str, said: dict[str, Any]) -> Any:
        answer = self.link.request("POST", path, msgspec.json.encode(said), JSON)
        assert answer.status in {200, 201}, answer.body
        return msgspec.json.decode(answer.body)

    def work(self, until: float) -> None:
        while time.perf_counter() < until:
            began = time.perf_counter()
            ended = [] if self.last is None else [{"run": self.last, "exit_code": 0}]
            reply = self.ask(self.beat_at, {"ended": ended, "wants": True})
            self.took.append(time.perf_counter() - began)
            for command in reply["commands"]:
                self.last = command["run"]
                self.trials += 1


def handing_out(server: ServerProcess) -> dict[str, float]:
    config = {
        "method": "random",
        "parameters": {"lr": {"min": 0.0, "max": 1.0}, "k": {"values": [1, 2]}},
    }
    link = Connection(server.base_url, server.api_key)
    said = msgspec.json.encode({"config": config, "project": "bench"})
    view = msgspec.json.decode(link.request("POST", "/api/v1/sweeps", said, JSON).body)
    path = f"/api/v1/sweeps/{view['entity']}/bench/{view['id']}"
    agents = [Agent(server, path) for _ in range(AGENTS)]
    began = time.perf_counter()
    threads = [threading.Thread(target=each.work, args=(began + HANDING_S,)) for each in agents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    trials = sum(each.trials for each in agents)
    detail = msgspec.json.decode(link.request("GET", path, b"", JSON).body)
    assert detail["sweep"]["made"] == trials, (detail["sweep"]["made"], trials)
    beats = sorted(took for each in agents for took in each.took)
    return {
        "trials handed out per second": trials / took,
        "beat p50, ms": 1000 * statistics.median(beats),
        "beat p99, ms": 1000 * beats[len(beats) * 99 // 100],
    }


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="heartline-bench-") as folder:
        server = ServerProcess(Path(folder))
        server.start()
        try:
            handed = handing_out(server)
        finally:
            server.stop()
    return {"agents": AGENTS, "handing out": handed, "trials": TRIALS, "quality": quality()}


def table(found: dict[str, Any]) -> list[list[str]]:
    rows = [[f"{found['agents']} agents, one server", ""]]
    rows += [[name, f"{value:,.1f}"] for name, value in found["handing out"].items()]
    rows = [[*row, *[""] * (2 * len(FUNCTIONS) - 1)] for row in rows]
    names = [cell for name in found["quality"] for cell in (f"{name}: median", "worst")]
    rows.append([f"from the least value, {found['trials']} trials, {SEEDS} seeds", *names])
    for way in WAYS:
        gaps = [found["quality"][name][way] for name in found["quality"]]
        rows.append(
            [way, *(f"{each:.3g}" for gap in gaps for each in (statistics.median(gap), max(gap)))]
        )
    return rows


if __name__ == "__main__":
    from benchmarks.__main__ import show

    show(table(run()))
