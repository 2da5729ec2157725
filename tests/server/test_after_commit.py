"""What follows from a change is told on the event loop once it is stored. Never from a unit."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from heartline.adapters.memory.feed import MemoryFeed
from heartline.adapters.sql.database import SqlDatabase, opened
from heartline.core.records import User
from heartline.ports import News
from heartline.server import clockwork
from heartline.server.native import runs
from heartline.usecases.access import principal
from heartline.usecases.open_run import open_run
from heartline.wire.api import BulkAction
from heartline.wire.ingest import OpenReply, OpenRequest
from tests.server.test_clockwork import house_in


class LoopsFeed(MemoryFeed):
    """A feed that refuses any other thread than that of an event loop."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[News] = []

    def signal(self, news: News) -> None:
        asyncio.get_running_loop()
        self.told.append(news)
        super().signal(news)


async def tagged(folder: Path, database: SqlDatabase) -> None:
    feed = LoopsFeed()
    house = replace(house_in(folder), db=database, feed=feed)
    await house.db.write(lambda tx: tx.accounts.put_user(User("ada", created_at=0)))
    await clockwork.begin(house)
    who = await house.db.read(lambda tx: principal(tx, tx.accounts.user("ada")))
    asked = OpenRequest(project="p", id="r", launch="l", writer="w", seq=0, heartbeat_ms=5_000)
    now = house.clock.now()
    made = await house.db.write(lambda tx: open_run(tx, who, asked, house.ids, now))
    assert isinstance(made, OpenReply)
    request: Any = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(house=house)))
    said = BulkAction(keys=[made.run, made.run + 1], action="tag", tag="x")
    result = await runs.actions.fn(request, who, said)
    assert (result.done, list(result.refused)) == ([made.run], [str(made.run + 1)])
    assert [(news.run, news.project) for news in feed.told] == [(made.run, ("ada", "p"))]


def test_many_runs_at_once_are_told_of_by_the_event_loop(tmp_path: Path) -> None:
    with opened(tmp_path / "heartline.db") as database:
        asyncio.run(tagged(tmp_path, database))
