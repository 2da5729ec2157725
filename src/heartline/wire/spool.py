"""The spool's format: segments of frames, and what a frame may say. Never opens a file.

A segment begins with `HEADER` (magic, version, number of its first record); then frames follow:
length and CRC-32 of the payload (u32 little-endian each), then the payload. A length of zero ends
the segment. The header of a frame is written after its payload, so a torn frame is never read.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

MAGIC = b"HLSPOOL1"
HEADER = struct.Struct("<8sQ")
FRAME = struct.Struct("<II")
SEGMENT_BYTES = 4 * 2**20
FRAME_BYTES_MAX = 4 * 2**20
SUFFIX = ".seg"

LOG, CHANGES, LINE, NOTE, PREEMPTING, FILE, STOP_ACK, SYSTEM = range(8)
"""Kinds of records: the first item of every payload, which is a MessagePack array.

LOG [step, time_s, {key: value}] · CHANGES [fields of ingest.Changes] · LINE [stream, number,
time_ms, text] · NOTE [{what the process says of its own end}] · PREEMPTING [bool] ·
FILE [path in the run, path on disk] · STOP_ACK [] · SYSTEM [step, time_s, {key: value}]
"""

_DECODE = msgspec.msgpack.Decoder().decode


class SpoolError(Exception):
    """The spool cannot be read: its first bytes are not those of a spool segment."""


def header(first: int) -> bytes:
    """The first bytes of a segment whose first record has this number."""
    return HEADER.pack(MAGIC, first)


def read_header(data: bytes | memoryview) -> int:
    """The number of a segment's first record; SpoolError if it is no segment."""
    if len(data) < HEADER.size:
        raise SpoolError("the segment is shorter than its header")
    magic, first = HEADER.unpack_from(data)
    if magic != MAGIC:
        raise SpoolError("not a spool segment")
    return int(first)


def frame(payload: bytes) -> bytes:
    """A whole frame, for writers that append."""
    return FRAME.pack(len(payload), zlib.crc32(payload)) + payload


def frames(data: bytes | memoryview, at: int) -> Iterator[tuple[bytes, int]]:
    """Payloads from offset `at` with the offset after each; stops at the last whole frame."""
    end = len(data)
    while at + FRAME.size <= end:
        length, checksum = FRAME.unpack_from(data, at)
        after = at + FRAME.size + length
        if length == 0 or length > FRAME_BYTES_MAX or after > end:
            return
        payload = bytes(data[at + FRAME.size : after])
        if zlib.crc32(payload) != checksum:
            return
        yield payload, after
        at = after


def decode(payload: bytes) -> list[Any]:
    """A record: its kind, then what that kind says."""
    found: list[Any] = _DECODE(payload)
    return found
