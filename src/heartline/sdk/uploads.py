"""Sends the files that a run saved. Never holds up a heartbeat.

A file can be large and the way slow, while the lease of the run goes on: the internal process
lets a child do it. `heartline sync` has no lease to keep and sends in its own process.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from heartline.client.transport import Answer, Connection, Unreachable, Unsent, quoted
from heartline.sdk.answers import BUSY, DENIED
from heartline.sdk.child import Child, Tell
from heartline.wire.ingest import OpenReply

TRIES_MAX = 5
RETRY_S, RETRY_S_MAX = 1.0, 15.0
AWAY = "\0away"
"""The last word of a child that found nobody: no file is to blame."""

Files = list[tuple[str, str]]


class At(NamedTuple):
    """The address of a run's files, and what is said of who sends them."""

    below: str
    query: str


class Uploads:
    """Files that wait, and at most one child that sends."""

    def __init__(self, base_url: str, key: str, tell: Tell, *, apart: bool) -> None:
        self._base_url, self.key, self._tell, self._apart = base_url, key, tell, apart
        self.told: list[str] = []
        self._waiting: Files = []
        self._sending: Files = []
        self._at: At | None = None
        self._child: Child | None = None
        self._tries = 0
        self._retry_at = self._away_s = 0.0
        self.away_since: float | None = None

    def to(self, run: OpenReply, epoch: int, launch: str) -> None:
        """Where the files belong, and which attempt saved them."""
        said = urlencode({"attempt": epoch, "launch": launch})
        self._at = At(f"/api/v1/runs/{quoted(run.entity, run.project, run.id)}/files/", f"?{said}")

    def add(self, files: Iterable[tuple[str, str]]) -> None:
        """Name in the run, and path on disk; a later one of the same name replaces it."""
        for name, path in files:
            self._waiting = [each for each in self._waiting if each[0] != name]
            self._waiting.append((name, path))

    def turn(self) -> bool:
        """Go on; whether nothing is left to do."""
        if self._child is not None and self._child.ended():
            told, self._child = self._child.lines, None
            self._take(told)
        if (
            self._child is None
            and self._waiting
            and self._at
            and time.monotonic() >= self._retry_at
        ):
            self._start()
        return self._child is None and not self._waiting

    @property
    def retry_in_s(self) -> float:
        """How long until the next file is tried again; 0 while one is on its way."""
        return max(0.0, self._retry_at - time.monotonic()) if self._waiting else 0.0

    def _start(self) -> None:
        files, self._waiting = self._waiting, []
        self._sending = files
        at, api = self._at, Connection(self._base_url, self.key)
        assert at is not None, "the caller looked"
        if self._apart:
            self._child = Child(lambda tell: send(api, at, files, tell))
            return
        told: list[str] = []
        send(api, at, files, told.append)
        self._take(told)

    def _take(self, lines: list[str]) -> None:
        """A line per file that is done with: empty if stored, else why not, or where."""
        away = lines[-1:] == [AWAY]
        lines = lines[:-1] if away else lines
        for line in lines:
            if line:
                self._say(line)
        left = self._sending[len(lines) :]
        now = time.monotonic()
        self.away_since = (self.away_since or now) if away else None
        self._away_s = min(2 * self._away_s or RETRY_S, RETRY_S_MAX) if away else 0.0
        self._tries = 0 if lines else self._tries + (not away)
        self._retry_at = now + (self._away_s or RETRY_S * self._tries)
        if left and self._tries >= TRIES_MAX:
            name, _ = left.pop(0)
            self._say(f"{name} was not stored: its upload broke off {TRIES_MAX} times")
            self._tries = 0
        self._waiting = left + self._waiting
        self._sending = []

    def _say(self, text: str) -> None:
        self.told.append(text)
        self._tell(text)

    def close(self) -> None:
        """What is not sent by now stays unsent."""
        if self._child is not None:
            self._child.stop()


def _why(answer: Answer) -> str:
    """The server's own reason, if it gave one."""
    try:
        return str(msgspec.json.decode(answer.body)["error"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return f"the server answered {answer.status}"


def _where(answer: Answer, name: str) -> str:
    """What to say of a file that is kept under another name than it was sent by."""
    try:
        path = str(msgspec.json.decode(answer.body)["path"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return ""
    if path == name:
        return ""
    return f"{name} is kept as {path}: a newer attempt of this run has a file of that name"


def _is_away(api: Connection) -> bool:
    """Whether the server answers nobody, rather than breaking off what it is sent."""
    try:
        api.request("GET", "/readyz")
    except Unreachable:
        return True
    return False


def send(api: Connection, at: At, files: Files, tell: Tell) -> None:
    """One after the other, with a word for each, until the server cannot be reached."""
    for name, path in files:
        if not Path(path).is_file():
            tell(f"{name} was not stored: there is no file {path} any more")
            continue
        try:
            answer = api.request(
                "PUT", f"{at.below}{quoted(*name.split('/'))}{at.query}", Path(path),
                "application/octet-stream",
            )  # fmt: skip
        except Unreachable:
            if _is_away(api):
                tell(AWAY)
            break
        except Unsent as error:
            tell(f"{name} was not stored: {error}")
            continue
        # Not let in: that is said of the run, and no file is to blame.
        if answer.status in BUSY | DENIED or answer.status >= 500:
            break
        wrong = answer.status >= 400
        tell(f"{name} was not stored: {_why(answer)}" if wrong else _where(answer, name))
    api.close()
