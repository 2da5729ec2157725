"""What a chunk holds: a head that tells each key's summary, and columns. Never runs a statement.

A fresh chunk is one accepted batch with all its keys in one body. A merged chunk has one row per
key in `columns`, so that reading one key of many reads only that one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from heartline.adapters.sql import codec
from heartline.adapters.sql.codec import Floats, Ints
from heartline.core.records import Block
from heartline.core.texts import clean_key

DENSE_MIN = 3
STEPS, TIMES = "\x01steps", "\x01times"
LEVELS = (("\x01cells\x01", 256), ("\x01fine\x01", 64))
"""Roll-ups from coarse to fine: how the names of their rows begin, and points in a cell."""


class KeyHead(msgspec.Struct, array_like=True):
    """One key of a chunk: its summary, so that listing keys reads no column.

    A key with numbers and other values has a head for each; of equal steps the value that was
    said last counts, and `last_row` tells which of the two heads has it.
    """

    key: str
    kind: str
    points: int
    first_step: int
    last_step: int
    first: float | None = None
    last: float | None = None
    min: float | None = None
    max: float | None = None
    sum: float = 0.0
    finite: int = 0
    nan: int = 0
    inf: int = 0
    last_json: bytes = b""
    last_row: int = -1


class Head(msgspec.Struct, array_like=True):
    """What is in a chunk."""

    rows: int
    keys: list[KeyHead]


class Packed(msgspec.Struct, array_like=True):
    """The body of a fresh chunk."""

    steps: bytes
    times: bytes
    columns: list[tuple[str, bytes, bytes]]
    objects: list[tuple[str, int, bytes]]


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one key of one chunk."""

    steps: Ints
    times: Ints
    values: Floats


@dataclass(frozen=True, slots=True)
class Table:
    """A decoded chunk: rows, number columns as (row indices, values), objects as (row, JSON)."""

    steps: Ints
    times: Ints
    columns: dict[str, tuple[Ints | None, Floats]]
    objects: dict[str, list[tuple[int, bytes]]]

    def points(self, key: str) -> Points:
        """One key's points."""
        rows, values = self.columns[key]
        if rows is None:
            return Points(self.steps, self.times, values)
        return Points(self.steps[rows], self.times[rows], values)


HEAD = msgspec.msgpack.Decoder(Head)
_PACKED = msgspec.msgpack.Decoder(Packed)


def table(blocks: Sequence[Block]) -> Table:
    """Blocks of a batch as one table."""
    return distinct(_whole(blocks[0]) if len(blocks) == 1 else _stacked(blocks))


def distinct(found: Table) -> Table:
    """Without what was said again: of one key and step the last value is kept."""
    if _grow(found.steps):
        return found
    columns = {
        key: _distinct(found.steps, rows, values) for key, (rows, values) in found.columns.items()
    }
    objects = {}
    for key, points in found.objects.items():
        newest = {int(found.steps[row]): (row, json) for row, json in points}
        objects[key] = sorted(newest.values(), key=lambda point: point[0])
    return Table(found.steps, found.times, columns, objects)


def _grow(steps: Ints) -> bool:
    return len(steps) < 2 or bool((steps[1:] > steps[:-1]).all())


def _distinct(steps: Ints, rows: Ints | None, values: Floats) -> tuple[Ints | None, Floats]:
    mine = steps if rows is None else steps[rows]
    if _grow(mine):
        return rows, values
    keep = last_of_each(mine)
    if len(keep) == len(mine):
        return rows, values
    keep.sort()
    return (keep if rows is None else rows[keep]), values[keep]


def last_of_each(steps: Ints) -> Ints:
    """Where each step stands last, by step."""
    order = np.argsort(steps, kind="stable")
    found = steps[order]
    last: Ints = order[np.append(found[1:] != found[:-1], True)]
    return last


