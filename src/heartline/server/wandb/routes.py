"""The three families of endpoints: GraphQL, the filestream, and signed file links.

Status is chosen for what the client does with it: a GraphQL error is 200, an overload 503 or 429,
and a filestream post of a live run never gets a status that would silence it for ever.
"""

import os
from typing import Any

import msgspec
from litestar import Request, Response, get, post, put
from litestar.response import Stream

from heartline.core.records import FileRecord, RunKey, RunPath
from heartline.server.auth import CACHE, identify
from heartline.server.house import House
from heartline.server.log import log
from heartline.server.native.files import SAFE, check_path, store
from heartline.server.native.ingest import plain
from heartline.server.problems import ProblemError, respond
from heartline.server.wandb import translate, writes
from heartline.server.wandb.context import Context, signature
from heartline.server.wandb.operations import Operation, answered, document
from heartline.usecases import second_door
from heartline.usecases.access import changed
from heartline.usecases.refusal import Refused

Req = Request[Any, Any, Any]
POST_BYTES_MAX = 24 * 2**20
HEARTBEAT_MS = int(os.environ.get("HEARTLINE_SERVER_WANDB_HEARTBEAT_MS", "20000"))
HISTORY, EVENTS = "wandb-history.jsonl", "wandb-events.jsonl"
SUMMARY, OUTPUT = "wandb-summary.json", "output.log"


@post("/graphql", status_code=200, request_max_body_size=POST_BYTES_MAX, include_in_schema=False)
async def graphql(request: Req) -> Response[bytes]:
    """Any operation of the schema, in one unit of work."""
    house: House = request.app.state.house
    body = plain(await request.body(), request.headers.get("content-encoding", ""))
    said = msgspec.json.decode(body, type=Operation)
    try:
        who = await identify(house, request.headers, request.cookies)
    except ProblemError:
        who = None
    made: list[Context] = []
    now = house.clock.now()
    agent = request.headers.get("user-agent", "wandb")[:80]

    def unit(tx: Any) -> Any:
        ctx = Context(tx, who, now, house.ids, house.secret, base(request), agent, HEARTBEAT_MS)
        made.append(ctx)
        answer = answered(said, ctx)
        if writing and answer.get("errors"):
            raise Undone(answer)
        return answer

    writing = document(said.query).writes
    try:
        answer = await (house.db.write(unit) if writing else house.db.read(unit))
    except Undone as undone:
        answer = undone.answer
    else:
        if made[-1].accounts_changed:
            CACHE.clear()
        for news in made[-1].news:
            house.feed.signal(news)
            house.hearts.forget(news.run)
        for blob in made[-1].dropped:
            await house.blobs.delete(blob)
    return Response(msgspec.json.encode(answer), media_type="application/json")


