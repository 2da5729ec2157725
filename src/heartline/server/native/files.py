"""Files of runs over HTTP: list, get, put, delete. Bytes stream; nothing is held whole."""

import asyncio
import contextlib
import hashlib
import mimetypes
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

from litestar import Response, delete, get, put
from litestar.response import Stream

from heartline.core.lifecycle import Attempt
from heartline.core.records import FileRecord, RunPath, RunRecord
from heartline.ports import Transaction
from heartline.server import thumbnails
from heartline.server.house import House
from heartline.server.native.runs import RUN, Req, house_of
from heartline.server.problems import ProblemError, granted
from heartline.usecases import recall
from heartline.usecases.access import Principal, changed, of_now, seen
from heartline.usecases.refusal import Refused
from heartline.wire import api

FILE_BYTES_MAX = 5 * 2**30
PATH_CHARS_MAX = 512
# No file is larger; more digits are no range of one.
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
FIRST_PRINTABLE = 32
SAFE = frozenset({"text/plain", "application/json", "image/png", "image/jpeg", "image/gif",
                  "image/webp", "image/bmp", "audio/mpeg", "audio/wav", "audio/x-wav", "audio/ogg",
                  "audio/flac", "audio/x-flac", "video/mp4", "video/webm", "video/ogg"})  # fmt: skip
THUMBNAIL_AGE_S = 86_400
OPENINGS_MAX = 5
Find = Callable[[Transaction], FileRecord | Refused]
_making = asyncio.Semaphore(thumbnails.AT_ONCE_MAX)


def check_path(path: str) -> str:
    """A file's path inside its run, or a problem."""
    clean = path.strip("/")
    parts = clean.split("/")
    if not clean or len(clean) > PATH_CHARS_MAX or any(p in {"", ".", ".."} for p in parts):
        raise ProblemError("unprocessable", f"not a path inside the run: `{path[:80]}`")
    if any(ord(char) < FIRST_PRINTABLE for char in clean):
        raise ProblemError("unprocessable", f"not a path inside the run: `{path[:80]}`")
    return clean


def view(file: FileRecord) -> api.FileView:
    """A file as listed."""
    return api.FileView(file.path, file.size_bytes, file.mimetype, file.updated_at, file.sha256)


@get(RUN + "/files")
async def files(
    request: Req, who: Principal, entity: str, project: str, run_id: str
) -> list[api.FileView]:
    """All files of a run."""
    path = RunPath(entity, project, run_id)

    def unit(tx: Any) -> Any:
        record = seen(tx, who, path)
        return record if isinstance(record, Refused) else list(tx.files.list(record.key))

    return [view(file) for file in granted(await house_of(request).db.read(unit))]


def _finding(who: Principal, run: RunPath, path: str) -> Find:
    """How to look up a file that may be seen."""
    wanted = check_path(path)

    def unit(tx: Transaction) -> FileRecord | Refused:
        record = seen(tx, who, run)
        if isinstance(record, Refused):
            return record
        return tx.files.get(record.key, wanted) or Refused("not_found", f"no file `{wanted}`")

    return unit


def whole(file: FileRecord) -> tuple[int, int]:
    """From its first byte to its last."""
    return 0, file.size_bytes


async def opened(
    house: House, find: Find, part: Callable[[FileRecord], tuple[int, int]] = whole
) -> tuple[FileRecord, AsyncIterator[bytes]]:
    """A file with its bytes begun; what is replaced between the look and the reading is looked up
    again, and what is replaced later is still read to its end.
    """
    for _ in range(OPENINGS_MAX):
        file = granted(await house.db.read(find))
        start, end = part(file)
        chunks = house.blobs.get(file.blob, start, end - start)
        with contextlib.suppress(FileNotFoundError):
            return file, _begun(await anext(chunks, b""), chunks)
    raise ProblemError("not_found", "the bytes of this file are not in the store of files")


