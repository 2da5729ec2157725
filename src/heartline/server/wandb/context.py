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
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Ids, News, Transaction
from heartline.usecases.access import Principal
from heartline.usecases.refusal import Refused

LINK_S = 24 * 3600
UNCATEGORIZED = "uncategorized"


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
    resumed: bool = False
    news: list[News] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def known(self) -> Principal:
        """Who asks; an error for the client if nobody."""
        if self.who is None:
            raise GraphQLError("log in first: this API key is not known here")
        return self.who

    def tell(self, record: RunRecord, *topics: str) -> None:
        """Signal that a run changed, once it is committed."""
        project = (record.path.entity, record.path.project)
        self.news.append(News(project, record.key, 0, frozenset(topics)))

    def link(self, key: RunKey, path: str) -> str:
        """An address at which this one file can be read and written for a day, without a header."""
        until = self.now.wall // 1000 + LINK_S
        sign = signature(self.secret, key, path, until)
        return f"{self.address}/wandb-files/{key}/{until}/{sign}/{quote(path)}"


def signature(secret: bytes, key: int, path: str, until: int) -> str:
    """Proves that we made the link."""
    said = f"file|{key}|{until}|{path}".encode()
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


def run_path(storage_id: str) -> RunPath:
    """The path in an opaque run id."""
    try:
        kind, _, name, project, entity = base64.b64decode(storage_id).decode().split(":")
    except (binascii.Error, ValueError):
        raise GraphQLError(f"not a run id: {storage_id[:40]}") from None
    if kind != "Run":
        raise GraphQLError(f"not a run id: {storage_id[:40]}")
    return RunPath(entity, project, name)


def stamp(wall_ms: int | None) -> str | None:
    """A time as they write it."""
    if wall_ms is None:
        return None
    return datetime.fromtimestamp(wall_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
