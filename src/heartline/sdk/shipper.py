"""The internal process: watches the trainer, ships its spool, outlives it. Never imported by it.

Started as `python -I -S shipper.py <spool directory> <pidfd> <control fd> <events fd> <paths…>`.
It keeps its own session, so a signal to the trainer's group does not reach it, and it prints
nothing: what people should know goes through the events pipe to the SDK.
"""

import contextlib
import os
import select
import signal
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path[:0] = sys.argv[5:]

import msgspec

from heartline.client.transport import Answer, Connection, Unreachable, quoted
from heartline.sdk import birth as born
from heartline.sdk import deathbed, gather
from heartline.sdk.courier import Courier, Stream
from heartline.sdk.spool import allocate, segment_path
from heartline.sdk.tail import Tail, streams
from heartline.wire import ingest, spool

SHIP_S = 0.25
IDLE_S = 0.05
SCAN_S = 1.0
SYNC_S = 5.0
BACKOFF_S_MIN, BACKOFF_S_MAX = 0.25, 15.0
LAST_LINES = 20
AWAY_S_MAX = 7 * 24 * 3600.0
MSGPACK = "application/vnd.msgpack"
NOTES = "notes"


def boot_ms() -> int:
    """A number that never goes back within a writer, also while the machine sleeps."""
    return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)


class Refusal(Exception):
    """The server will not have this run: the reason is its own."""

    def __init__(self, answer: Answer) -> None:
        try:
            said = msgspec.json.decode(answer.body)["error"]
        except (msgspec.MsgspecError, KeyError, TypeError):
            said = f"the server answered {answer.status}"
        super().__init__(said)
        self.status = answer.status


