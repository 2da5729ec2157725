"""Signed links to files of runs: the client puts and gets them without any header of ours.

Never lists files, and never decides who may have a link: whoever asks for one is asked first.
"""

import hmac
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import HttpMethod, Request, Response, get, put, route
from litestar.response import Stream

from heartline.core.records import FileRecord, RunKey, RunRecord
from heartline.ports import Transaction
from heartline.server.house import House
from heartline.server.native.files import SAFE, check_path, opened, store
from heartline.server.problems import ProblemError
from heartline.server.wandb.context import signature
from heartline.usecases.access import of_now
from heartline.usecases.refusal import Refused

Req = Request[Any, Any, Any]
LINK = "/wandb-files/{key:int}/{until:int}/{by:str}/{sign:str}/{path:path}"
KEY_MAX = 2**62
NOT_OURS = "this link is not ours, or too old: ask for a new one"


@dataclass(frozen=True, slots=True)
class Link:
    """A link that is ours: which file it leads to, and who asked for it."""

    house: House
    path: str
    key: RunKey
    by: str

    def leads(self, tx: Transaction, *, to_write: bool = False) -> RunRecord | Refused:
        """The run, if it is there and whoever asked for the link may still do this to it."""
        who, record = of_now(tx, self.by), tx.runs.get(self.key)
        if isinstance(who, Refused):
            return who
        if record is None:
            return Refused("gone", "this run was deleted")
        owner = record.path.entity
        if not (who.may_write(owner) if to_write else who.may_see(owner)):
            return Refused("forbidden", f"this run is no longer of those that {self.by} may use")
        return record


def _linked(request: Req, key: int, until: int, by: str, sign: str, path: str, verb: str) -> Link:
    house: House = request.app.state.house
    wanted = check_path(path)
    if not 0 <= key < KEY_MAX or until * 1000 <= house.clock.now().wall:
        raise ProblemError("forbidden", NOT_OURS)
    ours = signature(house.secret, verb, key, wanted, until, by)
    if not hmac.compare_digest(sign.encode(errors="replace"), ours.encode()):
        raise ProblemError("forbidden", NOT_OURS)
    return Link(house, wanted, RunKey(key), by)


@put(LINK, status_code=200, request_max_body_size=None, include_in_schema=False)
async def upload(
    request: Req, key: int, until: int, by: str, sign: str, path: str
) -> Response[bytes]:
    """Store a file of a run; the link is the credential."""
    link = _linked(request, key, until, by, sign, path, "put")
    may = partial(link.leads, to_write=True)
    await store(link.house, may, link.path, request.stream())
    return Response(b"")


@get(LINK, include_in_schema=False)
async def download(request: Req, key: int, until: int, by: str, sign: str, path: str) -> Stream:
    """A file's bytes; the link is the credential."""
    link = _linked(request, key, until, by, sign, path, "get")

    def unit(tx: Transaction) -> FileRecord | Refused:
        record = link.leads(tx)
        if isinstance(record, Refused):
            return record
        found = tx.files.get(record.key, link.path)
        return found or Refused("not_found", f"no file `{link.path}`")

    file, chunks = await opened(link.house, unit)
    shown = file.mimetype if file.mimetype in SAFE else "application/octet-stream"
    return Stream(
        chunks,
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
