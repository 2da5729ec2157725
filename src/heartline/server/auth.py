"""Who is asking: API keys and session cookies. Never decides what they may do."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import Any

from litestar.connection import ASGIConnection

from heartline.core.records import User
from heartline.server.house import House
from heartline.server.problems import ProblemError
from heartline.usecases.access import Principal, principal
from heartline.usecases.accounts import digest

COOKIE = "heartline_session"
SESSION_S = 30 * 24 * 3600
LOGIN_TOKEN_S = 15 * 60
LOGIN_TOKENS_MAX = 1_000
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
    account = _session_account(house.secret, cookies.get(COOKIE, ""))
    if account is None:
        raise ProblemError("unauthorized", LOGIN_FIRST)
    cached = CACHE.get(f"session:{account}")
    if cached is not None:
        return cached

    def load(tx: Any) -> Principal | None:
        user = tx.accounts.user(account.partition("|")[0])
        if user is None or user.disabled:
            return None
        if _account(user, tx.accounts.password(user.name)) != account:
            return None
        return principal(tx, user)

    who = await house.db.read(load)
    if who is None:
        raise ProblemError("unauthorized", LOGIN_FIRST)
    CACHE.put(f"session:{account}", who)
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


def session(secret: bytes, user: User, password: str | None) -> str:
    """A signed cookie value, which ends with the account and with its (hashed) password."""
    body = f"{_account(user, password)}|{int(time.time()) + SESSION_S}"
    return base64.urlsafe_b64encode(f"{body}|{_sign(secret, body)}".encode()).decode()


def login_link(house: House, name: str) -> str:
    """An address that signs one browser in, good once and for `LOGIN_TOKEN_S`."""
    while len(house.login_tokens) >= LOGIN_TOKENS_MAX:
        house.login_tokens.pop(next(iter(house.login_tokens)))
    token = secrets.token_urlsafe(24)
    house.login_tokens[token] = (name, time.monotonic() + LOGIN_TOKEN_S)
    return f"{house.address}/login?token={token}"


def _account(user: User, password: str | None) -> str:
    """Tells an account from a later one of the same name, and from itself before a new password."""
    return f"{user.name}|{user.created_at}|{digest(password or '')[:16]}"


def _session_account(secret: bytes, cookie: str) -> str | None:
    try:
        body, _, signature = base64.urlsafe_b64decode(cookie).decode().rpartition("|")
        account, _, expires = body.rpartition("|")
        good = hmac.compare_digest(signature, _sign(secret, body))
        return account if good and int(expires) > time.time() else None
    except (ValueError, binascii.Error):
        return None


def _sign(secret: bytes, body: str) -> str:
    return hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()


async def provide_who(request: ASGIConnection[Any, Any, Any, Any]) -> Principal:
    """For routes that need to know."""
    return await identify(request.app.state.house, request.headers, request.cookies)
