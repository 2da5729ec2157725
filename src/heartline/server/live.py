"""Server-sent events that say *that* a run changed. Never what."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from litestar import Request, get
from litestar.response import ServerSentEvent, ServerSentEventMessage

from heartline.ports import News
from heartline.server import metrics
from heartline.server.auth import identify
from heartline.server.house import House
from heartline.server.problems import ProblemError
from heartline.usecases.access import Principal
from heartline.wire.version import VERSION

CATCH_UP_MAX = 5_000
OVERLAP = 100
FIRST = asyncio.FIRST_COMPLETED
AWAKE_S = 5.0
SEQ_CHARS_MAX = 15


@get("/api/v1/events")
async def events(
    request: Request[Any, Any, Any], who: Principal, projects: str = ""
) -> ServerSentEvent:
    """A stream of `run` and `sweep` events for the projects that the caller may see.

    Those of all of them if none is named.
    """
    house: House = request.app.state.house
    wanted = {tuple(each.split("/", 1)) for each in projects.split(",") if "/" in each}
    since = request.headers.get("last-event-id", "")
    good = since.isascii() and since.isdigit() and len(since) <= SEQ_CHARS_MAX
    listener = Listener(request, who, wanted)
    return ServerSentEvent(_stream(house, listener, int(since) if good else None))


@dataclass
class Listener:
    """Who listens: what was shared may be taken away while a page is open."""

    request: Request[Any, Any, Any]
    who: Principal
    wanted: set[Any]
    known_at: float = field(default_factory=time.monotonic)

    def hears(self, project: tuple[str, str]) -> bool:
        """Whether this listener may see the project, and wants to hear of it."""
        return self.who.may_see(project[0]) and (not self.wanted or project in self.wanted)

    async def known(self, house: House) -> None:
        """Ask again who it is, every few seconds; ProblemError if it is nobody any more."""
        if time.monotonic() - self.known_at >= AWAKE_S:
            self.known_at = time.monotonic()
            self.who = await identify(house, self.request.headers, self.request.cookies)


def _body(news: News) -> dict[str, Any]:
    entity, project = news.project
    return {
        "entity": entity,
        "project": project,
        "sweep" if news.sweep else "run": news.sweep or news.run,
        "topics": sorted(news.topics),
    }


def _message(news: News, seq: int) -> ServerSentEventMessage:
    return _plain("sweep" if news.sweep else "run", _body(news), seq)


def _hello(house: House, listener: Listener, seq: int) -> ServerSentEventMessage:
    """With what was told a moment ago: a page asks for its data before it listens."""
    since_ms, told = house.recent.told()
    recent = [{**_body(n), "age_ms": age} for age, n in told if listener.hears(n.project)]
    body = {"version": VERSION, "time_at": int(time.time() * 1000)}
    return _plain("hello", {**body, "recent_ms": since_ms, "recent": recent}, seq)


async def _stream(
    house: House, listener: Listener, since: int | None
) -> AsyncIterator[ServerSentEventMessage]:
    news = house.feed.listen()
    pending = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(house.stopping.wait())
    metrics.listeners.inc()
    try:
        seq = await house.db.read(lambda tx: tx.runs.last_seq())
        yield _hello(house, listener, seq)
        missed, behind = await _missed(house, since, seq)
        if behind:
            yield _plain("behind", {"more_than": len(missed)}, seq)
        for each in missed:
            if listener.hears(each.project):
                yield _message(each, seq)
        while not stopping.done():
            # The sequence as it was before this news: going on from it may tell twice, never less.
            seq = max(seq, house.seq)
            await asyncio.wait({pending, stopping}, timeout=AWAKE_S, return_when=FIRST)
            await listener.known(house)
            if not pending.done():
                yield ServerSentEventMessage(comment="awake")
                continue
            each = pending.result()
            pending = asyncio.ensure_future(anext(news))
            if listener.hears(each.project):
                yield _message(each, seq)
    except ProblemError:
        return
    finally:
        metrics.listeners.dec()
        pending.cancel()
        stopping.cancel()


def _plain(event: str, body: dict[str, Any], seq: int) -> ServerSentEventMessage:
    return ServerSentEventMessage(data=msgspec.json.encode(body).decode(), event=event, id=str(seq))


async def _missed(house: House, since: int | None, until: int) -> tuple[list[News], bool]:
    """What changed while the listener was away, one item per run; whether there was more."""
    if since is None or since > until:
        return [], since is not None
    topics = frozenset({"state", "series", "console", "files"})

    def unit(tx: Any) -> tuple[list[News], bool]:
        start = max(0, since - OVERLAP)
        changes = tx.runs.changed_since(start, CATCH_UP_MAX)
        keys = sorted({run for _, run in changes})
        return [
            News((record.path.entity, record.path.project), record.key, 0, topics)
            for record in tx.runs.get_many(keys)
        ], len(changes) == CATCH_UP_MAX

    return await house.db.read(unit)


ROUTES = [events]
