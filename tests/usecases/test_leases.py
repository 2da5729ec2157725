"""When silence becomes a verdict: the exact edges, on a clock that moves when told."""

import random
from typing import Any

import pytest

from heartline.core.lifecycle import Heard, Instant, Now, Wall
from heartline.core.lifecycle.time import AMNESTY_MS, AliveClock, started, tick
from heartline.core.records import ConsoleLine, Stream
from heartline.server.hearts import Hearts, save
from tests.usecases.conftest import World, Writer

LEASE_MS = 15_000
RUNS, DEAD = 1_000, 10


def hearts_of(writer: Writer) -> Hearts:
    """What a server knows after it has received from the run."""
    hearts = Hearts(hold=True)
    writer.say()
    learn(hearts, writer)
    return hearts


def learn(hearts: Hearts, writer: Writer) -> None:
    hearts.learn(writer.run.key, writer.run.life, "ada", writer.writer, writer.durable)


def beat(hearts: Hearts, of: Writer, **words: Any) -> bool:
    return hearts.hear(of.batch(**words), of.world.who(), of.world.now) is not None


def test_a_run_lives_for_its_whole_lease_and_not_a_millisecond_longer(world: World) -> None:
    run = world.opened()
    world.at += LEASE_MS - 1
    assert world.expire() == []
    assert run.state == "running"
    world.at += 1
    assert [each.path.id for each in world.expire()] == ["r1"]
    assert run.state == "crashed"


def test_a_crashed_run_is_over_since_it_was_last_heard(world: World) -> None:
    run = world.opened()
    world.at += 2_000
    run.say()
    heard = world.now.wall
    world.at += LEASE_MS
    world.expire()
    assert run.run.ended_at == heard
    assert run.run.told.evidence.silent_ms == LEASE_MS


def test_what_was_printed_before_the_silence_is_kept_as_evidence(world: World) -> None:
    run = world.opened()
    stream = Stream(run.run.key, 1, "spool")
    words = [ConsoleLine("stderr", n, 0, text) for n, text in enumerate(("one", "the last"))]
    world.do(lambda tx: tx.series.put_lines(run.run.key, stream, words))
    world.at += LEASE_MS
    world.expire()
    assert run.run.told.evidence.last_lines == ("one", "the last")


def test_a_beat_just_before_the_end_gives_a_whole_lease(world: World) -> None:
    run = world.opened()
    world.at += LEASE_MS - 1
    run.say()
    world.at += LEASE_MS - 1
    assert world.expire() == []
    world.at += 1
    assert len(world.expire()) == 1
    assert run.state == "crashed"


def test_a_late_beat_brings_a_crashed_run_back(world: World) -> None:
    run = world.opened()
    world.at += LEASE_MS
    world.expire()
    world.at += 60_000
    run.say()
    assert run.state == "running"
    assert run.run.ended_at is None
    assert world.ledger(run.reply.run)[-1].cause.value == "heard_again"


def test_silence_from_before_the_server_was_healthy_counts_for_nobody(world: World) -> None:
    run = world.opened()
    world.at += 10 * LEASE_MS
    world.healthy_since = world.at
    assert world.expire() == []
    world.at += AMNESTY_MS + LEASE_MS - 1
    assert world.expire() == []
    world.at += 1
    assert len(world.expire()) == 1
    assert run.state == "crashed"


def test_who_is_not_over_yet_is_asked_about_again_when_it_could_be(world: World) -> None:
    world.opened()
    world.at += LEASE_MS
    world.healthy_since = world.at
    world.expire()
    due = world.do(lambda tx: tx.runs.next_deadline())
    assert due == world.healthy_since + AMNESTY_MS + LEASE_MS


def test_a_deleted_run_is_not_judged(world: World) -> None:
    run = world.opened()
    world.do(lambda tx: tx.runs.delete(run.run.key))
    world.at += LEASE_MS
    assert world.expire() == []


def test_only_the_silent_rank_crashes_and_the_run_lives_with_the_others(world: World) -> None:
    quiet = world.opened(rank=0)
    loud = world.opened(writer="w1", rank=1)
    world.at += LEASE_MS - 1
    loud.say()
    world.at += 1
    world.expire()
    assert quiet.state == "running"
    states = {writer.id: writer.state.value for writer in loud.run.life.writers}
    assert states == {"w0": "crashed", "w1": "running"}


