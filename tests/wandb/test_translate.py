"""The translation is total: whatever a line holds, it gives points or is counted."""

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from heartline.core.lifecycle import State
from heartline.server.wandb import translate

scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.one_of(st.text(max_size=6), st.sampled_from(["_step", "_timestamp", "_wandb", "a.b"]))


@given(st.lists(st.dictionaries(keys, values, max_size=5), max_size=6))
def test_any_history_line_gives_a_row(rows: list[dict[str, Any]]) -> None:
    lines = [json.dumps(row) for row in rows]
    found = translate.rows(lines)
    assert found.unreadable == 0
    assert (0 if found.block is None else len(found.block.steps)) == len(rows)
    if found.block is not None:
        for column in found.block.columns:
            count = len(rows) if column.rows is None else len(column.rows)
            assert len(column.values) == count


@given(st.lists(st.text(max_size=30), max_size=8))
def test_what_cannot_be_read_is_counted_and_never_raises(lines: list[str]) -> None:
    found = translate.rows(lines)
    read = 0 if found.block is None else len(found.block.steps)
    assert read + found.unreadable == len(lines)
    assert len(translate.console(lines, 3, 0)) == len(lines)


def test_not_a_number_and_infinity_are_bare_words_in_their_lines() -> None:
    line = '{"_step": 3, "_timestamp": 1.5, "n": NaN, "i": -Infinity, "deep": {"x": 1}}'
    block = translate.rows([line]).block
    assert block is not None
    columns = {column.key: column.values[0] for column in block.columns}
    assert math.isnan(columns["n"])
    assert columns["i"] == -math.inf
    assert columns["deep.x"] == 1.0
    assert (list(block.steps), list(block.times)) == ([3], [1_500])


@given(st.integers(0, 255))
def test_every_exit_code_has_its_verdict(code: int) -> None:
    state = translate.verdict(code).state
    expected = {
        0: State.FINISHED, 129: State.KILLED, 130: State.KILLED, 143: State.KILLED,
        254: State.CRASHED, 255: State.KILLED,
    }.get(code, State.FAILED)  # fmt: skip
    assert state is expected


@given(st.dictionaries(st.text(max_size=5), values, max_size=4))
def test_a_config_survives_the_way_there_and_back(given_config: dict[str, Any]) -> None:
    theirs = {key: {"value": value} for key, value in given_config.items()}
    ours = translate.config(theirs)
    again = translate.config(json.loads(translate.config_text(ours)))
    assert str(again) == str(ours)
