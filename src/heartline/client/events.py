"""Server-sent events: wakes a caller when runs change. Never tells what changed."""

import time
from collections.abc import Callable
from urllib.parse import quote

import msgspec

from heartline.client.calls import Calls
from heartline.client.transport import Unreachable as NoAnswer

SILENCE_S_MAX = 20.0
AWAY_S_MAX = 60.0
PAUSE_S = 0.5
EVENT_BYTES_MAX = 1 << 20


class News(msgspec.Struct):
    """A run changed, in these respects: state, series, console, files."""

    run: int
    entity: str = ""
    project: str = ""
    topics: list[str] = []


Heard = Callable[[News | None], bool]


class _Enough(Exception):
    """The listener has what it came for."""


class Parser:
    """Bytes of an event stream to events, however they were cut."""

    def __init__(self) -> None:
        self._left = b""

    def feed(self, data: bytes) -> list[tuple[str, bytes]]:
        """The events (name, data) that are whole by now."""
        self._left = (self._left + data).replace(b"\r\n", b"\n")
        *whole, self._left = self._left.split(b"\n\n")
        self._left = self._left[-EVENT_BYTES_MAX:]
        return [event for block in whole if (event := _event(block)) is not None]


def _event(block: bytes) -> tuple[str, bytes] | None:
    name, data = "message", b""
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        if field == b"event":
            name = value.strip().decode()
        elif field == b"data":
            data += value.strip()
    return (name, data) if data else None


class _Ear:
    """What comes through one connection, passed on until the listener has enough."""

    def __init__(self, heard: Heard, until: float | None) -> None:
        self._heard, self._until = heard, until
        self._parser = Parser()
        self._looked_at = time.monotonic()

    def take(self, chunk: bytes) -> None:
        """One piece of the stream. A long time without news is a reason to look, too."""
        found = [_news(*event) for event in self._parser.feed(chunk)]
        if not found and time.monotonic() - self._looked_at > SILENCE_S_MAX:
            found = [None]
        for news in found:
            self._looked_at = time.monotonic()
            if self._heard(news):
                raise _Enough
        if self._until is not None and time.monotonic() >= self._until:
            raise _Enough


def listen(calls: Calls, projects: str, heard: Heard, until: float | None = None) -> None:
    """Call `heard` for every change (None: look for yourself) until it says True or time is up.

    Whatever happens to the stream, `heard(None)` is called after each (re)connection and at least
    every `SILENCE_S_MAX` or so: a lost event costs time and never the news. A server that starts
    again is waited for, `AWAY_S_MAX` at most.
    """
    while until is None or time.monotonic() < until:
        left = AWAY_S_MAX if until is None else min(AWAY_S_MAX, max(0.05, until - time.monotonic()))
        connection = calls.connection(min(SILENCE_S_MAX, left))
        with calls.waiting(left):
            try:
                answer = connection.stream(_path(projects), _Ear(heard, until).take)
                again = answer.status >= 400
            except _Enough:
                return
            except NoAnswer:
                again = True
            if again and heard(None):
                return
        time.sleep(_pause(until))


def _news(name: str, data: bytes) -> News | None:
    return msgspec.json.decode(data, type=News) if name == "run" else None


def _path(projects: str) -> str:
    return f"/api/v1/events?projects={quote(projects)}" if projects else "/api/v1/events"


def _pause(until: float | None) -> float:
    return PAUSE_S if until is None else max(0.0, min(PAUSE_S, until - time.monotonic()))
