"""What to send next, and what a reply means. Sans-IO: never a socket, a clock or a process.

One batch at a time is on its way. The durable offset in a reply is the law: wherever we believed
to be, we go on from there, which heals lost replies and servers restored from a backup alike.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

from heartline.sdk.columns import Builder, Content
from heartline.wire import ingest

STALE = "stale attempt"
RECORDS_MAX = 5_000
BYTES_MAX = 2 * 2**20


class Source(Protocol):
    """Records of one stream by number; `sdk.tail.Tail` is one."""

    next: int

    def read(self, limit: int, bytes_max: int) -> list[bytes]:
        """Some records from `next` on."""

    def seek(self, record: int) -> None:
        """Go on with this record."""


@dataclass
class Stream:
    """One stream on its way to the server."""

    spool: str
    source: Source
    history: Builder = field(default_factory=Builder)
    system: Builder = field(default_factory=Builder)
    durable: int = 0

    def rewind(self, durable: int) -> None:
        """The server wants this record next; the steps seen so far are judged anew."""
        self.source.seek(durable)
        self.history, self.system = Builder(), Builder()


@dataclass
class Told:
    """What the records said that is not for the server alone."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    files: list[tuple[str, str]] = field(default_factory=list)


class Courier:
    """Turns streams into batches and replies into the next step."""

    def __init__(self, writer: str, nonce: str, rank: int | None = None) -> None:
        self.writer, self.nonce, self.rank = writer, nonce, rank
        self.run = 0
        self.epoch = 0
        self.streams: dict[str, Stream] = {}
        self.preempting = False
        self.exit: ingest.Exit | None = None
        self.exit_seq = 0
        self.exit_taken = False
        self.stale = False
        self.outcast = False
        self.must_open = True
        self.stop: ingest.StopOrder | None = None
        self.told = Told()
        self._on_way: tuple[Stream, int] | None = None
        self._files_seen: set[tuple[str, int]] = set()

    def opened(self, reply: ingest.OpenReply) -> None:
        """The server knows us: where the run stands is law from now on."""
        self.run, self.epoch = reply.run, reply.epoch
        self.must_open = False
        self.exit_taken = False
        for stream in self.streams.values():
            stream.rewind(0)
            stream.durable = 0
        main = self.streams.get(self.writer)
        if main is not None and reply.durable:
            main.rewind(reply.durable)
            main.durable = reply.durable

    def add(self, stream: Stream) -> None:
        """One more stream to ship."""
        self.streams[stream.spool] = stream

    def batch(self, seq: int) -> ingest.Batch:
        """The next batch: records of the first stream that has any, else a mere heartbeat."""
        base = ingest.Batch(
            run=self.run, epoch=self.epoch, nonce=self.nonce, writer=self.writer,
            spool=self.writer, seq=self._seq(seq), preempting=self.preempting, rank=self.rank,
        )  # fmt: skip
        for stream in self.streams.values():
            first = stream.source.next
            payloads = stream.source.read(RECORDS_MAX, BYTES_MAX)
            if payloads:
                return self._filled(base, stream, first, payloads)
        main = self.streams.get(self.writer)
        self._on_way = None if main is None else (main, main.source.next)
        base.first = main.source.next if main is not None else 0
        base.exit = self._exit_if(everything_sent=True)
        return base

    def _filled(
        self, base: ingest.Batch, stream: Stream, first: int, payloads: list[bytes]
    ) -> ingest.Batch:
        content = Content(stream.history, stream.system)
        for payload in payloads:
            content.add(payload)
        self._on_way = (stream, first + len(payloads))
        if content.preempting is not None:
            self.preempting = content.preempting
        if first + len(payloads) > stream.durable:
            self._tell(stream, first, content)
        base.spool, base.first = stream.spool, first
        base.preempting = self.preempting
        batch = content.into(base)
        batch.exit = self._exit_if(everything_sent=False)
        return batch

    def _tell(self, stream: Stream, first: int, content: Content) -> None:
        """Notes and files are heard once, although their records may be sent twice."""
        if (stream.spool, first) not in self._files_seen:
            self._files_seen.add((stream.spool, first))
            self.told.notes += content.notes
            self.told.files += content.files

    def _seq(self, seq: int) -> int:
        """After the exit nothing is a heartbeat any more: late data bears the exit's number."""
        return self.exit_seq if self.exit is not None else seq

    def _exit_if(self, *, everything_sent: bool) -> ingest.Exit | None:
        """A bad end is told at once; a good one with the last record."""
        if self.exit is None or self.exit_taken:
            return None
        return self.exit if everything_sent or self.exit.state != "finished" else None

    def ended(self, verdict: ingest.Exit, seq: int) -> None:
        """A verdict stands: tell it."""
        if self.exit is None or verdict.confidence > self.exit.confidence:
            self.exit, self.exit_seq, self.exit_taken = verdict, seq, False

    def replied(self, reply: ingest.BatchReply) -> None:
        """What the server said to the batch on its way."""
        if reply.reopen:
            self.must_open = True
            return
        if reply.stale:
            # A known older attempt: its data is still taken. An unknown one is not heard at all.
            self.stale = True
            self.outcast = reply.refused == STALE
        if reply.stop is not None and self.stop is None:
            self.stop = reply.stop
        if reply.exit_taken or (reply.stale and self.exit is not None):
            self.exit_taken = True
        if self._on_way is None:
            return
        stream, expected = self._on_way
        self._on_way = None
        if reply.durable < stream.durable:
            # The server was restored from a backup: what it was told is told again.
            self.exit_taken = False
        stream.durable = reply.durable
        if reply.durable != expected:
            stream.rewind(reply.durable)

    def lost(self) -> None:
        """No reply came: send from the last durable record again."""
        if self._on_way is not None:
            stream, _ = self._on_way
            self._on_way = None
            stream.rewind(stream.durable)

    @property
    def drained(self) -> bool:
        """Whether everything that was read is durable."""
        return all(each.durable >= each.source.next for each in self.streams.values())

    def refused(self) -> dict[str, int]:
        """Points refused so far by key: steps that went back, or what nobody could read."""
        counts: dict[str, int] = {}
        for stream in self.streams.values():
            for key, count in stream.history.refused.items():
                counts[key] = counts.get(key, 0) + count
        return counts
