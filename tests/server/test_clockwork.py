"""What happens by itself, on a house in memory: ticks, stalls, amnesty, overload."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from heartline.adapters.blobs.local import LocalBlobs
from heartline.adapters.memory.database import MemoryDatabase
from heartline.adapters.memory.feed import MemoryFeed
from heartline.adapters.search import Seeker
from heartline.adapters.sql.database import SqlDatabase, open_engine
from heartline.adapters.sql.merge import FRESH_CHUNKS_MIN
from heartline.adapters.sql.migrate import migrate
from heartline.adapters.system import SystemIds
from heartline.core.filters.fields import duration_ms
from heartline.core.records import RunKey, Stream, User
from heartline.ports import News
from heartline.server import clockwork
from heartline.server.hearts import Hearts, ListeningFeed
from heartline.server.house import House, ServerClock
from heartline.server.native.ingest import BYTES_WAITING_MAX, take
from heartline.server.problems import ProblemError
from heartline.usecases.access import principal
from heartline.usecases.open_run import open_run
from heartline.wire.ingest import Batch, BatchReply, OpenReply, OpenRequest
from tests.contract.test_series import block

LEASE_MS = 15_000


def house_in(folder: Path) -> House:
    hearts = Hearts(hold=True)
    return House(
        db=MemoryDatabase(),
        feed=ListeningFeed(MemoryFeed(), hearts),
        hearts=hearts,
        search=Seeker(),
        clock=ServerClock(),
        ids=SystemIds(),
        blobs=LocalBlobs(folder / "blobs"),
        data_dir=folder,
        secret=b"secret",
    )


def told(folder: Path, story: Callable[[House], Coroutine[Any, Any, None]]) -> None:
    """A story in a fresh house with one user and a clock that has begun."""

    async def whole() -> None:
        house = house_in(folder)
        await house.db.write(lambda tx: tx.accounts.put_user(User("ada", created_at=0)))
        await clockwork.begin(house)
        await story(house)

    asyncio.run(whole())


def passed(house: House, seconds: float) -> None:
    """As if this long had gone by since the clock was last seen."""
    house.clock.seen_at -= seconds


class Shown(NamedTuple):
    """How long a run has run, when it started, and when by its own clock."""

    length: int
    started_at: int
    began_at: int


@pytest.mark.parametrize("hours", [-3, 5])
def test_a_wall_clock_that_is_set_changes_no_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    true = time.time

    async def story(house: House) -> None:
        await opened(house)
        before = await shown(house)
        monkeypatch.setattr(time, "time", lambda: true() + hours * 3_600)
        await opened(house, "of after it was set")
        just = await shown(house, 2)
        await clockwork.advance(house)
        after = await shown(house)
        assert 0 <= after.length - before.length < 60_000
        assert abs(after.started_at - before.started_at - hours * 3_600_000) < 60_000
        assert after.began_at == before.began_at, "its rows are dated by its own clock"
        assert (await shown(house, 2)).started_at == just.started_at

    async def shown(house: House, key: int = 1) -> Shown:
        record, now = await house.db.read(lambda tx: tx.runs.get(RunKey(key))), house.clock.now()
        return Shown(duration_ms(record, now) or 0, record.started_at or 0, record.began_at)

    told(tmp_path, story)


def test_a_wall_clock_that_drifts_dates_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, true = ServerClock(), time.time
    for seconds in range(0, 30, 3):
        monkeypatch.setattr(time, "time", lambda s=seconds: true() + s)
        assert clock.set_by_ms() == 0


async def opened(house: House, run: str = "r") -> Callable[..., Coroutine[Any, Any, BatchReply]]:
    """A run; call it to send a batch."""
    who = await house.db.read(lambda tx: principal(tx, tx.accounts.user("ada")))
    asked = OpenRequest(project="p", id=run, launch="l", writer="w", seq=0, heartbeat_ms=5_000)
    now = house.clock.now()
    reply = await house.db.write(lambda tx: open_run(tx, who, asked, house.ids, now))
    assert isinstance(reply, OpenReply)
    seq = iter(range(1, 1_000))

    async def say(**words: Any) -> BatchReply:
        batch = Batch(
            run=reply.run, epoch=1, nonce="l", writer="w", spool="w", seq=next(seq), **words
        )
        answer = await take(house, who, msgspec.msgpack.encode(batch))
        return msgspec.msgpack.decode(answer, type=BatchReply)

    return say


async def state(house: House) -> str:
    record = await house.db.read(lambda tx: tx.runs.get(RunKey(1)))
    assert record is not None
    return record.state.value


def test_a_tick_in_time_moves_the_clock_by_what_passed(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        passed(house, 1.5)
        await clockwork.advance(house)
        assert 1_500 <= house.clock.seen.at < 2_000
        assert house.clock.healthy_since() == 0

    told(tmp_path, story)


def test_how_long_nothing_was_judged_is_known_after_a_stall_and_after_a_start(
    tmp_path: Path,
) -> None:
    async def story(house: House) -> None:
        assert house.down_ms is None, "the first server of this database was never down"
        passed(house, 60)
        await clockwork.advance(house)
        assert house.down_ms is not None
        assert house.down_ms >= 60_000
        await clockwork.begin(house)
        assert house.down_ms < 60_000, "it ticked a moment before it started again"

    told(tmp_path, story)


def test_a_stall_of_ours_moves_the_clock_by_two_seconds_and_gives_amnesty(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        await opened(house)
        passed(house, 3_600)
        assert house.clock.now().alive == 2_000
        await clockwork.advance(house)
        assert (house.clock.seen.at, house.clock.healthy_since()) == (2_000, 2_000)
        for _ in range(12):
            passed(house, 2)
            await clockwork.advance(house)
        await clockwork.judge(house)
        assert await state(house) == "running"
        passed(house, 2)
        await clockwork.advance(house)
        passed(house, 2)
        await clockwork.advance(house)
        await clockwork.judge(house)
        assert await state(house) == "crashed"

    told(tmp_path, story)


def test_a_beat_from_memory_is_stored_on_its_way_and_counts_before(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        say = await opened(house)
        await say()
        for _ in range(7):
            passed(house, 2)
            await clockwork.advance(house)
        await say()
        assert house.hearts.held() == [RunKey(1)]
        passed(house, 2)
        await clockwork.advance(house)
        await clockwork.judge(house)
        assert await state(house) == "running"
        await clockwork.store_beats(house, house.hearts.held())
        assert house.hearts.held() == []
        due = await house.db.read(lambda tx: tx.runs.next_deadline())
        assert due is not None and due >= 14_000 + LEASE_MS

    told(tmp_path, story)


def test_a_run_judged_by_its_lease_is_received_again_and_comes_back(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        say = await opened(house)
        await say()
        for _ in range(8):
            passed(house, 2)
            await clockwork.advance(house)
        await clockwork.judge(house)
        assert await state(house) == "crashed"
        await say()
        assert await state(house) == "running"

    told(tmp_path, story)


def test_more_than_the_database_can_take_is_busy_but_heartbeats_are_heard(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        say = await opened(house)
        await say()
        with house.load.waiting(BYTES_WAITING_MAX + 1):
            with pytest.raises(ProblemError, match="waiting"):
                await say(count=1)
            assert (await say()).refused == ""
        assert (await say(count=1)).durable == 1

    told(tmp_path, story)


def test_a_restart_begins_with_amnesty(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        for _ in range(5):
            passed(house, 1)
            await clockwork.advance(house)
        await clockwork.begin(house)
        assert house.clock.healthy_since() == house.clock.seen.at >= 5_000

    told(tmp_path, story)


def test_a_change_that_another_server_commits_late_is_news_here(tmp_path: Path) -> None:
    async def story(house: House) -> None:
        house.shared = True
        await opened(house)
        await clockwork.advance(house)
        heard: list[News] = []
        house.feed = ListeningFeed(MemoryFeed(), house.hearts, heard.append)
        await clockwork.advance(house)
        assert heard == [], "what was passed on is not told again"
        # Its number was given before that of what was passed on already.
        house.passed_on -= {min(house.passed_on)}
        await clockwork.advance(house)
        assert [news.run for news in heard] == [1]

    told(tmp_path, story)


def test_many_streams_are_merged_in_one_go(tmp_path: Path) -> None:
    engine = open_engine(str(tmp_path / "merge.db"))
    migrate(engine)

    async def story() -> None:
        house = replace(house_in(tmp_path), db=SqlDatabase(engine))
        streams = [
            Stream(RunKey(1), 1, f"w{n}") for n in range(2 * clockwork.MERGE_STREAMS_MAX + 1)
        ]

        def log(tx: Any) -> None:
            for stream in streams:
                for step in range(FRESH_CHUNKS_MIN):
                    tx.series.append(stream, step, 1, history=[block([step], loss=[0.5])])

        await house.db.write(log)
        await clockwork.merge(house)
        assert await house.db.write(lambda tx: tx.series.merge(100)) == 0, "nothing is left"
        await house.db.close()

    asyncio.run(story())
