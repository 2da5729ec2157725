"""Early stopping: at which rows a run is looked at, and whether it goes on. Never stops anything.

A rung is how a run stood after a number of rows of the metric: the best value so far and the mean
so far, both with smaller meaning better. Rungs are kept, so that no history is read twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from heartline.core.sweep.config import Early

RUNGS_MAX = 100
RIVALS_MIN = 3


@dataclass(frozen=True, slots=True)
class Rung:
    """After `rows` rows: the best and the mean value so far; smaller is better."""

    rows: int
    best: float
    mean: float


def looks(rule: Early) -> list[int]:
    """The row counts at which runs are judged, as hyperband's brackets give them."""
    if rule.kind == "median":
        step = rule.min_iter or 1
        return [step * (n + 1) for n in range(RUNGS_MAX)]
    if rule.max_iter is not None and rule.min_iter is None:
        found, band = [], float(rule.max_iter)
        for _ in range(rule.brackets or 1):
            band /= rule.eta
            if band < 1:
                break
            found.append(int(band))
        return sorted(set(found))
    found, band = [], float(rule.min_iter or 1)
    while len(found) < RUNGS_MAX and band < (rule.max_iter or 1e12):
        found.append(int(band))
        band *= rule.eta
    return sorted(set(found))


def verdict(rule: Early, mine: Sequence[Rung], others: Sequence[Sequence[Rung]]) -> str:
    """Why this run is stopped, in words; empty if it goes on."""
    if not mine:
        return ""
    judged = mine if rule.strict else mine[-1:]
    for rung in judged:
        rivals = [found for each in others if (found := _at(each, rung.rows)) is not None]
        if told := _by_rule(rule, rung, rivals):
            return told
    return ""


def _by_rule(rule: Early, mine: Rung, rivals: Sequence[Rung]) -> str:
    if len(rivals) + 1 < RIVALS_MIN:
        return ""
    if rule.kind == "median":
        middle = median(each.mean for each in rivals)
        worse = mine.best > middle
        return (
            f"median: worse than the middle of {len(rivals)} runs after {mine.rows} rows"
            if worse
            else ""
        )
    standing = sorted([mine.best, *(each.best for each in rivals)])
    kept = max(1, int(len(standing) / rule.eta))
    if mine.best <= standing[kept - 1]:
        return ""
    return (
        f"hyperband: after {mine.rows} rows not among the best {kept} of {len(standing)} "
        f"(eta {rule.eta:g})"
    )


def _at(rungs: Sequence[Rung], rows: int) -> Rung | None:
    return next((each for each in rungs if each.rows == rows), None)


def climbed(looked: Sequence[int], known: Sequence[Rung], rows: int) -> list[int]:
    """The looks that are due: reached, and not yet kept."""
    done = {each.rows for each in known}
    return [each for each in looked if each <= rows and each not in done]


def rung(values: Sequence[float], rows: int, sign: float) -> Rung:
    """How a run stood after its first `rows` values."""
    part = [sign * value for value in values[:rows]]
    return Rung(rows, min(part), sum(part) / len(part))
