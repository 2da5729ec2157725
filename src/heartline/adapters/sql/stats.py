"""The summaries of keys, folded from the heads of chunks. Reads points only where a head says too much."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from sqlalchemy.engine import Connection

from heartline.adapters.sql import cells
from heartline.adapters.sql.chunks import KeyHead, Points
from heartline.adapters.sql.read import (
    Reader,
    Source,
    numbers_last,
    objects_of,
    series,
    sources_of,
)
from heartline.core.records import KeyStats, RunKey

RUNS_MAX = 100


def keys(
    db: Connection, runs: Sequence[RunKey], *, system: bool
) -> dict[RunKey, Sequence[KeyStats]]:
    """Every key with its summary, folded from the chunks' heads."""
    found: dict[RunKey, Sequence[KeyStats]] = {}
    for some in (runs[n : n + RUNS_MAX] for n in range(0, len(runs), RUNS_MAX)):
        for run, sources in sources_of(db, some, system=system).items():
            found[run] = _every(Reader(db, sources))
    return found


def _every(reader: Reader) -> list[KeyStats]:
    """One launch of one rank hides nothing of itself, and most runs have no other."""
    if len({(source.epoch, source.rank, source.told) for source in reader.sources}) > 1:
        return [_stats(reader, key) for key in reader.names()]
    sources: dict[str, list[Source]] = {}
    for source in reader.sources:
        for key in source.keys:
            sources.setdefault(key, []).append(source)
    return [
        _stats_of_points(reader, key) if _again(key, sources[key]) else _folded(key, sources[key])
        for key in sorted(sources)
    ]


def _stats(reader: Reader, key: str) -> KeyStats:
    parts = reader.shown(key)
    hidden = any(p.before is not None and s.keys[key].last_step >= p.before for s, p in parts)
    sources = [source for source, _ in parts]
    if hidden or len({source.told for source in sources}) > 1 or _again(key, sources):
        return _stats_of_points(reader, key)
    return _folded(key, sources)


def _again(key: str, sources: list[Source]) -> bool:
    """Whether a step may have been said in two chunks: of its values only the last counts."""
    numbers = [source.numbers[key] for source in sources if key in source.numbers]
    others = [source.others[key] for source in sources if key in source.others]
    return any(
        later.first_step <= sooner.last_step
        for heads in (numbers, others)
        for sooner, later in pairwise(heads)
    )


def _folded(key: str, sources: list[Source]) -> KeyStats:
    whole = _folded_heads([source.keys[key] for source in sources])
    others = [source.others[key] for source in sources if key in source.others]
    if not others:
        return whole
    objects = sum(each.points for each in others)
    numbers = [source.numbers[key] for source in sources if key in source.numbers]
    if not numbers:
        return replace(whole, objects=objects)
    return replace(
        _folded_heads(numbers), objects=objects, first_step=whole.first_step,
        last_step=whole.last_step, last_json=whole.last_json,
    )  # fmt: skip


def _folded_heads(heads: list[KeyHead]) -> KeyStats:
    """In one go: a page of whole runs folds tens of thousands. Of equal steps the last counts."""
    first = newest = heads[0]
    low, high = first.min, first.max
    points = finite = nan = inf = 0
    total = 0.0
    for each in heads:
        if each.first_step <= first.first_step:
            first = each
        if each.last_step >= newest.last_step:
            newest = each
        if each.min is not None and each.max is not None:
            low = each.min if low is None or each.min < low else low
            high = each.max if high is None or each.max > high else high
        points, finite = points + each.points, finite + each.finite
        nan, inf, total = nan + each.nan, inf + each.inf, total + each.sum
    return KeyStats(
        newest.key, newest.kind, points, first.first, newest.last, low, high,
        total / finite if finite else None, nan, inf, first.first_step, newest.last_step,
        newest.last_json,
    )  # fmt: skip


def _stats_of_points(reader: Reader, key: str) -> KeyStats:
    """Where part of a chunk is hidden or was said again, its head says too much."""
    found = series(reader, key, None)
    rows = objects_of(reader, key, None)
    if not rows:
        return _stats_of_numbers(key, found)
    first, (last, _, json) = rows[0][0], rows[-1]
    if not len(found.steps):
        return KeyStats(
            key, "object", len(rows), first_step=first, last_step=last, last_json=json,
            objects=len(rows),
        )  # fmt: skip
    stats = _stats_of_numbers(key, found)
    both = {last} if stats.last_step == last else set[int]()
    number = stats.last_step > last or bool(numbers_last(reader, key, None, both))
    return replace(
        stats,
        first_step=min(first, stats.first_step),
        last_step=max(last, stats.last_step),
        last_json=b"" if number else json,
        objects=len(rows),
    )


def _stats_of_numbers(key: str, found: Points) -> KeyStats:
    all_cells = cells.of_points(found.steps.astype(np.float64), found.steps, found.values)
    whole = cells.group(all_cells, np.zeros(1, np.int64))
    finite = int(whole.count[0] - whole.nan[0] - whole.inf[0])
    return KeyStats(
        key,
        count=int(whole.count[0]),
        first=float(found.values[0]),
        last=float(whole.last[0]),
        min=float(whole.min[0]) if finite else None,
        max=float(whole.max[0]) if finite else None,
        mean=float(whole.sum[0]) / finite if finite else None,
        nan_count=int(whole.nan[0]),
        inf_count=int(whole.inf[0]),
        first_step=int(found.steps[0]),
        last_step=int(found.steps[-1]),
    )
