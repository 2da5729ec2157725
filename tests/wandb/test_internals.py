"""What their own entry of a config tells: nothing of it is trusted, and little of it is lost."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartline.core.records import MetricRule
from heartline.server.wandb import internals

values = st.recursive(
    st.none() | st.integers(-2, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["1", "2", "4", "5", "6", "7", "8", "e", "t", "m", "writerId", "git"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


def test_rules_name_their_step_metric_by_its_place() -> None:
    said = [{"1": "epoch", "6": [3, 2]}, {"1": "a", "5": 1, "6": [1, 3], "7": [1, 2], "8": 2}]
    assert internals.rules({"_wandb": {"m": said}}) == (
        MetricRule("epoch", hidden=True),
        MetricRule("a", "epoch", ("min", "max"), "maximize"),
    )


def test_an_edited_config_keeps_what_the_client_told_of_itself() -> None:
    before = {"lr": 1, "_wandb": {"t": {}, "e": {"one": {"os": "x"}}}}
    assert internals.merged(before, {"lr": 2}) == {"lr": 2, "_wandb": before["_wandb"]}
    both = internals.merged(before, {"_wandb": {"t": {}, "e": {"two": {}}}}, whole=False)
    assert internals.tellers(both) == {"one", "two"}
    assert both["lr"] == 1


def test_a_log_that_is_sent_later_names_the_process_that_wrote_it() -> None:
    told = internals.teller({"_wandb": {"e": {"sender": {
        "writerId": "writer", "program": "a.py", "args": ["--x"], "git": {"commit": "abc"},
        "startedAt": "2026-11-25T09:20:38.5Z",
    }}}})  # fmt: skip
    assert told is not None
    assert (told.key, told.id, told.started_at) == ("sender", "writer", 1_795_598_438_500)
    assert told.environment["command"] == "a.py --x"
    assert told.environment["commit"] == "abc"


@pytest.mark.parametrize(
    ("features", "seen"), [([14], True), ([2, 76], True), ([14, 76], False), (None, True)]
)
def test_only_a_log_that_was_sent_later_may_lack_its_end(features: Any, seen: bool) -> None:
    assert internals.seen({"_wandb": {"t": {"3": features}}}) is seen


@given(st.dictionaries(st.sampled_from(["_wandb", "lr"]), values), values)
def test_any_shape_is_taken(config: dict[str, Any], other: Any) -> None:
    internals.rules(config)
    internals.teller(config)
    internals.client(config)
    merged = internals.merged(config, {"_wandb": other})
    assert isinstance(internals.tellers(merged), frozenset)
