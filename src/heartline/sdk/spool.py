"""The writing end of the spool: one memory-mapped segment at a time. Never reads, never blocks.

`append` returns when the frame is in memory shared with the file: it survives the death of the
process by any signal, not a power loss. Trap: a sparse mapped file on a full disk kills the
process with SIGBUS, hence `posix_fallocate`; where mapping is not possible, `write(2)` serves.
"""

import contextlib
import errno
import mmap
import os
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

from heartline.wire.spool import (
    FRAME,
    FRAME_BYTES_MAX,
    HEADER,
    SEGMENT_BYTES,
    SUFFIX,
    header,
)

_PACK = FRAME.pack
_CRC = zlib.crc32
_ROOM = FRAME.size
_SHUT = -1
KEPT_BYTES_MAX = 8_192
_NOT_SUPPORTED = {errno.EOPNOTSUPP, errno.EINVAL, errno.ENODEV, errno.ENOSYS}


_WRITERS: dict[int, Callable[..., None]] = {}


def _writer(size: int) -> Callable[..., None]:
    """One call that writes a whole frame of this size; kept for sizes that come again."""
    write = struct.Struct(f"<II{size}s").pack_into
    if size < KEPT_BYTES_MAX:
        _WRITERS[size] = write
    return write


class SpoolFull(OSError):
    """No space, or no right to write, for the next segment: what is logged now is lost."""


class SpoolClosed(ValueError):
    """The run has ended: nothing more is recorded."""


class TooLarge(ValueError):
    """One record has more bytes than a frame may have: log less at once, or save a file."""


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
    """One stream of records of one process. Safe to use from threads and from signal handlers.

    A `lazy` spool makes its first segment with its first record.
    """

    def __init__(
        self,
        directory: Path,
        stream: str,
        segment_bytes: int = SEGMENT_BYTES,
        *,
        lazy: bool = False,
        mapped: bool = True,
    ) -> None:
        self.directory, self.stream = directory, stream
        self.records = 0
        self.lost = 0
        self._size = segment_bytes
        self._mapped = mapped
        self._lock = threading.RLock()
        self._number = -1
        self._map: mmap.mmap | None = None
        self._plain: int | None = None
        self._at = self._limit = self._end = 0
        self._waiting: list[tuple[bytes, bytes]] = []
        self._draining = False
        self._closed = False
        if not lazy:
            self._next_segment(0)
            self._open()

    def append(self, payload: bytes) -> None:
        """Add one record. SpoolFull counts the loss; the next call tries again."""
        size = len(payload)
        checksum = _CRC(payload)
        write = _WRITERS.get(size) or _writer(size)
        if self._at + size < self._limit:
            # No call from the test to `write`, and `write` is one: so neither a signal handler
            # (which may log, or raise) nor another thread can come between a place being taken
            # and its bytes. A reader that is quicker finds the checksum wrong, and looks again.
            target = self._map
            self._at, self.records = (at := self._at) + _ROOM + size, self.records + 1
            write(target, at, size, checksum, payload)
            return
        with self._lock:
            self._append_slowly(_PACK(size, checksum), payload)

    def _append_alone(self, payload: bytes) -> None:
        """Where threads run truly side by side there is no such thing as 'no call between'."""
        with self._lock:
            self._append_slowly(_PACK(len(payload), _CRC(payload)), payload)

    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        append = _append_alone

    def _append_slowly(self, head: bytes, payload: bytes) -> None:
        """By way of a queue, so that a signal handler that logs in the middle only queues.

        An exception out of that handler leaves the record queued: the next call places it. The
        limit is shut meanwhile, so that nothing overtakes.
        """
        if self._closed:
            raise SpoolClosed
        if len(payload) > FRAME_BYTES_MAX:
            raise TooLarge(f"{len(payload)} bytes at once (at most {FRAME_BYTES_MAX})")
        self._limit = _SHUT
        self._waiting.append((head, payload))
        if not self._draining:
            self._drain()

    def _drain(self) -> None:
        self._draining = True
        try:
            while self._waiting:
                self._place(*self._waiting[0])
            self._open()
        except OSError as error:
            self.lost += len(self._waiting)
            self._waiting = []
            self._open()
            raise SpoolFull(error.errno, error.strerror) from None
        finally:
            self._draining = False

    def _open(self) -> None:
        """Let the quick way be taken again; without a map there is none."""
        self._limit = self._end - _ROOM if self._map is not None else _SHUT

    def _place(self, head: bytes, payload: bytes) -> None:
        """The first record in the queue, in the segment that there is or the next."""
        at = self._at
        end = at + _ROOM + len(payload)
        target = self._map
        if end > self._end or self._number < 0:
            self._next_segment(len(payload))
        elif target is not None:
            target[at + _ROOM : end] = payload
            target[at : at + _ROOM] = head
            self._at = end
            self.records += 1
            self._waiting = self._waiting[1:]
        else:
            self._write(at, head + payload)
            self._at = end
            self.records += 1
            self._waiting = self._waiting[1:]

    def _write(self, at: int, data: bytes) -> None:
        """At its place, so that a second try after a full disk overwrites the torn first one."""
        assert self._plain is not None
        if os.pwrite(self._plain, data, at) < len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _next_segment(self, size: int) -> None:
        """Map the segment that the internal process has prepared, or make one."""
        path = segment_path(self.directory, self.stream, self._number + 1)
        wanted = max(self._size, HEADER.size + 2 * _ROOM + size)
        descriptor = self._prepared(path, wanted)
        if descriptor is None:
            descriptor = self._made(path, wanted)
        new = self._map_of(descriptor, wanted)
        head = header(self.records)
        old, old_plain = self._map, self._plain
        if new is None:
            # Some network file systems cannot be mapped: append with write(2) instead.
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, head, 0)
            self._map, self._plain = None, descriptor
        else:
            os.close(descriptor)
            new[: HEADER.size] = head
            self._map, self._plain = new, None
        self._number += 1
        self._at = HEADER.size
        self._end = wanted - _ROOM
        if old is not None:
            old.close()
        if old_plain is not None:
            os.close(old_plain)

    def _made(self, path: Path, wanted: int) -> int:
        try:
            return allocate(path, wanted)
        except OSError as error:
            if error.errno not in _NOT_SUPPORTED:
                raise
            self._mapped = False
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _map_of(self, descriptor: int, wanted: int) -> mmap.mmap | None:
        if not self._mapped:
            return None
        try:
            return mmap.mmap(descriptor, wanted)
        except OSError:
            return None

    def _prepared(self, path: Path, wanted: int) -> int | None:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return None
        if os.fstat(descriptor).st_size == wanted:
            return descriptor
        os.close(descriptor)
        return None

    def close(self) -> None:
        """Let go of the segment; what was appended stays. Later records are refused."""
        with self._lock:
            if self._waiting and not self._closed:
                with contextlib.suppress(SpoolFull):
                    self._drain()
            old, plain = self._map, self._plain
            self._map, self._plain = None, None
            self._closed = True
            self._limit = _SHUT
            if old is not None:
                old.close()
            if plain is not None:
                os.close(plain)


def private_directory(path: Path) -> Path:
    """A new directory for this account alone: truncation under a map would kill the process."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path
