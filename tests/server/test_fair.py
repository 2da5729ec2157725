"""Many slow questions of one caller leave a reader for another."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from heartline.adapters.sql.database import READERS, SqlDatabase, open_engine
from heartline.adapters.sql.migrate import migrate
from heartline.server import fair
from heartline.server.fair import CALLER, FairDatabase
from heartline.server.problems import ProblemError


async def ask(db: FairDatabase, caller: bytes, unit: Any) -> Any:
    CALLER.set(caller)
    return await db.read(unit)


def with_database(home: Path, story: Any) -> None:
    engine = open_engine(str(home / "fair.db"))
    migrate(engine)

    async def told() -> None:
        db = SqlDatabase(engine)
        free = threading.Event()
        try:
            await asyncio.wait_for(story(FairDatabase(db, READERS - 1), free), 30)
        finally:
            free.set()
            await db.close()

    asyncio.run(told())


def test_one_who_asks_slowly_and_often_leaves_a_reader_for_others(tmp_path: Path) -> None:
    async def story(db: FairDatabase, free: threading.Event) -> None:
        slow = [asyncio.create_task(ask(db, b"eager", lambda _: free.wait())) for _ in range(20)]
        for caller in (b"other", b""):
            asked = asyncio.create_task(ask(db, caller, lambda tx: tx.clock.load()))
            assert await asked is not None
        assert not any(task.done() for task in slow)
        free.set()
        assert all(await asyncio.gather(*slow))

    with_database(tmp_path, story)


def test_a_queue_has_an_end_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair, "READS_WAITING_MAX", 5)

    async def story(db: FairDatabase, free: threading.Event) -> None:
        slow = [asyncio.create_task(ask(db, b"eager", lambda _: free.wait())) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(ProblemError, match="5 questions of yours wait") as refused:
            await asyncio.create_task(ask(db, b"eager", lambda _: True))
        assert refused.value.code == "busy"
        free.set()
        assert all(await asyncio.gather(*slow))
        assert await asyncio.create_task(ask(db, b"eager", lambda _: True))

    with_database(tmp_path, story)
