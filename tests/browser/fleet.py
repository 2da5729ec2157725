"""A lab's worth of runs in every state, told to a real server over its own protocol."""

import math
import random
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from heartline.wire.ingest import Block, Changes, Column, Line
from tests.browser.silence import SELDOM_MS
from tests.server.writer import Speaker

WORDS = ("calm", "north", "still", "swift", "amber", "brave", "pale", "quiet")
THINGS = ("helix", "motif", "domain", "fold", "residue", "sheet", "strand", "loop")
GIB = 2**30
TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 214, in <module>
    main()
  File "train.py", line 188, in main
    loss = step(batch)
  File "train.py", line 97, in step
    raise ValueError(f"loss is {loss} at step {step}")
ValueError: loss is nan at step 40112
"""


@dataclass
class Trainer(Speaker):
    """A writer whose curves look like a training's."""

    project: str = "protein-lm"
    entity: str = ""
    seed: int = 0
    step: int = 0
    preempting: bool = False
    began_ms: int = field(default_factory=lambda: int(time.time() * 1000))

    def begin(self, **words: Any) -> "Trainer":
        self.opened(entity=self.entity, started_at=self.began_ms, client="heartline 0.1.0", **words)
        return self

    def train(
        self, rows: int, per_row_ms: int = 20, spike: bool = False, nan: bool = False
    ) -> None:
        """`rows` steps of loss, accuracy, gradient norm and learning rate."""
        chance = random.Random(self.seed * 7919 + self.step)
        steps = range(self.step, self.step + rows)
        base = 1.55 + (self.seed % 7) * 0.09
        loss, norm, rate, accuracy = [], [], [], []
        for step in steps:
            part = step / 2_000
            low = base + 2.4 * math.exp(-3.2 * part)
            loss.append(low + chance.gauss(0, 0.03))
            norm.append(0.7 + 1.6 * math.exp(-2 * part) + abs(chance.gauss(0, 0.08)))
            rate.append(3e-4 * min(1, step / 100) * (1 + math.cos(math.pi * min(part, 1))) / 2)
            accuracy.append(min(0.99, 0.2 + 0.62 * (1 - math.exp(-3 * part)) - base / 20
                                + chance.gauss(0, 0.01)))  # fmt: skip
        if spike:
            loss[rows // 3] += 3.0
        if nan:
            norm[rows // 2] = norm[rows // 2 + 3] = math.nan
        columns = {
            "train/loss": loss, "train/grad_norm": norm, "train/lr": rate,
            "val/loss": [value + 0.12 for value in loss], "val/accuracy": accuracy,
        }  # fmt: skip
        times = [self.began_ms + step * per_row_ms for step in steps]
        self.say(count=rows, history=[_block(list(steps), times, columns)])
        self.step += rows

    def measure(self, rows: int, every_ms: int = 2_000, top_bytes: float = 40 * GIB) -> None:
        """System metrics: `rows` samples whose memory climbs to `top_bytes`."""
        chance = random.Random(self.seed)
        columns = {
            "cpu.percent": [60 + chance.gauss(0, 8) for _ in range(rows)],
            "process.memory_bytes": [top_bytes * (0.5 + 0.5 * n / rows) for n in range(rows)],
            "cgroup.memory_limit_bytes": [64.0 * GIB] * rows,
            "gpu.0.percent": [90 + chance.gauss(0, 3) for _ in range(rows)],
            "gpu.0.memory_bytes": [70 * GIB + chance.gauss(0, GIB) for _ in range(rows)],
            "process.cpu_percent": [98 + chance.gauss(0, 2) for _ in range(rows)],
        }
        times = [self.began_ms + n * every_ms for n in range(rows)]
        self.say(count=rows, system=[_block(list(range(rows)), times, columns)])

    def print(self, *texts: str, stream: str = "stdout", at: int | None = None) -> None:
        first = self.began_ms if at is None else at
        lines = [Line(stream, n, first + n * 250, text) for n, text in enumerate(texts)]
        self.say(count=len(lines), lines=lines)

    def change(self, **words: Any) -> None:
        self.say(count=1, changes=[Changes(**words)])

    def put(self, path: str, body: bytes) -> None:
        answer = self.client.put(f"{self.path}/files/{path}", content=body)
        assert answer.status_code == 200, answer.text


def _block(steps: list[int], times: list[int], columns: dict[str, list[float]]) -> Block:
    rows = len(steps)
    return Block(
        struct.pack(f"<{rows}q", *steps),
        struct.pack(f"<{rows}q", *times),
        [Column(key, b"", struct.pack(f"<{rows}d", *values)) for key, values in columns.items()],
    )


@dataclass
class Fleet:
    """All runs of the lab; those that live are kept beating until `stop`."""

    client: httpx.Client
    entity: str = "ada-lab"
    project: str = "protein-lm"
    trainers: dict[str, Trainer] = field(default_factory=dict)
    beating: list[Trainer] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    heart: threading.Thread | None = None

    def found(self) -> "Fleet":
        """The team exists."""
        me = self.client.get("/api/v1/viewer").json()["name"]
        self.client.post("/api/v1/teams", json={"name": self.entity, "admin": me})
        return self

    def trainer(self, name: str, seed: int, hours_ago: float = 0.1, **words: Any) -> Trainer:
        made = Trainer(
            self.client, project=self.project, entity=self.entity, seed=seed,
            id=f"{name}-{seed}", launch=f"launch-{name[:40]}-{seed}",
            began_ms=int(time.time() * 1000 - hours_ago * 3_600_000),
        )  # fmt: skip
        config = {"lr": [1e-4, 3e-4, 1e-3][seed % 3], "batch_size": [128, 256, 512][seed % 3],
                  "prefetch": 4096 if "fold" in name else 64,
                  "model": {"depth": 12 + seed % 3 * 6, "width": 1536}}  # fmt: skip
        said = {
            "name": name, "config": config, "host": f"gpu-{seed % 31 + 1:02d}", "heartbeat_ms": 1_000,
            "tags": ["baseline-v3"] if seed % 4 == 0 else [], "group": f"sweep-{seed % 3}",
            "environment": {
                "python": "3.12.4", "os": "Linux 6.8", "command": ["python", "train.py", "--lr", "3e-4"],
                "git": {"commit": "9f31c02ab7", "branch": "main", "dirty": True},
                "machine": {"cpu_count": 64, "memory_bytes": 512 * GIB},
            },
        }  # fmt: skip
        self.trainers[name] = made.begin(**{**said, **words})
        return made

    def alive(self, trainer: Trainer) -> Trainer:
        self.beating.append(trainer)
        if self.heart is None:
            self.heart = threading.Thread(target=self._beat, daemon=True)
            self.heart.start()
        return trainer

    def _beat(self) -> None:
        while not self.stopping.wait(1.0):
            for trainer in list(self.beating):
                try:
                    trainer.say(preempting=trainer.preempting)
                except (httpx.HTTPError, AssertionError, msgspec.DecodeError):
                    continue

    def stop(self) -> None:
        self.stopping.set()
        if self.heart is not None:
            self.heart.join(10)

    def every_state(self) -> dict[str, Trainer]:
        """One run for each badge; the presumed one needs its lease of 15 s to end."""
        many: dict[str, Trainer] = {}
        many["running"] = self.alive(self.trainer("calm-helix", 1))
        many["finished"] = self.trainer("swift-strand", 2, 7.3)
        many["failed"] = self.trainer("quiet-loop", 3, 7.4)
        many["crashed"] = self.trainer("brave-fold", 4, 6.0)
        many["killed"] = self.trainer("calm-strand", 5, 9.7)
        many["preempted"] = self.trainer("brave-helix", 6, 10.5)
        many["preempting"] = self.alive(self.trainer("amber-loop", 7))
        many["stopping"] = self.alive(self.trainer("pale-motif", 8))
        many["unreachable"] = self.trainer("swift-fold", 9, heartbeat_ms=SELDOM_MS)
        many["presumed"] = self.trainer("still-sheet", 10, heartbeat_ms=100)
        many["pending"] = self.trainer("pale-strand", 11)
        for name, each in many.items():
            if name != "pending":
                each.train(1_200 if name in {"crashed", "failed"} else 2_000, spike=name in
                           {"finished", "killed"}, nan=name == "finished")  # fmt: skip
        many["running"].measure(120)
        self._ends(many)
        return many

    def _ends(self, many: dict[str, Trainer]) -> None:
        many["finished"].exit()
        failed = many["failed"]
        failed.print(
            "\x1b[32mINFO\x1b[0m loading 38 shards", "step 40110 loss 2.1", "step 40111 loss nan"
        )
        failed.exit("failed", "exception", evidence={
            "source": "process", "exit_code": 1, "exception": "ValueError: loss is nan at step 40112",
            "traceback": TRACEBACK,
        })  # fmt: skip
        crashed = many["crashed"]
        crashed.measure(300, top_bytes=63.9 * GIB)
        crashed.print("step 184180 loss 1.8213 lr 1.92e-04 mem 62.1G",
                      "step 184210 loss 1.8190 lr 1.92e-04 mem 63.9G")  # fmt: skip
        crashed.print("\x1b[33mWARNING\x1b[0m dataloader: prefetch queue grew to 4096 batches",
                      stream="stderr")  # fmt: skip
        crashed.put("diff.patch", b"diff --git a/train.py b/train.py\n--- a/train.py\n+++ b/train.py\n"
                                  b"@@ -12,1 +12,1 @@\n-prefetch = 64\n+prefetch = 4096\n")  # fmt: skip
        crashed.put("notes/read me.txt", b"what is in here\n")
        crashed.exit("crashed", "out_of_memory", by="launcher", evidence={
            "source": "launcher", "signal": "SIGKILL", "oom_kills_before": 0, "oom_kills_after": 1,
            "memory_bytes": int(63.9 * GIB), "memory_limit_bytes": 64 * GIB,
        })  # fmt: skip
        many["killed"].exit(
            "killed", "time_limit", evidence={"scheduler": "TIMEOUT"}, by="scheduler"
        )
        many["preempted"].say(preempting=True)
        many["preempted"].exit(
            "preempted", "signal", evidence={"signal": "SIGTERM", "exit_code": 143}
        )
        many["preempting"].preempting = True
        many["preempting"].say(preempting=True)
        self.client.post(f"{many['stopping'].path}/stop", json={"reason": "too slow"})
        self.client.post(
            f"{many['pending'].path}/state", json={"state": "pending", "reason": "requeued"}
        )

    def many(self, count: int) -> None:
        """Finished runs beside them."""
        for n in range(count):
            name = f"{WORDS[n % 8]}-{THINGS[n // 8 % 8]}-{n}"
            made = self.trainer(name, 20 + n, hours_ago=1 + n)
            made.train(2_000, spike=n % 3 == 0)
            made.exit()
