"""What the server gives: ingest, heartbeats, charts, tables, size on disk, start and memory."""

import json
import math
import os
import random
import sqlite3
import statistics
import struct
import sys
import tempfile
import time
from array import array
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import psutil

from heartline.client.transport import Connection
from heartline.core.lifecycle import Actor, Created, Instant, Now, State, Wall, create
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.wire import ingest

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests import bulk
from tests.server_process import ServerProcess

MSGPACK = "application/vnd.msgpack"
BATCHES, MERGED_S, SETTLED_S = 100, 60, 5
ENDS = (State.FINISHED, State.FAILED, State.CRASHED, State.KILLED)
QUERIES = {
    "newest 50": {},
    "state = finished": {"filters": "state = finished"},
    "config.lr > 0.5": {"filters": "config.lr > 0.5"},
    "sort by config value": {"order": "-config.field_7"},
    "sort by summary value": {"order": "summary.loss"},
    "filter and sort": {"filters": "config.lr > 0.9", "order": "-summary.loss"},
}


class Writer:
    """A client that speaks the ingest protocol as fast as it can."""

    def __init__(self, server: ServerProcess, name: str) -> None:
        self.link = Connection(server.base_url, server.api_key)
        self.name, self.seq, self.first, self.step = name, 0, 0, 0
        request = ingest.OpenRequest(
            project="bench", launch=name, writer="w", seq=0, heartbeat_ms=5_000, id=name,
        )  # fmt: skip
        answer = self.link.request(
            "POST", "/api/v1/runs/open", msgspec.msgpack.encode(request), MSGPACK
        )
        self.reply = msgspec.msgpack.decode(answer.body, type=ingest.OpenReply)

    def batch(self, rows: int, keys: int) -> ingest.Batch:
        self.seq += 1
        steps = array("q", range(self.step, self.step + rows))
        times = array("q", (1_700_000_000_000 + 10 * step for step in steps))
        columns = []
        for key in range(keys):
            values = array("d", (_loss(step, key) for step in steps))
            columns.append(ingest.Column(f"metric_{key}", b"", values.tobytes()))
        block = ingest.Block(steps.tobytes(), times.tobytes(), columns)
        made = ingest.Batch(
            run=self.reply.run, epoch=self.reply.epoch, nonce=self.name, writer="w", spool="w",
            seq=self.seq, first=self.first, count=rows, history=[block] if rows else [],
        )  # fmt: skip
        self.first += rows
        self.step += rows
        return made

    def send(self, body: bytes) -> None:
        answer = self.link.request("POST", "/api/v1/ingest", body, MSGPACK)
        assert answer.status == 200, answer.body


def _loss(step: int, key: int) -> float:
    """Like a training loss: a decay with noise, as float32, which most frameworks log."""
    value = math.exp(-step / 50_000) * (1 + 0.1 * key) + random.gauss(0, 0.02)
    rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    return rounded


