"""A small strict server for the shipper: opens, ingests, refuses gaps, and fails when told to."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

from heartline.wire import ingest


@dataclass
class Kept:
    """What the stub holds of one run; `records` by spool are batches that were taken."""

    request: ingest.OpenRequest
    epoch: int = 1
    durable: dict[str, int] = field(default_factory=dict)
    batches: list[ingest.Batch] = field(default_factory=list)
    exits: list[ingest.Exit] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    opens: int = 0
    beats: int = 0


class Stub(ThreadingHTTPServer):
    """Every fault is a number of requests that it still spoils."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.runs: dict[str, Kept] = {}
        self.keys = {"good-key"}
        self.lose_replies = 0
        self.busy = 0
        self.hold_s = 0.0
        self.foreign: list[tuple[int, bytes]] = []
        self.stop: ingest.StopOrder | None = None
        self.poison: bytes | None = None
        self.problems: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        return

    def run(self, number: int) -> Kept:
        return list(self.runs.values())[number - 1]

    @property
    def only(self) -> Kept:
        assert len(self.runs) == 1, list(self.runs)
        return self.run(1)

    def open(self, request: ingest.OpenRequest) -> tuple[int, Any]:
        known = self.runs.get(request.id)
        if request.resume == "must" and known is None:
            return 404, {"error": f"no run {request.id} to resume", "code": "not_found"}
        if request.resume == "never" and known is not None:
            return 409, {"error": f"run {request.id} exists already", "code": "conflict"}
        resumed = known is not None and known.request.launch != request.launch
        if known is None:
            known = self.runs[request.id] = Kept(request)
        elif resumed:
            known.epoch += 1
            known.request = request
        known.opens += 1
        return 200, ingest.OpenReply(
            run=list(self.runs).index(request.id) + 1, entity=request.entity or "ada",
            project=request.project, id=request.id, name=request.name or "brave-fold-1",
            path=f"/ada/{request.project}/runs/{request.id}", epoch=known.epoch,
            durable=known.durable.get(request.writer, 0), resumed=resumed,
            last_step=len(rows(known)) - 1 if resumed else -1, stop=self.stop,
        )  # fmt: skip

    def ingest(self, batch: ingest.Batch) -> tuple[int, Any]:
        if self.poison is not None and self.poison in msgspec.msgpack.encode(batch):
            return 422, {"error": "this cannot be", "code": "unprocessable"}
        if batch.run > len(self.runs):
            return 200, ingest.BatchReply(durable=0, reopen=True, refused="unknown run")
        kept = self.run(batch.run)
        durable = kept.durable.get(batch.spool, 0)
        kept.beats += 1
        refused = ""
        if batch.count and batch.first != durable:
            refused = f"expected record {durable}, got {batch.first}"
        elif batch.count:
            kept.batches.append(batch)
            durable = kept.durable[batch.spool] = durable + batch.count
        taken = False
        if batch.exit is not None:
            taken = batch.exit.state != "finished" or (
                not refused and kept.durable.get(batch.writer, 0) >= batch.exit.records
            )
            if taken:
                kept.exits.append(batch.exit)
        return 200, ingest.BatchReply(
            durable=durable, refused=refused, exit_taken=taken, stop=self.stop
        )


class Handler(BaseHTTPRequestHandler):
    """Routes by path; the server's faults happen before or after the work."""

    protocol_version = "HTTP/1.1"
    server: Stub

    def log_message(self, *_: Any) -> None:
        return

    def _body(self) -> bytes:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        return gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw

    def do_POST(self) -> None:
        body = self._body()
        stub = self.server
        if self.headers["Authorization"].removeprefix("Bearer ") not in stub.keys:
            self._reply(401, {"error": "unknown API key: run `heartline login`"})
            return
        if stub.foreign:
            self._raw(*stub.foreign.pop())
            return
        if stub.busy > 0:
            stub.busy -= 1
            self._reply(503, {"error": "busy"})
            return
        with stub.lock:
            if self.path.endswith("/open"):
                answer = stub.open(msgspec.msgpack.decode(body, type=ingest.OpenRequest))
            else:
                answer = stub.ingest(msgspec.msgpack.decode(body, type=ingest.Batch))
            lost = stub.lose_replies > 0
            stub.lose_replies -= lost
        if stub.hold_s:
            time.sleep(stub.hold_s)
        if lost:
            self.close_connection = True
            return
        self._reply(*answer)

    def do_PUT(self) -> None:
        body = self._body()
        name = self.path.partition("/files/")[2].partition("?")[0]
        self.server.only.files[name] = body
        self._reply(200, {})

    def _reply(self, status: int, content: Any) -> None:
        self._raw(status, (msgspec.msgpack if status == 200 else msgspec.json).encode(content))

    def _raw(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def stub() -> Iterator[Stub]:
    server = Stub()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def rows(kept: Kept, *, system: bool = False) -> list[tuple[int, dict[str, Any]]]:
    """The rows that were taken, as (step, values)."""
    found: list[tuple[int, dict[str, Any]]] = []
    for batch in kept.batches:
        for block in batch.system if system else batch.history:
            steps = memoryview(block.steps).cast("q")
            here: list[tuple[int, dict[str, Any]]] = [(step, {}) for step in steps]
            for column in block.columns:
                values = memoryview(column.values).cast("d")
                indices = memoryview(column.rows).cast("I") if column.rows else range(len(steps))
                for row, value in zip(indices, values, strict=True):
                    here[row][1][column.key] = value
            for each in block.objects:
                here[each.row][1][each.key] = msgspec.json.decode(each.json)
            found += here
    return found
