"""A writer that speaks the ingest protocol by hand, so that tests may also speak it badly."""

import itertools
import struct
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from heartline.wire.ingest import Batch, BatchReply, Block, Column, Exit, OpenReply, OpenRequest

_SEQ = itertools.count(1)


def block(first_step: int, rows: int, keys: tuple[str, ...] = ("loss",)) -> Block:
    steps = range(first_step, first_step + rows)
    return Block(
        struct.pack(f"<{rows}q", *steps),
        struct.pack(f"<{rows}q", *(1_790_000_000_000 + step for step in steps)),
        [Column(key, b"", struct.pack(f"<{rows}d", *(step / 7 for step in steps))) for key in keys],
    )


@dataclass
class Speaker:
    """One writer of one run."""

    client: httpx.Client
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    project: str = "digits"
    launch: str = field(default_factory=lambda: uuid.uuid4().hex)
    writer: str = "w0"
    reply: OpenReply | None = None
    durable: int = 0

    def open(self, **words: Any) -> httpx.Response:
        said = {
            "project": self.project, "launch": self.launch, "writer": self.writer,
            "seq": next(_SEQ), "heartbeat_ms": 5_000, "id": self.id, **words,
        }  # fmt: skip
        answer = self.client.post(
            "/api/v1/runs/open", content=msgspec.msgpack.encode(OpenRequest(**said))
        )
        if answer.status_code == 200:
            self.reply = msgspec.msgpack.decode(answer.content, type=OpenReply)
            self.durable = self.reply.durable
        return answer

    def opened(self, **words: Any) -> "Speaker":
        answer = self.open(**words)
        assert answer.status_code == 200, answer.text
        return self

    @property
    def path(self) -> str:
        assert self.reply is not None
        return f"/api/v1/runs/{self.reply.entity}/{self.reply.project}/{self.reply.id}"

    def batch(self, **words: Any) -> Batch:
        assert self.reply is not None
        said = {
            "run": self.reply.run, "epoch": self.reply.epoch, "nonce": self.launch,
            "writer": self.writer, "spool": self.writer, "seq": next(_SEQ), "first": self.durable,
            **words,
        }  # fmt: skip
        return Batch(**said)

    def post(self, body: Batch | bytes, **headers: str) -> httpx.Response:
        raw = body if isinstance(body, bytes) else msgspec.msgpack.encode(body)
        return self.client.post("/api/v1/ingest", content=raw, headers=headers)

    def say(self, **words: Any) -> BatchReply:
        answer = self.post(self.batch(**words))
        assert answer.status_code == 200, answer.text
        reply = msgspec.msgpack.decode(answer.content, type=BatchReply)
        self.durable = reply.durable
        return reply

    def log(self, rows: int = 10, keys: tuple[str, ...] = ("loss",)) -> BatchReply:
        """`rows` records of history, from the step after the last."""
        return self.say(count=rows, history=[block(self.durable, rows, keys)])

    def exit(self, state: str = "finished", cause: str = "finished", **words: Any) -> BatchReply:
        said = {"state": state, "cause": cause, "confidence": 3, "records": self.durable, "at": 0}
        return self.say(exit=Exit(**{**said, **words}))

    def view(self) -> dict[str, Any]:
        answer = self.client.get(self.path)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["run"]
        return found


def ended(client: httpx.Client, project: str, **words: Any) -> Speaker:
    """A run that has logged, kept a file, and finished."""
    run = Speaker(client, project=project).opened(config={"lr": 0.5}, **words)
    run.log(5)
    client.put(f"{run.path}/files/a.txt", content=b"kept")
    run.exit()
    return run


def act(client: httpx.Client, action: str, *keys: int, **words: Any) -> dict[str, Any]:
    """What became of each of many runs."""
    body = {"keys": list(keys), "action": action, **words}
    answer = client.post("/api/v1/runs/actions", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found
