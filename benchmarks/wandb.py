"""The second door: the filestream and `Api().runs`, beside openwandb, by the same client and posts.

Without openwandb in the environment only our column is measured. HEARTLINE_BENCH_WANDB_RUNS are
the sizes of the lists: `1000,100000` takes minutes, since the client reads every run of a list.
"""

import base64
import http.client
import importlib.metadata
import importlib.util
import json
import os
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.limited import limited
from benchmarks.server import fill
from tests.server_process import ServerProcess, free_port

OPENWANDB_KEY = "local" + "0" * 40
SHAPES = ((10, 1), (10, 100), (100, 1_000))
SIZES = tuple(map(int, os.environ.get("HEARTLINE_BENCH_WANDB_RUNS", "1000,10000").split(",")))
POINTS, SHAPE_S = 1_000_000, 10.0
CLIENT_ROWS, CLIENT_S = 20_000, 90
OURS, THEIRS = "Heartline", "openwandb"
UPSERT = """mutation UpsertBucket($name: String, $project: String, $config: JSONString) {
  upsertBucket(input: {name: $name, modelName: $project, config: $config}) {
    bucket { id name project { name entity { name } } } inserted } }"""
PAGE = """query Runs($project: String!, $entity: String!, $perPage: Int = 50) {
  project(name: $project, entityName: $entity) { runCount runs(first: $perPage) {
    edges { node { id name displayName state createdAt heartbeatAt } cursor } } } }"""
CLIENT = """
import json, sys, time, wandb
what, n = sys.argv[1], int(sys.argv[2])
began = time.perf_counter()
if what == "log":
    run = wandb.init(project="bench", settings=wandb.Settings(x_disable_stats=True, console="off"))
    for step in range(n):
        run.log({f"m{k}": step * 0.1 + k for k in range(10)})
    run.finish()
    print(json.dumps({"s": time.perf_counter() - began}))
else:
    api = wandb.Api(timeout=120)
    runs = api.runs(f"{api.default_entity}/table", per_page=n, lazy=what == "lazy")
    began = time.perf_counter()
    first = runs[0]
    page = time.perf_counter() - began
    count = sum(1 for run in runs)
    assert count == len(runs), count
    print(json.dumps({"page": page, "all": time.perf_counter() - began, "count": count}))
"""


@dataclass
class Server:
    """One of the two, as a process whose CPU time is read."""

    name: str
    base_url: str
    key: str
    process: psutil.Process
    stop: Callable[[], None]
    entity: str = ""
    link: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        self.link = http.client.HTTPConnection(self.base_url.removeprefix("http://"), timeout=120)

    def post(self, path: str, body: bytes) -> Any:
        secret = base64.b64encode(f"api:{self.key}".encode()).decode()
        headers = {"Authorization": f"Basic {secret}", "Content-Type": "application/json"}
        try:
            self.link.request("POST", path, body, headers)
            answer = self.link.getresponse()
        except (OSError, http.client.HTTPException):
            self.link.close()  # it was idle for too long: once more, on a new connection
            self.link.request("POST", path, body, headers)
            answer = self.link.getresponse()
        told = answer.read()
        assert answer.status == 200, (answer.status, told[:300])
        return json.loads(told)

    def ask(self, query: str, **variables: Any) -> Any:
        told = self.post("/graphql", json.dumps({"query": query, "variables": variables}).encode())
        assert not told.get("errors"), told
        return told["data"]

    def cpu(self) -> float:
        every = [self.process, *self.process.children(recursive=True)]
        return sum(t.user + t.system for t in (each.cpu_times() for each in every))

    def client(self, *words: str) -> Any:
        """The real client in a process of its own, or why it gave up on this server."""
        home = tempfile.mkdtemp(prefix="heartline-bench-")
        ended = limited(
            [sys.executable, "-c", CLIENT, *words], CLIENT_S, cwd=home,
            env={**os.environ, "WANDB_BASE_URL": self.base_url, "WANDB_API_KEY": self.key,
                 "WANDB_SILENT": "true", "WANDB_ERROR_REPORTING": "false", "HOME": home},
        )  # fmt: skip
        if ended.fault:
            print(f"  {self.name}, client {' '.join(words)}: {ended.fault}", flush=True)
        return None if ended.fault else json.loads(ended.last)


def ours(home: Path) -> Server:
    process = ServerProcess(home).start()
    assert process.process is not None
    return Server(OURS, process.base_url, process.api_key,
                  psutil.Process(process.process.pid), process.stop, process.entity)  # fmt: skip


def theirs(home: Path) -> Server:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", THEIRS, "serve", "--host", "127.0.0.1", "--port", str(port),
         "--data-dir", str(home), "--log-level", "warning"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip

    def stop() -> None:
        process.terminate()
        process.wait()

    made = Server(THEIRS, f"http://127.0.0.1:{port}", OPENWANDB_KEY,
                  psutil.Process(process.pid), stop)  # fmt: skip
    until = time.monotonic() + 60
    while True:
        try:
            made.ask("{ viewer { id } }")
            return made
        except (OSError, http.client.HTTPException):
            made.link.close()
            assert time.monotonic() < until, "openwandb does not start"
            time.sleep(0.1)


