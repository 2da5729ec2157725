"""The parameters of a sweep as dimensions: what each may be, and its value at a chance. Never draws lots."""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from heartline.core.sweep.distributions import CATEGORICAL, CONSTANT, QUANTILES, WEIGHTED

Args = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One parameter: `path` are the names from the outside in; values or numbers, never both."""

    path: tuple[str, ...]
    kind: str
    values: tuple[Any, ...] = ()
    weights: tuple[float, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As people write it: outer.inner."""
        return ".".join(self.path)

    @property
    def fixed(self) -> bool:
        """Whether there is nothing to search."""
        return self.kind == CONSTANT

    @property
    def choices(self) -> Sequence[Any] | None:
        """Every value in order, where there are finitely many; None for a continuum."""
        if self.values:
            return self.values
        low, high = self.numbers.get("min", 0.0), self.numbers.get("max", 0.0)
        if self.kind == "int_uniform":
            return range(math.ceil(low), math.floor(high) + 1)
        if self.kind == "q_uniform":
            return _Steps(low, high, self.numbers["q"])
        return None

    def at(self, chance: float) -> Any:
        """The value at a number from 0 to below 1."""
        if self.kind in {CONSTANT, CATEGORICAL}:
            return self.values[min(int(chance * len(self.values)), len(self.values) - 1)]
        if self.kind == WEIGHTED:
            edges = list(accumulate(self.weights))
            return self.values[min(bisect_right(edges, chance * edges[-1]), len(self.values) - 1)]
        return QUANTILES[self.kind][1](self.numbers, chance)

    def chance(self, value: Any) -> float | None:
        """A chance that gives this value, by bisection; None if no chance does (or it is a word)."""
        if self.values or isinstance(value, bool) or not isinstance(value, int | float):
            return None
        edges = (self._edge(value, reached=True), self._edge(value, reached=False))
        found = min(sum(edges) / 2, 1 - 1e-9)
        near = math.isclose(self.at(found), value, rel_tol=1e-6, abs_tol=1e-9)
        return found if near else None

    def _edge(self, value: float, *, reached: bool) -> float:
        """Where the value begins, or where it is over; numbers in steps have both."""
        sign = -1 if self.kind.startswith("inv_") else 1
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = (low + high) / 2
            gap = sign * (self.at(middle) - value)
            low, high = (middle, high) if gap < 0 or (gap == 0 and not reached) else (low, middle)
        return (low + high) / 2


@dataclass(frozen=True, slots=True)
class _Steps(Sequence[float]):
    """Multiples of q from min to max, without making a list of them."""

    low: float
    high: float
    q: float

    def __len__(self) -> int:
        return round(self.high / self.q) - round(self.low / self.q) + 1

    def __getitem__(self, at: Any) -> Any:
        if not 0 <= at < len(self):
            raise IndexError(at)
        found = (round(self.low / self.q) + at) * self.q
        return int(found) if float(self.q).is_integer() else float(f"{found:.12g}")


def assembled(space: Sequence[Dimension], values: Mapping[str, Any]) -> Args:
    """Values by dotted name as the nested arguments of a program."""
    found: Args = {}
    for dimension in space:
        inner = found
        for name in dimension.path[:-1]:
            inner = inner.setdefault(name, {})
        inner[dimension.path[-1]] = values[dimension.name]
    return found


def taken_apart(space: Sequence[Dimension], args: Mapping[str, Any]) -> dict[str, Any]:
    """The values by dotted name that nested arguments hold; what is missing is left out."""
    found = {}
    for dimension in space:
        inner: Any = args
        for name in dimension.path:
            if not isinstance(inner, Mapping) or name not in inner:
                break
            inner = inner[name]
        else:
            found[dimension.name] = inner
    return found


def size(space: Sequence[Dimension]) -> int | None:
    """How many points the whole grid has; None if some parameter has no end of values."""
    total = 1
    for dimension in space:
        choices = dimension.choices
        if choices is None:
            return None
        total *= len(choices)
    return total


def point(space: Sequence[Dimension], index: int) -> Args:
    """The grid point with this number; the last parameter moves fastest."""
    values = {}
    for dimension in reversed(space):
        choices = dimension.choices
        assert choices is not None, "a grid has finitely many values"
        index, at = divmod(index, len(choices))
        values[dimension.name] = choices[at]
    return assembled(space, values)


def number(space: Sequence[Dimension], args: Mapping[str, Any]) -> int | None:
    """The grid point that these arguments are; None if they are none."""
    values, found = taken_apart(space, args), 0
    for dimension in space:
        choices = dimension.choices
        if choices is None or dimension.name not in values:
            return None
        wanted = values[dimension.name]
        same = (at for at, each in enumerate(choices) if _same(each, wanted))
        at = next(same, None)
        if at is None:
            return None
        found = found * len(choices) + at
    return found


def _same(one: Any, other: Any) -> bool:
    """Equal, but True is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
