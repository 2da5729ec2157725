"""The filter tree: and, or, not, compare. Never evaluates itself, never knows SQL."""

from dataclasses import dataclass
from typing import Any, Literal

Operator = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "exists", "regex"]


class FilterError(ValueError):
    """The filter cannot be understood; the message names the operator or field and the fix."""


@dataclass(frozen=True, slots=True)
class Compare:
    """One field against a value.

    `field` is canonical: state, name, id, user, tags, group, job_type, sweep, created, heartbeat,
    duration, cause, host, notes, `config.<path>` or `summary.<key>`. Times are wall ms, lengths ms.
    """

    field: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class And:
    """All hold; an empty one holds for every run."""

    parts: tuple["Filter", ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """Any holds."""

    parts: tuple["Filter", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Filter"


Filter = And | Or | Not | Compare


@dataclass(frozen=True, slots=True)
class Order:
    """Sort by a canonical field; runs that lack it come last in either direction."""

    field: str
    descending: bool = False


def listed(tree: Filter) -> int:
    """How many values its `in` and `nin` hold together."""
    match tree:
        case And(parts) | Or(parts):
            return sum(map(listed, parts))
        case Not(part):
            return listed(part)
        case Compare(_, operator, value):
            return len(value) if operator in {"in", "nin"} else 0