def _stacked(blocks: Sequence[Block]) -> Table:
    steps = [np.asarray(block.steps, np.int64) for block in blocks]
    times = [np.asarray(block.times, np.int64) for block in blocks]
    columns: dict[str, list[tuple[Any, Floats]]] = {}
    objects: dict[str, list[tuple[int, bytes]]] = {}
    base = 0
    for block, block_steps in zip(blocks, steps, strict=True):
        for column in block.columns:
            rows = _rows(column.rows, len(block_steps)) + base
            values = np.asarray(column.values, np.float64)
            if len(rows) != len(values):
                raise ValueError(f"key {column.key!r}: {len(values)} values for {len(rows)} rows")
            columns.setdefault(clean_key(column.key), []).append((rows, values))
        for point in block.objects:
            if not 0 <= point.row < len(block_steps):
                raise ValueError(f"key {point.key!r}: row {point.row} is not in its block")
            place = (base + point.row, bytes(point.json))
            objects.setdefault(clean_key(point.key), []).append(place)
        base += len(block_steps)
    return Table(_joined(steps), _joined(times), _dense(columns, base), objects)


def _whole(block: Block) -> Table:
    """The usual batch holds one block, whose dense columns need no row numbers."""
    steps, times = np.asarray(block.steps, np.int64), np.asarray(block.times, np.int64)
    columns: dict[str, tuple[Ints | None, Floats]] = {}
    for column in block.columns:
        values = np.asarray(column.values, np.float64)
        rows = None if column.rows is None else _rows(column.rows, len(steps))
        if len(values) != (len(steps) if rows is None else len(rows)):
            raise ValueError(f"key {column.key!r}: {len(values)} values do not fit its rows")
        columns[clean_key(column.key)] = (rows, values)
    objects: dict[str, list[tuple[int, bytes]]] = {}
    for point in block.objects:
        if not 0 <= point.row < len(steps):
            raise ValueError(f"key {point.key!r}: row {point.row} is not in its block")
        objects.setdefault(clean_key(point.key), []).append((point.row, bytes(point.json)))
    if len(columns) < len(block.columns):
        return _stacked([block, Block([], [])])
    return Table(steps, times, columns, objects)


def _rows(rows: Any, total: int) -> Ints:
    if rows is None:
        return np.arange(total, dtype=np.int64)
    found = np.asarray(rows, np.int64)
    if len(found) and (found[0] < 0 or int(found.max()) >= total):
        raise ValueError("a column names a row that is not in its block")
    return found


