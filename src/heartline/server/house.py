"""What every route may ask: the ports in use, the settings, and who is dirty. Never a route."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from heartline.core.lifecycle import Instant, Now, Wall
from heartline.core.lifecycle.time import TICK_ADVANCE_MS_MAX, AliveClock
from heartline.core.records import RunKey, RunRecord
from heartline.core.sweep.trials import Sweep, SweepKey
from heartline.ports import BlobStore, Database, Feed, Ids, News, Search
from heartline.server.guesses import Guesses
from heartline.server.hearts import Hearts
from heartline.server.wishes import Wishes

RECENT_S, RECENT_MAX = 15.0, 500


SET_MS_MIN = 5_000
_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def _apart_ms() -> int:
    """From the boot of this machine, whose clock nobody sets, to 1970 by its wall clock."""
    return int((time.time() - time.clock_gettime(_BOOT)) * 1000)


class ServerClock:
    """`Clock`: wall time, and the server-alive clock as last ticked plus what passed since."""

    def __init__(self) -> None:
        self.seen = AliveClock()
        self.seen_at = time.monotonic()
        self._apart_ms = _apart_ms()

    def adopt(self, clock: AliveClock, seen_at: float | None = None) -> None:
        """The stored clock, as just read, or as written from what had passed at `seen_at`."""
        self.seen_at = time.monotonic() if seen_at is None else seen_at
        self.seen = clock

    def elapsed_ms(self, at: float | None = None) -> int:
        """Since the stored clock was last seen."""
        return int(((time.monotonic() if at is None else at) - self.seen_at) * 1000)

    def now(self) -> Now:
        """Both clocks, read once."""
        passed = min(self.elapsed_ms(), TICK_ADVANCE_MS_MAX)
        return Now(Instant(self.seen.at + passed), Wall(int(time.time() * 1000)))

    def set_by_ms(self) -> int:
        """By how much the wall clock was set since this was asked last; its drift is nothing."""
        before, self._apart_ms = self._apart_ms, _apart_ms()
        by = self._apart_ms - before
        return by if abs(by) >= SET_MS_MIN else 0

    def healthy_since(self) -> Instant:
        """Silence from before this instant is ours."""
        return self.seen.healthy_since


class Load:
    """What has been accepted and waits for its commit."""

    def __init__(self) -> None:
        self.bytes_waiting = 0

    @contextlib.contextmanager
    def waiting(self, size: int) -> Iterator[None]:
        """Counted for as long as it waits."""
        self.bytes_waiting += size
        try:
            yield
        finally:
            self.bytes_waiting -= size


class Recent:
    """The newest news with when they were told, for those who asked before they listened."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all_since = clock()
        self._told: deque[tuple[float, News]] = deque()

    def add(self, news: News) -> None:
        """Remember it; the oldest goes where there are too many."""
        if len(self._told) == RECENT_MAX:
            self._all_since = self._told.popleft()[0]
        self._told.append((self._clock(), news))

    def told(self) -> tuple[int, list[tuple[int, News]]]:
        """For how many ms back all of it is there, and each with its age in ms, the oldest first.

        What is told of a run or sweep several times stands once, as old as it was told last.
        """
        now = self._clock()
        start = max(self._all_since, now - RECENT_S)
        found: dict[object, tuple[float, News]] = {}
        for at, news in self._told:
            if at < start:
                continue
            place = (news.project, news.run, news.sweep)
            before = found.pop(place, None)
            topics = news.topics | (before[1].topics if before else frozenset())
            found[place] = at, replace(news, topics=topics)
        ages = [(int((now - at) * 1000), news) for at, news in found.values()]
        return int((now - start) * 1000), ages


@dataclass
class House:
    """The composition that `wiring` made.

    `shared`: other servers may use the same database. `faults`: what its adapter raises when the
    world is broken (a full disk, a database that is away), not the program. `down_ms`: how long
    nothing was judged before the clock's `healthy_since`, if that is known. `keep_deleted_ms`: for
    how long a deleted run can be brought back.
    """

    db: Database
    feed: Feed
    clock: ServerClock
    ids: Ids
    blobs: BlobStore
    data_dir: Path
    secret: bytes
    hearts: Hearts
    search: Search
    recent: Recent = field(default_factory=Recent)
    seq: int = 0
    passed_on: frozenset[int] = frozenset()
    guesses: Guesses = field(default_factory=Guesses)
    load: Load = field(default_factory=Load)
    wishes: Wishes = field(default_factory=Wishes)
    accounts_seen: str = ""
    keep_deleted_ms: int = 0
    loopback: bool = True
    shared: bool = False
    down_ms: int | None = None
    faults: tuple[type[Exception], ...] = ()
    dirty: set[RunKey] = field(default_factory=set)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    thinking: dict[SweepKey, asyncio.Lock] = field(default_factory=dict)

    def tell(self, record: RunRecord, *topics: str, seq: int = 0) -> None:
        """Signal that a run changed."""
        project = (record.path.entity, record.path.project)
        self.feed.signal(News(project, record.key, seq, frozenset(topics)))

    def tell_sweep(self, sweep: Sweep, *topics: str) -> None:
        """Signal that a sweep changed: its status, its trials or its agents."""
        project = (sweep.entity, sweep.project)
        self.feed.signal(News(project, RunKey(0), 0, frozenset(topics), sweep.id))
