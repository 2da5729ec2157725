"""What every resolver may ask: the unit of work, who asks, the time, opaque ids, signed links."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from graphql import GraphQLError

from heartline.core.lifecycle import Now
from heartline.core.records import Project, RunKey, RunPath, RunRecord, User
from heartline.core.sweep.trials import Sweep, SweepKey
from heartline.ports import Ids, News, Transaction
from heartline.server.wandb.listed import Listed
from heartline.usecases.access import Principal
from heartline.usecases.next_trial import Tools
from heartline.usecases.refusal import Refused

LINK_S = 24 * 3600
STRANGER = "log in first: this API key is not known here"


@dataclass(frozen=True, slots=True)
class Named:
    """A name that owns projects, or may: a user, a team, an organization, or nobody yet ("")."""

    name: str
    kind: str


class Unthought(Exception):
    """The unit of work is undone: a trial of this sweep must be thought out for it."""

    def __init__(self, sweep: SweepKey) -> None:
        super().__init__("to be thought out")
        self.sweep = sweep


class Unread(Exception):
    """The unit of work is undone: the text of a sweep file must be read before it."""

    def __init__(self, text: str) -> None:
        super().__init__("to be read")
        self.text = text


@dataclass
class Context:
    """One operation in one unit of work; `news` and `dropped` are acted upon after the commit."""

    tx: Transaction
    who: Principal | None
    now: Now
    ids: Ids
    secret: bytes
    address: str
    client: str
    heartbeat_ms: int
    tools: Tools
    may_think: bool = True
    writer: str = ""
    launch: str = ""
    resumed: bool = False
    accounts_changed: bool = False
    news: list[News] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    listed: Listed = field(default_factory=Listed)
    handed: dict[SweepKey, dict[str, list[RunKey]]] = field(default_factory=dict)
    counted: dict[tuple[Project, str | None], int] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)

    def known(self) -> Principal:
        """Who asks; an error for the client if nobody."""
        if self.who is None:
            raise GraphQLError(STRANGER)
        return self.who

    def may_write(self, entity: str) -> None:
        """An error for the client if the asker may not change what belongs to this entity."""
        if not self.known().may_write(entity):
            raise GraphQLError(f"you may not write to `{entity}`, or there is none")

    def user(self, name: str) -> User:
        """A user, looked up once in an operation: lists of runs name the same few."""
        if name not in self.users:
            self.users[name] = self.tx.accounts.user(name) or User(name)
        return self.users[name]

    def named(self, name: str) -> "Named":
        """What stands behind the name of an entity."""
        accounts = self.tx.accounts
        if accounts.user(name) is not None:
            return Named(name, "user")
        if accounts.team(name) is not None:
            return Named(name, "team")
        return Named(name, "organization" if name in accounts.organisations() else "")

    def tell(self, record: RunRecord, *topics: str) -> None:
        """Signal that a run changed, once it is committed."""
        project = (record.path.entity, record.path.project)
        self.news.append(News(project, record.key, 0, frozenset(topics)))

    def tell_sweep(self, sweep: Sweep, *topics: str) -> None:
        """Signal that a sweep changed, once it is committed."""
        place = (sweep.entity, sweep.project)
        self.news.append(News(place, RunKey(0), 0, frozenset(topics), sweep.id))

    def read(self, text: str) -> Any:
        """The values of a sweep file, or their refusal, as read before this unit of work."""
        if text not in self.texts:
            raise Unread(text)
        return self.texts[text]

    def link(self, key: RunKey, path: str, *, write: bool = False) -> str:
        """An address at which this one file can be read, or written, for a day without a header."""
        until, by = self.now.wall // 1000 + LINK_S, self.known().user.name
        sign = signature(self.secret, "put" if write else "get", key, path, until, by)
        return f"{self.address}/wandb-files/{key}/{until}/{quote(by)}/{sign}/{quote(path)}"


def signature(secret: bytes, verb: str, key: int, path: str, until: int, by: str) -> str:
    """Proves that we made the link, for this verb alone: who may read may not write."""
    said = f"file|{verb}|{key}|{until}|{quote(by)}|{path}".encode(errors="surrogatepass")
    return hmac.new(secret, said, hashlib.sha256).hexdigest()[:40]


def granted(answer: Any) -> Any:
    """The answer of a use case, or its refusal as an error that the client shows."""
    if isinstance(answer, Refused):
        raise GraphQLError(answer.reason)
    return answer


def run_id(path: RunPath) -> str:
    """The opaque id of a run."""
    return opaque("Run", path.id, path.project, path.entity)


def opaque(kind: str, *parts: str) -> str:
    """Base64, as the client expects ids to look."""
    return base64.b64encode(":".join([kind, "v1", *parts]).encode()).decode()


def parts_of(kind: str, said: str, count: int) -> list[str]:
    """What `opaque` put into an id of this kind; an error for the client if it is none of ours."""
    try:
        # They drop the padding where an id stands in an address.
        found, version, *parts = (
            base64.b64decode(said + "=" * (-len(said) % 4)).decode().split(":", count + 1)
        )
    except (binascii.Error, ValueError):
        found, version, parts = "", "", []
    if (found, version, len(parts)) != (kind, "v1", count):
        raise GraphQLError(f"`{said[:40]}` is no id of a {kind.lower()}")
    return parts


def run_path(storage_id: str) -> RunPath:
    """The path in an opaque run id."""
    name, project, entity = parts_of("Run", storage_id, 3)
    return RunPath(entity, project, name)


def stamp(wall_ms: int | None, *, precise: bool = False) -> str | None:
    """A time as they write it; None also for what no calendar has."""
    if wall_ms is None:
        return None
    try:
        at = datetime.fromtimestamp(wall_ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f" if precise else "%Y-%m-%dT%H:%M:%SZ")
