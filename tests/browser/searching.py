"""A lab's sweeps in every status, their agents played over the server's own protocol."""

import contextlib
import itertools
import math
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.browser.fleet import GIB, TRACEBACK, Trainer, _block

BAYES = {
    "name": "bayes-lr",
    "description": "Which rate and width the small model wants",
    "program": "train.py",
    "method": "random",
    "seed": 7,
    "metric": {"name": "val/loss", "goal": "minimize", "target": 1.7},
    "run_cap": 60,
    "stop_after_failures": 0,
    "early_terminate": {"type": "hyperband", "min_iter": 100, "eta": 3},
    "parameters": {
        "lr": {"distribution": "log_uniform_values", "min": 1e-5, "max": 1e-2},
        "weight_decay": {"distribution": "log_uniform_values", "min": 1e-4, "max": 1e-1},
        "dropout": {"min": 0.0, "max": 0.3},
        "model": {"parameters": {"width": {"values": [768, 1024, 2048]}}},
        "optimizer": {"values": ["adamw", "lion"]},
        "warmup": {"min": 0, "max": 4000},
        "batch_size": {"value": 256},
    },
}


def loss_of(args: dict[str, Any], chance: random.Random) -> float:
    """A training whose end depends on its parameters, with some noise."""
    rate = float((math.log10(args["lr"]) + 3.4) ** 2)
    width = {768: 0.09, 1024: 0.04, 2048: 0.0}[args["model"]["width"]]
    kind = 0.05 if args["optimizer"] == "lion" else 0.0
    return (
        1.62
        + 0.24 * rate
        + 0.8 * float(args["dropout"]) ** 2
        + width
        + kind
        + chance.gauss(0, 0.02)
    )


