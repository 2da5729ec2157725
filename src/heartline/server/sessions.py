"""Sessions of browsers, and links that begin one: the same on every server of a database.

Never asks for a password, and never keeps a token in clear.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heartline.core.lifecycle import Wall
from heartline.core.records import User
from heartline.server.house import House
from heartline.usecases.accounts import digest

COOKIE = "heartline_session"
SESSION_S = 30 * 24 * 3600
LINK_MS = 15 * 60_000
LINKS_MAX = 1_000
ENDED, LINK, SERVER = "ended_session", "login_link", "server"


@dataclass(frozen=True, slots=True)
class Session:
    """What a good cookie says: whose, since which password, which one, and how long (s)."""

    user: str
    account: str
    name: str
    until: int


def begun(house: House, user: User, password: str | None) -> str:
    """A signed cookie value, which ends with the account and with its (hashed) password."""
    until = house.clock.now().wall // 1000 + SESSION_S
    name = digest(house.ids.token())[:24]
    body = f"{account(user, password)}|{name}|{until}"
    return base64.urlsafe_b64encode(f"{body}|{_sign(house.secret, body)}".encode()).decode()


def account(user: User, password: str | None) -> str:
    """Tells an account from a later one of the same name, and from itself before a new password."""
    return f"{user.name}|{user.created_at}|{digest(password or '')[:16]}"


def read(house: House, cookie: str) -> Session | None:
    """The session of a cookie that we signed, and whose time is not over."""
    try:
        body, _, signature = base64.urlsafe_b64decode(cookie).decode().rpartition("|")
        if not hmac.compare_digest(signature, _sign(house.secret, body)):
            return None
        whose, name, until = body.rsplit("|", 2)
        found = Session(whose.partition("|")[0], whose, name, int(until))
    except (ValueError, binascii.Error):
        return None
    return found if found.until > house.clock.now().wall // 1000 else None


def is_of_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether a page of another site asks with what the browser holds: it says so of all pages.

    Whoever sends a key has read one: no page of another site has, and it may not send one here.
    """
    if "authorization" in headers:
        return False
    if site := headers.get("sec-fetch-site"):
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    hosts = {headers.get("host"), headers.get("x-forwarded-host")}
    return origin is not None and origin.partition("://")[2] not in hosts


def is_over(tx: Any, session: Session) -> bool:
    """Whether it was ended by a logout."""
    return tx.accounts.document(ENDED, session.user, session.name) is not None


def end(tx: Any, session: Session, now: Wall) -> None:
    """Nobody gets in with this cookie any more. What would be over anyway is forgotten."""
    for name, body in tx.accounts.documents(ENDED, session.user).items():
        if body["until"] <= now // 1000:
            tx.accounts.delete_document(ENDED, session.user, name)
    tx.accounts.put_document(ENDED, session.user, session.name, {"until": session.until})


def scheme_of(request: Any) -> str:
    """How the browser came, http or https, as it or a proxy in front of us says."""
    said: str = request.headers.get("x-forwarded-proto", request.url.scheme)
    return said.partition(",")[0].strip()


async def link(house: House, user: str) -> str:
    """The path of an address that signs one browser in, good once and for `LINK_MS`.

    By which name people reach this server they know, and we do not.
    """
    token, now = house.ids.token(), house.clock.now().wall

    def unit(tx: Any) -> None:
        kept = sorted(tx.accounts.documents(LINK, SERVER).items(), key=lambda one: one[1]["until"])
        old = [name for name, body in kept if body["until"] <= now]
        for name in old or [name for name, _ in kept[: max(0, len(kept) - LINKS_MAX + 1)]]:
            tx.accounts.delete_document(LINK, SERVER, name)
        body = {"user": user, "until": now + LINK_MS}
        tx.accounts.put_document(LINK, SERVER, digest(token), body)

    await house.db.write(unit)
    return f"/login?token={token}"


async def follow(house: House, token: str) -> str | None:
    """Whose link it is, once."""
    name, now = digest(token), house.clock.now().wall

    def unit(tx: Any) -> str | None:
        kept = tx.accounts.document(LINK, SERVER, name)
        first = tx.accounts.delete_document(LINK, SERVER, name)
        return str(kept["user"]) if kept and first and kept["until"] > now else None

    return await house.db.write(unit)


def _sign(secret: bytes, body: str) -> str:
    return hmac.new(secret, body.encode(), hashlib.sha256).hexdigest()
