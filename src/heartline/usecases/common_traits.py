"""What runs that ended alike have in common and their neighbours do not. Never claims a cause."""

from collections.abc import Iterable, Mapping, Sequence

from heartline.core.filters import Compare, Order
from heartline.core.filters.fields import flat
from heartline.core.lifecycle import Now
from heartline.core.records import RunRecord
from heartline.ports import Question, Transaction
from heartline.usecases.troubles import hosts_of

NEIGHBOURS_MAX = 50
TRAITS_SHOWN_MAX = 3
COMMON_PART = 0.5
"""A trait that more of the neighbours have than this says nothing about those that ended badly."""
VALUE_CHARS_MAX = 60
SEVERAL = {2: "both", 3: "all three", 4: "all four", 5: "all five"}

Traits = Mapping[str, str]


def common(tx: Transaction, runs: Sequence[RunRecord], now: Now) -> str:
    """A sentence on what all of them share, judged beside the project's other runs; "" if nothing.

    Runs of several projects are compared only with each other's hosts and people.
    """
    if len(runs) < 2:
        return ""
    places = {(run.path.entity, run.path.project) for run in runs}
    others = _neighbours(tx, next(iter(places)), runs, now) if len(places) == 1 else []
    return said(len(runs), telling(map(_traits, runs), map(_traits, others)))


def telling(alike: Iterable[Traits], others: Iterable[Traits]) -> list[tuple[str, str]]:
    """Traits that all of `alike` have and few of `others` do, the rarest among those first."""
    first, *rest = alike
    beside = list(others)
    shared = [
        (sum(other.get(name) == value for other in beside), order, name, value)
        for order, (name, value) in enumerate(first.items())
        if all(each.get(name) == value for each in rest)
    ]
    rare = [each for each in shared if each[0] <= len(beside) * COMMON_PART]
    return [(name, value) for _, _, name, value in sorted(rare)[:TRAITS_SHOWN_MAX]]


def said(count: int, traits: Sequence[tuple[str, str]]) -> str:
    """`all three have prefetch = 4096`, or nothing."""
    if not traits:
        return ""
    who = SEVERAL.get(count, f"all {count}")
    settings = [f"{name} = {value}" for name, value in traits if name not in _SPOKEN]
    spoken = [_SPOKEN[name].format(value) for name, value in traits if name in _SPOKEN]
    if settings:
        spoken.append("have " + ", ".join(settings))
    return f"{who} {' and '.join(spoken)}"


_SPOKEN = {"(host)": "ran on {}", "(sweep)": "belong to sweep {}", "(group)": "are of group {}",
           "(commit)": "ran commit {}"}  # fmt: skip


def _traits(run: RunRecord) -> dict[str, str]:
    """Scalars of the configuration, and where the run came from."""
    git = run.environment.get("git")
    commit = str(git.get("commit", ""))[:10] if isinstance(git, Mapping) else ""
    origin = {
        "(host)": min(hosts_of(run), default=""), "(sweep)": run.sweep, "(group)": run.group,
        "(commit)": commit,
    }  # fmt: skip
    found = {
        name.removeprefix("config."): _written(value)
        for name, value in flat(run.config, "config.").items()
        if not name.startswith("config._")
    }
    return {**found, **{name: value for name, value in origin.items() if value}}


def _written(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= VALUE_CHARS_MAX else text[: VALUE_CHARS_MAX - 1] + "…"


def _neighbours(
    tx: Transaction, place: tuple[str, str], runs: Sequence[RunRecord], now: Now
) -> list[RunRecord]:
    """The project's newest runs that ended well."""
    well = Compare("state", "eq", "finished")
    asked = Question([place], well, (Order("created", descending=True),), now, NEIGHBOURS_MAX)
    alike = {run.key for run in runs}
    return [run for run in tx.runs.query(asked).runs if run.key not in alike]
