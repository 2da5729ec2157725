"""Sweeps keep their promises at every edge, and whole worlds of them break no law."""

import os
from collections.abc import Callable

import pytest

from .sweep_promises import PROMISES
from .sweep_world import play

WORLDS = int(os.environ.get("HEARTLINE_WORLDS", "2000")) // 8
PARTS = 4


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_a_promise_of_sweeps_is_kept(promise: Callable[[], None]) -> None:
    promise()


@pytest.mark.parametrize("part", range(PARTS))
def test_no_world_of_sweeps_breaks_a_law(part: int) -> None:
    for seed in range(part, WORLDS, PARTS):
        try:
            play(seed)
        except AssertionError as broken:
            raise AssertionError(f"world {seed}: {broken}") from broken


def test_one_seed_of_sweeps_is_one_trace() -> None:
    assert play(7) == play(7)
