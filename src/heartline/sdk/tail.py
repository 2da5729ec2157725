"""The reading end of the spool: records of one stream, from any number on. Never writes.

Sees what other processes append, as far as frames are whole; a torn tail is simply the end.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from heartline.sdk.spool import segment_path
from heartline.wire.spool import (
    FRAME_BYTES_MAX,
    HEADER,
    SUFFIX,
    SpoolError,
    frames,
    read_header,
)

WINDOW_BYTES = 128 * 1024
SEEK_BYTES = 8 * 2**20


def streams(directory: Path) -> list[str]:
    """The streams of a spool directory."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted({name.rsplit(".", 2)[0] for name in names if name.endswith(SUFFIX)})


class Tail:
    """Reads one stream. `next` is the number of the record that `read` gives next."""

    def __init__(self, directory: Path, stream: str) -> None:
        self.directory, self.stream = directory, stream
        self.next = 0
        self._segment = 0
        self._offset = HEADER.size

    def read(self, limit: int, bytes_max: int) -> list[bytes]:
        """Up to `limit` payloads or about `bytes_max` bytes, and move behind them."""
        found: list[bytes] = []
        size = 0
        while len(found) < limit and size < bytes_max:
            start = len(found)
            for payload, after in self._frames():
                found.append(payload)
                size += len(payload)
                self._offset = after
                self.next += 1
                if len(found) >= limit or size >= bytes_max:
                    break
            if len(found) == start and not self._advance():
                break
        return found

    def _frames(self) -> Iterator[tuple[bytes, int]]:
        """Whole frames of the current segment from where we are, a window at a time."""
        path = segment_path(self.directory, self.stream, self._segment)
        try:
            with path.open("rb", buffering=0) as file:
                if not self._begun(file.read(HEADER.size)):
                    return
                file.seek(self._offset)
                data = file.read(WINDOW_BYTES)
                if len(data) == WINDOW_BYTES and not any(True for _ in frames(data, 0)):
                    data += file.read(FRAME_BYTES_MAX)
        except OSError:
            return
        base = self._offset
        for payload, after in frames(data, 0):
            yield payload, base + after

    @staticmethod
    def _begun(head: bytes) -> bool:
        """A prepared segment is all zeros until its writer arrives."""
        if len(head) < HEADER.size or not any(head):
            return False
        read_header(head)
        return True

    def _advance(self) -> bool:
        """To the next segment, if it was begun: then nothing more comes in this one."""
        first = self._first(self._segment + 1)
        if first is None:
            return False
        # Behind a torn frame in the middle the numbers go on with the next segment.
        self.next = max(self.next, first)
        self._segment += 1
        self._offset = HEADER.size
        return True

    def _first(self, segment: int) -> int | None:
        path = segment_path(self.directory, self.stream, segment)
        try:
            with path.open("rb") as file:
                head = file.read(HEADER.size)
            return read_header(head) if any(head) else None
        except (OSError, SpoolError):
            return None

    def seek(self, record: int) -> None:
        """Go on with this record: the durable offset is the law, wherever we were."""
        segment = 0
        while (first := self._first(segment + 1)) is not None and first <= record:
            segment += 1
        begin = self._first(segment)
        self._segment, self._offset, self.next = segment, HEADER.size, begin or 0
        while self.next < record and self.read(min(record - self.next, 10_000), SEEK_BYTES):
            pass

    @property
    def segment(self) -> int:
        """The number of the segment being read, so that the next can be prepared."""
        return self._segment

    @property
    def offset(self) -> int:
        """How far in the segment, in bytes."""
        return self._offset
