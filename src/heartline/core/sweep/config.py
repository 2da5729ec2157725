"""A sweep's configuration, read and checked as a whole. Each fault names its key and the fix. Never I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from heartline.core.sweep.command import command_faults
from heartline.core.sweep.parameters import Fault, dimensions
from heartline.core.sweep.space import Dimension, size

METHODS = ("grid", "random", "bayes")
SAMPLERS = ("tpe", "gp")
GOALS = ("minimize", "maximize")
RULES = ("hyperband", "median")
BREAKER_RUNS = 5
RUNS_MAX = 10_000_000
KNOWN = (
    "method", "parameters", "metric", "early_terminate", "run_cap", "program", "command", "name",
    "description", "project", "entity", "seed", "sampler", "stop_after_failures", "controller",
    "job", "image_uri", "settings", "program_args",
)  # fmt: skip
_EARLY = ("type", "min_iter", "max_iter", "s", "eta", "strict")


@dataclass(frozen=True, slots=True)
class Metric:
    """What is optimised; `target` ends nothing by itself, it is shown."""

    name: str
    goal: str = "minimize"
    target: float | None = None

    @property
    def sign(self) -> float:
        """Times this, smaller is better."""
        return -1.0 if self.goal == "maximize" else 1.0


@dataclass(frozen=True, slots=True)
class Early:
    """When a run is stopped early: `kind` hyperband or median; None where not given."""

    kind: str
    min_iter: int | None = None
    max_iter: int | None = None
    brackets: int | None = None
    eta: float = 3.0
    strict: bool = False


@dataclass(frozen=True, slots=True)
class SweepConfig:
    """A configuration that has passed every check."""

    method: str
    space: tuple[Dimension, ...]
    metric: Metric | None = None
    early: Early | None = None
    run_cap: int | None = None
    program: str = ""
    command: tuple[str, ...] = ()
    name: str = ""
    description: str = ""
    seed: int = 0
    sampler: str = "tpe"
    breaker_runs: int = BREAKER_RUNS
    local: bool = False
    given: Mapping[str, Any] = field(default_factory=dict)

    @property
    def planned(self) -> int | None:
        """How many trials there will be; None if there is no end."""
        points = size(self.space) if self.method == "grid" else None
        ends = [each for each in (points, self.run_cap) if each is not None]
        return min(ends, default=None)

    def capped(self, made: int) -> bool:
        """Whether so many trials are as many as may be."""
        return self.run_cap is not None and made >= self.run_cap


@dataclass(frozen=True, slots=True)
class Faults:
    """Everything that is wrong with a configuration."""

    faults: tuple[Fault, ...]

    @property
    def told(self) -> str:
        """One line for people."""
        return "; ".join(str(fault) for fault in self.faults)


def read(given: Any) -> SweepConfig | Faults:
    """The configuration, or all that is wrong with it."""
    if not isinstance(given, Mapping):
        return Faults((Fault("", "a sweep is a mapping with `method` and `parameters`"),))
    faults: list[Fault] = _unknown(given, KNOWN, "")
    local = (
        isinstance(given.get("controller"), Mapping) and given["controller"].get("type") == "local"
    )
    method = _one_of(given, "method", METHODS, faults)
    space = dimensions(given.get("parameters"), method, faults)
    metric = _metric(given.get("metric"), faults)
    early = _early(given.get("early_terminate"), faults)
    if metric is None and (method == "bayes" or early is not None):
        why = "bayes" if method == "bayes" else "early_terminate"
        faults.append(Fault("metric", f"{why} needs one: metric: {{name: loss, goal: minimize}}"))
    faults += command_faults(given.get("command"))
    words = {name: _text(given, name, faults) for name in ("program", "name", "description")}
    config = SweepConfig(
        method=method,
        space=space,
        metric=metric,
        early=early,
        run_cap=_whole(given, "run_cap", 1, faults),
        command=tuple(str(word) for word in given.get("command") or ()),
        seed=_whole(given, "seed", 0, faults) or 0,
        sampler=_one_of(given, "sampler", SAMPLERS, faults, SAMPLERS[0]),
        breaker_runs=BREAKER_RUNS if "stop_after_failures" not in given
        else _whole(given, "stop_after_failures", 0, faults) or 0,
        local=local,
        given=dict(given),
        **words,
    )  # fmt: skip
    return Faults(tuple(faults)) if faults else config


def nearest(word: Any, known: Sequence[str]) -> str:
    """A hint for a misspelt word."""
    near = get_close_matches(str(word), known, n=1, cutoff=0.5)
    return f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(known)}"


def _unknown(given: Mapping[str, Any], known: Sequence[str], where: str) -> list[Fault]:
    return [
        Fault(f"{where}{key}", f"unknown key{nearest(key, known)}")
        for key in given
        if key not in known
    ]


def _one_of(
    given: Mapping[str, Any], key: str, known: Sequence[str], faults: list[Fault], default: str = ""
) -> str:
    value = given.get(key, default)
    if value in known:
        return str(value)
    if value in (None, ""):
        faults.append(Fault(key, f"is missing: one of {', '.join(known)}"))
    else:
        faults.append(Fault(key, f"`{value}` is none of ours{nearest(value, known)}"))
    return known[0]


def _text(given: Mapping[str, Any], key: str, faults: list[Fault]) -> str:
    value = given.get(key)
    if value is None:
        return ""
    if not isinstance(value, str) or "\0" in value or len(value) > 10_000:
        faults.append(Fault(key, "write a text of at most 10000 characters"))
        return ""
    return value


def _whole(
    given: Mapping[str, Any], key: str, least: int, faults: list[Fault], where: str = ""
) -> int | None:
    value = given.get(key)
    if value is None:
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= RUNS_MAX or value != int(value):
        faults.append(Fault(f"{where}{key}", f"`{value}`: write a whole number from {least} on"))
        return None
    return int(value)


def _metric(given: Any, faults: list[Fault]) -> Metric | None:
    if given is None:
        return None
    if (
        not isinstance(given, Mapping)
        or not isinstance(given.get("name"), str)
        or not given["name"]
    ):
        faults.append(Fault("metric.name", "is missing: the key that the program logs"))
        return None
    faults += _unknown(given, ("name", "goal", "target"), "metric.")
    goal = given.get("goal", GOALS[0])
    if goal not in GOALS:
        faults.append(Fault("metric.goal", f"`{goal}` is no goal{nearest(goal, GOALS)}"))
    target = given.get("target")
    if target is not None and (isinstance(target, bool) or not isinstance(target, int | float)):
        faults.append(Fault("metric.target", f"`{target}`: write a number"))
        target = None
    return Metric(given["name"], str(goal), None if target is None else float(target))


def _early(given: Any, faults: list[Fault]) -> Early | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        faults.append(Fault("early_terminate", "write {type: hyperband, min_iter: 3}"))
        return None
    where = "early_terminate."
    faults += _unknown(given, _EARLY, where)
    kind = given.get("type")
    if kind not in RULES:
        hint = nearest(kind, RULES)
        faults.append(Fault(f"{where}type", f"`{kind}` is no rule{hint}"))
        return None
    before = len(faults)
    least, most = (_whole(given, key, 1, faults, where) for key in ("min_iter", "max_iter"))
    brackets = _whole(given, "s", 1, faults, where)
    eta = given.get("eta", 3)
    if isinstance(eta, bool) or not isinstance(eta, int | float) or not eta > 1:
        faults.append(Fault(f"{where}eta", f"`{eta}`: write a number above 1"))
        eta = 3
    if len(faults) > before:
        return None
    if kind == "median" and least is None:
        faults.append(
            Fault(f"{where}min_iter", "is missing: median first looks after so many rows")
        )
    elif kind == "hyperband" and least is None and most is None:
        faults.append(Fault(f"{where}min_iter", "give min_iter, or max_iter with s"))
    elif kind == "hyperband" and least is None and brackets is None:
        faults.append(Fault(f"{where}s", "is missing: max_iter needs the number of brackets"))
    return Early(str(kind), least, most, brackets, float(eta), bool(given.get("strict")))