def lines(step: int, rows: int, keys: int) -> list[str]:
    dice = random.Random(step)
    return [
        json.dumps({"_step": n, "_runtime": n * 0.1, "_timestamp": 1.7e9 + n,
                    **{f"metric_{k}": dice.gauss(0, 1) for k in range(keys)}})
        for n in range(step, step + rows)
    ]  # fmt: skip


def filestream(server: Server, keys: int, rows: int) -> tuple[float, float]:
    """Points per second over HTTP with one connection, and the server's CPU in us per point."""
    name = f"f{keys}x{rows}"
    told = server.ask(UPSERT, name=name, project="bench", config="{}")
    place = told["upsertBucket"]["bucket"]["project"]
    path = f"/files/{place['entity']['name']}/{place['name']}/{name}/file_stream"
    posts = max(3, min(500, POINTS // (keys * rows)))
    bodies = [
        json.dumps({"files": {"wandb-history.jsonl": {
            "offset": n * rows, "content": lines(n * rows, rows, keys)}}}).encode()
        for n in range(posts)
    ]  # fmt: skip
    before, began, points = server.cpu(), time.perf_counter(), 0
    for body in bodies:
        server.post(path, body)
        points += keys * rows
        if time.perf_counter() - began > SHAPE_S:
            break
    took = time.perf_counter() - began
    return points / took, (server.cpu() - before) / points * 1e6


def measured(server: Server) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for keys, rows in SHAPES:
        rate, cpu = filestream(server, keys, rows)
        shape = f"filestream, {rows} x {keys} a post"
        found[f"{shape}, points/s"], found[f"{shape}, CPU us/point"] = rate, cpu
    before = server.cpu()
    told = server.client("log", str(CLIENT_ROWS))
    what = f"real client, {CLIENT_ROWS:,} rows of 10"
    found[f"{what}, s"] = told and told["s"]
    found[f"{what}, server's CPU us/point"] = (server.cpu() - before) / CLIENT_ROWS / 10 * 1e6
    return found


def lists(server: Server, runs: int) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for what, per_page in (("lazy", 50), ("lazy", 1_000), ("full", 1_000)):
        if per_page == 50 and runs > 10_000:
            continue
        told = server.client(what, str(per_page))
        name = f"{runs:,} runs, Api().runs {what} by {per_page:,}"
        found[f"{name}, first page ms"] = told and told["page"] * 1000
        found[f"{name}, all s"] = told and told["all"]
    for count in (50, runs):
        if count > 1_000 and server.name == OURS:
            continue  # pages of ours end at 1,000
        took = []
        for _ in range(5):
            began = time.perf_counter()
            server.ask(PAGE, project="table", entity=server.entity, perPage=count)
            took.append(time.perf_counter() - began)
        found[f"{runs:,} runs, raw page of {count:,}, ms"] = statistics.median(took) * 1000
    return found


def fill_theirs(database: Path, runs: int) -> str:
    """Rows as their own server writes them; the name of the entity."""
    dice = random.Random(0)
    with sqlite3.connect(database) as db:
        team, entity = db.execute("SELECT id, name FROM teams LIMIT 1").fetchone()
        at = "2026-01-01T00:00:00Z"
        made = db.execute(
            "INSERT INTO projects (team_id, owner_id, name, created_at) VALUES (?, 1, 'table', ?)",
            (team, at),
        )
        rows = (
            (made.lastrowid, f"r{n}", f"run {n}", "finished",
             json.dumps({f"field_{k}": {"value": dice.random()} for k in range(5)}),
             json.dumps({"loss": dice.random()}), at, at, at)
            for n in range(runs)
        )  # fmt: skip
        db.executemany(
            "INSERT INTO runs (project_id, owner_id, run_id, display_name, state, config_json,"
            " summary_json, created_at, updated_at, heartbeat_at) VALUES (?,1,?,?,?,?,?,?,?,?)",
            rows,
        )
    return str(entity)


def column_of_ours() -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for n, runs in enumerate(SIZES):
        home = Path(tempfile.mkdtemp(prefix="heartline-bench-"))
        server = ours(home)
        if n == 0:
            found.update(measured(server))
        server.stop()
        fill(home / "data/heartline/heartline.db", runs, fields=5)
        server = ours(home)
        found.update(lists(server, runs))
        server.stop()
    return found


def column_of_theirs() -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for n, runs in enumerate(SIZES):
        home = Path(tempfile.mkdtemp(prefix="heartline-bench-"))
        server = theirs(home)
        if n == 0:
            found.update(measured(server))
        server.stop()
        entity = fill_theirs(home / "openwandb.db", runs)
        server = theirs(home)
        server.entity = entity
        found.update(lists(server, runs))
        server.stop()
    return found


def run() -> dict[str, Any]:
    found: dict[str, Any] = {OURS: column_of_ours()}
    if importlib.util.find_spec(THEIRS) is not None:
        found[f"{THEIRS} {importlib.metadata.version(THEIRS)}"] = column_of_theirs()
    return found


def table(found: dict[str, Any]) -> list[list[str]]:
    names = list(dict.fromkeys(name for column in found.values() for name in column))
    return [
        ["wandb's door", *found],
        *([name, *(_cell(column, name) for column in found.values())] for name in names),
    ]


def _cell(column: dict[str, float | None], name: str) -> str:
    if name not in column:
        return "-"
    value = column[name]
    return "refused" if value is None else f"{value:,.2f}" if value < 100 else f"{value:,.0f}"
