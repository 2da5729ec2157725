"""Bayesian search by Optuna: what was tried is told, what runs is told as running. Never stores.

Numbers are searched as chances between 0 and 1 and turned by their quantile function, so that any
distribution is searched in its own measure. Words are searched as categories.
"""

import functools
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution
from optuna.study import StudyDirection
from optuna.trial import TrialState

from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.search import Chance, Told, Trials, draw
from heartline.core.sweep.space import Args, Dimension, assembled, taken_apart

STARTUP_TRIALS = 10
TRIALS_TOLD_MAX = 1_000
CHANCE_MAX = 1 - 1e-9

optuna.logging.set_verbosity(optuna.logging.ERROR)


class Bayes:
    """`Searcher` with a tree-structured Parzen estimator, or a Gaussian process."""

    def next(self, config: SweepConfig, trials: Trials, rng: Chance) -> Args | None:
        """What promises most; like chance until enough is known."""
        searched = [each for each in config.space if not each.fixed]
        if not searched:
            return draw(config, rng)
        told = _worth_telling(trials.all())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            study = optuna.create_study(
                sampler=_sampler(config, rng.seed()), direction=_way(config)
            )
            for each in told:
                _tell(study, searched, each)
            asked = study.ask({each.name: _distribution(each) for each in searched})
        values = {each.name: _value(each, asked.params[each.name]) for each in searched}
        values.update({each.name: each.values[0] for each in config.space if each.fixed})
        return assembled(config.space, values)


def _worth_telling(trials: Sequence[Told]) -> list[Told]:
    """The newest, and all that run."""
    known = [each for each in trials if each.value is not None or each.live]
    return known[-TRIALS_TOLD_MAX:]


def _sampler(config: SweepConfig, seed: int) -> optuna.samplers.BaseSampler:
    # A server that has lost PyTorch goes on, rather than leaving its agents without a word.
    if config.sampler == "gp" and find_spec("torch") is not None:
        return optuna.samplers.GPSampler(seed=seed, n_startup_trials=STARTUP_TRIALS)
    # Running trials count as bad ones, so that parallel agents do not all try the same place.
    return optuna.samplers.TPESampler(
        seed=seed, n_startup_trials=STARTUP_TRIALS, multivariate=True, constant_liar=True
    )


def _way(config: SweepConfig) -> StudyDirection:
    largest = config.metric is not None and config.metric.goal == "maximize"
    return StudyDirection.MAXIMIZE if largest else StudyDirection.MINIMIZE


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.values:
        return CategoricalDistribution(range(len(dimension.values)))
    return FloatDistribution(0.0, CHANCE_MAX)


def _value(dimension: Dimension, found: float) -> Any:
    return dimension.values[int(found)] if dimension.values else dimension.at(found)


def _tell(study: optuna.Study, searched: Sequence[Dimension], told: Told) -> None:
    """One trial; one whose values no longer fit the space is left out."""
    values = taken_apart(searched, told.args)
    params: dict[str, Any] = {}
    for each in searched:
        if each.name not in values:
            return
        found = _found(each, values[each.name])
        if found is None:
            return
        params[each.name] = found
    study.add_trial(
        optuna.trial.create_trial(
            state=TrialState.RUNNING if told.value is None else TrialState.COMPLETE,
            params=params,
            distributions={each.name: _distribution(each) for each in searched},
            value=told.value,
        )
    )


def _found(dimension: Dimension, value: Any) -> float | None:
    if dimension.values:
        same = (
            at
            for at, each in enumerate(dimension.values)
            if each == value and isinstance(each, bool) == isinstance(value, bool)
        )
        return next(same, None)
    return _chance(dimension.kind, tuple(sorted(dimension.numbers.items())), value)


@functools.lru_cache(maxsize=100_000)
def _chance(kind: str, numbers: tuple[tuple[str, float], ...], value: float) -> float | None:
    """Bisection is paid once for each value of each trial."""
    return Dimension(("x",), kind, numbers=dict(numbers)).chance(value)
