"""How much each field of the configuration says about a metric. Never reads a run.

A random forest sees what acts together, a rank correlation says in which direction.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from heartline.usecases.importance import Samples
from heartline.wire.charts import FieldImportance

TREES = 100
RUNS_MIN = 4
RUNS_LEARNED_MAX = 1_000
"""A forest of more runs says the same, after twenty seconds."""
WORDS_MAX = 20
"""A field of words becomes one column for each of its commonest words."""

Floats = np.ndarray[Any, np.dtype[np.float64]]


def importance(found: Samples) -> list[FieldImportance]:
    """Fields that differ between the runs, the most important first; none for too few runs."""
    if len(found.targets) < RUNS_MIN:
        return []
    columns = {
        field: values
        for n, field in enumerate(found.fields)
        if len(set(values := [row[n] for row in found.rows])) > 1
    }
    if not columns:
        return []
    target = np.asarray(found.targets)
    parts = {field: _columns(values) for field, values in columns.items()}
    weights = _forest(np.concatenate(list(parts.values()), axis=1), target)
    told, start = [], 0
    for field, part in parts.items():
        end = start + part.shape[1]
        told.append(
            FieldImportance(
                field=field,
                importance=float(weights[start:end].sum()),
                correlation=_correlation(columns[field], target),
                values=len(set(columns[field])),
            )
        )
        start = end
    return sorted(told, key=lambda each: -each.importance)


def _numeric(values: Sequence[Any]) -> bool:
    return all(value is None or isinstance(value, int | float) for value in values)


def _columns(values: Sequence[Any]) -> Floats:
    """Numbers as they are (the median where missing); words as a column each."""
    if _numeric(values):
        numbers = np.array([math.nan if value is None else float(value) for value in values])
        fine = np.isfinite(numbers)
        middle = np.median(numbers[fine]) if fine.any() else 0.0
        return np.where(fine, numbers, middle)[:, None]
    common = Counter(values).most_common(WORDS_MAX)
    return np.array([[float(value == word) for word, _ in common] for value in values])


def _forest(columns: Floats, target: Floats) -> Floats:
    from scipy.stats import rankdata
    from sklearn.ensemble import RandomForestRegressor

    every = math.ceil(len(target) / RUNS_LEARNED_MAX)
    columns, target = columns[::every], rankdata(target[::every])

    forest = RandomForestRegressor(TREES, min_samples_leaf=2, random_state=0, n_jobs=1)
    # The trees' own arithmetic is in 32 bits.
    limit = float(np.finfo(np.float32).max) / 2
    # Ranks: a few runs that diverged are not all that there is to learn.
    forest.fit(np.clip(columns, -limit, limit), target)
    found: Floats = forest.feature_importances_
    return found


def _correlation(values: Sequence[Any], target: Floats) -> float | None:
    """Spearman's, over the runs that have a number here."""
    if not _numeric(values):
        return None
    from scipy.stats import spearmanr

    have = [n for n, value in enumerate(values) if value is not None and math.isfinite(value)]
    mine = np.array([values[n] for n in have], dtype=float)
    if len(have) < RUNS_MIN or np.ptp(mine) == 0 or np.ptp(target[have]) == 0:
        return None
    return float(spearmanr(mine, target[have]).statistic)
