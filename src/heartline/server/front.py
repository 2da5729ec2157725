"""The outermost door: ingest goes straight in, everything else through the application.

Heartbeats are most of what a server hears, so they skip routing, injection and the like. Never a
rule of its own: what is taken and how is `native.ingest.take`, what is refused is `problems`.
"""

import contextlib
import re
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import Headers
from litestar.types import Receive, Scope, Send

from heartline.server import metrics, sessions
from heartline.server.auth import by_key, identify, key_of
from heartline.server.fair import CALLER
from heartline.server.house import House
from heartline.server.native.ingest import MSGPACK, check_length, plain, take, too_large
from heartline.server.problems import ProblemError, handler_of, handlers
from heartline.wire.ingest import BATCH_BYTES_MAX
from heartline.wire.names import ME

INGEST = "/api/v1/ingest"
LINKS = "/wandb-files/"  # each is a credential by itself, for pages of anywhere
READS = frozenset({"GET", "HEAD", "OPTIONS"})
ELSEWHERE = "a page of another site asked for this: log in to the app of this server, or use a key"
_MINE = re.compile(rf"(/api/v1/(?:projects|runs|sweeps)/){ME}(?=/)")
_HEADERS = [(b"content-type", MSGPACK.encode()), (b"x-content-type-options", b"nosniff")]


class Front:
    """ASGI: one path by hand."""

    def __init__(self, house: House, app: Litestar) -> None:
        self._house, self._app = house, app
        self._handlers = handlers(house.faults)
        self._done = metrics.requests.labels("2xx")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ingest with a key here; the rest, and ingest with a cookie, inside."""
        said: Any = scope
        CALLER.set(_credential(said))
        if said["path"] == INGEST and said.get("method") == "POST":
            headers = {name: value for name, value in scope["headers"] if name in _WANTED}
            key = key_of(headers.get(b"authorization", b"").decode("latin-1"))
            if key is not None:
                await self._ingest(scope, key, headers, receive, send)
                return
        if _is_change(said) and sessions.is_of_elsewhere(Headers.from_scope(said)):
            await self._refuse(scope, ProblemError("forbidden", ELSEWHERE), send)
            return
        if _MINE.match(said["path"]):
            await self._name(said)
        await self._app(scope, receive, send)

    async def _name(self, scope: Any) -> None:
        """`me` in a path is the caller's default entity; who nobody is hears so inside."""
        request: Request[Any, Any, Any] = Request(scope)
        with contextlib.suppress(ProblemError):
            who = await identify(self._house, request.headers, request.cookies)
            scope["path"] = _MINE.sub(lambda at: at[1] + who.default_entity, scope["path"])

    async def _ingest(
        self, scope: Scope, key: str, headers: dict[bytes, bytes], receive: Receive, send: Send
    ) -> None:
        try:
            who = await by_key(self._house, key)
            check_length(headers.get(b"content-length", b"").decode("latin-1"))
            encoding = headers.get(b"content-encoding", b"").decode("latin-1")
            body = await take(self._house, who, plain(await _read(receive), encoding))
        except Exception as error:  # noqa: BLE001 - every fault has its handler, a bug too
            await self._refuse(scope, error, send)
            return
        self._done.inc()
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    async def _refuse(self, scope: Scope, error: Exception, send: Send) -> None:
        request: Request[Any, Any, Any] = Request(scope)
        answer: Response[bytes] = handler_of(error, self._handlers)(request, error)
        status = answer.status_code or 500
        metrics.requests.labels(f"{status // 100}xx").inc()
        headers = [(b"content-type", b"application/json")]
        headers += [
            (name.lower().encode(), value.encode()) for name, value in answer.headers.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.content, "more_body": False})


def _credential(said: Any) -> bytes:
    """What the caller shows; nothing of nobody."""
    return b" ".join(value for name, value in said["headers"] if name in _CREDENTIALS)


def _is_change(said: Any) -> bool:
    return said.get("method", "GET") not in READS and not said["path"].startswith(LINKS)


_CREDENTIALS = frozenset({b"authorization", b"cookie"})
_WANTED = frozenset({b"authorization", b"content-length", b"content-encoding"})


async def _read(receive: Receive) -> bytes:
    """The body, up to its limit; nearly always one message."""
    message: Any = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BATCH_BYTES_MAX:
            break
    if len(body) > BATCH_BYTES_MAX:
        raise too_large(BATCH_BYTES_MAX)
    return body
