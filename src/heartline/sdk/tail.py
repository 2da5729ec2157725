"""The reading end of the spool: records of one stream, from any number on. Never writes.

Sees what other processes append, as far as frames are whole; a torn tail is simply the end. What
is torn or flipped in the middle is given as `UNREADABLE`, so that the numbers stay right.
"""

import contextlib
import os
from pathlib import Path

from heartline.sdk.spool import segment_path
from heartline.wire.spool import (
    FRAME,
    FRAME_BYTES_MAX,
    HEADER,
    SUFFIX,
    SpoolError,
    frames,
    read_header,
)

WINDOW_BYTES = 256 * 1024
SEEK_BYTES = 8 * 2**20
UNREADABLE = b""


def streams(directory: Path) -> list[str]:
    """The streams of a spool directory."""
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    found = {name.rsplit(".", 2)[0] for name in names if name.endswith(SUFFIX)}
    return sorted(name for name in found if name)


class Tail:
    """A place in one stream; `next` is the number of the record that `read` gives next."""

    def __init__(self, directory: Path, stream: str) -> None:
        self.directory, self.stream = directory, stream
        self.next = 0
        self._segment = 0
        self._offset = HEADER.size
        self._file = -1

    def __del__(self) -> None:
        self._close()

    def read(self, limit: int, bytes_max: int) -> list[bytes]:
        """Up to `limit` payloads or about `bytes_max` bytes, and move behind them."""
        found: list[bytes] = []
        size = 0
        while len(found) < limit and size < bytes_max:
            part = self._whole(limit - len(found), bytes_max - size)
            if not part:
                first = self._first(self._segment + 1)
                if first is None:
                    break
                # The writer has left this segment: what it wrote before is visible by now.
                part = self._whole(limit - len(found), bytes_max - size)
                if not part:
                    part = self._leave(first, limit - len(found))
            found += part
            size += sum(map(len, part))
        return found

    def _leave(self, first: int, limit: int) -> list[bytes]:
        """To the next segment; what is missing before it was torn, and is counted as such."""
        missing = min(first - self.next, limit)
        if missing > 0:
            self.next += missing
            return [UNREADABLE] * missing
        self._enter(self._segment + 1)
        return []

    def _enter(self, segment: int) -> None:
        self._close()
        self._segment, self._offset = segment, HEADER.size

    def _whole(self, limit: int, bytes_max: int) -> list[bytes]:
        """Whole frames of the current segment from where we are."""
        data = self._window()
        found: list[bytes] = []
        size, base = 0, self._offset
        for payload, after in frames(data, 0):
            found.append(payload)
            size += len(payload)
            self._offset = base + after
            self.next += 1
            if len(found) >= limit or size >= bytes_max:
                break
        return found

    def _window(self) -> bytes:
        """The bytes at our place; costs two system calls while nothing is there."""
        if self._file < 0 and not self._open():
            return b""
        head = os.pread(self._file, FRAME.size, self._offset)
        if len(head) < FRAME.size or not any(head):
            return b""
        wanted = FRAME.unpack(head)[0] + FRAME.size
        if wanted > FRAME_BYTES_MAX + FRAME.size:
            return b""
        return os.pread(self._file, max(WINDOW_BYTES, wanted), self._offset)

    def _open(self) -> bool:
        """A prepared segment is all zeros until its writer arrives."""
        path = segment_path(self.directory, self.stream, self._segment)
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            head = os.pread(self._file, HEADER.size, 0)
            if any(head):
                read_header(head)
                return True
        except (OSError, SpoolError):
            pass
        self._close()
        return False

    def _close(self) -> None:
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = -1

    def _first(self, segment: int) -> int | None:
        """The number of a segment's first record, if it was begun."""
        path = segment_path(self.directory, self.stream, segment)
        try:
            with path.open("rb", buffering=0) as file:
                head = file.read(HEADER.size) or b""
            return read_header(head) if any(head) else None
        except (OSError, SpoolError):
            return None

    def seek(self, record: int) -> None:
        """Go on with this record: the durable offset is the law, wherever we were."""
        if record < self.next or self._first(self._segment + 1) is not None:
            segment = 0
            while (first := self._first(segment + 1)) is not None and first <= record:
                segment += 1
            self._enter(segment)
            self.next = self._first(segment) or 0
        while self.next < record and self.read(min(record - self.next, 10_000), SEEK_BYTES):
            pass

    @property
    def segment(self) -> int:
        """The number of the segment being read, so that the next can be prepared."""
        return self._segment
