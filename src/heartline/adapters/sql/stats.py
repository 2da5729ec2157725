"""The summaries of keys, folded from the heads of chunks. Reads points only where a head says too much."""

from collections.abc import Sequence

import numpy as np
from sqlalchemy.engine import Connection

from heartline.adapters.sql import cells
from heartline.adapters.sql.chunks import KeyHead
from heartline.adapters.sql.read import Reader, objects_of, series, sources_of
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
    """One attempt of one rank hides nothing of itself, and most runs have no other."""
    if len({(source.epoch, source.rank) for source in reader.sources}) > 1:
        return [_stats(reader, key) for key in reader.names()]
    heads: dict[str, list[KeyHead]] = {}
    for source in reader.sources:
        for key, head in source.keys.items():
            heads.setdefault(key, []).append(head)
    return [_folded(heads[key]) for key in sorted(heads)]


def _stats(reader: Reader, key: str) -> KeyStats:
    parts = reader.shown(key)
    if any(part.before is not None and s.keys[key].last_step >= part.before for s, part in parts):
        return _stats_of_points(reader, key)
    return _folded([source.keys[key] for source, _ in parts])


def _folded(heads: list[KeyHead]) -> KeyStats:
    newest = max(heads, key=lambda each: each.last_step)
    finite = sum(each.finite for each in heads)
    lows = [each.min for each in heads if each.min is not None]
    highs = [each.max for each in heads if each.max is not None]
    return KeyStats(
        newest.key,
        newest.kind,
        count=sum(each.points for each in heads),
        first=min(heads, key=lambda each: each.first_step).first,
        last=newest.last,
        min=min(lows, default=None),
        max=max(highs, default=None),
        mean=sum(each.sum for each in heads) / finite if finite else None,
        nan_count=sum(each.nan for each in heads),
        inf_count=sum(each.inf for each in heads),
        first_step=min(each.first_step for each in heads),
        last_step=newest.last_step,
        last_json=newest.last_json,
    )


def _stats_of_points(reader: Reader, key: str) -> KeyStats:
    """When a newer attempt hides part of a chunk, its head says too much."""
    if any(source.keys[key].kind == "object" for source, _ in reader.shown(key)):
        rows = objects_of(reader, key, None)
        return KeyStats(key, "object", len(rows), first_step=rows[0][0], last_step=rows[-1][0],
                        last_json=rows[-1][2])  # fmt: skip
    found = series(reader, key, None)
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
