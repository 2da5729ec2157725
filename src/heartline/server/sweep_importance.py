"""How much each parameter of a sweep says about its metric. Never reads a trial from a database."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.search import Told
from heartline.core.sweep.space import taken_apart
from heartline.server.importance import RUNS_MIN, importance
from heartline.usecases.importance import Samples
from heartline.wire.sweeps import ParameterShare, SweepImportance

TRIALS_ENOUGH = 20


def importance_of(config: SweepConfig, trials: Sequence[Told]) -> SweepImportance:
    """Parameters that differ between the trials, the most important first."""
    searched = [each for each in config.space if not each.fixed]
    known = [(each.value, taken_apart(searched, each.args)) for each in trials]
    good = [(value, args) for value, args in known if value is not None and math.isfinite(value)]
    names = [each.name for each in searched]
    rows = [tuple(_comparable(args.get(name)) for name in names) for _, args in good]
    samples = Samples(names, [value for value, _ in good], rows, len(trials))
    metric = "" if config.metric is None else config.metric.name
    return SweepImportance(
        metric=metric,
        trials=len(good),
        warning=_warning(len(good), metric),
        parameters=[
            ParameterShare(
                name=each.field, importance=each.importance, correlation=each.correlation
            )
            for each in importance(samples)
        ],
    )


def _comparable(value: Any) -> Any:
    """Lists and mappings are compared as their text."""
    plain = value is None or isinstance(value, bool | int | float | str)
    return value if plain else msgspec.json.encode(value).decode()


def _warning(trials: int, metric: str) -> str:
    if not metric:
        return "the sweep names no metric; write metric: {name: loss, goal: minimize}"
    if trials < RUNS_MIN:
        return f"{trials} trials have a value of `{metric}`: at least {RUNS_MIN} are needed"
    if trials < TRIALS_ENOUGH:
        return f"only {trials} trials have a value of `{metric}`: this may change much"
    return ""