class Shipper:
    """One spool directory on its way to one server."""

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
        self.offline = live and self.birth.mode == "offline"
        self.why_offline = ""
        self.address = base_url or self.birth.base_url
        self._api = Connection(self.address, key) if key else None
        self.reached = False
        self._opened: ingest.OpenReply | None = None
        self._seq = 0
        self._beat_at = 0.0
        self._retry_at = 0.0
        self._backoff = BACKOFF_S_MIN
        self._notes = Tail(directory, NOTES)
        self.notes: list[dict[str, Any]] = []
        self.lines: deque[str] = deque(maxlen=LAST_LINES)
        self._told: set[str] = set()
        self._files: list[tuple[str, str]] = []
        self._scanned_at = 0.0
        self.scan(force=True)
        self.recall()

    def recall(self) -> None:
        """A verdict that an earlier internal process wrote down stands."""
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            kept = msgspec.json.decode(
                (self.directory / born.VERDICT).read_bytes(), type=born.Verdict
            )
            self.courier.ended(msgspec.convert(kept.exit, ingest.Exit), kept.seq)

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
        """Strictly growing."""
        self._seq = max(self._seq + 1, boot_ms())
        return self._seq

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
            record = spool.decode(payload)
            if record[0] == spool.NOTE:
                self.notes.append(record[1])

    def conclude(self, verdict: ingest.Exit) -> None:
        """Write the verdict down before sending it: the kernel shows the evidence once."""
        seq = self.seq()
        kept = born.Verdict(exit=msgspec.to_builtins(verdict), seq=seq)
        with contextlib.suppress(OSError):
            born.store(self.directory, born.VERDICT, kept)
        self.courier.ended(verdict, seq)

    def ship(self, *, force: bool = False) -> bool:
        """Send what there is, and a heartbeat when it is due; whether the server has it all."""
        now = time.monotonic()
        if self.offline or self._api is None or self.courier.outcast:
            return False
        if now < self._retry_at and not force:
            return False
        try:
            return self._ship()
        except Unreachable as error:
            self.courier.lost()
            self.reached = False
            self.say_once("unreachable", str(error))
            self._later(0.0)
        except Refusal as error:
            self.courier.lost()
            self._refused(error)
        return False

    def _later(self, asked_s: float) -> None:
        self._retry_at = time.monotonic() + max(asked_s, self._backoff)
        self._backoff = min(self._backoff * 2, BACKOFF_S_MAX)

    def _refused(self, error: Refusal) -> None:
        """Refused for good: the spool stays, and `heartline sync` can send it once it is mended."""
        self.offline = True
        self.why_offline = str(error)
        self.say("refused", text=str(error), status=error.status)

    def _ship(self) -> bool:
        if self.courier.must_open:
            self._open()
        while True:
            beat_due = time.monotonic() - self._beat_at >= self.birth.heartbeat_s
            batch = self.courier.batch(self.seq())
            empty = not batch.count and batch.exit is None
            if empty and not beat_due and not self._news:
                self.courier.lost()
                break
            self._keep_lines(batch)
            reply = self._send(batch)
            self.courier.replied(reply)
            self._after(reply)
            if self.courier.must_open:
                self._open()
            elif (
                empty
                or self.courier.outcast
                or (self.courier.exit_taken and self.courier.drained and not batch.count)
            ):
                break
        self._upload()
        return self.courier.drained and (self.courier.exit is None or self.courier.exit_taken)

    @property
    def _news(self) -> bool:
        return self.courier.exit is not None and not self.courier.exit_taken

    def _keep_lines(self, batch: ingest.Batch) -> None:
        for line in batch.lines:
            self.lines.append(line.text[:500])
        self._files += self.courier.told.files
        self.courier.told.files.clear()

    def _open(self) -> None:
        assert self._api is not None
        # An end that is known already must not look older than the start that tells it.
        ended = self.courier.exit is not None
        seq = self.courier.exit_seq - 1 if ended else self.seq()
        request = msgspec.structs.replace(self.birth.request, seq=seq)
        if self._opened is not None:
            request = msgspec.structs.replace(request, resume="allow")
        body = msgspec.msgpack.encode(request)
        answer = self._post("/api/v1/runs/open", body)
        reply = msgspec.msgpack.decode(answer.body, type=ingest.OpenReply)
        self.courier.opened(reply)
        self._beat_at = time.monotonic()
        if self._opened is None:
            self._opened = reply
            self.say(
                "opened", path=reply.path, name=reply.name, resumed=reply.resumed,
                last_step=reply.last_step, config=reply.config, summary=reply.summary,
                entity=reply.entity,
            )  # fmt: skip

    def _send(self, batch: ingest.Batch) -> ingest.BatchReply:
        answer = self._post("/api/v1/ingest", msgspec.msgpack.encode(batch))
        self._beat_at = time.monotonic()
        return msgspec.msgpack.decode(answer.body, type=ingest.BatchReply)

    def _post(self, path: str, body: bytes) -> Answer:
        assert self._api is not None
        answer = self._api.request("POST", path, body, MSGPACK, compress=True)
        if answer.status in {408, 425, 429} or answer.status >= 500:
            self._later(answer.retry_after_s)
            raise Unreachable(f"the server is busy ({answer.status})")
        if answer.status >= 400:
            raise Refusal(answer)
        self._backoff = BACKOFF_S_MIN
        self.reached = True
        return answer

    def _after(self, reply: ingest.BatchReply) -> None:
        if reply.stop is not None and "stop" not in self._told:
            self._told.add("stop")
            self.say("stop", by=reply.stop.by, reason=reply.stop.reason)
        if reply.stale:
            self.say_once("stale", "a newer attempt of this run was started; what is still "
                          "logged here lands in this older attempt")  # fmt: skip
        for key, count in self.courier.refused().items():
            self.say_once("step", f"{key}: {count} points were refused: their step went back "
                          "(steps of a key must not decrease)")  # fmt: skip

    def _upload(self) -> None:
        """Files that the run saved; one that is gone or refused is told, never fatal."""
        if not self._files or self._opened is None or self._api is None:
            return
        at = quoted(self._opened.entity, self._opened.project, self._opened.id)
        while self._files:
            name, path = self._files[0]
            try:
                answer = self._api.request(
                    "PUT", f"/api/v1/runs/{at}/files/{quoted(*name.split('/'))}", Path(path),
                    "application/octet-stream",
                )  # fmt: skip
                if answer.status >= 400:
                    self.say_once("file", f"{name} was not stored: {Refusal(answer)}")
            except FileNotFoundError:
                self.say_once("file", f"{name} was not stored: {path} is gone")
            self._files.pop(0)

    @property
    def url(self) -> str:
        """The run's page, once the server has said where it is."""
        return self.address + (self._opened.path if self._opened is not None else "")

    def close(self) -> None:
        """Let go of the connection."""
        if self._api is not None:
            self._api.close()


