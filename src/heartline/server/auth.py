"""Who is asking: API keys and session cookies. Never decides what they may do."""

import base64
import binascii
import time
from typing import Any

from litestar.connection import ASGIConnection

from heartline.server import sessions
from heartline.server.house import House
from heartline.server.problems import ProblemError
from heartline.server.sessions import Session
from heartline.usecases.access import Principal, principal
from heartline.usecases.accounts import digest

CACHE_S = 5.0
CACHE_SIZE_MAX = 10_000
LOGIN_FIRST = "log in, or send your API key as `Authorization: Bearer <key>`"
WRONG_KEY = "this API key is not known here; run `heartline login`, or make one under Settings"


class KeyCache:
    """Principals by key digest for a few seconds, so that a heartbeat costs no query."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Principal, float]] = {}

    def get(self, key: str) -> Principal | None:
        """If it was looked up just now."""
        found = self._known.get(key)
        return found[0] if found and found[1] > time.monotonic() else None

    def put(self, key: str, who: Principal) -> None:
        """Remember for `CACHE_S`."""
        if len(self._known) >= CACHE_SIZE_MAX:
            self._known.clear()
        self._known[key] = (who, time.monotonic() + CACHE_S)

    def clear(self) -> None:
        """Whenever accounts change."""
        self._known.clear()


CACHE = KeyCache()


async def identify(house: House, headers: Any, cookies: Any) -> Principal:
    """The principal of a request; ProblemError if nobody, or nobody we know."""
    key = key_of(headers.get("authorization", ""))
    if key is not None:
        return await by_key(house, key)
    session = sessions.read(house, cookies.get(sessions.COOKIE, ""))
    if session is None:
        raise ProblemError("unauthorized", LOGIN_FIRST)
    return await _by_session(house, session)


async def _by_session(house: House, session: Session) -> Principal:
    cached = CACHE.get(f"session:{session.name}")
    if cached is not None:
        return cached

    def load(tx: Any) -> Principal | None:
        user = tx.accounts.user(session.user)
        if user is None or user.disabled or sessions.is_over(tx, session):
            return None
        if sessions.account(user, tx.accounts.password(user.name)) != session.account:
            return None
        return principal(tx, user)

    who = await house.db.read(load)
    if who is None:
        raise ProblemError("unauthorized", LOGIN_FIRST)
    CACHE.put(f"session:{session.name}", who)
    return who


async def by_key(house: House, key: str) -> Principal:
    """The owner of an API key."""
    hashed = digest(key)
    cached = CACHE.get(hashed)
    if cached is not None:
        return cached

    def load(tx: Any) -> Principal | None:
        user = tx.accounts.user_by_key(hashed)
        return None if user is None or user.disabled else principal(tx, user)

    who = await house.db.read(load)
    if who is None:
        raise ProblemError("unauthorized", WRONG_KEY)
    CACHE.put(hashed, who)
    return who


def door_of(headers: Any) -> str:
    """Through which door a request came, for the record: app, heartline or api."""
    if key_of(headers.get("authorization", "")) is None:
        return "app"
    return "heartline" if headers.get("user-agent", "").startswith("heartline") else "api"


def key_of(header: str) -> str | None:
    """The API key of an `Authorization` header; None if there is no such header."""
    scheme, _, rest = header.partition(" ")
    if scheme.lower() == "bearer":
        return rest.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(rest.strip()).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return None


async def provide_who(request: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """For routes that need to know."""
    return await identify(request.app.state.house, request.headers, request.cookies)