async def _begun(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


@get(RUN + "/files/{path:path}")
async def download(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str
) -> Stream:
    """A file's bytes, or a range of them; never rendered as a page of ours."""
    said = request.headers.get("range", "")
    find = _finding(who, RunPath(entity, project, run_id), path)
    file, chunks = await opened(
        house_of(request), find, lambda file: _range(said, file.size_bytes) or whole(file)
    )
    shown = file.mimetype if file.mimetype in SAFE else "application/octet-stream"
    size = file.size_bytes
    part = _range(said, size)
    start, end = part or whole(file)
    headers = {
        "Content-Length": str(end - start),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Stream(
        chunks,
        status_code=200 if part is None else 206,
        media_type=shown,
        headers=headers,
    )


def _range(said: str, size: int) -> tuple[int, int] | None:
    """[start, end) of a single range that can be satisfied; players ask so when they seek."""
    match = RANGE.fullmatch(said.strip())
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(size, int(last) + 1) if first and last else size
    return (start, end) if start < end else None


@get(RUN + "/thumbnails/{path:path}")
async def thumbnail(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str,
    side: int = 320,
) -> Response[bytes]:  # fmt: skip
    """An image of a run, made to fit a square of `side` pixels."""
    if not 1 <= side <= thumbnails.SIDE_MAX:
        raise ProblemError("unprocessable", f"side: 1 to {thumbnails.SIDE_MAX} pixels")
    find = _finding(who, RunPath(entity, project, run_id), path)
    file, chunks = await opened(house_of(request), find)
    if file.size_bytes > thumbnails.SOURCE_BYTES_MAX:
        most = thumbnails.SOURCE_BYTES_MAX
        raise ProblemError("unprocessable", f"thumbnails are made of files up to {most} bytes")
    tag = f'"{file.blob}-{side}"'
    headers = {"ETag": tag, "Cache-Control": f"private, max-age={THUMBNAIL_AGE_S}"}
    if request.headers.get("if-none-match") == tag:
        return Response(b"", status_code=304, headers=headers)
    async with _making:
        raw = b"".join([chunk async for chunk in chunks])
        try:
            made = await asyncio.to_thread(thumbnails.thumbnail, raw, side)
        except thumbnails.NoThumbnailError as error:
            raise ProblemError("unprocessable", f"`{file.path}`: {error}") from error
    return Response(made, media_type="image/webp", headers=headers)


@put(RUN + "/files/{path:path}", status_code=200, request_max_body_size=None)
async def upload(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str,
    attempt: int | None = None, launch: str = "",
) -> Response[api.FileView]:  # fmt: skip
    """Store a file of a run, replacing one of the same path.

    What an older `attempt` sends replaces nothing; the answer says where it is kept.
    """
    of = None if attempt is None else Attempt(attempt, launch)

    def may(tx: Any) -> RunRecord | Refused:
        sender = of_now(tx, who.user.name)
        if isinstance(sender, Refused):
            return sender
        return changed(tx, sender, RunPath(entity, project, run_id))

    file = await store(house_of(request), may, check_path(path), request.stream(), of)
    return Response(view(file))


May = Callable[[Transaction], RunRecord | Refused]
"""The run that may be written to at this moment, or why none may."""


class _Weighed:
    """A body as it passes, counted and bounded."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body, self.size = body, 0
        self.sha, self.md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._body:
            self.size += len(chunk)
            if self.size > FILE_BYTES_MAX:
                raise ProblemError("too_large", f"a file has at most {FILE_BYTES_MAX} bytes")
            self.sha.update(chunk)
            self.md5.update(chunk)
            yield chunk


async def store(
    house: House, may: May, path: str, body: AsyncIterator[bytes], of: Attempt | None = None
) -> FileRecord:
    """Bytes to the blob store, then the index, then the old bytes away.

    Whether it may be is asked before and after: hours of sending may lie between.
    """
    granted(await house.db.read(may))
    blob, weighed = house.ids.token().replace("_", "u").replace("-", "d"), _Weighed(body)
    await house.blobs.put(blob, aiter(weighed))
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    sums = weighed.sha.hexdigest(), weighed.md5.hexdigest()
    sent = FileRecord(path, weighed.size, kind, house.clock.now().wall, blob, *sums)

    def unit(tx: Transaction) -> tuple[RunRecord, FileRecord, FileRecord | None] | Refused:
        record = may(tx)
        if isinstance(record, Refused):
            return record
        at = path if of is None else recall.file_path(tx, record.key, of, sent)
        old = tx.files.get(record.key, at)
        kept = replace(sent, path=at)
        tx.files.put(record.key, kept)
        return record, kept, old

    stored = await house.db.write(unit)
    if isinstance(stored, Refused):
        await house.blobs.delete(blob)
    record, file, old = granted(stored)
    if old is not None:
        await house.blobs.delete(old.blob)
    house.tell(record, "files")
    return file


@delete(RUN + "/files/{path:path}", status_code=200)
async def remove(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str
) -> dict[str, bool]:
    """Delete a file."""
    house, wanted = house_of(request), check_path(path)

    def unit(tx: Any) -> Any:
        record = changed(tx, who, RunPath(entity, project, run_id))
        if isinstance(record, Refused):
            return record
        return tx.files.delete(record.key, wanted) or Refused("not_found", f"no file `{wanted}`")

    file: FileRecord = granted(await house.db.write(unit))
    await house.blobs.delete(file.blob)
    return {"deleted": True}


ROUTES = [files, download, thumbnail, upload, remove]