@dataclass
class Player:
    """One agent of one sweep, whose trials do as they are told."""

    client: httpx.Client
    path: str
    host: str = "gpu-07"
    kind: str = "heartline"
    id: str = ""
    entity: str = ""
    project: str = ""
    running: dict[str, Trainer] = field(default_factory=dict)
    args: dict[str, dict[str, Any]] = field(default_factory=dict)

    def join(self, beat_ms: int = 60_000) -> "Player":
        made = self._post("agents", {"host": self.host, "kind": self.kind, "beat_ms": beat_ms})
        self.id, self.entity, self.project = made["id"], made["entity"], made["project"]
        return self

    def _post(self, words: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.post(f"{self.path}/{words}", json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def beat(self, **words: Any) -> dict[str, Any]:
        return self._post(f"agents/{self.id}/beat", {"running": list(self.running), **words})

    def take(self, began_ms: int | None = None) -> str | None:
        """Ask for a trial and start its process; None if there is none for now."""
        reply = self.beat(wants=True)
        found = next(
            (each for each in reply["commands"] if each["type"] in {"run", "resume"}), None
        )
        if found is None:
            return None
        began: dict[str, Any] = {} if began_ms is None else {"began_ms": began_ms}
        trainer = Trainer(self.client, id=found["run"], launch=f"launch-{found['run']}",
                          project=self.project, entity=self.entity, **began)  # fmt: skip
        trainer.begin(host=self.host, heartbeat_ms=60_000, name=found.get("name", ""))
        self.running[found["run"]], self.args[found["run"]] = trainer, found["args"]
        return str(found["run"])

    def learn(self, run: str, loss: float, rows: int = 20, key: str = "val/loss") -> Trainer:
        """Some rows of the metric that come down to its end."""
        trainer = self.running[run]
        steps = list(range(rows))
        curve = [loss + 1.2 * math.exp(-5 * n / rows) for n in steps[:-1]] + [loss]
        times = [trainer.began_ms + n * 1_000 for n in steps]
        trainer.say(count=rows, history=[_block(steps, times, {key: curve})])
        return trainer

    def end(self, run: str, *exit_words: str, **evidence: Any) -> None:
        """The process ended: by its own word, then by the agent's."""
        trainer = self.running.pop(run)
        words: dict[str, Any] = {"evidence": evidence} if evidence else {}
        trainer.exit(*exit_words, **words)
        self.beat(ended=[{"run": run, "exit_code": evidence.get("exit_code", 0)}])


ENDS = {
    "oom": (("crashed", "out_of_memory"), {
        "source": "launcher", "signal": "SIGKILL", "oom_kills_before": 0, "oom_kills_after": 1,
        "memory_bytes": 64 * GIB, "memory_limit_bytes": 64 * GIB,
    }),
    "nan": (("failed", "exception"), {
        "source": "process", "exit_code": 1, "exception": "ValueError: loss is nan at step 412",
        "traceback": TRACEBACK,
    }),
}  # fmt: skip


@dataclass
class Sweeps:
    """The sweeps of a lab."""

    client: httpx.Client
    entity: str = "ada-lab"
    project: str = "protein-lm"
    ids: dict[str, str] = field(default_factory=dict)
    players: list[Player] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    heart: threading.Thread | None = None

    def alive(self) -> "Sweeps":
        """From now on the agents and their runs are heard, until `stop`."""
        self.heart = threading.Thread(target=self._beat, daemon=True)
        self.heart.start()
        return self

    def _beat(self) -> None:
        while not self.stopping.wait(2.0):
            for player in list(self.players):
                with contextlib.suppress(httpx.HTTPError, AssertionError, RuntimeError):
                    player.beat()
                    for trainer in list(player.running.values()):
                        trainer.say()

    def stop(self) -> None:
        self.stopping.set()
        if self.heart is not None:
            self.heart.join(10)

    def make(self, name: str, config: dict[str, Any]) -> str:
        """A sweep by its name, which is its id, too; its path in the API."""
        said = {"config": {**config, "name": name}, "id": name, "entity": self.entity,
                "project": self.project}  # fmt: skip
        answer = self.client.post("/api/v1/sweeps", json=said)
        assert answer.is_success, answer.text
        self.ids[name] = answer.json()["id"]
        return self.path(name)

    def path(self, name: str) -> str:
        return f"/api/v1/sweeps/{self.entity}/{self.project}/{self.ids[name]}"

    def page(self, name: str) -> str:
        return f"/{self.entity}/{self.project}/sweeps/{self.ids[name]}"

    def player(self, name: str, **words: Any) -> Player:
        made = Player(self.client, self.path(name), **words).join()
        self.players.append(made)
        return made

    def view(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.get(self.path(name)).json()
        return found

    def control(self, name: str, action: str, reason: str = "") -> None:
        answer = self.client.post(f"{self.path(name)}/{action}", json={"reason": reason})
        assert answer.is_success, answer.text

    def searched(self, name: str, ended: int, live: int = 2, hours: float = 6) -> None:
        """A sweep in the middle of its work, with trials of every fate."""
        self.make(name, BAYES)
        chance = random.Random(ended)
        hosts = itertools.cycle([self.player(name, host=f"gpu-{n:02d}") for n in (7, 9, 12)])
        began = time.time() * 1000 - hours * 3_600_000
        for n, player in zip(range(ended), hosts, strict=False):
            run = player.take(int(began + n * hours * 3_600_000 / (ended + 2)))
            assert run is not None, self.view(name)
            self.fate(player, run, n, chance)
        for player in itertools.islice(hosts, live):
            run = player.take()
            assert run is not None
            player.learn(run, loss_of(player.args[run], chance) + 0.2)

    def fate(self, player: Player, run: str, n: int, chance: random.Random) -> None:
        """Most finish; some run out of memory, some diverge."""
        if n % 11 == 4:
            words, evidence = ENDS["oom" if n % 2 else "nan"]
            player.end(run, *words, **evidence)
            return
        player.learn(run, loss_of(player.args[run], chance))
        player.end(run)

    def everything(self) -> "Sweeps":
        """One sweep for each status."""
        self.searched("bayes-lr", 30)
        grid = {"method": "grid", "parameters": {"seed": {"values": [1, 2, 3]}},
                "program": "train.py", "metric": {"name": "val/loss", "goal": "minimize"}}  # fmt: skip
        self._grid("seeds", grid, lambda player, run, n: player.end(run))
        self._grid("out-of-memory", {**grid, "parameters": {"seed": {"min": 1, "max": 40}},
                                     "stop_after_failures": 3}, self._dies)  # fmt: skip
        random_one = {**BAYES, "method": "random"}
        for name, action in (("paused", "pause"), ("stopped", "stop"), ("cancelled", "cancel")):
            self.make(name, random_one)
            self.control(name, action, "the data is being rebuilt")
        self.make("waiting", random_one)
        return self

    def _grid(self, name: str, config: dict[str, Any], ends: Callable[..., None]) -> None:
        self.make(name, config)
        player = self.player(name)
        for n in range(3):
            run = player.take()
            assert run is not None, self.view(name)
            player.learn(run, 1.8 + n / 10)
            ends(player, run, n)
        player.beat(leaving=True)

    @staticmethod
    def _dies(player: Player, run: str, n: int) -> None:
        words, evidence = ENDS["oom"]
        player.end(run, *words, **evidence)
