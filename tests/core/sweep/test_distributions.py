"""Every distribution against scipy: quantiles at exact chances, and draws of seeded chance."""

import math
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from heartline.adapters.search import Seeded
from heartline.core.sweep.config import SweepConfig, read
from heartline.core.sweep.distributions import NAMES
from heartline.core.sweep.search import draw

CHANCES = [0.0, 1e-6, 0.01, 0.1, 0.25, 0.5, 0.7501, 0.9, 0.99, 1 - 1e-6]
DRAWS = 4_000
WORSE = 1e-4
"""How unlikely a sample may be; the seed is fixed, so this never flickers."""


def dimension(**said):
    found = read({"method": "random", "parameters": {"x": said}})
    assert isinstance(found, SweepConfig), found
    return found.space[0]


def exponent(law, sign=1.0):
    """exp(±X) of a law for X, as its quantile function."""
    return lambda u: math.exp(sign * law.ppf(u))


PLAIN = {
    "uniform": ({"min": -2.0, "max": 6.0}, stats.uniform(-2, 8).ppf),
    "log_uniform": ({"min": -3.0, "max": 2.0}, exponent(stats.uniform(-3, 5))),
    "log_uniform_values": ({"min": 1e-4, "max": 10.0}, stats.loguniform(1e-4, 10).ppf),
    "inv_log_uniform": ({"min": 1.0, "max": 4.0}, exponent(stats.uniform(1, 3), -1)),
    "inv_log_uniform_values": (
        {"min": 0.01, "max": 10.0},
        lambda u: stats.loguniform(0.01, 10).ppf(1 - u),
    ),
    "normal": ({"mu": 2.0, "sigma": 3.0}, stats.norm(2, 3).ppf),
    "log_normal": ({"mu": 0.5, "sigma": 0.8}, stats.lognorm(0.8, scale=math.exp(0.5)).ppf),
    "beta": ({"a": 2.0, "b": 0.7}, stats.beta(2, 0.7).ppf),
}
STEPPED = ("uniform", "log_uniform", "log_uniform_values", "normal", "log_normal", "beta")


def near(found, wanted):
    return found == pytest.approx(wanted, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", PLAIN)
def test_a_distribution_has_the_quantiles_of_its_law(name):
    numbers, ppf = PLAIN[name]
    made = dimension(distribution=name, **numbers)
    for chance in CHANCES[1:]:
        assert near(made.at(chance), float(ppf(chance))), chance


@pytest.mark.parametrize("q", [0.05, 0.5, 1, 3])
@pytest.mark.parametrize("name", STEPPED)
def test_a_stepped_distribution_is_its_law_rounded_to_multiples(name, q):
    numbers, ppf = PLAIN[name]
    made = dimension(distribution=f"q_{name}", q=q, **numbers)
    for chance in CHANCES[1:]:
        found = made.at(chance)
        assert near(found, round(float(ppf(chance)) / q) * q), chance
        assert found / q == pytest.approx(round(found / q))
        assert isinstance(found, int) is float(q).is_integer()


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_draws_follow_the_law_and_the_same_seed_draws_the_same(name):
    numbers, ppf = PLAIN[name]
    config = read({"method": "random", "parameters": {"x": {"distribution": name, **numbers}}})
    values = [draw(config, Seeded(f"7/{n}"))["x"] for n in range(DRAWS)]
    assert values == [draw(config, Seeded(f"7/{n}"))["x"] for n in range(DRAWS)]
    low, high = numbers.get("min"), numbers.get("max")
    if name in {"uniform", "log_uniform_values", "inv_log_uniform_values"}:
        assert all(low <= value <= high for value in values)
    # Of a sample of the law, the ranks on its own quantiles are uniform.
    grid = np.array([float(ppf(u)) for u in np.linspace(0.001, 0.999, 999)])
    inside = np.searchsorted(np.sort(grid), values) / 1_000
    assert stats.kstest(inside, "uniform").pvalue > WORSE


def test_the_bounds_of_log_uniform_are_exponents_and_those_of_its_values_are_not():
    exponents = dimension(distribution="log_uniform", min=-3, max=0)
    assert near(exponents.at(0.0), math.exp(-3)) and near(exponents.at(1 - 1e-12), 1.0)
    values = dimension(distribution="log_uniform_values", min=1e-3, max=1.0)
    assert near(values.at(0.0), 1e-3) and near(values.at(1 - 1e-12), 1.0)
    inverse = dimension(distribution="inv_log_uniform", min=0, max=3)
    assert near(inverse.at(0.0), 1.0) and near(inverse.at(1 - 1e-12), math.exp(-3))


def test_whole_numbers_are_equally_likely_from_bound_to_bound():
    made = dimension(min=-2, max=3)
    assert made.kind == "int_uniform" and made.at(0.0) == -2 and made.at(1 - 1e-12) == 3
    counts = Counter(made.at(n / 6_000) for n in range(6_000))
    assert counts == dict.fromkeys(range(-2, 4), 1_000)


def test_words_are_equally_likely_and_weights_are_kept():
    words = dimension(values=["a", "b", "c"])
    assert Counter(words.at(n / 300) for n in range(300)) == {"a": 100, "b": 100, "c": 100}
    weighted = dimension(values=["a", "b", "c"], probabilities=[0.5, 0.0, 0.5])
    assert weighted.kind == "categorical_w_probabilities"
    assert Counter(weighted.at(n / 300) for n in range(300)) == {"a": 150, "c": 150}
    assert dimension(value=[1, {"a": 2}]).at(0.7) == [1, {"a": 2}]


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"value": 3}, "constant"),
        ({"values": [1, 2]}, "categorical"),
        ({"values": [1, 2], "probabilities": [0.1, 0.9]}, "categorical_w_probabilities"),
        ({"min": 1, "max": 4}, "int_uniform"),
        ({"min": 1, "max": 4.0}, "uniform"),
        ({"min": 0.1, "max": 0.4}, "uniform"),
        ({"mu": 0, "sigma": 1}, "normal"),
    ],
)
def test_without_a_distribution_the_fields_say_which(said, kind):
    assert dimension(**said).kind == kind


def test_every_distribution_of_the_schema_is_known():
    assert set(NAMES) >= {
        "constant", "categorical", "categorical_w_probabilities", "int_uniform", "uniform",
        "q_uniform", "log_uniform", "log_uniform_values", "q_log_uniform",
        "q_log_uniform_values", "inv_log_uniform", "inv_log_uniform_values", "normal", "q_normal",
        "log_normal", "q_log_normal", "beta", "q_beta",
    }  # fmt: skip


@pytest.mark.parametrize("name", [*PLAIN, *(f"q_{each}" for each in STEPPED), "int_uniform"])
def test_a_value_is_traced_back_to_a_chance_that_gives_it(name):
    numbers = {**PLAIN.get(name.removeprefix("q_"), ({"min": -2, "max": 9}, None))[0], "q": 0.5}
    if not name.startswith("q_"):
        del numbers["q"]
    made = dimension(distribution=name, **numbers)
    for chance in (0.02, 0.3, 0.5, 0.77, 0.98):
        value = made.at(chance)
        found = made.chance(value)
        assert found is not None and near(made.at(found), value)
    assert made.chance("word") is None and made.chance(True) is None
    if name in {"uniform", "log_uniform_values", "beta", "int_uniform"}:
        assert made.chance(1e6) is None
