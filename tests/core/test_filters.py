"""Filters as they are written: what is understood, and what is refused by name."""

import pytest

from heartline.core.filters import Compare, FilterError, Not, parse
from heartline.core.filters.fields import at_path, flat

NOW = 1_700_000_000_000


def test_a_quoted_pattern_keeps_its_backslashes():
    assert parse(r'name ~ "\d+$"', NOW) == Compare("name", "regex", r"\d+$")
    assert parse(r"name !~ 50", NOW) == Not(Compare("name", "regex", "50"))
    assert parse(r'name = "a\"b\\c"', NOW) == Compare("name", "eq", 'a"b\\c')


def test_a_state_is_found_however_it_is_written():
    assert parse("state = Crashed", NOW) == Compare("state", "eq", "crashed")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"config.x": [1, 2]}, "list"),
        ({"config.x": {"$in": [[1]]}}, "list"),
        ({"tags": {"$in": ["t"] * 20_001}}, "more than 20,000 values"),
        ({"config.x": {"$gt": {"a": 1}}}, "document"),
        ({"created": "-" + "9" * 400 + "d"}, "time"),
        ({"created": 10**400}, "calendar"),
        ("duration > soon", "`duration` is a length: write seconds"),
        ({"duration": {"$gt": True}}, "a length"),
        ({"created": float("nan")}, "calendar"),
        ({"created": "2026-13-01"}, "calendar"),
        ({"created": "2026-01-01T25:00"}, "calendar"),
        ({"name": {"$regex": 5}}, "text"),
        ({"state": "bogus"}, "`bogus` is no state. Known: pending, running"),
        ({"state": {"$nin": ["crashed", "dead"]}}, "`dead` is no state"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_name(wrong, says):
    with pytest.raises(FilterError, match=says):
        parse(wrong, NOW)


def test_a_path_finds_what_the_index_holds_however_the_dots_fall():
    values = {"a": {"b.c": 1, "b": {"c": 2}}, "a.b": {"c": 3}, "x.y": 4, "x": {"y": 5, "z": None}}
    assert flat(values) == {"a.b.c": 3.0, "x.y": 4.0}
    for path, value in flat(values).items():
        assert at_path(values, path) == value
    assert at_path({"a.b": None, "a": {"b": 7}}, "a.b") == 7.0
    assert flat({"a.b": None, "a": {"b": 7}}) == {"a.b": 7.0}


@pytest.mark.parametrize(
    "said", ["duration > 90", "ran > 90s", "runtime > 1.5m", "duration > 90000ms"]
)
def test_a_length_is_in_seconds_or_says_its_unit(said: str) -> None:
    assert parse(said, NOW) == Compare("duration", "gt", 90_000)
