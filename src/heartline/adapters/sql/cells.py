"""Roll-ups: a key's points in cells of so many, and cells or points in buckets.

Never reads a store. Every array has one item per cell: first x, first and last step, last value,
smallest and largest finite value, sum of finite values, count of points, finite, NaN and infinite
ones.
"""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from heartline.adapters.sql.chunks import Points
from heartline.adapters.sql.codec import Floats, Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """Summaries of runs of points, in order of x."""

    x: Floats
    step: Ints
    last: Floats
    min: Floats
    max: Floats
    sum: Floats
    count: Ints
    nan: Ints
    inf: Ints


def of_points(x: Floats, steps: Ints, values: Floats) -> Cells:
    """Each point as a cell of its own: the finest level."""
    fine = np.isfinite(values)
    nan = np.isnan(values)
    return Cells(
        x,
        steps,
        values,
        np.where(fine, values, np.inf),
        np.where(fine, values, -np.inf),
        np.where(fine, values, 0.0),
        np.ones(len(values), np.int64),
        nan.astype(np.int64),
        (~fine & ~nan).astype(np.int64),
    )


def group(cells: Cells, starts: Ints) -> Cells:
    """Cells joined into larger ones that begin at the given indices."""
    if not len(starts):
        return cells
    ends = np.append(starts[1:], len(cells.x)) - 1
    with np.errstate(over="ignore", invalid="ignore"):
        sums = np.add.reduceat(cells.sum, starts)
    return Cells(
        cells.x[starts],
        cells.step[starts],
        cells.last[ends],
        np.minimum.reduceat(cells.min, starts),
        np.maximum.reduceat(cells.max, starts),
        sums,
        np.add.reduceat(cells.count, starts),
        np.add.reduceat(cells.nan, starts),
        np.add.reduceat(cells.inf, starts),
    )


def rolled_up(points: Points, size: int) -> Cells:
    """A chunk's points in cells of this size, along the step."""
    fine = of_points(points.steps.astype(np.float64), points.steps, points.values)
    return group(fine, np.arange(0, len(points.steps), size))


def joined(parts: list[Cells]) -> Cells:
    """Several in a row, as one."""
    if len(parts) == 1:
        return parts[0]
    return Cells(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Cells))
    )


def bucketed(cells: Cells, x_min: float, x_max: float, width: int) -> Cells:
    """At most `width` buckets of equal length over [x_min, x_max], empty ones left out."""
    if len(cells.x) <= width:
        return cells
    span = max(x_max - x_min, 1e-300)
    index = np.minimum(((cells.x - x_min) / span * width).astype(np.int64), width - 1)
    starts = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
    return group(cells, starts)


def between(cells: Cells, low: float | None, high: float | None) -> Cells:
    """Those whose x lies within the bounds, both included."""
    if low is None and high is None:
        return cells
    keep = np.ones(len(cells.x), bool)
    if low is not None:
        keep &= cells.x >= low
    if high is not None:
        keep &= cells.x <= high
    return Cells(*(getattr(cells, each.name)[keep] for each in fields(Cells)))


def pack(cells: Cells) -> bytes:
    """As stored beside a merged column."""
    parts = [getattr(cells, each.name).astype("<f8").tobytes() for each in fields(Cells)]
    return b"".join(parts)


def unpack(data: bytes) -> Cells:
    """The inverse of `pack`."""
    columns: Any = np.frombuffer(data, "<f8").reshape(len(fields(Cells)), -1)
    ints = {"step", "count", "nan", "inf"}
    return Cells(
        *(
            column.astype(np.int64) if each.name in ints else column
            for each, column in zip(fields(Cells), columns, strict=True)
        )
    )
