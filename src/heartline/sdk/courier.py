"""What to send next, and what a reply means. Sans-IO: never a socket, a clock or a process.

One batch at a time is on its way. The durable offset in a reply is the law: wherever we believed
to be, we go on from there, which heals lost replies and servers restored from a backup alike.
"""

from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from heartline.sdk.columns import Builder, Content, State
from heartline.wire import ingest, spool

RECORDS_MAX = 5_000
BYTES_MAX = 2 * 2**20
REMEMBERED = frozenset({bytes([spool.FILE]), bytes([spool.PREEMPTING])})
"""The kind of a record is its second byte: it tells without decoding."""


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
    looked: int = 0
    """Up to here the files that records name were handed on; a record may be read twice."""
    before: tuple[int, State, State] | None = None

    def mark(self, first: int) -> None:
        """Remember what the rows before this record taught, should they be sent again."""
        self.before = (first, self.history.state, self.system.state)

    def rewind(self, durable: int) -> None:
        """The server wants this record next; rows after it are judged anew, as they were."""
        before, self.before = self.before, None
        if before is None or before[0] > durable:
            self.source.seek(durable)
            self.history, self.system = Builder(), Builder()
            return
        self.source.seek(before[0])
        self.history.restore(before[1])
        self.system.restore(before[2])
        taken = Content(self.history, self.system)
        while (left := durable - self.source.next) > 0 and (
            payloads := self.source.read(min(left, RECORDS_MAX), BYTES_MAX)
        ):
            for payload in payloads:
                taken.add(payload)
        taken.forget()


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
        self.must_open = True
        self.files: list[tuple[str, str]] = []
        self.process_state = ""
        self._on_way: tuple[Stream, int] | None = None
        self._records_max = RECORDS_MAX
        self._unwanted: set[tuple[str, int]] = set()

    def opened(self, reply: ingest.OpenReply) -> None:
        """The server knows us: where the run stands is law from now on."""
        anew = self.run == 0
        main = self.streams.get(self.writer)
        # A server that was restored from a backup has lost what went beside the records, too.
        lost = main is not None and reply.durable < main.durable
        self.run, self.epoch = reply.run, reply.epoch
        self.must_open = False
        self.exit_taken = False
        for stream in self.streams.values():
            stream.rewind(0)
            stream.durable = 0
            stream.looked = 0 if lost else stream.looked
        if main is not None and reply.durable:
            if anew:
                self._recall(main, reply.durable)
            main.rewind(reply.durable)
            main.durable = reply.durable

    def _recall(self, stream: Stream, durable: int) -> None:
        """An earlier process of ours sent these records, but what they mean for us went with it:
        files that may not have been sent, and a notice of preemption that still stands.
        """
        while (left := durable - stream.source.next) > 0 and (
            payloads := stream.source.read(min(left, RECORDS_MAX), BYTES_MAX)
        ):
            for payload in payloads:
                if payload[1:2] in REMEMBERED:
                    content = Content(Builder(), Builder())
                    content.add(payload)
                    self.files += [(name, path) for _, name, path in content.files]
                    if content.preempting is not None:
                        self.preempting = content.preempting

    def add(self, stream: Stream) -> None:
        """One more stream to ship."""
        self.streams[stream.spool] = stream

    def batch(self, seq: int) -> ingest.Batch:
        """The next batch: records of the first stream that has any, else a mere heartbeat."""
        base = ingest.Batch(
            run=self.run, epoch=self.epoch, nonce=self.nonce, writer=self.writer,
            spool=self.writer, seq=self._seq(seq), preempting=self.preempting, rank=self.rank,
            process_state=self.process_state,
        )  # fmt: skip
        for stream in self.streams.values():
            first = stream.source.next
            payloads = stream.source.read(self._records_max, BYTES_MAX)
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
        stream.mark(first)
        content = Content(stream.history, stream.system)
        for number, payload in enumerate(payloads, first):
            if self._unwanted and (stream.spool, number) in self._unwanted:
                content.skip()
            else:
                content.add(payload)
        self._on_way = (stream, first + len(payloads))
        if content.preempting is not None:
            self.preempting = content.preempting
        self._hand_on(stream, first, content)
        base.spool, base.first = stream.spool, first
        base.preempting = self.preempting
        batch = content.into(base)
        batch.exit = self._exit_if(everything_sent=False)
        return batch

    def _hand_on(self, stream: Stream, first: int, content: Content) -> None:
        """Each file once, although its record may be sent again, and among others than before."""
        seen = stream.looked - first
        self.files += [(name, path) for at, name, path in content.files if at >= seen]
        stream.looked = max(stream.looked, first + content.count)

    def _seq(self, seq: int) -> int:
        """After the exit nothing is a heartbeat any more: late data bears the exit's number.

        A good end is told with the last record, and grows older than what is sent before it:
        as long as that takes the run is heard, and no lease ends.
        """
        if self.exit is not None and self.exit.state == "finished" and not self.exit_taken:
            self.exit_seq = max(self.exit_seq, seq)
        return self.exit_seq if self.exit is not None else seq

    def _exit_if(self, *, everything_sent: bool) -> ingest.Exit | None:
        """A bad end is told at once; a good one with the last record."""
        if self.exit is None or self.exit_taken:
            return None
        if self.exit.state != "finished":
            return self.exit
        main = self.streams.get(self.writer)
        records = main.source.next if main is not None else 0
        return msgspec.structs.replace(self.exit, records=records) if everything_sent else None

    def ended(self, verdict: ingest.Exit, seq: int) -> None:
        """A verdict stands: tell it."""
        if self.exit is None or verdict.confidence > self.exit.confidence:
            self.exit, self.exit_seq, self.exit_taken = verdict, seq, False

    def replied(self, reply: ingest.BatchReply) -> None:
        """What the server said to the batch on its way."""
        if reply.reopen:
            self.must_open = True
            return
        self.exit_taken = self.exit_taken or reply.exit_taken
        if self._on_way is None:
            return
        stream, expected = self._on_way
        self._on_way = None
        if reply.durable < stream.durable:
            # The server was restored from a backup: what it was told is told again.
            self.exit_taken = False
            stream.looked = min(stream.looked, reply.durable)
        stream.durable = reply.durable
        self._records_max = min(self._records_max * 2, RECORDS_MAX)
        if reply.durable != expected:
            stream.rewind(reply.durable)

    def lost(self) -> None:
        """No reply came: send from the last durable record again."""
        if self._on_way is not None:
            stream, _ = self._on_way
            self._on_way = None
            stream.rewind(stream.durable)

    def rejected(self, why: str) -> bool:
        """The server cannot read this batch: try less at once, at last without the one record.

        False when nothing is left to leave out.
        """
        stream, expected = self._on_way or (None, 0)
        self.lost()
        count = expected - stream.source.next if stream is not None else 0
        if count > 1:
            self._records_max = max(1, count // 2)
        elif count == 1 and stream is not None:
            self._unwanted.add((stream.spool, stream.source.next))
            stream.history.refuse("a record", f"the server could not take it: {why}")
        elif self.exit is not None and self.exit.evidence:
            self.exit = msgspec.structs.replace(self.exit, evidence={})
        else:
            return False
        return True

    @property
    def drained(self) -> bool:
        """Whether everything that was read is durable."""
        return all(each.durable >= each.source.next for each in self.streams.values())

    def mixed(self) -> set[str]:
        """What to say of keys that hold more than one kind of value."""
        return {told for each in self.streams.values() for told in each.history.mixed.values()}

    def refused(self) -> dict[str, int]:
        """Points refused so far by key: steps that went back, or what nobody could read."""
        counts: dict[str, int] = {}
        for stream in self.streams.values():
            for key, count in stream.history.refused.items():
                counts[key] = counts.get(key, 0) + count
        return counts
