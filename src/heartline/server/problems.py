"""Refusals and faults as HTTP answers that say what to do. Never hides a bug's trace in a body."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from heartline.server.log import log
from heartline.usecases.refusal import Refused
from heartline.wire.api import Problem

T = TypeVar("T")
Handler = Callable[..., Response[bytes]]
FAULT_CHARS_MAX = 500

STATUS = {
    "bad_request": 400,
    "unauthorized": 401,
    "forbidden": 403,
    "not_found": 404,
    "conflict": 409,
    "gone": 410,
    "too_large": 413,
    "unprocessable": 422,
    "too_many": 429,
    "busy": 503,
}
CODES = {status: code for code, status in STATUS.items()}


class ProblemError(Exception):
    """Carries a refusal out of a route."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


def granted(answer: T | Refused) -> T:
    """The answer, or leave the route with the refusal."""
    if isinstance(answer, Refused):
        raise ProblemError(answer.code, answer.reason)
    return answer


def respond(code: str, reason: str, status: int | None = None) -> Response[bytes]:
    """A Problem."""
    status = status or STATUS.get(code, 400)
    headers = {"Retry-After": "2"} if status in {429, 503} else {}
    if code == "unauthorized":
        headers["WWW-Authenticate"] = 'Bearer realm="heartline"'
    return Response(
        msgspec.json.encode(Problem(reason, code)),
        status_code=status,
        media_type=MediaType.JSON,
        headers=headers,
    )


def on_problem(_: Request[Any, Any, Any], error: ProblemError) -> Response[bytes]:
    """A refusal."""
    return respond(error.code, error.reason)


def on_http(_: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """Litestar's own: unknown path, wrong method, body that does not fit."""
    extra = error.extra
    detail = error.detail
    if isinstance(extra, list) and extra:
        said = "; ".join(str(each.get("message", each)) for each in extra if isinstance(each, dict))
        detail = f"{detail}: {said}"
    return respond(CODES.get(error.status_code, "bad_request"), detail, error.status_code)


def on_decode(_: Request[Any, Any, Any], error: msgspec.MsgspecError) -> Response[bytes]:
    """A body that is not what the route takes."""
    return respond("bad_request", f"cannot read the body: {error}")


def on_range(_: Request[Any, Any, Any], __: Exception) -> Response[bytes]:
    """A number or a nesting that nothing here can hold."""
    return respond("unprocessable", "a number is out of range, or a value is nested too deep")


def on_value(_: Request[Any, Any, Any], error: ValueError) -> Response[bytes]:
    """A value deep inside a body."""
    return respond("unprocessable", str(error))


def on_bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Ours: logged whole, told in one line."""
    log.error("bug", path=request.url.path, exc_info=error)
    return respond("internal", "an error of this server; its log has the details", 500)


HANDLERS: dict[int | type[Exception], Callable[..., Response[bytes]]] = {
    ProblemError: on_problem,
    HTTPException: on_http,
    msgspec.MsgspecError: on_decode,
    OverflowError: on_range,
    RecursionError: on_range,
    ValueError: on_value,
    Exception: on_bug,
}


def on_fault(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The world's: a full disk, a database that is away. Nothing was taken; asking again helps."""
    log.error("fault", path=request.url.path, error=str(error)[:FAULT_CHARS_MAX])
    return respond("busy", "the database cannot take this now; nothing is lost, try again soon")


def handlers(faults: tuple[type[Exception], ...]) -> dict[type[Exception] | int, Handler]:
    """Every handler, with those for what the adapters raise when the world is broken."""
    return {**HANDLERS, **dict.fromkeys(faults, on_fault)}


def handler_of(error: Exception, known: Mapping[type[Exception] | int, Handler]) -> Handler:
    """The handler of the nearest kind, as the application would choose it."""
    return next(known[kind] for kind in type(error).__mro__ if kind in known)
