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
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import Received, receive
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
_OPEN = msgspec.msgpack.Decoder(OpenRequest)
_BATCH = msgspec.msgpack.Decoder(Batch)
_ENCODE = msgspec.msgpack.Encoder().encode


async def body_of(request: Request[Any, Any, Any], limit: int = BATCH_BYTES_MAX) -> bytes:
    """The whole body, within its limits, inflated within its limits."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limit:
        raise ProblemError("too_large", f"the body is larger than {limit} bytes; send less at once")
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > limit:
            raise ProblemError("too_large", f"the body is larger than {limit} bytes; send less at once")
    encoding = request.headers.get("content-encoding", "identity")
    if encoding == "identity":
        return bytes(raw)
    if encoding != "gzip":
        raise ProblemError("bad_request", f"content-encoding `{encoding[:40]}`: send gzip or none")
    return inflate(bytes(raw))


def inflate(raw: bytes) -> bytes:
    """Bounded, so that a small body cannot fill the memory."""
    inflater = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = inflater.decompress(raw, INFLATED_BYTES_MAX)
    except zlib.error as error:
        raise ProblemError("bad_request", f"the body is not gzip: {error}") from None
    if inflater.unconsumed_tail:
        raise ProblemError("too_large", f"the body inflates to more than {INFLATED_BYTES_MAX} bytes")
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
    await _tell(house, reply.run, frozenset({"state"}))
    return Response(_ENCODE(reply), media_type=MSGPACK)


@post("/api/v1/ingest", status_code=200, media_type=MSGPACK)
async def ingest_route(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Take a batch (MessagePack `Batch` to `BatchReply`)."""
    house: House = request.app.state.house
    who = await identify(house, request.headers, request.cookies)
    batch = _BATCH.decode(await body_of(request))
    if (wrong := problem(batch)) is not None:
        raise ProblemError("unprocessable", wrong)
    await check_owner(house, who, batch.run)
    now = house.clock.now()

    def unit(tx: Any) -> Received | Refused:
        return receive(tx, batch, now)

    with metrics.commit_seconds.time():
        received = granted(await house.db.write(unit))
    metrics.batches.inc()
    metrics.records.inc(batch.count)
    if received.topics:
        house.dirty.add(RunKey(batch.run))
        await _tell(house, batch.run, received.topics)
    return Response(_ENCODE(received.reply), media_type=MSGPACK)


OWNERS_MAX = 200_000
_OWNERS: dict[int, tuple[str, str]] = {}


async def owner(house: House, run: int) -> tuple[str, str] | None:
    """The (entity, project) of a run, remembered."""
    found = _OWNERS.get(run)
    if found is None:
        record = await house.db.read(lambda tx: tx.runs.get(RunKey(run)))
        if record is None:
            return None
        if len(_OWNERS) > OWNERS_MAX:
            _OWNERS.clear()
        found = (record.path.entity, record.path.project)
        _OWNERS[run] = found
    return found


async def check_owner(house: House, who: Any, run: int) -> None:
    """Only those who may write to its entity may send for a run; an unknown one is nobody's."""
    found = await owner(house, run)
    if found is not None and not who.may_write(found[0]):
        raise ProblemError("forbidden", "this run belongs to somebody else")


async def _tell(house: House, run: int, topics: frozenset[str]) -> None:
    found = await owner(house, run)
    if found is not None:
        house.feed.signal(News(found, RunKey(run), 0, topics))


ROUTES = [open_route, ingest_route]
