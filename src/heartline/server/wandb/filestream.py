"""The filestream: history, events, summary, console, heartbeat and end of a run, as lines at offsets.

A post of a live run never gets a status that would silence its client for ever: what is wrong in
it is left out and counted. Never decides what a post means for the run; `second_door` does.
"""

import os
from dataclasses import replace
from typing import Any

import msgspec
from litestar import Request, Response, post

from heartline.core.records import RunPath, RunRecord
from heartline.ports import Transaction
from heartline.server import metrics
from heartline.server.auth import identify
from heartline.server.house import House
from heartline.server.log import log
from heartline.server.native.ingest import BYTES_WAITING_MAX, body_of
from heartline.server.problems import ProblemError, respond
from heartline.server.wandb import translate
from heartline.server.wandb.internals import seen, tellers
from heartline.usecases import second_door
from heartline.usecases.access import Principal, changed, known_entity
from heartline.usecases.names import check_name
from heartline.usecases.offsets import Lines
from heartline.usecases.open_run import create_run
from heartline.usecases.refusal import Refused

Req = Request[Any, Any, Any]
POST_BYTES_MAX = 64 * 2**20
"""Six times what the client sends at most."""
OFFSET_MAX = 2**30
EXIT_CODE_MAX = 2**31 - 1
UPLOADED_MAX = 10_000
HEARTBEAT_MS = int(os.environ.get("HEARTLINE_SERVER_WANDB_HEARTBEAT_MS", "25000"))
CLIENT = "wandb"
HISTORY, EVENTS = "wandb-history.jsonl", "wandb-events.jsonl"
SUMMARY, OUTPUT = "wandb-summary.json", "output.log"


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


_DECODE = msgspec.json.Decoder(FileStream).decode


@post(
    "/files/{entity:str}/{project:str}/{run_id:str}/file_stream",
    status_code=200, request_max_body_size=None, include_in_schema=False,
)  # fmt: skip
async def file_stream(request: Req, entity: str, project: str, run_id: str) -> Response[bytes]:
    """Take a post; the answer says whether the run is asked to stop."""
    house: House = request.app.state.house
    who = await identify(house, request.headers, request.cookies)
    said = await _read(request, run_id)
    if said is None:
        # The client cannot have meant this, and sends it again as it should have been.
        return respond("too_many", "the post cannot be read; send it again", 429)
    if house.load.bytes_waiting > BYTES_WAITING_MAX:
        raise ProblemError("busy", "more is waiting for the database than it can take; try again")
    shared = request.headers.get("x-wandb-async-client-id", "")[:128]
    agent = f"wandb {request.headers.get('user-agent', '')}".strip()[:80]
    now, path = house.clock.now(), RunPath(entity, project, run_id)
    told = as_post(said, now.wall)

    def unit(tx: Transaction) -> tuple[int, RunRecord] | Refused:
        record = _run(tx, who, path, now)
        if isinstance(record, Refused):
            return record
        _look_for(tx, record, said.uploaded)
        post = _judged(told, said, record)
        speaker = second_door.Speaker(
            shared or CLIENT, record.client or agent, HEARTBEAT_MS, bool(shared)
        )
        leaders = tellers(record.config) if shared else ()
        after = second_door.post(tx, record.key, post, speaker, house.ids, now, leaders)
        return after if isinstance(after, Refused) else (record.life.entries, after)

    with metrics.commit_seconds.time(), house.load.waiting(_size(said)):
        answer = await house.db.write(unit)
    if isinstance(answer, Refused):
        return respond(answer.code, answer.reason)
    entries, record = answer
    _tell(house, record, told, moved=record.life.entries != entries)
    stopped = record.life.stop is not None and not said.complete
    return Response(msgspec.json.encode({"stopped": True} if stopped else {}))


