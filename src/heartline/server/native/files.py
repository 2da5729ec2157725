"""Files of runs over HTTP: list, get, put, delete. Bytes stream; nothing is held whole."""

import hashlib
import mimetypes
from collections.abc import AsyncIterator
from typing import Any

from litestar import Response, delete, get, put
from litestar.response import Stream

from heartline.core.records import FileRecord, RunPath, RunRecord
from heartline.server.native.runs import RUN, Req, house_of
from heartline.server.problems import ProblemError, granted
from heartline.usecases.access import Principal, changed, seen
from heartline.usecases.refusal import Refused
from heartline.wire import api

FILE_BYTES_MAX = 5 * 2**30
PATH_CHARS_MAX = 512
FIRST_PRINTABLE = 32
SAFE = frozenset({"text/plain", "application/json", "image/png", "image/jpeg", "image/gif",
                  "image/webp", "audio/mpeg", "audio/wav", "video/mp4"})  # fmt: skip


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


@get(RUN + "/files/{path:path}")
async def download(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str
) -> Stream:
    """A file's bytes; never rendered as a page of ours."""
    house, wanted = house_of(request), check_path(path)

    def unit(tx: Any) -> Any:
        record = seen(tx, who, RunPath(entity, project, run_id))
        if isinstance(record, Refused):
            return record
        return tx.files.get(record.key, wanted) or Refused("not_found", f"no file `{wanted}`")

    file: FileRecord = granted(await house.db.read(unit))
    shown = file.mimetype if file.mimetype in SAFE else "application/octet-stream"
    return Stream(
        house.blobs.get(file.blob),
        media_type=shown,
        headers={
            "Content-Length": str(file.size_bytes),
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


@put(RUN + "/files/{path:path}", status_code=200, request_max_body_size=None)
async def upload(
    request: Req, who: Principal, entity: str, project: str, run_id: str, path: str
) -> Response[api.FileView]:
    """Store a file of a run, replacing one of the same path."""
    house, wanted = house_of(request), check_path(path)
    record = granted(
        await house.db.read(lambda tx: changed(tx, who, RunPath(entity, project, run_id)))
    )
    file = await store(house, record, wanted, request.stream())
    return Response(view(file))


async def store(house: Any, record: RunRecord, path: str, body: AsyncIterator[bytes]) -> FileRecord:
    """Bytes to the blob store, then the index, then the old bytes away."""
    sha, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)

    async def counted() -> AsyncIterator[bytes]:
        size = 0
        async for chunk in body:
            size += len(chunk)
            if size > FILE_BYTES_MAX:
                raise ProblemError("too_large", f"a file has at most {FILE_BYTES_MAX} bytes")
            sha.update(chunk)
            md5.update(chunk)
            yield chunk

    blob = house.ids.token().replace("_", "u").replace("-", "d")
    size = await house.blobs.put(blob, counted())
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    wall = house.clock.now().wall
    file = FileRecord(path, size, kind, wall, blob, sha.hexdigest(), md5.hexdigest())

    def unit(tx: Any) -> FileRecord | None:
        old: FileRecord | None = tx.files.get(record.key, path)
        tx.files.put(record.key, file)
        return old

    old = await house.db.write(unit)
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


ROUTES = [files, download, upload, remove]
