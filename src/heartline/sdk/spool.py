"""The writing end of the spool: one memory-mapped segment at a time. Never reads, never blocks.

`append` returns when the frame is in memory shared with the file: it survives the death of the
process by any signal, not a power loss. Trap: a sparse mapped file on a full disk kills the
process with SIGBUS, hence `posix_fallocate`; where mapping is not possible, `write(2)` serves.
"""

import contextlib
import mmap
import os
import threading
import zlib
from pathlib import Path

from heartline.wire.spool import FRAME, HEADER, SEGMENT_BYTES, SUFFIX, frame, header

_PACK_INTO = FRAME.pack_into
_CRC = zlib.crc32
_ROOM = FRAME.size


class SpoolFull(OSError):
    """No space, or no right to write, for the next segment: what is logged now is lost."""


def segment_path(directory: Path, stream: str, number: int) -> Path:
    """Where a segment lives."""
    return directory / f"{stream}.{number:06d}{SUFFIX}"


def allocate(path: Path, size: int) -> int:
    """A new segment with its blocks reserved; its descriptor. OSError if there is no room."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, size)
    except BaseException:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    return descriptor


class Spool:
    """One stream of records of one process. Safe to use from several threads."""

    def __init__(self, directory: Path, stream: str, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.directory, self.stream = directory, stream
        self.records = 0
        self.lost = 0
        self._size = segment_bytes
        self._lock = threading.Lock()
        self._number = -1
        self._map: mmap.mmap | None = None
        self._plain: int | None = None
        self._at = 0
        self._limit = 0
        self._next_segment(0)

    def append(self, payload: bytes) -> None:
        """Add one record. SpoolFull counts the loss; the next call tries again."""
        size = len(payload)
        with self._lock:
            at = self._at
            end = at + _ROOM + size
            if end > self._limit:
                self._roll(size)
                at = self._at
                end = at + _ROOM + size
            target = self._map
            if target is None:
                self._append_plain(payload)
                return
            target[at + _ROOM : end] = payload
            _PACK_INTO(target, at, size, _CRC(payload))
            self._at = end
            self.records += 1

    def _append_plain(self, payload: bytes) -> None:
        assert self._plain is not None
        try:
            os.write(self._plain, frame(payload))
        except OSError as error:
            self.lost += 1
            raise SpoolFull(error.errno, error.strerror) from None
        self._at += _ROOM + len(payload)
        self.records += 1

    def _roll(self, size: int) -> None:
        try:
            self._next_segment(size)
        except OSError as error:
            self.lost += 1
            raise SpoolFull(error.errno, error.strerror) from None

    def _next_segment(self, size: int) -> None:
        """Map the segment that the internal process has prepared, or make one."""
        path = segment_path(self.directory, self.stream, self._number + 1)
        wanted = max(self._size, HEADER.size + 2 * _ROOM + size)
        prepared = self._prepared(path, wanted)
        descriptor = allocate(path, wanted) if prepared is None else prepared
        try:
            new: mmap.mmap | None = mmap.mmap(descriptor, wanted)
        except OSError:
            new = None
        self._release()
        self._number += 1
        self._at = HEADER.size
        self._limit = wanted - _ROOM
        if new is None:
            # Some network file systems cannot be mapped: append with write(2) instead.
            os.ftruncate(descriptor, 0)
            os.write(descriptor, header(self.records))
            self._plain, self._map = descriptor, None
            return
        os.close(descriptor)
        self._map = new
        new[: HEADER.size] = header(self.records)

    def _prepared(self, path: Path, wanted: int) -> int | None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        if os.fstat(descriptor).st_size == wanted:
            return descriptor
        os.close(descriptor)
        return None

    def _release(self) -> None:
        if self._map is not None:
            self._map.close()
        if self._plain is not None:
            os.close(self._plain)
            self._plain = None

    def close(self) -> None:
        """Let go of the segment; what was appended stays."""
        with self._lock:
            self._release()
            self._map = None
            self._limit = 0
            self._size = 0


def private_directory(path: Path) -> Path:
    """A new directory for this account alone: truncation under a map would kill the process."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
