"""Every distribution of a sweep as its quantile function: chance comes in as a number below 1.

Never draws lots itself, so that a searcher, a seed or a test decides what comes out.
"""

import math
from collections.abc import Callable, Mapping
from statistics import NormalDist

Numbers = Mapping[str, float]
Quantile = Callable[[Numbers, float], float]

EXPONENT_MAX = 700.0
_EDGE = 1e-12
_STEPS, _TINY = 200, 1e-300


def _uniform(p: Numbers, u: float) -> float:
    return p["min"] + u * (p["max"] - p["min"])


def _int_uniform(p: Numbers, u: float) -> float:
    low, high = math.ceil(p["min"]), math.floor(p["max"])
    return min(low + math.floor(u * (high - low + 1)), high)


def _log_uniform(p: Numbers, u: float) -> float:
    """The bounds are exponents: min -3 means exp(-3)."""
    return math.exp(_uniform(p, u))


def _log_uniform_values(p: Numbers, u: float) -> float:
    low, high = math.log(p["min"]), math.log(p["max"])
    return min(max(math.exp(low + u * (high - low)), p["min"]), p["max"])


def _inv_log_uniform(p: Numbers, u: float) -> float:
    """log(1/x) is uniform between the bounds."""
    return math.exp(-_uniform(p, u))


def _inv_log_uniform_values(p: Numbers, u: float) -> float:
    return _log_uniform_values(p, 1.0 - u)


def _normal(p: Numbers, u: float) -> float:
    return NormalDist(p["mu"], p["sigma"]).inv_cdf(min(max(u, _EDGE), 1 - _EDGE))


def _log_normal(p: Numbers, u: float) -> float:
    return math.exp(min(_normal(p, u), EXPONENT_MAX))


def _beta(p: Numbers, u: float) -> float:
    """By bisection: the beta distribution's quantile has no closed form."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beta_cdf(p["a"], p["b"], middle) < u else (low, middle)
    return (low + high) / 2


def beta_cdf(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    scale = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    if x < (a + 1) / (a + b + 2):
        return scale * _fraction(a, b, x) / a
    return 1 - scale * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """Lentz's continued fraction for the incomplete beta function."""
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for step in (even, odd):
            d = 1 / _away(1 + step * d)
            c = _away(1 + step / c)
            found *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return found


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _stepped(inner: Quantile) -> Quantile:
    """Rounded to multiples of `q`."""

    def quantile(p: Numbers, u: float) -> float:
        q = p["q"]
        found = round(inner(p, u) / q) * q
        return int(found) if float(q).is_integer() else float(f"{found:.12g}")

    return quantile


BOUNDS, SPREAD, SHAPE = ("min", "max"), ("mu", "sigma"), ("a", "b")
_PLAIN: dict[str, tuple[tuple[str, ...], Quantile]] = {
    "uniform": (BOUNDS, _uniform),
    "log_uniform": (BOUNDS, _log_uniform),
    "log_uniform_values": (BOUNDS, _log_uniform_values),
    "inv_log_uniform": (BOUNDS, _inv_log_uniform),
    "inv_log_uniform_values": (BOUNDS, _inv_log_uniform_values),
    "normal": (SPREAD, _normal),
    "log_normal": (SPREAD, _log_normal),
    "beta": (SHAPE, _beta),
}
_STEPPABLE = ("uniform", "log_uniform", "log_uniform_values", "normal", "log_normal", "beta")
QUANTILES: dict[str, tuple[tuple[str, ...], Quantile]] = {
    **_PLAIN,
    "int_uniform": (BOUNDS, _int_uniform),
    **{f"q_{name}": ((*_PLAIN[name][0], "q"), _stepped(_PLAIN[name][1])) for name in _STEPPABLE},
}
"""Distribution to the numbers it takes and its quantile function."""

CONSTANT, CATEGORICAL = "constant", "categorical"
WEIGHTED = "categorical_w_probabilities"
NAMES = (CONSTANT, CATEGORICAL, WEIGHTED, *QUANTILES)
DEFAULTS = {"mu": 0.0, "sigma": 1.0, "a": 1.0, "b": 1.0, "q": 1.0}
VALUED = frozenset(name for name in QUANTILES if name.endswith("_values"))