async def _read(request: Req, run_id: str) -> FileStream | None:
    """The post, None if nobody can read it; a body beyond every limit is refused."""
    try:
        body = await body_of(request, POST_BYTES_MAX)
    except ProblemError as problem:
        if problem.code == "too_large":
            raise
        log.error("filestream", run=run_id[:128], error=problem.reason)
        return None
    try:
        return _DECODE(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        found = leniently(body)
        log.warning("filestream", run=run_id[:128], error=str(error)[:300], read=found is not None)
        return found


def leniently(body: bytes) -> FileStream | None:
    """What makes sense of a post that is not as it should be; None if it is no JSON object."""
    said = translate.parse_quietly(body.decode(errors="replace"))
    if not isinstance(said, dict):
        return None
    files, code, uploaded = said.get("files"), said.get("exitcode"), said.get("uploaded")
    return FileStream(
        files={
            str(name): FileChunk(
                offset if isinstance(offset, int) else 0,
                [line if isinstance(line, str) else "" for line in lines],
            )
            for name, chunk in (files.items() if isinstance(files, dict) else ())
            if isinstance(chunk, dict) and isinstance(lines := chunk.get("content"), list)
            for offset in (chunk.get("offset"),)
        },
        uploaded=[
            name
            for name in (uploaded if isinstance(uploaded, list) else [])
            if isinstance(name, str)
        ],
        preempting=said.get("preempting") is True,
        complete=said.get("complete") is True,
        exitcode=code if isinstance(code, int) else None,
    )


def _run(tx: Transaction, who: Principal, path: RunPath, now: Any) -> RunRecord | Refused:
    """The run; one that a backup of ours does not know is here again, so that nothing is lost."""
    record = changed(tx, who, path)
    unknown = isinstance(record, Refused) and record.code == "not_found"
    named = check_name(path.project, "project") or check_name(path.id, "run id")
    if not unknown or named or not who.may_write(path.entity) or not known_entity(tx, path.entity):
        return record
    log.warning("filestream", run=str(path), error="unknown run: made again")
    return create_run(tx, path, path.id, who.user.name, now)


def _look_for(tx: Transaction, record: RunRecord, uploaded: list[str]) -> None:
    """What the client says it has uploaded is listed since the upload itself; or was it lost?"""
    lost = [
        name for name in uploaded[:UPLOADED_MAX]
        if translate.text(name) == name and tx.files.get(record.key, name) is None
    ]  # fmt: skip
    if lost:
        log.warning("uploaded, but not here", run=str(record.path), files=lost[:20])


def _size(said: FileStream) -> int:
    return sum(len(line) for chunk in said.files.values() for line in chunk.content)


def _tell(house: House, record: RunRecord, told: second_door.Post, *, moved: bool) -> None:
    house.dirty.add(record.key)
    house.hearts.forget(record.key)
    topics = {"state"} if moved else set()
    topics |= {"series"} if told.history or told.events or told.summary is not None else set()
    topics |= {"console"} if told.console else set()
    metrics.batches.inc()
    for lines in (told.history, told.events):
        if lines is not None:
            metrics.records.inc(lines.count)
            columns = () if lines.block is None else lines.block.columns
            metrics.points.inc(sum(len(column.values) for column in columns))
    if topics:
        house.tell(record, *sorted(topics))


def as_post(said: FileStream, now_ms: int) -> second_door.Post:
    """Their post as ours."""
    history, events = _lines(said.files.get(HISTORY)), _lines(said.files.get(EVENTS))
    output, summary = said.files.get(OUTPUT), _summary(said.files.get(SUMMARY))
    blocks = [lines.block for lines in (history, events) if lines is not None and lines.block]
    return second_door.Post(
        history=history,
        events=events,
        console=tuple(translate.console(_texts(output), _offset(output), now_ms)) if output else (),
        summary=summary,
        preempting=said.preempting,
        last_at=max((max(block.times) for block in blocks), default=0),
    )


def _judged(told: second_door.Post, said: FileStream, record: RunRecord) -> second_door.Post:
    """The post with its end, if it tells one."""
    if not said.complete:
        return told
    return replace(told, verdict=translate.verdict(_code(said.exitcode), seen=seen(record.config)))


def _summary(chunk: FileChunk | None) -> dict[str, Any] | None:
    """The last line that can be read: always the whole of it."""
    for line in reversed(_texts(chunk)):
        found = translate.parse_quietly(line)
        if isinstance(found, dict):
            return translate.stored(found)
    return None


def _code(said: int | None) -> int:
    return max(-EXIT_CODE_MAX, min(said or 0, EXIT_CODE_MAX))


def _texts(chunk: FileChunk | None) -> list[str]:
    return chunk.content if chunk is not None else []


def _offset(chunk: FileChunk) -> int:
    return max(0, min(chunk.offset, OFFSET_MAX))


def _lines(chunk: FileChunk | None) -> Lines | None:
    if chunk is None or not chunk.content:
        return None
    found = translate.rows(_texts(chunk))
    if found.unreadable:
        log.warning("filestream lines that cannot be read", count=found.unreadable)
    return Lines(_offset(chunk), len(chunk.content), found.block, found.places, found.stepless)


ROUTES = [file_stream]
