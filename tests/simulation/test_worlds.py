"""Many seeded worlds: safety at every moment, truth when the faults stop."""

import os

import pytest

from .world import play

WORLDS = int(os.environ.get("HEARTLINE_WORLDS", "2000"))
PARTS = 8


@pytest.mark.parametrize("part", range(PARTS))
def test_no_world_breaks_a_law(part: int) -> None:
    for seed in range(part, WORLDS, PARTS):
        try:
            play(seed)
        except AssertionError as broken:
            raise AssertionError(f"world {seed}: {broken}") from broken


def test_one_seed_is_one_trace() -> None:
    assert play(5) == play(5)
