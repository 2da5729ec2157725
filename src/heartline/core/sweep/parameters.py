"""The parameters of a configuration as dimensions, with every fault named. Never draws lots."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from heartline.core.sweep.distributions import (
    CATEGORICAL,
    CONSTANT,
    DEFAULTS,
    EXPONENT_MAX,
    NAMES,
    QUANTILES,
    VALUED,
    WEIGHTED,
)
from heartline.core.sweep.space import Dimension

FIELDS = ("value", "values", "probabilities", "distribution", "min", "max", "mu", "sigma", "q",
          "a", "b", "parameters")  # fmt: skip
GRID_KINDS = frozenset({CONSTANT, CATEGORICAL, "int_uniform", "q_uniform"})
EXPONENTS = frozenset({"log_uniform", "q_log_uniform", "inv_log_uniform"})
PARAMETERS_MAX, VALUES_MAX, DEPTH_MAX = 1_000, 100_000, 10


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: the key, and what to do about it."""

    key: str
    said: str

    def __str__(self) -> str:
        return f"{self.key}: {self.said}" if self.key else self.said


def dimensions(given: Any, method: str, faults: list[Fault]) -> tuple[Dimension, ...]:
    """Every parameter, nested ones by their path; faults are added to the list."""
    if not isinstance(given, Mapping) or not given:
        faults.append(Fault("parameters", "is empty: name at least one, as lr: {min: 0, max: 1}"))
        return ()
    found: list[Dimension] = []
    _gather(given, (), found, faults)
    if len(found) > PARAMETERS_MAX:
        faults.append(Fault("parameters", f"at most {PARAMETERS_MAX}"))
    for each in found if method == "grid" else ():
        if each.kind not in GRID_KINDS:
            where = "parameters." + each.name
            faults.append(Fault(where, f"a grid cannot go through `{each.kind}`: write values, "
                                "integer bounds, or q_uniform"))  # fmt: skip
    return tuple(found)


def _gather(
    given: Mapping[Any, Any], path: tuple[str, ...], found: list[Dimension], faults: list[Fault]
) -> None:
    for name, said in given.items():
        here = (*path, str(name))
        where = "parameters." + ".".join(here)
        if not isinstance(said, Mapping):
            faults.append(Fault(where, f"write {{value: {said}}} or {{values: [...]}}"))
        elif isinstance(said.get("parameters"), Mapping) and len(here) < DEPTH_MAX:
            _gather(said["parameters"], here, found, faults)
        else:
            made = _dimension(said, here, where, faults)
            found += [made] if made is not None else []


def _dimension(
    said: Mapping[str, Any], path: tuple[str, ...], where: str, faults: list[Fault]
) -> Dimension | None:
    before = len(faults)
    for key in said:
        if key not in FIELDS:
            near = get_close_matches(str(key), FIELDS, n=1, cutoff=0.5)
            hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(FIELDS)}"
            faults.append(Fault(f"{where}.{key}", f"unknown key{hint}"))
    kind = said.get("distribution") or _implied(said)
    if kind not in NAMES:
        near = get_close_matches(str(kind), NAMES, n=1, cutoff=0.5)
        hint = f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(NAMES)}"
        told = (
            f"`{kind}` is no distribution{hint}" if kind else "give value, values, or min and max"
        )
        faults.append(Fault(where, told))
    if len(faults) > before:
        return None
    if kind in {CONSTANT, CATEGORICAL, WEIGHTED}:
        made = _chosen(said, kind, path, where, faults)
    else:
        made = _numbered(said, kind, path, where, faults)
    return made if len(faults) == before else None


def _implied(said: Mapping[str, Any]) -> str:
    """Without a distribution: one value, several, integers, or numbers."""
    if "value" in said:
        return CONSTANT
    if "values" in said:
        return WEIGHTED if "probabilities" in said else CATEGORICAL
    if "min" in said and "max" in said:
        whole = all(isinstance(said[key], int) for key in ("min", "max"))
        return "int_uniform" if whole else "uniform"
    return "normal" if "mu" in said and "sigma" in said else ""


def _chosen(
    said: Mapping[str, Any], kind: str, path: tuple[str, ...], where: str, faults: list[Fault]
) -> Dimension | None:
    if kind == CONSTANT:
        if "value" not in said:
            faults.append(Fault(f"{where}.value", "is missing"))
        return Dimension(path, kind, (said.get("value"),))
    values = said.get("values")
    if not isinstance(values, list | tuple) or not 0 < len(values) <= VALUES_MAX:
        faults.append(Fault(f"{where}.values", f"write a list of 1 to {VALUES_MAX} values"))
        return None
    if kind == CATEGORICAL and said.get("probabilities") is None:
        return Dimension(path, kind, tuple(values))
    weights = said.get("probabilities")
    if not isinstance(weights, list | tuple) or len(weights) != len(values):
        faults.append(Fault(f"{where}.probabilities", f"write {len(values)}, one for each value"))
        return None
    good = all(isinstance(each, int | float) and each >= 0 for each in weights)
    if not good or not math.isclose(sum(weights), 1.0, abs_tol=1e-6):
        faults.append(Fault(f"{where}.probabilities", "write numbers from 0 that add up to 1"))
        return None
    return Dimension(path, WEIGHTED, tuple(values), tuple(float(each) for each in weights))


def _numbered(
    said: Mapping[str, Any], kind: str, path: tuple[str, ...], where: str, faults: list[Fault]
) -> Dimension:
    numbers = {}
    for name in QUANTILES[kind][0]:
        value = said.get(name, DEFAULTS.get(name))
        good = isinstance(value, int | float) and not isinstance(value, bool)
        if value is None or not good or not math.isfinite(value):
            told = "is missing" if value is None else f"`{value}`: write a number"
            faults.append(Fault(f"{where}.{name}", told))
            value = 1.0
        numbers[name] = value
    _ranged(numbers, kind, where, faults)
    return Dimension(path, kind, numbers=numbers)


def _ranged(numbers: Mapping[str, float], kind: str, where: str, faults: list[Fault]) -> None:
    low, high = numbers.get("min"), numbers.get("max")
    if low is not None and high is not None:
        if low > high:
            faults.append(Fault(where, f"min {low} is above max {high}: swap them"))
        elif kind == "int_uniform" and math.ceil(low) > math.floor(high):
            faults.append(Fault(where, f"no whole number lies between {low} and {high}"))
        if kind in VALUED and low <= 0:
            faults.append(Fault(f"{where}.min", f"`{low}`: a logarithm needs a number above 0"))
        if kind in EXPONENTS and max(abs(low), abs(high)) > EXPONENT_MAX:
            faults.append(Fault(where, f"{kind} takes exponents: at most {EXPONENT_MAX:.0f}; "
                                f"for the values themselves write {kind}_values"))  # fmt: skip
    for name in ("sigma", "q", "a", "b"):
        if numbers.get(name, 1.0) <= 0:
            faults.append(Fault(f"{where}.{name}", f"`{numbers[name]}`: write a number above 0"))
