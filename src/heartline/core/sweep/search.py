"""The searchers that need nothing but arithmetic, behind one function `next`. Never draws lots."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.space import Args, assembled, number, point, size


@dataclass(frozen=True, slots=True)
class Told:
    """A trial as a searcher sees it: what was tried and, once it is known, how well it did.

    `value` is what the metric came to; None while it runs, and for a run that has none.
    """

    args: Args
    value: float | None = None
    live: bool = False


class Trials(Protocol):
    """What has been tried. `made` counts this sweep's own trials; `prior` came from before it."""

    @property
    def made(self) -> int: ...
    @property
    def prior(self) -> Sequence[Told]: ...
    def all(self) -> Sequence[Told]:
        """Prior and own, oldest first; asked only by searchers that learn."""


class Chance(Protocol):
    """The only way to chance: numbers from 0 to below 1, and a seed for those with their own."""

    def random(self) -> float: ...
    def seed(self) -> int: ...


class Searcher(Protocol):
    """Chooses the next trial; None when there is nothing left to try."""

    def next(self, config: SweepConfig, trials: Trials, rng: Chance) -> Args | None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """`Trials` in memory."""

    made: int = 0
    prior: Sequence[Told] = ()
    told: Sequence[Told] = ()

    def all(self) -> Sequence[Told]:
        """Prior and own, oldest first."""
        return self.told


@dataclass(frozen=True, slots=True)
class Plain:
    """Grid and random; bayes is somebody else's, given by the wiring."""

    bayes: Searcher | None = field(default=None)

    def next(self, config: SweepConfig, trials: Trials, rng: Chance) -> Args | None:
        """The next trial of any method, or None at the end."""
        if config.capped(trials.made):
            return None
        if config.method == "grid":
            return grid(config, trials)
        if config.method == "bayes" and self.bayes is not None:
            return self.bayes.next(config, trials, rng)
        return draw(config, rng)


def grid(config: SweepConfig, trials: Trials) -> Args | None:
    """The point whose turn it is: exact however many agents ask, since the count alone decides."""
    total = size(config.space)
    assert total is not None, "the configuration was checked"
    known = {number(config.space, each.args) for each in trials.prior} - {None}
    if not known:
        return point(config.space, trials.made) if trials.made < total else None
    left = trials.made
    for index in range(total):
        if index not in known:
            if left == 0:
                return point(config.space, index)
            left -= 1
    return None


def draw(config: SweepConfig, rng: Chance) -> Args:
    """One value of each parameter, independently."""
    values: dict[str, Any] = {each.name: each.at(rng.random()) for each in config.space}
    return assembled(config.space, values)
