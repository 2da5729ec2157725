"""Does a run match? The reference that every database must agree with. Never parses."""

import math
from typing import Any

from heartline.core.filters.automaton import compiled
from heartline.core.filters.fields import field_value, number
from heartline.core.filters.tree import And, Compare, Filter, Not, Or, Order
from heartline.core.lifecycle import Now
from heartline.core.records import RunRecord


def matches(tree: Filter, record: RunRecord, now: Now) -> bool:
    """Whether the run is one of those that the filter asks for."""
    match tree:
        case And(parts):
            return all(matches(part, record, now) for part in parts)
        case Or(parts):
            return any(matches(part, record, now) for part in parts)
        case Not(part):
            return not matches(part, record, now)
        case Compare(field, operator, value):
            return compares(field_value(record, field, now), operator, value)


def compares(found: Any, operator: str, value: Any) -> bool:
    """One comparison; a list holds if any item does, a missing value only satisfies ne and nin."""
    match operator:
        case "exists":
            return (found is not None) is value
        case "ne":
            return not compares(found, "eq", value)
        case "nin":
            return not compares(found, "in", value)
        case "in":
            return any(compares(found, "eq", item) for item in value)
        case _:
            return _any(found, operator, value)


def _any(found: Any, operator: str, value: Any) -> bool:
    if isinstance(found, list | tuple):
        return any(compares(item, operator, value) for item in found)
    return _single(found, operator, value)


def _single(found: Any, operator: str, value: Any) -> bool:
    if operator == "eq":
        return _equal(found, value)
    if operator == "regex":
        return isinstance(found, str) and compiled(value).search(found)
    return _ordered(found, operator, value)


def _equal(found: Any, value: Any) -> bool:
    if (left := number(found)) is not None:
        return left == number(value)
    return bool(found == value)


def _ordered(found: Any, operator: str, value: Any) -> bool:
    if isinstance(found, str) != isinstance(value, str):
        return False
    left: Any = found if isinstance(found, str) else number(found)
    right: Any = value if isinstance(found, str) else number(value)
    if left is None or right is None:
        return False
    match operator:
        case "gt":
            return bool(left > right)
        case "gte":
            return bool(left >= right)
        case "lt":
            return bool(left < right)
        case _:
            return bool(left <= right)


def sort_key(record: RunRecord, order: Order, now: Now) -> tuple[int, float, str]:
    """Numbers before texts, runs that lack the field last in either direction."""
    found = field_value(record, order.field, now)
    if isinstance(found, list | tuple):
        found = found[0] if found else None
    value = number(found)
    sign = -1 if order.descending else 1
    if value is not None and not math.isnan(value):
        return (0, sign * value, "")
    if isinstance(found, str):
        return (1, 0.0, found)
    return (2, 0.0, "")
