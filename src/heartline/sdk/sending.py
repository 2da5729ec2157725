"""One spool directory on its way to one server. Never judges how a process ended.

Everything that can block is bounded by a slice of time, so that the internal process looks after
its trainer in between; files go through a child of their own (`sdk.uploads`).
"""

import contextlib
import os
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from heartline.client.transport import Answer, Connection, Unreachable
from heartline.sdk import birth as born
from heartline.sdk import clock
from heartline.sdk.answers import (
    BUSY,
    OK,
    TOO_LARGE,
    UNAUTHORIZED,
    UNREADABLE,
    Refusal,
    decoded,
    foreign,
    is_ours,
)
from heartline.sdk.courier import Courier, Stream
from heartline.sdk.spool import allocate, segment_path
from heartline.sdk.tail import Tail, streams
from heartline.sdk.uploads import Uploads
from heartline.wire import ingest, spool

SCAN_S, SLICE_S = 1.0, 0.1
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.25, 15.0
DENIED_S = 30.0
LAST_LINES = 20
LINE_TOLD_CHARS = 500
MSGPACK = "application/vnd.msgpack"
NOTES = "notes"
OTHER_BOOT = 1 << 45
"""Added to the sequence after a restart of the machine, whose boot clock began anew."""


class Shipper:
    """Reads a spool and sends it, batch by batch; `complete` when the server has everything."""

    def __init__(
        self, directory: Path, events: int = -1, *, key: str = "", live: bool = True,
        base_url: str = "",
    ) -> None:  # fmt: skip
        self.directory = directory
        self.birth = born.load(directory)
        request = self.birth.request
        self.courier = Courier(request.writer, request.launch, request.rank)
        self.events = events
        self.live = live
        self._silent = live and self.birth.mode == "offline"
        self._denied = 0
        self.why_offline = ""
        self.address = base_url or self.birth.base_url
        self._api = Connection(self.address, key) if key else None
        self.uploads = Uploads(
            self.address, key, lambda text: self.say_once("file", text), apart=live
        )
        self.away_since: float | None = None
        self.hungry = False
        self._opened: ingest.OpenReply | None = None
        self._seq = 0
        self._ended_boot_ms: int | None = None
        self._beat_at = 0.0
        self._stacks_at = 0
        self._retry_at = 0.0
        self._backoff = BACKOFF_S_MIN
        self._notes = Tail(directory, NOTES)
        self.notes: list[dict[str, Any]] = []
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self._told: set[str] = set()
        self._scanned_at = 0.0
        self.scan(force=True)
        self.recall()

    def meanwhile(self, wait: Callable[[Any, float], None]) -> None:
        """Who is asked to wait for an answer, because something else may happen first."""
        if self._api is not None:
            self._api.wait = wait

    def recall(self) -> None:
        """A verdict that an earlier internal process wrote down stands."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            kept = msgspec.json.decode(
                (self.directory / born.VERDICT).read_bytes(), type=born.Verdict
            )
            self.courier.ended(msgspec.convert(kept.exit, ingest.Exit), kept.seq)
            self._ended_boot_ms = kept.boot_ms

    def say(self, event: str, **more: Any) -> None:
        """Tell the SDK; it may be gone, or may have become another program."""
        if self.events >= 0:
            with contextlib.suppress(OSError):
                os.write(self.events, msgspec.json.encode({"event": event, **more}) + b"\n")

    def say_once(self, event: str, text: str) -> None:
        """The same trouble is told once."""
        if text not in self._told:
            self._told.add(text)
            self.say(event, text=text)

    def seq(self) -> int:
        """Strictly growing within a writer, also while the machine sleeps or starts anew."""
        now = clock.boot_ms() if self._same_boot else OTHER_BOOT + clock.wall_ms()
        self._seq = max(self._seq + 1, now)
        return self._seq

    @property
    def _same_boot(self) -> bool:
        """Whether the machine still runs as it did when the run began."""
        return self.birth.is_of_this_boot(self._ended_boot_ms)

    def scan(self, *, force: bool = False) -> None:
        """Find new streams (forked workers), and prepare the segments that come next."""
        now = time.monotonic()
        if not force and now - self._scanned_at < SCAN_S:
            return
        self._scanned_at = now
        writer = self.birth.request.writer
        for name in streams(self.directory):
            known = writer if name == born.MAIN else f"{writer}/{name}"
            if name != NOTES and known not in self.courier.streams:
                self.courier.add(Stream(known, Tail(self.directory, name)))
        if self.live:
            self._prepare()

    def _prepare(self) -> None:
        """Rolling inside `log()` must only map a file that is already there."""
        main = self.courier.streams.get(self.birth.request.writer)
        if main is None or not isinstance(main.source, Tail):
            return
        path = segment_path(self.directory, born.MAIN, main.source.segment + 1)
        if not path.exists():
            beside = path.with_name(f".{path.name}")
            with contextlib.suppress(OSError):
                os.close(allocate(beside, spool.SEGMENT_BYTES))
                os.link(beside, path)
            with contextlib.suppress(OSError):
                beside.unlink()

    def read_notes(self) -> None:
        """What the process has said of its own end so far."""
        for payload in self._notes.read(1_000, spool.FRAME_BYTES_MAX):
            with contextlib.suppress(msgspec.MsgspecError, IndexError, TypeError):
                record = spool.decode(payload)
                if record[0] == spool.NOTE:
                    self.notes.append(dict(record[1]))

    def write_down(self, verdict: ingest.Exit, *, seen: bool = True) -> int:
        """Keep the verdict before anything else: the kernel shows the evidence once.

        `seen` says that the process ended just now.
        """
        seq = self.seq()
        self._ended_boot_ms = clock.boot_ms() if seen and self._same_boot else None
        kept = born.Verdict(exit=msgspec.to_builtins(verdict), seq=seq, boot_ms=self._ended_boot_ms)
        with contextlib.suppress(OSError):
            born.store(self.directory, born.VERDICT, kept)
        return seq

    def conclude(self, verdict: ingest.Exit, *, seen: bool = True) -> None:
        """The verdict stands: written down, then told."""
        self.courier.ended(verdict, self.write_down(verdict, seen=seen))
        self.courier.process_state = ""
        if self._denied:
            # The last chance: then the spool is left to `heartline sync`.
            self._retry_at = 0.0

    def ship(self, *, force: bool = False) -> bool:
        """Send for a slice of time, and a heartbeat when it is due; whether the server has it all.

        `hungry` afterwards means that more waits and the server can take it.
        """
        self.hungry = False
        if self._silent or self._api is None:
            return False
        if time.monotonic() < self._retry_at and not force:
            return False
        if self._denied == UNAUTHORIZED and self._opened is not None:
            self._look_for_key()
        try:
            return self._ship(time.monotonic() + SLICE_S)
        except Unreachable as error:
            self.courier.lost()
            if self.away_since is None:
                self.away_since = time.monotonic()
                self.say("unreachable", text=str(error))
            self._later()
        except Refusal as error:
            self.courier.lost()
            self._refused(error)
        return False

    def _later(self) -> None:
        """Apart from each other: after an outage thousands of clients come back."""
        chance = 0.5 + os.urandom(1)[0] / 510
        after = time.monotonic() + self._backoff * chance
        self._retry_at = max(self._retry_at, after)
        # While the program lives a short silence of the network must not outlast the lease.
        most = self.birth.heartbeat_s if self.courier.exit is None else BACKOFF_S_MAX
        self._backoff = min(self._backoff * 2, most)

    @property
    def retry_in_s(self) -> float:
        """How long until the server is asked again, be it only for a file."""
        files = self.uploads.retry_in_s if self.courier.drained and not self._news else 0.0
        return max(files, self._retry_at - time.monotonic())

    @property
    def offline(self) -> bool:
        """Whether nothing is sent, as was chosen or because the server will not have it."""
        return self._silent or self._denied > 0

    def _refused(self, error: Refusal) -> None:
        """The spool stays, and `heartline sync` can send it once it is mended.

        While the program lives, who is only not let in asks again: a silence of our own making
        would look like a death.
        """
        again = self.live and error.passes and self.courier.exit is None
        self._silent, self._denied = not again, error.status if again else 0
        if not again:
            self.why_offline = str(error)
        self.away_since = self.away_since or time.monotonic()
        self._retry_at = time.monotonic() + DENIED_S
        retry_s = DENIED_S if again else None
        self.say("refused", text=str(error), status=error.status, retry_s=retry_s)

    def _look_for_key(self) -> None:
        """`heartline login` may have replaced the one that was good until now."""
        from heartline.client import credentials

        with contextlib.suppress(credentials.UnsafeCredentials):
            found = credentials.load(self.address)
            if found is not None and self._api is not None:
                self._api.api_key = self.uploads.key = found.api_key

    def _ship(self, until: float) -> bool:
        if self.courier.must_open:
            self._open()
        while True:
            batch = self.courier.batch(self.seq())
            empty = not batch.count and batch.exit is None
            if empty and not self._beat_due:
                self.courier.lost()
                break
            self._keep_lines(batch)
            batch.sent_at = clock.wall_ms() if batch.exit or batch.changes else None
            if batch.exit is not None:
                batch.exit = msgspec.structs.replace(batch.exit, at=self._ended_at(batch.exit))
            if (reply := self._send(batch)) is not None:
                self.courier.replied(reply)
                self._after(reply)
            if self.courier.must_open:
                self._open()
            elif empty:
                break
            if time.monotonic() > until:
                self.hungry = True
                return False
        return self._sent_files() and self.courier.drained and not self._news

    @property
    def _beat_due(self) -> bool:
        """After the end nothing beats any more."""
        due = time.monotonic() - self._beat_at >= self.birth.heartbeat_s
        return due and self.courier.exit is None

    @property
    def _news(self) -> bool:
        return self.courier.exit is not None and not self.courier.exit_taken

    def _keep_lines(self, batch: ingest.Batch) -> None:
        for line in batch.lines:
            self.lines.append(line.text[:LINE_TOLD_CHARS])

    def _sent_files(self) -> bool:
        if self._opened is not None:
            self.uploads.to(self._opened, self.courier.epoch, self.courier.nonce)
        self.uploads.add(self.courier.files)
        self.courier.files.clear()
        return self.uploads.turn()

    def _open(self) -> None:
        # An end that is known already must not look older than the start that tells it.
        ended = self.courier.exit is not None
        seq = self.courier.exit_seq - 1 if ended else self.seq()
        request = msgspec.structs.replace(
            self.birth.request, seq=seq, started_at=self._began_at(), sent_at=clock.wall_ms()
        )
        if self._opened is None:
            request = msgspec.structs.replace(request, ended=ended)
        else:
            request = msgspec.structs.replace(request, resume="allow")
        reply = decoded(self._ask_open(request), ingest.OpenReply)
        self.courier.opened(reply)
        self._beat_at = time.monotonic()
        if self._opened is None:
            self._opened = reply
            self.say(
                "opened", address=self.address, path=reply.path, name=reply.name, resumed=reply.resumed,
                last_step=reply.last_step, config=reply.config, summary=reply.summary,
                entity=reply.entity,
            )  # fmt: skip
        self._pass_on(reply.stop)

    def _began_at(self) -> int | None:
        """By the wall clock of now, however it has jumped since; else by that of the end."""
        began, end = self.birth.boot_ms, self.courier.exit
        if began is not None and self._same_boot:
            return clock.wall_ms() - (clock.boot_ms() - began)
        if began is not None and end is not None and self._ended_boot_ms is not None:
            return end.at - (self._ended_boot_ms - began)
        return self.birth.request.started_at

    def _ended_at(self, end: ingest.Exit) -> int:
        if self._ended_boot_ms is None or not self._same_boot:
            return end.at
        return clock.wall_ms() - (clock.boot_ms() - self._ended_boot_ms)

    def _ask_open(self, request: ingest.OpenRequest) -> Answer:
        """A config that the server cannot keep must not cost the run."""
        path = "/api/v1/runs/open"
        try:
            return self._post(path, msgspec.msgpack.encode(request))
        except Refusal as error:
            if error.status not in UNREADABLE or not request.config:
                raise
            bare = msgspec.structs.replace(request, config={})
            answer = self._post(path, msgspec.msgpack.encode(bare))
            self.say_once("dropped", f"the config was not kept: {error}")
            return answer

    def _send(self, batch: ingest.Batch) -> ingest.BatchReply | None:
        """None if the server cannot read this batch: then a smaller one is tried."""
        try:
            answer = self._post("/api/v1/ingest", msgspec.msgpack.encode(batch))
        except Refusal as error:
            if error.status not in UNREADABLE or not self.courier.rejected(str(error)):
                raise
            return None
        self._beat_at = time.monotonic()
        return decoded(answer, ingest.BatchReply)

    def _post(self, path: str, body: bytes) -> Answer:
        assert self._api is not None
        answer = self._api.request("POST", path, body, MSGPACK, compress=True)
        if answer.status in BUSY or answer.status >= 500:
            self._retry_at = max(self._retry_at, time.monotonic() + answer.retry_after_s)
            raise Unreachable(f"the server is busy ({answer.status})")
        if answer.status >= 400 and (is_ours(answer) or answer.status == TOO_LARGE):
            raise Refusal(answer)
        if answer.status != OK:
            raise foreign(answer)
        self._backoff, self._denied = BACKOFF_S_MIN, 0
        if self.away_since is not None:
            self.away_since = None
            self.say("reached")
        return answer

    def _pass_on(self, stop: ingest.StopOrder | None) -> None:
        if stop is not None and "stop" not in self._told:
            self._told.add("stop")
            self.say("stop", by=stop.by, reason=stop.reason)

    def _after(self, reply: ingest.BatchReply) -> None:
        self._pass_on(reply.stop)
        if reply.stacks_at and reply.stacks_at != self._stacks_at:
            self._stacks_at = reply.stacks_at
            self.say("stacks")
        if reply.stale:
            self.say_once("stale", "a newer attempt of this run was started; what is still "
                          "logged here lands in this older attempt")  # fmt: skip
        if reply.refused.startswith("a change was dropped"):
            self.say_once("dropped", reply.refused)
        for told in self.courier.refused():
            self.say_once("refusal", told)
        for told in self.courier.mixed():
            self.say_once("mixed", told)

    @property
    def url(self) -> str:
        """The run's page, once the server has said where it is."""
        return self.address + (self._opened.path if self._opened is not None else "")

    def close(self) -> None:
        """Let go of the connection."""
        self.uploads.close()
        if self._api is not None:
            self._api.close()
