"""Envelopes: what a chart of N pixels needs, from roll-ups where they are fine enough."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from heartline.adapters.sql import cells
from heartline.adapters.sql.cells import Cells
from heartline.adapters.sql.chunks import LEVELS, Points
from heartline.adapters.sql.read import Reader, ordered, read_of, series
from heartline.core.records import Envelope, RunKey

WIDTH_MAX = 10_000


def window(
    db: Connection,
    runs: Sequence[RunKey],
    wanted: Sequence[str],
    *,
    x: str = "_step",
    x_min: float | None = None,
    x_max: float | None = None,
    width: int = 600,
    system: bool = False,
    rank: int | None = None,
) -> list[Envelope]:
    """At most `width` buckets for each run and key that has points in the range."""
    width = max(1, min(width, WIDTH_MAX))
    found: list[Envelope] = []
    for run in runs:
        reader = read_of(db, run, system=system)
        for key in wanted:
            if any(key in source.numbers for source in reader.sources):
                line = _along(reader, key, x, rank, x_min, x_max, width)
                if len(line.x):
                    found.append(_envelope(run, key, line, x_min, x_max, width))
    return found


def _along(
    reader: Reader, key: str, x: str, rank: int | None, low: float | None, high: float | None,
    width: int,
) -> Cells:  # fmt: skip
    """The key's cells along x within the bounds: rolled up where that is fine enough."""
    if x == "_step":
        coarse = _coarse(reader, key, rank, low, high, width)
        if coarse is not None:
            return coarse
        # A look from nearby reads only the chunks that reach into it.
        beyond = math.inf if high is None else math.nextafter(high, math.inf)
        points = series(reader, key, rank, (-math.inf if low is None else low, beyond))
    else:
        points = series(reader, key, rank)
    if x == "_step":
        line = cells.of_points(points.steps.astype(np.float64), points.steps, points.values)
    elif x == "_timestamp":
        line = cells.of_points(points.times.astype(np.float64), points.steps, points.values)
    else:
        line = _against(points, series(reader, x, rank))
    return cells.between(line, low, high)


def _against(points: Points, axis: Points) -> Cells:
    """A key along another metric: joined by step, sorted by the other's value."""
    _, mine, others = np.intersect1d(points.steps, axis.steps, return_indices=True)
    along = axis.values[others]
    finite = np.isfinite(along)
    mine, along = mine[finite], along[finite]
    order = np.argsort(along, kind="stable")
    return cells.of_points(along[order], points.steps[mine[order]], points.values[mine[order]])


def _coarse(
    reader: Reader, key: str, rank: int | None, low: float | None, high: float | None, width: int
) -> Cells | None:
    """Roll-ups of merged chunks, if they give several cells for every bucket asked for."""
    parts = reader.shown(key, rank)
    inside = [
        (source, part) for source, part in parts
        if key in source.numbers
        and (high is None or source.numbers[key].first_step <= high)
        and (low is None or source.numbers[key].last_step >= low)
    ]  # fmt: skip
    total = sum(source.numbers[key].points for source, _ in inside if source.merged)
    hidden = any(p.before is not None and s.numbers[key].last_step >= p.before for s, p in inside)
    bounded = low is not None or high is not None
    room = total / width / (4 if bounded else 1)
    level = next((prefix for prefix, size in LEVELS if size <= room), None)
    if hidden or level is None:
        return None
    if any(a.numbers[key].last_step >= b.numbers[key].first_step
           for (a, _), (b, _) in pairwise(inside)):  # fmt: skip
        return None
    reader.load_rolled_up([source for source, _ in inside], key, level)
    lines: list[Cells] = []
    for source, _ in inside:
        rolled = reader.rolled_up(source, key, level)
        if rolled is None:
            points = ordered(reader.points(source, key))
            rolled = cells.of_points(points.steps.astype(np.float64), points.steps, points.values)
        lines.append(rolled)
    return cells.between(cells.joined(lines), low, high)


def _envelope(
    run: RunKey, key: str, line: Cells, low: float | None, high: float | None, width: int
) -> Envelope:
    start = float(line.x[0]) if low is None else low
    end = float(line.x[-1]) if high is None else high
    found = cells.bucketed(line, start, end, width)
    finite = found.count - found.nan - found.inf
    some = finite > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(some, found.sum / np.maximum(finite, 1), np.nan)
    columns: dict[str, Any] = {
        "x": found.x,
        "last": found.last,
        "min": np.where(some, found.min, np.nan),
        "max": np.where(some, found.max, np.nan),
        "mean": mean,
        "count": found.count,
        "nan": found.nan,
        "inf": found.inf,
    }
    return Envelope(run, key, **columns)
