"""Texts as every store can keep them. Never refuses: what cannot be kept leaves a mark."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from heartline.core.records import RunPath, RunRecord

MARK = "\ufffd"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
TENTHS_BELOW_MS = 10_000
WHOLE_MIN, WHOLE_MAX = -(2**63), 2**64 - 1
_UNKEPT = re.compile("[\x00\ud800-\udfff]")
_UNKEPT_IN_KEY = re.compile("[\x00\x01\ud800-\udfff]")
_WORDS = ("name", "user", "group", "job_type", "sweep", "notes", "host", "client")
_VALUES = ("config", "summary", "environment")


def number_text(value: float) -> str:
    """All digits of a number, so that different ones read differently; whole ones without a point."""
    whole = abs(value) < WHOLE_MAX and value == int(value)
    return str(int(value)) if whole else repr(value)


def cell(value: Any) -> Any:
    """A value as CSV holds it: what a spreadsheet would take for a formula is quoted."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value


def length(length_ms: float) -> str:
    """A length of time in two units at most: 80 ms, 0.4 s, 12 s, 3 min, 2 h 5 min, 4 d."""
    if 0 < length_ms < TENTHS_BELOW_MS and length_ms % 1000:
        return f"{length_ms:.0f} ms" if length_ms < 100 else f"{length_ms / 1000:.1f} s"
    minutes, seconds = divmod(round(max(0, length_ms) / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 24:
        return f"{hours // 24} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{minutes} min" if minutes else f"{seconds} s"


def clean(text: str) -> str:
    """NUL and halves of characters are marked: PostgreSQL has no NUL, UTF-8 has no halves."""
    return _UNKEPT.sub(MARK, text) if _UNKEPT.search(text) else text


def clean_key(key: str) -> str:
    """A metric's key; U+0001 begins the names that stores give to their own columns."""
    return _UNKEPT_IN_KEY.sub(MARK, key) if _UNKEPT_IN_KEY.search(key) else key


def as_float(value: float) -> float:
    """The nearest float of a whole number, infinite where none reaches."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def clean_values(value: Any) -> Any:
    """Nested plain values with every text clean, keys too; whole numbers beyond 64 bits as floats."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, int) and not WHOLE_MIN <= value <= WHOLE_MAX:
        return as_float(value)
    if isinstance(value, Mapping):
        return {clean(key) if isinstance(key, str) else key: clean_values(item)
                for key, item in value.items()}  # fmt: skip
    if isinstance(value, list | tuple):
        return [clean_values(item) for item in value]
    return value


def clean_record(record: RunRecord) -> RunRecord:
    """A run as it is read back: every text clean, the tags as a sorted set."""
    path = record.path
    words: dict[str, Any] = {word: clean(getattr(record, word)) for word in _WORDS}
    words |= {name: clean_values(getattr(record, name)) for name in _VALUES}
    return replace(
        record,
        path=RunPath(clean(path.entity), clean(path.project), clean(path.id)),
        tags=tuple(sorted({clean(tag) for tag in record.tags})),
        metrics=tuple(replace(rule, name=clean(rule.name)) for rule in record.metrics),
        **words,
    )
