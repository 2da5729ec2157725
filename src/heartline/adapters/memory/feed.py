"""News within one process. Never blocks the one who tells it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from heartline.core.records import RunKey
from heartline.ports import News

RUNS_WAITING_MAX = 10_000


class _Inbox:
    """What one listener has not read yet: at most one item per run or sweep, so it stays small."""

    def __init__(self) -> None:
        self.items: dict[tuple[RunKey, str], News] = {}
        self.filled = asyncio.Event()

    def put(self, news: News) -> None:
        # A sweep's id is unique in its project only, and a run that is moved is news in two.
        place = news.run, "/".join((*news.project, news.sweep))
        old = self.items.pop(place, None)
        if old is not None:
            news = replace(news, topics=news.topics | old.topics, seq=max(news.seq, old.seq))
        if len(self.items) < RUNS_WAITING_MAX:
            self.items[place] = news
        self.filled.set()


class MemoryFeed:
    """`Feed`; to be used from one event loop."""

    def __init__(self) -> None:
        self._inboxes: set[_Inbox] = set()

    @property
    def listeners(self) -> int:
        """How many are listening."""
        return len(self._inboxes)

    def signal(self, news: News) -> None:
        """Tell everyone; slow listeners find their items joined."""
        for inbox in self._inboxes:
            inbox.put(news)

    async def listen(self) -> AsyncIterator[News]:
        """News from now on."""
        inbox = _Inbox()
        self._inboxes.add(inbox)
        try:
            while True:
                await inbox.filled.wait()
                inbox.filled.clear()
                items, inbox.items = inbox.items, {}
                for news in items.values():
                    yield news
        finally:
            self._inboxes.discard(inbox)
