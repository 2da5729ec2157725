"""The hot path: open a run, take batches. Answers only after the commit."""

import zlib
from typing import Any

import msgspec
from litestar import Request, Response, post

from heartline.core.records import RunKey
from heartline.ports import News
from heartline.server import metrics
from heartline.server.auth import identify
from heartline.server.house import House
from heartline.server.native.check import problem
from heartline.server.problems import ProblemError, granted
from heartline.usecases.access import Principal
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import ANOTHERS, Received, received
from heartline.usecases.refusal import Refused
from heartline.wire.ingest import (
    BATCH_BYTES_MAX,
    PROTOCOL,
    Batch,
    OpenReply,
    OpenRequest,
)

MSGPACK = "application/vnd.msgpack"
INFLATED_BYTES_MAX = 4 * BATCH_BYTES_MAX
GZIP_WINDOW = 31
BYTES_WAITING_MAX = 256 * 2**20
Place = tuple[str, str]
_OPEN = msgspec.msgpack.Decoder(OpenRequest)
_BATCH = msgspec.msgpack.Decoder(Batch)
_ENCODE = msgspec.msgpack.Encoder().encode


async def body_of(request: Request[Any, Any, Any], limit: int = BATCH_BYTES_MAX) -> bytes:
    """The whole body, within its limits, inflated within its limits."""
    headers = request.headers
    check_length(headers.get("content-length", ""), limit)
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise too_large(limit)
    return plain(bytes(raw), headers.get("content-encoding", ""))


def check_length(declared: str, limit: int = BATCH_BYTES_MAX) -> None:
    """Refuse before reading."""
    if declared.isdigit() and int(declared) > limit:
        raise too_large(limit)


def too_large(limit: int) -> ProblemError:
    """The problem of a body beyond its limit."""
    return ProblemError("too_large", f"the body is larger than {limit} bytes; send less at once")


def plain(raw: bytes, encoding: str) -> bytes:
    """The body without its compression."""
    if encoding in {"", "identity"}:
        return raw
    if encoding != "gzip":
        raise ProblemError("bad_request", f"content-encoding `{encoding[:40]}`: send gzip or none")
    return inflate(raw)


def inflate(raw: bytes) -> bytes:
    """Bounded, so that a small body cannot fill the memory."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = inflater.decompress(raw, INFLATED_BYTES_MAX)
    except zlib.error as error:
        raise ProblemError("bad_request", f"the body is not gzip: {error}") from None
    if inflater.unconsumed_tail:
        raise ProblemError(
            "too_large", f"the body inflates to more than {INFLATED_BYTES_MAX} bytes"
        )
    if not inflater.eof:
        raise ProblemError("bad_request", "the compressed body ends too early")
    return body


@post("/api/v1/runs/open", status_code=200, media_type=MSGPACK)
async def open_route(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Open or join an attempt of a run (MessagePack `OpenRequest` to `OpenReply`)."""
    house: House = request.app.state.house
    who = await identify(house, request.headers, request.cookies)
    said = _OPEN.decode(await body_of(request))
    if said.protocol > PROTOCOL:
        raise ProblemError(
            "unprocessable",
            f"this server speaks protocol {PROTOCOL}, the client {said.protocol}: "
            "upgrade the server",
        )
    now = house.clock.now()

    def unit(tx: Any) -> OpenReply | Refused:
        return open_run(tx, who, said, house.ids, now)

    reply = granted(await house.db.write(unit))
    _tell(house, (reply.entity, reply.project), reply.run, frozenset({"state"}))
    return Response(_ENCODE(reply), media_type=MSGPACK)


@post("/api/v1/ingest", status_code=200, media_type=MSGPACK)
async def ingest_route(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take a batch (MessagePack `Batch` to `BatchReply`)."""
    house: House = request.app.state.house
    who = await identify(house, request.headers, request.cookies)
    reply = await take(house, who, await body_of(request))
    return Response(reply, media_type=MSGPACK)


async def take(house: House, who: Principal, body: bytes) -> bytes:
    """One batch: a plain heartbeat is answered from memory, anything else after its commit."""
    batch = _BATCH.decode(body)
    now = house.clock.now()
    wished = house.wishes.asked(RunKey(batch.run), now.wall)
    known = house.hearts.hear(batch, who, now)
    if known is not None:
        metrics.beats.inc()
        return _ENCODE(msgspec.structs.replace(known, stacks_at=wished) if wished else known)
    if (wrong := problem(batch)) is not None:
        raise ProblemError("unprocessable", wrong)
    if house.load.bytes_waiting > BYTES_WAITING_MAX:
        raise ProblemError("busy", "more is waiting for the database than it can take; try again")

    def unit(tx: Any) -> tuple[Place | None, Received] | Refused:
        # Asked in the same unit: it may have been moved since, and on another server.
        life = tx.runs.life(RunKey(batch.run))
        if life is not None and not who.may_write(life.place[0]):
            return _strangers(tx, RunKey(batch.run), batch.nonce)
        done = received(tx, life, batch, now)
        return done if isinstance(done, Refused) else (life and life.place, done)

    with metrics.commit_seconds.time(), house.load.waiting(len(body)):
        place, done = granted(await house.db.write(unit))
    if place is None:
        return _ENCODE(done.reply)
    _taken(house, place, batch, done)
    return _ENCODE(msgspec.structs.replace(done.reply, stacks_at=wished))


def _taken(house: House, place: Place, batch: Batch, done: Received) -> None:
    """What others should know of it."""
    key = RunKey(batch.run)
    if batch.count and not done.reply.refused:
        metrics.batches.inc()
        metrics.records.inc(batch.count)
        metrics.points.inc(
            sum(len(c.values) // 8 for b in (*batch.history, *batch.system) for c in b.columns)
        )
    if done.topics:
        house.dirty.add(key)
        _tell(house, place, key, done.topics)
    if done.life is not None:
        house.hearts.learn(key, done.life, place[0], batch.spool, done.reply.durable)


def _strangers(tx: Any, key: RunKey, launch: str) -> tuple[None, Received] | Refused:
    """Nothing of a batch for a run of another owner is taken.

    A launch that this run never knew, as after a restore, is told to open its own again.
    """
    if any(entry.attempt.nonce == launch for entry in tx.runs.ledger(key)):
        return Refused("forbidden", "this run belongs to somebody else")
    return None, Received(ANOTHERS)


def _tell(house: House, place: Place, run: int, topics: frozenset[str]) -> None:
    house.feed.signal(News(place, RunKey(run), 0, topics))


ROUTES = [open_route, ingest_route]