def test_a_beat_that_is_only_in_memory_keeps_its_run_alive(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    world.at += LEASE_MS - 1
    assert beat(hearts, run)
    world.at += 1
    assert world.expire(hearts.unsaved) == []
    world.at += LEASE_MS - 2
    assert world.expire(hearts.unsaved) == []
    world.at += 1
    assert len(world.expire(hearts.unsaved)) == 1


def test_held_beats_are_stored_before_their_stored_deadline_comes(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    stored_until = world.do(lambda tx: tx.runs.next_deadline())
    for _ in range(3):
        world.at += 3_000
        assert beat(hearts, run)
    while not (due := hearts.due(world.now)):
        world.at += 1_000
    assert world.at < stored_until
    beats = {key: hearts.unsaved(key) for key in due}
    hearts.saved(beats, world.do(lambda tx: save(tx, beats)))
    assert hearts.held() == []
    assert world.do(lambda tx: tx.runs.next_deadline()) == 1_000 + 9_000 + LEASE_MS


def test_a_beat_that_comes_while_others_are_being_stored_is_not_forgotten(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    world.at += 5_000
    beat(hearts, run)
    beats = {run.run.key: hearts.unsaved(run.run.key)}
    lost = world.do(lambda tx: save(tx, beats))
    world.at += 100
    beat(hearts, run)
    hearts.saved(beats, lost)
    assert hearts.held() == [run.run.key]
    assert [at.alive for _, at in hearts.unsaved(run.run.key)] == [world.at]


def test_what_is_shown_includes_what_is_only_in_memory(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    world.at += 5_000
    beat(hearts, run)
    assert hearts.shown(run.run).life.writers[0].heard_at == world.at
    assert run.run.life.writers[0].heard_at == 1_000


@pytest.mark.parametrize(
    "words",
    [
        {"preempting": True}, {"count": 1}, {"stop_acknowledged": True}, {"epoch": 2},
        {"nonce": "other"}, {"writer": "w9"}, {"spool": "w9"}, {"seq": 0},
    ],
    ids=str,
)  # fmt: skip
def test_only_a_plain_beat_of_a_known_writer_is_answered_from_memory(
    world: World, words: dict[str, Any]
) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    assert not beat(hearts, run, **words)
    assert beat(hearts, run)


def test_a_viewer_is_not_answered_from_memory(world: World) -> None:
    from heartline.core.records import User

    run = world.opened()
    hearts = hearts_of(run)
    world.do(lambda tx: tx.accounts.put_user(User("eve", created_at=0)))
    assert hearts.hear(run.batch(), world.who("eve"), world.now) is None


def test_a_run_that_someone_changed_is_received_again(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    hearts.forget(run.run.key)
    assert not beat(hearts, run)


def test_held_beats_do_not_bring_back_a_run_that_ended_meanwhile(world: World) -> None:
    run = world.opened()
    hearts = hearts_of(run)
    beat(hearts, run)
    beats = {run.run.key: hearts.unsaved(run.run.key)}
    world.at += LEASE_MS
    world.expire()
    assert world.do(lambda tx: save(tx, beats)) == [run.run.key]
    assert run.state == "crashed"


def test_where_other_servers_judge_nothing_is_held(world: World) -> None:
    run = world.opened()
    hearts = Hearts(hold=False)
    learn(hearts, run)
    assert not beat(hearts, run)


def test_the_clock_of_many_servers_never_runs_faster_than_real_time() -> None:
    stored = AliveClock()
    seen = [(stored, 0), (stored, 0), (stored, 0)]
    for now in range(250, 60_000, 250):
        who = (now // 250) % 3
        clock, since = seen[who]
        if clock.version == stored.version:
            stored = tick(clock, now - since)
        seen[who] = (stored, now)
        assert stored.at <= now
    assert stored.healthy_since == 0


def test_a_stall_gives_everyone_amnesty_from_where_the_clock_stood() -> None:
    clock = tick(AliveClock(), 1_000)
    stalled = tick(clock, 600_000)
    assert (stalled.at, stalled.healthy_since) == (3_000, 3_000)
    assert started(stalled).healthy_since == stalled.at


def test_a_beat_is_heard_at_its_own_time_not_when_it_is_stored(world: World) -> None:
    run = world.opened()
    at = Now(Instant(5_000), Wall(5_000))
    heard = Heard(run.run.life.attempt, "w0", 99, preempting=False)
    world.at += 9_000
    world.do(lambda tx: save(tx, {run.run.key: [(heard, at)]}))
    assert run.run.life.writers[0].heard_at == 5_000


@pytest.mark.parametrize("ours", ["away for ten minutes", "stalled for ten minutes"])
def test_our_ten_minutes_crash_none_of_a_thousand_runs_but_those_that_died(
    world: World, ours: str
) -> None:
    dice = random.Random(10)
    runs = [world.opened(id=f"r{n}", launch=f"l{n}") for n in range(RUNS)]
    clock = AliveClock(at=Instant(world.at))
    for second in range(5):
        for run in runs[second::5]:
            run.say()
        clock = tick(clock, 1_000)
        world.at = clock.at
    clock = started(clock) if ours.startswith("away") else tick(clock, 600_000)
    world.at, world.healthy_since = clock.at, clock.healthy_since
    alive, dead = runs[DEAD:], runs[:DEAD]
    back = {run.reply.id: dice.randrange(1, (LEASE_MS + AMNESTY_MS) // 1_000) for run in alive}
    for second in range((LEASE_MS + AMNESTY_MS) // 1_000):
        assert world.expire() == []
        for run in alive:
            since = second - back[run.reply.id]
            if since >= 0 and since % 5 == 0:
                run.say()
        clock = tick(clock, 1_000)
        world.at = clock.at
    assert {run.path.id for run in world.expire()} == {run.reply.id for run in dead}
    assert all(run.state == "running" for run in alive)
