"""The application: routes, errors, docs, the web app's files. Never composes adapters."""

from pathlib import Path
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.config.app import AppConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi.config import OpenAPIConfig
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import generate_latest

from heartline.server import live, metrics
from heartline.server.auth import provide_who
from heartline.server.docs import PlainDocs
from heartline.server.house import House
from heartline.server.native import (
    accounts,
    attention,
    charts,
    deleted,
    files,
    hosts,
    ingest,
    projects,
    runs,
    series,
    sweeps,
)
from heartline.server.problems import ProblemError, handlers
from heartline.server.wandb import routes as wandb_routes
from heartline.wire.api import ServerView
from heartline.wire.ingest import PROTOCOL
from heartline.wire.version import VERSION

STATIC = Path(__file__).parent / "static"
YEAR_S = 31_536_000
JSON_BYTES_MAX = 8 * 2**20
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
    "style-src 'self' 'unsafe-inline'; worker-src 'self' blob:; frame-ancestors 'none'"
)
NO_APP = (
    "<!doctype html><title>Heartline</title><p>The server is up. The web app is not built into "
    "this installation: run <code>make web</code> in a source checkout, or install the wheel."
    "<p><a href='/docs'>API</a>"
)


@get("/healthz", media_type=MediaType.TEXT)
async def healthz() -> str:
    """The process answers."""
    return "ok"


@get("/readyz", media_type=MediaType.TEXT)
async def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """The database answers, and the server is not stopping."""
    house: House = request.app.state.house
    if house.stopping.is_set():
        return Response("stopping", status_code=503)
    await house.db.read(lambda tx: tx.clock.load())
    return Response("ready")


@get("/metrics", media_type=MediaType.TEXT, include_in_schema=False)
async def prometheus() -> bytes:
    """For Prometheus."""
    return generate_latest(metrics.registry)


@get("/api/v1/server")
async def server(request: Request[Any, Any, Any]) -> ServerView:
    """What this server is, and since when it has been healthy."""
    house: House = request.app.state.house
    now = house.clock.now()
    return ServerView(
        version=VERSION,
        protocol=PROTOCOL,
        alive_ms=now.alive,
        healthy_since=house.clock.healthy_since(),
        time_at=now.wall,
        login_required=not house.loopback,
    )


@get(["/", "/{path:path}"], include_in_schema=False)
async def web(request: Request[Any, Any, Any], path: str = "") -> Response[bytes]:
    """The app: its files, and its page for every address it knows."""
    name = path.strip("/")
    if name.startswith("api/"):
        raise ProblemError("not_found", f"no such call: /{name}; see /docs")
    file = _file(name)
    if file is not None:
        return _served(file, request, f"public, max-age={YEAR_S}, immutable"
                       if name.startswith("assets/") else "no-cache")  # fmt: skip
    if name.startswith("assets/"):
        raise ProblemError("not_found", f"no such file: /{name}")
    page = STATIC / "index.html"
    if page.is_file():
        return _served(page, request, "no-cache")
    return Response(NO_APP.encode(), media_type=MediaType.HTML, headers=_headers("no-cache"))


def _file(name: str) -> Path | None:
    """The file of the app with this name, if there is one; no file has a name beyond all limits."""
    try:
        file = (STATIC / name).resolve()
        there = STATIC.resolve() in file.parents and file.is_file()
    except (OSError, ValueError):
        return None
    return file if there and file.suffix not in {".gz", ".br"} else None


def _served(file: Path, request: Request[Any, Any, Any], cache: str) -> Response[bytes]:
    """A file of the app, as small as the browser takes it and the build has made it."""
    headers = _headers(cache)
    accepted = {part.split(";")[0].strip()
                for part in request.headers.get("accept-encoding", "").split(",")}  # fmt: skip
    for encoding, suffix in (("br", ".br"), ("gzip", ".gz")):
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            headers["Content-Encoding"] = encoding
            return Response(packed.read_bytes(), media_type=_kind(file), headers=headers)
    return Response(file.read_bytes(), media_type=_kind(file), headers=headers)


def _headers(cache: str) -> dict[str, str]:
    return {"Cache-Control": cache, "Vary": "Accept-Encoding", "Content-Security-Policy": POLICY}


def _kind(file: Path) -> str:
    kinds = {
        ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml",
        ".woff2": "font/woff2", ".html": "text/html", ".png": "image/png", ".json":
        "application/json", ".ico": "image/x-icon", ".map": "application/json", ".md": "text/plain",
    }  # fmt: skip
    return kinds.get(file.suffix, "application/octet-stream")


class Guard:
    """Headers for every answer, and counting; the outermost layer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                metrics.requests.labels(f"{message['status'] // 100}xx").inc()
                message["headers"] = [
                    *message["headers"],
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"same-origin"),
                    (b"x-frame-options", b"DENY"),
                ]
            await send(message)

        await self._app(scope, receive, told)


def application(house: House, *more: Any) -> Litestar:
    """The ASGI application over a composed house; `more` are further route handlers."""

    def seat(config: AppConfig) -> AppConfig:
        config.state = State({"house": house})
        return config

    rooms = (
        ingest, runs, series, charts, projects, deleted, attention, hosts, sweeps, accounts, files,
        live, wandb_routes,
    )  # fmt: skip
    routes = [handler for room in rooms for handler in room.ROUTES]
    return Litestar(
        route_handlers=[healthz, readyz, prometheus, server, web, *routes, *more],
        dependencies={"who": Provide(provide_who)},
        exception_handlers=handlers(house.faults),
        middleware=[Guard],
        request_max_body_size=JSON_BYTES_MAX,
        on_app_init=[seat],
        openapi_config=OpenAPIConfig(
            title="Heartline",
            version=VERSION,
            path="/docs",
            use_handler_docstrings=True,
            render_plugins=[PlainDocs()],
        ),
        logging_config=None,
        debug=False,
    )