class Undone(Exception):
    """A mutation had an error: nothing of it is kept, and the errors are the answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__("undone")
        self.answer = answer


def base(request: Req) -> str:
    """The address that the client knows us by."""
    scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
    return f"{scheme}://{request.headers.get('host', request.url.netloc)}"


class FileChunk(msgspec.Struct):
    """Lines at an offset."""

    offset: int = 0
    content: list[str] = []


class FileStream(msgspec.Struct):
    """A filestream post; every part may be missing, and `{}` is a heartbeat."""

    files: dict[str, FileChunk] = {}
    uploaded: list[str] = []
    preempting: bool = False
    complete: bool | None = None
    exitcode: int | None = None


@post(
    "/files/{entity:str}/{project:str}/{run_id:str}/file_stream",
    status_code=200, request_max_body_size=POST_BYTES_MAX, include_in_schema=False,
)  # fmt: skip
async def file_stream(request: Req, entity: str, project: str, run_id: str) -> Response[bytes]:
    """History, events, summary, console, heartbeat and end of a run."""
    house: House = request.app.state.house
    who = await identify(house, request.headers, request.cookies)
    body = plain(await request.body(), request.headers.get("content-encoding", ""))
    try:
        said = msgspec.json.decode(body, type=FileStream)
    except msgspec.MsgspecError as error:
        # 4xx would silence the client for ever; 503 keeps its data until somebody looks.
        log.error("filestream", run=run_id, error=str(error))
        return respond("unavailable", f"cannot read the post: {error}", 503)
    path, now = RunPath(entity, project, run_id), house.clock.now()
    client = request.headers.get("x-wandb-async-client-id", "") or writes.CLIENT
    told = as_post(said, client, now.wall)
    by = f"wandb {request.headers.get('user-agent', '')}".strip()[:80]

    def unit(tx: Any) -> Any:
        record = changed(tx, who, path)
        if isinstance(record, Refused):
            return record
        return second_door.post(tx, record.key, told, by, HEARTBEAT_MS, house.ids, now)

    record = await house.db.write(unit)
    if isinstance(record, Refused):
        return respond("gone" if record.code == "not_found" else record.code, record.reason)
    house.dirty.add(record.key)
    house.hearts.forget(record.key)
    house.tell(record, "state", "series", "console")
    stopped = record.life.stop is not None and told.verdict is None
    return Response(msgspec.json.encode({"stopped": True} if stopped else {}))


def as_post(said: FileStream, client: str, now_ms: int) -> second_door.Post:
    """Their post as ours."""
    history, newest = _lines(said.files.get(HISTORY))
    events, _ = _lines(said.files.get(EVENTS))
    output = said.files.get(OUTPUT)
    summary = said.files.get(SUMMARY)
    parsed = translate.parse_quietly(summary.content[-1]) if summary and summary.content else None
    ended = said.complete and said.exitcode is not None
    return second_door.Post(
        client=client,
        history=history,
        events=events,
        console=tuple(translate.console(output.content, output.offset, now_ms)) if output else (),
        summary=parsed if isinstance(parsed, dict) else None,
        last_step=newest,
        preempting=said.preempting,
        verdict=translate.verdict(said.exitcode) if ended and said.exitcode is not None else None,
    )


def _lines(chunk: FileChunk | None) -> tuple[second_door.Lines | None, int]:
    if chunk is None or not chunk.content:
        return None, -1
    found = translate.rows(chunk.content, chunk.offset)
    blocks = () if found.block is None else (found.block,)
    return second_door.Lines(chunk.offset, len(chunk.content), blocks), found.last_step


LINK = "/wandb-files/{key:int}/{until:int}/{sign:str}/{path:path}"


async def _linked(request: Req, key: int, until: int, sign: str, path: str) -> tuple[House, str]:
    house: House = request.app.state.house
    wanted = check_path(path)
    good = (
        sign == signature(house.secret, key, wanted, until)
        and until * 1000 > house.clock.now().wall
    )
    if not good:
        raise ProblemError("forbidden", "this link is not ours, or too old: ask for a new one")
    return house, wanted


@put(LINK, status_code=200, request_max_body_size=None, include_in_schema=False)
async def upload(request: Req, key: int, until: int, sign: str, path: str) -> Response[bytes]:
    """Store a file of a run; the link is the credential."""
    house, wanted = await _linked(request, key, until, sign, path)
    record = await house.db.read(lambda tx: tx.runs.get(RunKey(key)))
    if record is None:
        raise ProblemError("gone", "this run was deleted")
    await store(house, record, wanted, request.stream())
    return Response(b"")


@get(LINK, include_in_schema=False)
async def download(request: Req, key: int, until: int, sign: str, path: str) -> Stream:
    """A file's bytes; the link is the credential."""
    house, wanted = await _linked(request, key, until, sign, path)
    file: FileRecord | None = await house.db.read(lambda tx: tx.files.get(RunKey(key), wanted))
    if file is None:
        raise ProblemError("not_found", f"no file `{wanted}`")
    shown = file.mimetype if file.mimetype in SAFE else "application/octet-stream"
    return Stream(
        house.blobs.get(file.blob),
        media_type=shown,
        headers={
            "Content-Length": str(file.size_bytes),
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Access-Control-Allow-Origin": "*",
        },
    )


ROUTES = [graphql, file_stream, upload, download]