def throughput(server: ServerProcess, points: int, batches: int) -> float:
    keys = min(10, points)
    writer = Writer(server, f"t{points}-{os.getpid()}-{random.randrange(10**6)}")
    bodies = [msgspec.msgpack.encode(writer.batch(points // keys, keys)) for _ in range(batches)]
    began = time.perf_counter()
    for body in bodies:
        writer.send(body)
    return points * batches / (time.perf_counter() - began)


def merged(database: Path, run: int) -> None:
    """Wait until the chunks of a run have been fewer than its batches, and the same for a while."""
    until, known, since = time.monotonic() + MERGED_S, -1, time.monotonic()
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
        while time.monotonic() < until:
            count = db.execute("SELECT count(*) FROM chunks WHERE run = ?", (run,)).fetchone()[0]
            if count != known:
                known, since = count, time.monotonic()
            elif count < BATCHES and time.monotonic() - since > SETTLED_S:
                return
            time.sleep(0.5)
    print(f"  the chunks of the chart's run were not merged in {MERGED_S} s", flush=True)


def chart(server: ServerProcess) -> dict[str, float]:
    """One key of 1,000,000 points in 1,000 buckets, after the merge; ms and bytes per point."""
    writer = Writer(server, f"chart-{os.getpid()}")
    database = server.home / "data/heartline/heartline.db"
    size = database.stat().st_size
    for _ in range(BATCHES):
        writer.send(msgspec.msgpack.encode(writer.batch(10_000, 1)))
    merged(database, writer.reply.run)
    body = json.dumps({"runs": [writer.reply.run], "keys": ["metric_0"], "width": 1_000}).encode()
    took = []
    for _ in range(15):
        began = time.perf_counter()
        answer = writer.link.request("POST", "/api/v1/window", body)
        took.append(time.perf_counter() - began)
        assert answer.status == 200, answer.body
    return {
        "window of 1M points, ms": statistics.median(took) * 1000,
        "database growth, bytes/point": (database.stat().st_size - size) / 1_000_000,
    }


def owner_of(database: Path) -> str:
    """The account that the server made when it first started."""
    with sqlite3.connect(database) as db:
        return str(db.execute("SELECT name FROM users").fetchone()[0])


def ended(owner: str, n: int, fields: int, dice: random.Random) -> bulk.Made:
    """A run with many values to filter and to sort by."""
    now = Now(Instant(0), Wall(1_700_000_000_000 + n))
    life, made = create(Created(Actor("user", owner)), now)
    life = replace(life, state=dice.choice(ENDS), writers=())
    config = {f"field_{k}": dice.random() for k in range(fields)} | {"lr": dice.random()}
    return RunRecord(
        RunKey(0), RunPath(owner, "table", f"r{n}"), f"run {n}", owner, life,
        replace(made.entries[0], after=life.state), now.wall, config=config,
        summary={"loss": dice.random(), "acc": dice.random()}, started_at=now.wall,
        ended_at=now.wall + 1000,
    ), made.entries  # fmt: skip


def fill(database: Path, runs: int, fields: int = 90) -> None:
    """Many runs with many values in the project `table` of the server's first account."""
    owner, dice = owner_of(database), random.Random(0)
    bulk.put_runs(database, (ended(owner, n, fields, dice) for n in range(runs)))


def tables(server: ServerProcess) -> dict[str, float]:
    """First page of 50, p50 in ms, client included."""
    link = Connection(server.base_url, server.api_key)
    found = {}
    for name, query in QUERIES.items():
        took = []
        body = json.dumps({"project": "table", "limit": 50, **query}).encode()
        for _ in range(9):
            began = time.perf_counter()
            answer = link.request("POST", "/api/v1/runs/query", body)
            took.append(time.perf_counter() - began)
            assert answer.status == 200, answer.body
        found[name] = statistics.median(took) * 1000
    return found


def run(runs: int = int(os.environ.get("HEARTLINE_BENCH_RUNS", "20000"))) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="heartline-bench-"))
    server = ServerProcess(home)
    began = time.perf_counter()
    server.start()
    found: dict[str, Any] = {"start, s": time.perf_counter() - began}
    time.sleep(2)
    assert server.process is not None
    found["memory at rest, MB"] = psutil.Process(server.process.pid).memory_info().rss / 1e6
    for points, batches in ((10, 1_000), (100, 800), (1_000, 400), (10_000, 60)):
        rates = [throughput(server, points, batches) for _ in range(3)]
        found[f"ingest, {points} points a batch, points/s"] = statistics.median(rates)
    from benchmarks import crowd  # it imports the writer of this file

    found.update(crowd.run(server))
    found.update(chart(server))
    server.stop()
    fill(home / "data/heartline/heartline.db", runs)
    server.start()
    found.update({f"{runs:,} runs: {name}, ms": ms for name, ms in tables(server).items()})
    found["memory after all, MB"] = psutil.Process(server.process.pid).memory_info().rss / 1e6
    server.stop()
    return found


def table(found: dict[str, Any]) -> list[list[str]]:
    return [["server", "measured"], *([name, f"{value:,.2f}"] for name, value in found.items())]
