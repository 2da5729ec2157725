"""What can go wrong for a caller, as classes whose docstring is the message. Never retries."""

import inspect

from heartline.client import transport


class HeartlineError(Exception):
    """Something went wrong in Heartline: the text says what, and what to do about it."""

    def __init__(self, told: str = "") -> None:
        super().__init__(told or inspect.cleandoc(type(self).__doc__ or ""))


class NoKey(HeartlineError):
    """No API key is known for this server: run `heartline login`, or set HEARTLINE_API_KEY."""


class AuthenticationError(HeartlineError):
    """The server does not know this API key: run `heartline login`, or set HEARTLINE_API_KEY."""


class Forbidden(HeartlineError):
    """It is not yours to see or change: ask an admin of its team for access."""


class NotFound(HeartlineError):
    """Nothing of that name exists here, or it is not yours to see: check its spelling."""


class Ambiguous(HeartlineError):
    """Several runs fit: write entity/project/id, or more letters of the id."""


class Conflict(HeartlineError):
    """It does not go with what exists: read it again, then decide."""


class InvalidRequest(HeartlineError):
    """The server cannot do this as it was asked: correct what its sentence names."""


class Unreachable(HeartlineError, transport.Unreachable):
    """The server does not answer: check the address, and that it runs (`heartline doctor`)."""


class ServerFault(HeartlineError):
    """The server failed at this: its log has the details; try again later."""


class WaitedTooLong(HeartlineError, TimeoutError):
    """The run has not ended within the time given: wait longer, or ask it to stop."""


class MissingPackage(HeartlineError, ImportError):
    """A package for this form of data is not installed: the text names it."""


OF_STATUS: dict[int, type[HeartlineError]] = {
    401: AuthenticationError,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    429: ServerFault,
}


def of_status(status: int, told: str) -> HeartlineError:
    """The error for a refusal, with the server's own sentence."""
    if status in OF_STATUS:
        return OF_STATUS[status](told)
    return (ServerFault if status >= 500 else InvalidRequest)(told)