class Vigil:
    """The loop of the internal process around a shipper."""

    def __init__(self, shipper: Shipper, pidfd: int, control: int) -> None:
        self.shipper, self.pidfd, self.control = shipper, pidfd, control
        self.watch = deathbed.Watch(shipper.birth, pidfd)
        self.gatherer = gather.Gatherer(shipper.directory, shipper.birth)
        self.finishing = False
        self._shipped_at = 0.0
        self._synced_at = time.monotonic()
        self._left_at: float | None = None

    def run(self) -> None:
        """Until everything is told, or nobody will ever listen."""
        self.shipper.say("ready", pid=os.getpid())
        while not self._step():
            self._wait()
        self.shipper.say("done")

    def _wait(self) -> None:
        """Wake when the trainer dies, when the SDK asks, or when a little time has passed."""
        inputs = [each for each in (self.control,) if each >= 0]
        if self.pidfd >= 0 and self.shipper.courier.exit is None:
            inputs.append(self.pidfd)
        ready, _, _ = select.select(inputs, [], [], IDLE_S if not self.finishing else 0.002)
        if self.control in ready:
            if not os.read(self.control, 4096):
                self.control = -1
            self._shipped_at = 0.0

    def _step(self) -> bool:
        """One round; whether the vigil is over."""
        shipper = self.shipper
        shipper.scan()
        shipper.read_notes()
        self._judge()
        if self.gatherer.step(self.watch):
            shipper.scan(force=True)
        now = time.monotonic()
        if now - self._synced_at > SYNC_S:
            self._synced_at = now
            gather.flush(shipper.directory)
        due = now - self._shipped_at >= SHIP_S or self.finishing
        complete = False
        if due:
            self._shipped_at = now
            complete = shipper.ship()
        return self._over(complete)

    def _judge(self) -> None:
        shipper = self.shipper
        if shipper.courier.exit is not None:
            self.finishing = True
            return
        verdict = deathbed.finished(shipper.notes, tuple(shipper.lines))
        if verdict is None and not self.watch.alive:
            shipper.read_notes()
            verdict = deathbed.died(
                shipper.directory, shipper.notes, self.watch, tuple(shipper.lines)
            )
        if verdict is not None:
            self.gatherer.last()
            shipper.scan(force=True)
            shipper.conclude(verdict)
            self.finishing = True

    def _over(self, complete: bool) -> bool:
        shipper = self.shipper
        if shipper.courier.exit is None:
            return False
        if shipper.offline:
            return True
        if complete:
            self._tidy()
            return True
        if shipper.courier.outcast:
            return True
        self._left_at = self._left_at or time.monotonic()
        self.finishing = False
        return time.monotonic() - self._left_at > AWAY_S_MAX

    def _tidy(self) -> None:
        """Everything is on the server: the spool has done its duty."""
        import shutil

        shutil.rmtree(self.shipper.directory, ignore_errors=True)


def main() -> None:
    """Entry of the internal process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    directory = Path(sys.argv[1])
    pidfd, control, events = (int(each) for each in sys.argv[2:5])
    key = os.environ.pop("HEARTLINE_INTERNAL_KEY", "")
    shipper = Shipper(directory, events, key=key)
    Vigil(shipper, pidfd, control).run()


if __name__ == "__main__":
    main()
