"""Arrays to bytes and back: deltas and byte shuffling before zstd, a checksum around all.

Never guesses: a chunk whose checksum does not match is an error that names it.
"""

import threading
import zlib
from typing import Any

import numpy as np
import zstandard
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL_FRESH = 1
LEVEL_MERGED = 6
_local = threading.local()


class DamagedChunk(Exception):
    """A stored chunk does not match its checksum: restore it from a backup; the rest is readable."""


def _zstd(level: int) -> tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor]:
    """Compressors are not safe to share between threads."""
    tools: dict[int, Any] = _local.__dict__.setdefault("tools", {})
    if level not in tools:
        tools[level] = (zstandard.ZstdCompressor(level=level), zstandard.ZstdDecompressor())
    found: tuple[zstandard.ZstdCompressor, zstandard.ZstdDecompressor] = tools[level]
    return found


def shuffle(values: NDArray[Any]) -> bytes:
    """Bytes of equal weight side by side: exponents compress where mantissas do not."""
    raw = np.ascontiguousarray(values).view(np.uint8).reshape(-1, values.itemsize)
    return raw.T.tobytes()


def unshuffle(data: bytes, dtype: str) -> NDArray[Any]:
    """The inverse of `shuffle`."""
    size = np.dtype(dtype).itemsize
    raw = np.frombuffer(data, np.uint8).reshape(size, -1)
    return np.ascontiguousarray(raw.T).view(dtype).reshape(-1)


def pack_ints(values: Ints, level: int) -> bytes:
    """Sorted or nearly sorted integers: first differences of differences, shuffled."""
    twice = np.diff(np.diff(values, prepend=np.int64(0)), prepend=np.int64(0))
    return _zstd(level)[0].compress(shuffle(twice))


def unpack_ints(data: bytes) -> Ints:
    """The inverse of `pack_ints`."""
    twice = unshuffle(_zstd(LEVEL_FRESH)[1].decompress(data), "<i8")
    return np.cumsum(np.cumsum(twice))


def pack_floats(values: Floats, level: int) -> bytes:
    """Floats, as f32 where that loses nothing (a training loss usually is one)."""
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = values.astype(np.float32)
        same = bool(np.array_equal(narrow.astype(np.float64), values, equal_nan=True))
    body = _zstd(level)[0].compress(shuffle(narrow if same else values))
    return (b"f" if same else b"d") + body


def unpack_floats(data: bytes) -> Floats:
    """The inverse of `pack_floats`."""
    raw = _zstd(LEVEL_FRESH)[1].decompress(data[1:])
    if data[:1] == b"f":
        return unshuffle(raw, "<f4").astype(np.float64)
    return unshuffle(raw, "<f8")


def seal(data: bytes) -> bytes:
    """Four bytes of CRC-32, then the data."""
    return zlib.crc32(data).to_bytes(4, "little") + data


def unseal(data: bytes, name: str) -> bytes:
    """The data, if it is what was written."""
    if zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
        raise DamagedChunk(f"{name} is damaged: its checksum does not match")
    return data[4:]


def compress(data: bytes, level: int = LEVEL_FRESH) -> bytes:
    """Plain zstd."""
    return _zstd(level)[0].compress(data)


def decompress(data: bytes) -> bytes:
    """Plain zstd."""
    return _zstd(LEVEL_FRESH)[1].decompress(data)
