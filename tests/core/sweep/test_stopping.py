"""Hyperband and the median rule: where they look, whom they stop, and when they wait."""

import math

import pytest

from heartline.core.sweep.config import Early
from heartline.core.sweep.stopping import Rung, climbed, looks, rung, verdict


@pytest.mark.parametrize(
    ("rule", "rows"),
    [
        # As W&B documents its brackets: max_iter 27, s 2, eta 3 looks at 9 and 3.
        (Early("hyperband", None, 27, 2), [3, 9]),
        (Early("hyperband", None, 27, 9), [1, 3, 9]),
        (Early("hyperband", None, 100, 3, 4), [1, 6, 25]),
        (Early("hyperband", 3, 100), [3, 9, 27, 81]),
        (Early("hyperband", 3, 81), [3, 9, 27]),
        (Early("hyperband", 1, 20, None, 2), [1, 2, 4, 8, 16]),
        (Early("hyperband", 1, 6, None, 1.5), [1, 2, 3, 5]),
    ],
)
def test_a_bracket_looks_at_powers_of_eta(rule, rows):
    assert looks(rule) == rows


def test_without_an_end_a_rule_looks_ever_more_rarely_and_a_bounded_number_of_times():
    rows = looks(Early("hyperband", 3))
    assert rows[:4] == [3, 9, 27, 81] and len(rows) <= 100
    assert looks(Early("median", 5))[:3] == [5, 10, 15]


def at(rows, best, mean=None):
    return [Rung(rows, best, best if mean is None else mean)]


HYPER = Early("hyperband", 3)


def test_hyperband_keeps_the_best_of_each_eta_and_stops_the_others():
    others = [at(3, each / 10) for each in range(1, 9)]  # 0.1 … 0.8
    assert verdict(HYPER, at(3, 0.05), others) == ""
    assert verdict(HYPER, at(3, 0.25), others) == ""  # third of nine, three are kept
    told = verdict(HYPER, at(3, 0.35), others)
    assert told == "hyperband: after 3 rows not among the best 3 of 9 (eta 3)"
    assert verdict(HYPER, at(3, math.inf), others) != ""


def test_equals_are_not_stopped_and_only_the_same_rung_is_compared():
    assert verdict(HYPER, at(3, 0.1), [at(3, 0.1) for _ in range(5)]) == ""
    assert verdict(HYPER, at(9, 9.0), [at(3, 0.1) for _ in range(5)]) == ""


def test_nobody_is_judged_before_there_are_enough_to_compare():
    assert verdict(HYPER, at(3, 9.0), [at(3, 0.1)]) == ""
    assert verdict(HYPER, at(3, 9.0), [at(3, 0.1), at(3, 0.2)]) != ""
    assert verdict(HYPER, [], [at(3, 0.1), at(3, 0.2)]) == ""


def test_a_strict_rule_looks_at_lower_rungs_again():
    mine = [Rung(3, 0.9, 0.9), Rung(9, 0.1, 0.5)]
    others = [[Rung(3, 0.2, 0.2), Rung(9, 0.2, 0.2)] for _ in range(4)]
    assert verdict(HYPER, mine, others) == ""
    assert verdict(Early("hyperband", 3, strict=True), mine, others).startswith(
        "hyperband: after 3"
    )


def test_the_median_rule_compares_the_best_so_far_with_the_middle_of_the_means():
    rule = Early("median", 5)
    others = [at(5, 0.0, mean) for mean in (0.2, 0.4, 0.9)]
    assert verdict(rule, at(5, 0.4), others) == ""
    assert (
        verdict(rule, at(5, 0.41), others) == "median: worse than the middle of 3 runs after 5 rows"
    )
    assert verdict(rule, at(5, 9.0), others[:1]) == ""


def test_a_rung_is_the_best_and_the_mean_so_far_with_smaller_better():
    assert rung([3.0, 1.0, 2.0, 9.0], 3, 1.0) == Rung(3, 1.0, 2.0)
    assert rung([3.0, 1.0, 2.0, 9.0], 3, -1.0) == Rung(3, -3.0, -2.0)
    assert climbed([3, 9, 27], at(3, 0.1), 10) == [9]
    assert climbed([3, 9, 27], [], 2) == []
