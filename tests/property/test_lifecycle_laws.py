"""The laws of the lifecycle hold over all stories that Hypothesis can think of."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from heartline.core.lifecycle import (
    Attempt,
    DeadlinePassed,
    Heard,
    Instant,
    Millis,
    Started,
)
from heartline.core.lifecycle.time import TICK_ADVANCE_MS_MAX, AliveClock, started, tick

from .laws import LAWS
from .stories import LEASE, PROCESS, Said, stories, tell

leases = st.one_of(st.none(), st.just(Millis(60_000)))


@settings(max_examples=1_500, deadline=None)
@given(story=stories, lease=leases)
def test_no_story_breaks_a_law(story: list[Said], lease: Millis | None) -> None:
    told = tell(story, lease)
    for law in LAWS:
        law(told)


@settings(max_examples=200, deadline=None)
@given(story=stories, jumps=st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=5))
@example(story=[Said(0, Started(Attempt(1, "a"), "r0", 1, LEASE, PROCESS))], jumps=[-(10**12)])
def test_a_jump_of_the_wall_clock_changes_no_state(story: list[Said], jumps: list[int]) -> None:
    def wild(ms: int) -> int:
        return 1_700_000_000_000 + jumps[ms % len(jumps)]

    calm, jumpy = tell(story), tell(story, wall=wild)
    assert [after.state for *_, after, _ in calm.steps] == [
        after.state for *_, after, _ in jumpy.steps
    ]


@settings(max_examples=100, deadline=None)
@given(story=stories)
def test_the_same_story_is_told_the_same_way(story: list[Said]) -> None:
    assert tell(story) == tell(story)


@given(ticks=st.lists(st.integers(-5_000, 100_000), max_size=50))
def test_the_server_alive_clock_never_runs_faster_than_real_time(ticks: list[int]) -> None:
    clock = AliveClock()
    for elapsed in ticks:
        after = tick(clock, elapsed)
        assert 0 <= after.at - clock.at <= max(0, min(elapsed, TICK_ADVANCE_MS_MAX))
        assert after.version == clock.version + 1
        assert after.healthy_since in {clock.healthy_since, after.at}
        assert (after.healthy_since == after.at and after.at > 0) or elapsed <= 3_000
        clock = after
    assert started(clock).healthy_since == clock.at


@settings(max_examples=200, deadline=None)
@given(
    beats=st.lists(st.tuples(st.integers(0, 29_999), st.booleans()), min_size=1, max_size=20),
)
def test_a_writer_that_beats_within_its_lease_is_never_judged(
    beats: list[tuple[int, bool]],
) -> None:
    attempt = Attempt(1, "a")
    story = [Said(0, Started(attempt, "r0", 0, LEASE, PROCESS))]
    for seq, (gap, preempting) in enumerate(beats, start=1):
        story.append(Said(gap, DeadlinePassed(Instant(0))))
        story.append(Said(0, Heard(attempt, "r0", seq, preempting)))
    assert all(
        entry.after.value in {"pending", "running", "preempting"} for entry in tell(story).ledger
    )
