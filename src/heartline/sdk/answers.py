"""What an answer of the server means to who ships a spool. Never a socket, never a second try."""

from typing import Any, TypeVar

import msgspec

from heartline.client.transport import Answer, Unreachable

T = TypeVar("T")

OK, UNAUTHORIZED, TOO_LARGE = 200, 401, 413
DENIED = frozenset({UNAUTHORIZED, 403})
BUSY = frozenset({408, 425, 429})
UNREADABLE = frozenset({400, 413, 422})


class Refusal(Exception):
    """The server will not have this: the reason is its own."""

    def __init__(self, answer: Answer) -> None:
        try:
            said = msgspec.json.decode(answer.body)["error"]
        except (msgspec.MsgspecError, KeyError, TypeError):
            said = f"the server answered {answer.status}"
        super().__init__(said)
        self.status = answer.status

    @property
    def passes(self) -> bool:
        """Whether it may be otherwise later: a key is replaced, a role given back."""
        return self.status in DENIED


def is_ours(answer: Answer) -> bool:
    """Whether Heartline itself refuses: only then is a refusal the last word."""
    try:
        return "error" in msgspec.json.decode(answer.body, type=dict[str, Any])
    except msgspec.MsgspecError:
        return False


def foreign(answer: Answer) -> Unreachable:
    """A proxy in front of a server that is away, or an address that leads elsewhere."""
    leads = f" and leads to {answer.headers['location']}" if "location" in answer.headers else ""
    return Unreachable(f"what answers there ({answer.status}){leads} is no Heartline server")


def decoded(answer: Answer, kind: type[T]) -> T:
    """What a good answer says."""
    try:
        return msgspec.msgpack.decode(answer.body, type=kind)
    except msgspec.MsgspecError:
        raise foreign(answer) from None
