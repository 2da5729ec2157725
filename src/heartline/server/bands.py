"""Many lines as one: the mean of a group's members, and how far they lie apart. Never reads a run.

Members log at steps of their own, so each is read between its own points, and counts only from
its first point to its last.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from heartline.core.records import Envelope
from heartline.server.frame import packed

Floats = np.ndarray[Any, np.dtype[np.float64]]
QUANTILES = {"q10": 0.1, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q90": 0.9}


def band(lines: Sequence[Envelope], width: int, kind: str) -> dict[str, Floats]:
    """Columns x, mean, low, high and count (of members there) of at most `width` places."""
    grid = _grid(lines, width)
    means = np.stack([_read(line.x, line.mean, grid) for line in lines])
    here = np.isfinite(means)
    members = here.sum(axis=0)
    some = members > 0
    grid, means, here, members = grid[some], means[:, some], here[:, some], members[some]
    mean = np.where(here, means, 0.0).sum(axis=0) / members
    if kind in ("range", "quantiles"):
        low, high = _range(lines, grid, means)
    else:
        off = np.where(here, means - mean, 0.0)
        wide = np.sqrt((off**2).sum(axis=0) / np.maximum(members - 1, 1))
        wide = wide / np.sqrt(members) if kind == "error" else wide
        low, high = mean - wide, mean + wide
    found = {"x": grid, "mean": mean, "low": low, "high": high, "count": members}
    if kind == "quantiles":
        found |= dict(zip(QUANTILES, np.nanquantile(means, [*QUANTILES.values()], axis=0),
                          strict=True))  # fmt: skip
    return found


def _grid(lines: Sequence[Envelope], width: int) -> Floats:
    """Every place where a member has a point, or `width` equal steps if those are more."""
    places = np.unique(np.concatenate([np.asarray(line.x, np.float64) for line in lines]))
    if len(places) <= width:
        return places
    return np.linspace(places[0], places[-1], width)


def _read(x: Sequence[float], y: Sequence[float], grid: Floats) -> Floats:
    """A line between its points; NaN before its first and after its last."""
    at, values = np.asarray(x, np.float64), np.asarray(y, np.float64)
    fine = np.isfinite(values)
    if not fine.any():
        return np.full(len(grid), np.nan)
    found: Floats = np.interp(grid, at[fine], values[fine], left=np.nan, right=np.nan)
    return found


def _range(lines: Sequence[Envelope], grid: Floats, means: Floats) -> tuple[Floats, Floats]:
    """Smallest and largest, with every bucket's own extremes, so that no spike is lost."""
    low, high = np.nanmin(means, axis=0), np.nanmax(means, axis=0)
    for line in lines:
        place = np.clip(np.searchsorted(grid, line.x, side="right") - 1, 0, len(grid) - 1)
        smallest, largest = np.asarray(line.min, np.float64), np.asarray(line.max, np.float64)
        fine = np.isfinite(smallest) & np.isfinite(largest)
        np.minimum.at(low, place[fine], smallest[fine])
        np.maximum.at(high, place[fine], largest[fine])
    return low, high


class BandHead(msgspec.Struct):
    """What the frame says of one group beside its columns."""

    group: str
    key: str
    members: int
    of: int
    points: int
    odd: int
    counted: int
    total: int


DTYPES = {"x": "f64", "mean": "f32", "low": "f32", "high": "f32", "count": "u32"}


def frame(bands: Sequence[tuple[BandHead, dict[str, Floats]]]) -> bytes:
    """All bands in one body, laid out as the frame of `/window` is."""
    told = [(msgspec.to_builtins(head), columns) for head, columns in bands]
    dense = any("q50" in columns for _, columns in told)
    return packed(told, {**DTYPES, **dict.fromkeys(QUANTILES, "f32")} if dense else DTYPES)
