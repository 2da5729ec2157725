"""From a Mongo-like document to the filter tree. Never evaluates."""

from collections.abc import Mapping
from typing import Any, get_args

from heartline.core.filters.automaton import compiled
from heartline.core.filters.dates import instant_ms, length_ms
from heartline.core.filters.fields import (
    PREFIXES,
    TIMES,
    Naming,
    canonical,
    scalar,
    state_word,
)
from heartline.core.filters.tree import And, Compare, Filter, FilterError, Not, Operator, Or
from heartline.core.texts import clean

DEPTH_MAX = 20
TERMS_MAX = 500
PATTERN_CHARS_SHOWN = 60
OPERATORS = frozenset(get_args(Operator))


def from_document(document: Mapping[str, Any], now_wall: int, named: Naming = canonical) -> Filter:
    """The tree of a document; FilterError names what is wrong and how to say it."""
    return _Reader(now_wall, named).every(document, 0)


class _Reader:
    """A descent over the document that counts the terms."""

    def __init__(self, now_wall: int, named: Naming) -> None:
        self._now, self._named, self._left = now_wall, named, TERMS_MAX

    def every(self, document: Mapping[str, Any], depth: int) -> Filter:
        if depth > DEPTH_MAX:
            raise FilterError(f"the filter is nested deeper than {DEPTH_MAX} levels")
        if not document:
            self._count()
        parts = [self._term(key, value, depth) for key, value in document.items()]
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise FilterError(f"the filter has more than {TERMS_MAX} terms")

    def _term(self, key: str, value: Any, depth: int) -> Filter:
        self._count()
        if key in {"$and", "$or", "$nor"}:
            parts = tuple(self.every(_mapping(part, key), depth + 1) for part in _list(value, key))
            if key == "$and":
                return And(parts)
            return Or(parts) if key == "$or" else Not(Or(parts))
        if key == "$not":
            return Not(self.every(_mapping(value, key), depth + 1))
        if key.startswith("$"):
            raise FilterError(_unknown(key))
        return self._field(self._named(key), value)

    def _field(self, field: str, value: Any) -> Filter:
        if not isinstance(value, Mapping) or not any(key.startswith("$") for key in value):
            return compare(field, "eq", value, self._now)
        parts: list[Filter] = []
        for key, operand in value.items():
            self._count()
            if key == "$not":
                inner = operand if isinstance(operand, Mapping) else {"$eq": operand}
                parts.append(Not(self._field(field, inner)))
            else:
                parts.append(compare(field, key.removeprefix("$"), operand, self._now))
        return parts[0] if len(parts) == 1 else And(tuple(parts))


def compare(field: str, operator: str, value: Any, now_wall: int) -> Compare:
    """One checked comparison on a canonical field."""
    if operator not in OPERATORS:
        raise FilterError(_unknown(f"${operator}"))
    if operator in {"in", "nin"}:
        value = tuple(_value(field, item, now_wall) for item in _list(value, f"${operator}"))
    elif operator == "regex":
        value = _pattern(field, value)
    elif operator == "exists":
        value = bool(value)
    else:
        value = _value(field, value, now_wall)
    return Compare(field, operator, value)  # type: ignore[arg-type]


def _value(field: str, value: Any, now_wall: int) -> Any:
    if not (value is None or isinstance(value, bool | int | float | str)):
        what = "a document" if isinstance(value, Mapping) else "a list; write $in for any of them"
        raise FilterError(f"`{field}` cannot be compared with {what}")
    if field in TIMES and value is not None:
        return instant_ms(field, value, now_wall)
    if field == "duration" and value is not None:
        return length_ms(field, value)
    if isinstance(value, str):
        value = clean(value)
        if field == "state":
            return state_word(value)
        # A text is indexed by its beginning, and so compared by it.
        return scalar(value) if field.partition(".")[0] in PREFIXES else value
    return value


def _pattern(field: str, pattern: Any) -> str:
    if not isinstance(pattern, str):
        raise FilterError("$regex takes a text")
    cleaned = clean(pattern)
    try:
        compiled(cleaned)
    except FilterError as error:
        shown = cleaned[:PATTERN_CHARS_SHOWN]
        raise FilterError(f"the pattern `{shown}` of `{field}` cannot be used: {error}") from None
    return cleaned


def _unknown(operator: str) -> str:
    known = ", ".join(f"${name}" for name in sorted(OPERATORS))
    return f"unknown operator `{operator}`. Known: $and, $or, $nor, $not, {known}"


def _list(value: Any, key: str) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise FilterError(f"`{key}` takes a list")
    return list(value)


def _mapping(value: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FilterError(f"`{key}` takes documents such as {{'state': 'running'}}")
    return value
