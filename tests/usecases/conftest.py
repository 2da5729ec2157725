"""A small world in memory: one user, a clock that only moves when told, names in order."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from heartline.adapters.memory.database import MemoryDatabase
from heartline.core.lifecycle import Entry, Instant, Now, Wall
from heartline.core.records import RunKey, RunRecord, User
from heartline.ports import Ids
from heartline.usecases.access import Principal, principal
from heartline.usecases.expire_leases import Unsaved, expire_leases
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import Received, receive
from heartline.usecases.refusal import Refused
from heartline.wire.ingest import Batch, BatchReply, OpenReply, OpenRequest
from tests.server.writer import block

WALL = 1_790_000_000_000


class CountedIds:
    """`Ids` without chance."""

    def __init__(self) -> None:
        self._next = itertools.count(1)

    def run_id(self) -> str:
        return f"id{next(self._next)}"

    def run_name(self) -> str:
        return f"brave-fold-{next(self._next)}"

    def api_key(self) -> str:
        return f"hl-{next(self._next):064x}"

    def token(self) -> str:
        return f"token{next(self._next)}"


@dataclass
class World:
    db: MemoryDatabase = field(default_factory=MemoryDatabase)
    ids: Ids = field(default_factory=CountedIds)
    at: int = 1_000
    healthy_since: int = 0
    seq: int = 0

    def __post_init__(self) -> None:
        self.db.write_now(lambda tx: tx.accounts.put_user(User("ada", created_at=WALL)))

    @property
    def now(self) -> Now:
        return Now(Instant(self.at), Wall(WALL + self.at))

    def do(self, unit: Callable[[Any], Any]) -> Any:
        return self.db.write_now(unit)

    def who(self, name: str = "ada") -> Principal:
        def unit(tx: Any) -> Principal:
            return principal(tx, tx.accounts.user(name))

        found: Principal = self.do(unit)
        return found

    def open(self, **words: Any) -> OpenReply | Refused:
        self.seq += 1
        said = {
            "project": "digits", "id": "r1", "launch": "first", "writer": "w0",
            "seq": self.seq, "heartbeat_ms": 5_000, **words,
        }  # fmt: skip
        who = self.who()
        found: OpenReply | Refused = self.do(
            lambda tx: open_run(tx, who, OpenRequest(**said), self.ids, self.now)
        )
        return found

    def opened(self, **words: Any) -> "Writer":
        reply = self.open(**words)
        assert isinstance(reply, OpenReply), reply
        return Writer(self, reply, words.get("launch", "first"), words.get("writer", "w0"))

    def expire(self, unsaved: Unsaved | None = None) -> list[RunRecord]:
        healthy = Instant(self.healthy_since)
        more = () if unsaved is None else (unsaved,)
        found, _ = self.do(lambda tx: expire_leases(tx, healthy, self.now, *more))
        return list(found)

    def run(self, key: int) -> RunRecord:
        found: RunRecord = self.do(lambda tx: tx.runs.get(RunKey(key)))
        return found

    def ledger(self, key: int) -> list[Entry]:
        return list(self.do(lambda tx: tx.runs.ledger(RunKey(key))))

    def backup(self) -> "World":
        return replace(self, db=_copied(self.db))


def _copied(db: MemoryDatabase) -> MemoryDatabase:
    copy = MemoryDatabase()
    copy.state = db.state.copy()
    return copy


@dataclass
class Writer:
    world: World
    reply: OpenReply
    launch: str
    writer: str
    durable: int = 0

    def batch(self, **words: Any) -> Batch:
        self.world.seq += 1
        said = {
            "run": self.reply.run, "epoch": self.reply.epoch, "nonce": self.launch,
            "writer": self.writer, "spool": self.writer, "seq": self.world.seq,
            "first": self.durable, **words,
        }  # fmt: skip
        return Batch(**said)

    def send(self, batch: Batch) -> Received | Refused:
        found: Received | Refused = self.world.do(lambda tx: receive(tx, batch, self.world.now))
        return found

    def say(self, **words: Any) -> BatchReply:
        found = self.send(self.batch(**words))
        assert isinstance(found, Received), found
        self.durable = found.reply.durable
        return found.reply

    def log(self, rows: int = 10) -> BatchReply:
        return self.say(count=rows, history=[block(self.durable, rows)])

    @property
    def run(self) -> RunRecord:
        return self.world.run(self.reply.run)

    @property
    def state(self) -> str:
        return self.run.state.value


@pytest.fixture
def world() -> World:
    return World()
