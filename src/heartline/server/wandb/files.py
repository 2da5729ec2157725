"""Signed links to files of runs: the client puts and gets them without any header of ours.

Never lists files, and never decides who may have a link: whoever asks for one is asked first.
"""

from typing import Any

from litestar import HttpMethod, Request, Response, get, put, route
from litestar.response import Stream

from heartline.core.records import FileRecord, RunKey
from heartline.server.house import House
from heartline.server.native.files import SAFE, check_path, store
from heartline.server.problems import ProblemError
from heartline.server.wandb.context import is_signed

Req = Request[Any, Any, Any]
LINK = "/wandb-files/{key:int}/{until:int}/{sign:str}/{path:path}"
KEY_MAX = 2**62


def _linked(
    request: Req, key: int, until: int, sign: str, path: str, verb: str
) -> tuple[House, str]:
    house: House = request.app.state.house
    wanted = check_path(path)
    good = 0 <= key < KEY_MAX and is_signed(house.secret, sign, verb, key, wanted, until)
    if not good or until * 1000 <= house.clock.now().wall:
        raise ProblemError("forbidden", "this link is not ours, or too old: ask for a new one")
    return house, wanted


@put(LINK, status_code=200, request_max_body_size=None, include_in_schema=False)
async def upload(request: Req, key: int, until: int, sign: str, path: str) -> Response[bytes]:
    """Store a file of a run; the link is the credential."""
    house, wanted = _linked(request, key, until, sign, path, "put")
    record = await house.db.read(lambda tx: tx.runs.get(RunKey(key)))
    if record is None:
        raise ProblemError("gone", "this run was deleted")
    await store(house, record, wanted, request.stream())
    return Response(b"")


@get(LINK, include_in_schema=False)
async def download(request: Req, key: int, until: int, sign: str, path: str) -> Stream:
    """A file's bytes; the link is the credential."""
    house, wanted = _linked(request, key, until, sign, path, "get")
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


@route(LINK, http_method=[HttpMethod.OPTIONS], status_code=204, include_in_schema=False)
async def preflight() -> Response[None]:
    """Pages of anywhere may follow a link, for it is a credential by itself."""
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "GET, PUT"}
    return Response(None, headers=allowed)


ROUTES = [preflight, upload, download]  # the framework adds an OPTIONS of its own to the first
