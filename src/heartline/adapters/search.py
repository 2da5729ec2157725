"""`Search`: seeds the chance, and hands bayes to Optuna, loaded when first asked. Never stores."""

import random  # noqa: TID251 - this is where a seed becomes chance
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING

from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.search import Chance, Plain, Trials
from heartline.core.sweep.space import Args

if TYPE_CHECKING:
    from heartline.adapters.bayes import Bayes

SEED_MAX = 2**31


class Seeded:
    """`Chance` from a text: the same text, the same numbers."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)  # noqa: S311 - reproducible, not secret

    def random(self) -> float:
        """The next number from 0 to below 1."""
        return self._random.random()

    def seed(self) -> int:
        """A seed for a library with its own chance."""
        return self._random.randrange(SEED_MAX)


class LazyBayes:
    """`Searcher` that imports Optuna with its first trial."""

    @cached_property
    def _bayes(self) -> "Bayes":
        from heartline.adapters.bayes import Bayes

        return Bayes()

    def next(self, config: SweepConfig, trials: Trials, rng: Chance) -> Args | None:
        """Pass on."""
        return self._bayes.next(config, trials, rng)


class Seeker:
    """`Search`."""

    def __init__(self) -> None:
        self._plain = Plain(LazyBayes())

    def lacks(self, config: SweepConfig) -> str:
        """Gaussian processes need PyTorch, which no server wants that does not ask for them."""
        if config.method != "bayes" or config.sampler != "gp" or find_spec("torch") is not None:
            return ""
        return "sampler: gp needs PyTorch beside the server: install torch there, or write tpe"

    def next(self, config: SweepConfig, trials: Trials, seed: str) -> Args | None:
        """The next trial, or None when nothing is left to try."""
        return self._plain.next(config, trials, Seeded(seed))
