"""What the ranks of one run say of where they run: the first rank's word is the run's."""

import pytest

from heartline.core.records import CLOCK_AHEAD_MS, WORLD_SIZE
from tests.usecases.conftest import World

HOUR_MS = 3_600_000


def test_other_ranks_leave_what_the_first_one_is_known_by(world: World) -> None:
    ahead = world.now.wall + HOUR_MS
    run = world.opened(rank=0, world_size=4, offline=True, sent_at=ahead)
    known = {"offline": True, WORLD_SIZE: 4, CLOCK_AHEAD_MS: HOUR_MS}
    assert run.run.environment == known
    world.opened(writer="w3", rank=3, world_size=4, sent_at=world.now.wall)
    world.opened(writer="helper", sent_at=world.now.wall)
    assert run.run.environment == known


def test_a_rank_that_opens_the_next_attempt_speaks_for_itself_alone(world: World) -> None:
    run = world.opened(rank=0, world_size=4, sent_at=world.now.wall + HOUR_MS)
    again = {"launch": "second", "resume": "allow", "sent_at": world.now.wall}
    world.opened(writer="w3", rank=3, **again)
    assert run.run.environment == {WORLD_SIZE: 4, CLOCK_AHEAD_MS: HOUR_MS}
    world.opened(rank=0, **again)
    assert run.run.environment == {WORLD_SIZE: 4}, "its clock is right by now"


@pytest.mark.parametrize("rank", [0, None])
def test_who_leads_a_new_attempt_tells_of_it_anew(world: World, rank: int | None) -> None:
    run = world.opened(world_size=4, offline=True, sent_at=world.now.wall + HOUR_MS)
    world.opened(launch="second", resume="allow", rank=rank, world_size=2)
    assert run.run.environment == {WORLD_SIZE: 2}


def test_the_first_rank_is_heard_though_another_came_before_it(world: World) -> None:
    run = world.opened(writer="w3", rank=3, sent_at=world.now.wall)
    world.opened(rank=0, world_size=4, sent_at=world.now.wall + HOUR_MS)
    assert run.run.environment == {WORLD_SIZE: 4, CLOCK_AHEAD_MS: HOUR_MS}