def _joined(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else np.concatenate(parts or [np.empty(0, np.int64)])


def _dense(
    columns: dict[str, list[tuple[Any, Floats]]], total: int
) -> dict[str, tuple[Ints | None, Floats]]:
    dense: dict[str, tuple[Ints | None, Floats]] = {}
    for key, parts in columns.items():
        rows, values = _joined([part[0] for part in parts]), _joined([part[1] for part in parts])
        full = len(rows) == total and (total < 2 or bool((rows[1:] - rows[:-1] == 1).all()))
        dense[key] = (None if full else rows, values)
    return dense


def head(found: Table) -> Head:
    """The summaries of all keys of a table."""
    dense = _dense_heads(found)
    keys = [
        dense.get(key) or _number_head(key, found)
        for key in found.columns if len(found.columns[key][1])
    ]  # fmt: skip
    mixed = {each.key: each for each in keys if each.key in found.objects}
    for key, points in found.objects.items():
        steps = [int(found.steps[row]) for row, _ in points]
        newest = _last_of(steps, max(steps))
        row, json = points[newest]
        keys.append(KeyHead(
            key, "object", len(points), min(steps), steps[newest], last_json=json,
            last_row=row if key in mixed else -1,
        ))  # fmt: skip
    for key, number in mixed.items():
        rows = found.columns[key][0]
        number.last_row = _last_of(found.points(key).steps.tolist(), number.last_step)
        number.last_row = number.last_row if rows is None else int(rows[number.last_row])
    return Head(len(found.steps), keys)


def _last_of(steps: list[int], step: int) -> int:
    """Where a step stands last."""
    return len(steps) - 1 - steps[::-1].index(step)


SMALL = 32


def _dense_heads(found: Table) -> dict[str, KeyHead]:
    """Of the columns that have a finite value in every row: all at once, as rows of one array."""
    keys = [key for key, (rows, _) in found.columns.items() if rows is None]
    if len(keys) < DENSE_MIN or not len(found.steps):
        return {}
    every = np.concatenate([found.columns[key][1] for key in keys]).reshape(len(keys), -1)
    low, high, summaries = _one_row(found, every) if every.shape[1] == 1 else _rows_of(found, every)
    count = every.shape[1]
    return {
        key: KeyHead(key, "number", count, low, high, first, last, least, most, total, count)
        for key, (fine, first, last, least, most, total) in zip(keys, summaries, strict=True)
        if fine
    }


_Summaries = tuple[int, int, Iterable[tuple[Any, ...]]]
"""First and last step; of each column: are all finite, first, last, min, max, sum."""


def _one_row(found: Table, every: Floats) -> _Summaries:
    """The usual batch of a slow training."""
    step = int(found.steps[0])
    values = every[:, 0].tolist()
    return step, step, ((math.isfinite(each), *(each,) * 5) for each in values)


def _rows_of(found: Table, every: Floats) -> _Summaries:
    low, high = int(found.steps.min()), int(found.steps.max())
    first, last = (np.flatnonzero(found.steps == step)[-1] for step in (low, high))
    fine = np.isfinite(every).all(axis=1)
    with np.errstate(over="ignore", invalid="ignore"):
        summaries = (
            fine, every[:, first], every[:, last], every.min(axis=1), every.max(axis=1),
            every.sum(axis=1),
        )  # fmt: skip
    return low, high, zip(*(each.tolist() for each in summaries), strict=True)


def _number_head(key: str, found: Table) -> KeyHead:
    rows, values = found.columns[key]
    steps = found.steps if rows is None else found.steps[rows]
    if len(values) <= SMALL:
        return _small_head(key, steps.tolist(), values.tolist())
    fine = values[np.isfinite(values)]
    some = len(fine) > 0
    nan = int(np.isnan(values).sum()) if len(fine) < len(values) else 0
    low, high = int(steps.min()), int(steps.max())
    return KeyHead(
        key,
        "number",
        len(values),
        low,
        high,
        first=float(values[steps == low][-1]),
        last=float(values[steps == high][-1]),
        min=float(fine.min()) if some else None,
        max=float(fine.max()) if some else None,
        sum=_sum(fine) if some else 0.0,
        finite=len(fine),
        nan=nan,
        inf=len(values) - len(fine) - nan,
    )


def _sum(values: Floats) -> float:
    """Infinite, and no fault, where the sum lies beyond all floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        return float(values.sum())


def _small_head(key: str, steps: list[int], values: list[float]) -> KeyHead:
    """The same without numpy, whose calls cost more than a few numbers do."""
    fine = [value for value in values if math.isfinite(value)]
    nan = sum(value != value for value in values)  # noqa: PLR0124 - only NaN differs from itself
    low, high = min(steps), max(steps)
    first, last = values[_last_of(steps, low)], values[_last_of(steps, high)]
    return KeyHead(
        key, "number", len(values), low, high, first, last,
        min(fine, default=None), max(fine, default=None), sum(fine), len(fine), nan,
        len(values) - len(fine) - nan,
    )  # fmt: skip


def pack(found: Table, level: int = codec.LEVEL_FRESH) -> bytes:
    """A table as the body of a fresh chunk: small batches are compressed once, as a whole."""
    packed = Packed(
        found.steps.astype("<i8", copy=False).tobytes(),
        found.times.astype("<i8", copy=False).tobytes(),
        [
            (key, b"" if rows is None else rows.astype("<u4").tobytes(), values.tobytes())
            for key, (rows, values) in found.columns.items()
        ],
        [(key, row, json) for key, points in found.objects.items() for row, json in points],
    )
    return codec.seal(codec.compress(msgspec.msgpack.encode(packed), level))


def unpack(body: bytes, name: str) -> Table:
    """The inverse of `pack`; DamagedChunk if it is not what was written."""
    packed = _PACKED.decode(codec.decompress(codec.unseal(body, name)))
    columns: dict[str, tuple[Ints | None, Floats]] = {
        key: (
            np.frombuffer(rows, "<u4").astype(np.int64) if rows else None,
            np.frombuffer(values, "<f8"),
        )
        for key, rows, values in packed.columns
    }
    objects: dict[str, list[tuple[int, bytes]]] = {}
    for key, row, json in packed.objects:
        objects.setdefault(key, []).append((row, json))
    steps = np.frombuffer(packed.steps, "<i8")
    return Table(steps, np.frombuffer(packed.times, "<i8"), columns, objects)
