"""What the `_wandb` entry of their config tells: client, process, machine, rules. Pure and total.

Never trusts a shape: what is not as expected is as if it had not been said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from heartline.core.records import MetricRule

INTERNAL = "_wandb"
FINISHED, SENT_LATER = 2, 76
"""Numbers in their telemetry's list of features: the program ended by itself, a log is sent later."""
RULES_MAX, TEXT_CHARS_MAX = 1_000, 512
_SUMMARIES = {1: "min", 2: "max", 3: "mean", 4: "best", 5: "last", 6: "none", 8: "first"}
_GOALS = {1: "minimize", 2: "maximize"}
_HIDDEN = 2
_SAME = (
    "os", "python", "executable", "program", "root", "cpu_count", "cpu_count_logical", "gpu",
    "gpu_count", "gpu_nvidia", "cuda", "cpu", "memory", "disk", "slurm", "email", "docker", "tpu",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Teller:
    """The process that a config tells of: `id` is its own, `key` the one of whoever sends it."""

    key: str
    id: str
    environment: Mapping[str, Any]
    started_at: int | None


def inner(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Their own entry, empty if there is none."""
    found = config.get(INTERNAL)
    return found if isinstance(found, dict) else {}


def client(config: Mapping[str, Any]) -> str:
    """Which client and version it is, if it says so."""
    version = inner(config).get("cli_version")
    return f"wandb {version[:40]}" if isinstance(version, str) else ""


def seen(config: Mapping[str, Any]) -> bool:
    """Whether an end that is told was seen: a log that has none is sent later with an invented one."""
    told = inner(config).get("t")
    features = told.get("3") if isinstance(told, dict) else None
    found = features if isinstance(features, list) else []
    return SENT_LATER not in found or FINISHED in found


def teller(config: Mapping[str, Any]) -> Teller | None:
    """The one process that describes itself, None if none does."""
    tellers = inner(config).get("e")
    if not isinstance(tellers, dict) or len(tellers) != 1:
        return None
    ((key, said),) = tellers.items()
    if not isinstance(said, dict):
        return None
    own = said.get("writerId")
    return Teller(
        str(key)[:TEXT_CHARS_MAX],
        own[:TEXT_CHARS_MAX] if isinstance(own, str) and own else str(key)[:TEXT_CHARS_MAX],
        _environment(said),
        _moment(said.get("startedAt")),
    )


def tellers(config: Mapping[str, Any]) -> frozenset[str]:
    """The ids of all processes that have described themselves."""
    found = inner(config).get("e")
    return frozenset(map(str, found)) if isinstance(found, dict) else frozenset()


def _environment(said: Mapping[str, Any]) -> dict[str, Any]:
    """Machine and program as our own runs tell them."""
    found = {name: said[name] for name in _SAME if said.get(name)}
    program, args = said.get("program"), said.get("args")
    if isinstance(program, str):
        rest = args if isinstance(args, list) else []
        found["command"] = " ".join([program, *map(str, rest)])
    git = said.get("git")
    if isinstance(git, dict):
        found["git"] = git
        if isinstance(git.get("commit"), str):
            found["commit"] = git["commit"]
    return found


def _moment(said: Any) -> int | None:
    try:
        told = datetime.fromisoformat(str(said))
        return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def merged(old: Mapping[str, Any], new: Mapping[str, Any], *, whole: bool = True) -> dict[str, Any]:
    """A config over an older one; `whole` replaces it, but keeps what other processes told.

    Somebody who edits a config through their API sends it without the internal entry.
    """
    before, after = inner(old), inner(new)
    found = dict(new) if whole else {**old, **new}
    if not after:
        return {**found, INTERNAL: dict(before)} if before else found
    told = {**_mapping(before.get("e")), **_mapping(after.get("e"))}
    kept = dict(after) if whole else {**before, **after}
    return {**found, INTERNAL: {**kept, "e": told} if told else kept}


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def rules(config: Mapping[str, Any]) -> tuple[MetricRule, ...]:
    """What `define_metric` said; their step metrics are names, or places in the list from 1."""
    said = inner(config).get("m")
    told = said[:RULES_MAX] if isinstance(said, list) else []
    listed = [each for each in told if isinstance(each, dict)]
    names = [_name(each) for each in listed]
    found = {}
    for each, name in zip(listed, names, strict=True):
        if name:
            found[name] = MetricRule(
                name,
                _step_metric(each, names),
                tuple(_SUMMARIES[op] for op in _numbers(each.get("7")) if op in _SUMMARIES),
                _GOALS.get(next(iter(_numbers([each.get("8")])), 0), ""),
                _HIDDEN in _numbers(each.get("6")),
            )
    return tuple(found.values())


def _name(said: Mapping[str, Any]) -> str:
    found = said.get("1") or said.get("2")
    return found[:TEXT_CHARS_MAX] if isinstance(found, str) else ""


def _step_metric(said: Mapping[str, Any], names: list[str]) -> str:
    named, place = said.get("4"), said.get("5")
    if isinstance(named, str):
        return named[:TEXT_CHARS_MAX]
    good = isinstance(place, int) and 0 < place <= len(names)
    return names[place - 1] if good and isinstance(place, int) else ""


def _numbers(said: Any) -> list[int]:
    return [each for each in said if isinstance(each, int)] if isinstance(said, list) else []
