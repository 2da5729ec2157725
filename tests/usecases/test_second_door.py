"""Runs of a client that says little: how long they ran, by all that it said."""

from dataclasses import replace

from heartline.core.lifecycle import CauseKind, Confidence, State, Verdict
from heartline.core.lifecycle.classify import Signs, classify
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Transaction
from heartline.usecases import second_door
from heartline.usecases.open_run import create_run
from heartline.usecases.second_door import Post, Speaker
from tests.usecases.conftest import WALL, World
from tests.usecases.test_offsets import line

PATH = RunPath("ada", "digits", "brief")
WHO = Speaker("client", "wandb", 25_000)


def begun(world: World) -> RunKey:
    """A run that has said hello, and posted once."""

    def unit(tx: Transaction) -> RunRecord:
        record = create_run(tx, PATH, "brief", "ada", world.now)
        return second_door.hello(tx, record, WHO, world.ids, world.now)

    key: RunKey = world.do(unit).key
    post(world, key, Post(history=line(0)))
    return key


def post(world: World, key: RunKey, said: Post) -> None:
    world.do(lambda tx: second_door.post(tx, key, said, WHO, world.ids, world.now))


def silent(world: World, key: RunKey) -> RunRecord:
    world.at += 75_000
    world.expire()
    return world.run(key)


def test_a_run_that_dies_before_its_second_post_ran_until_its_last_word(world: World) -> None:
    key = begun(world)
    world.at += 5_000
    last = world.now.wall
    world.do(lambda tx: second_door.lives(tx, tx.runs.get(key), WHO.client, world.now))
    run = silent(world, key)
    assert (run.state.value, run.ended_at) == ("crashed", last)


def test_a_word_that_is_late_brings_nobody_back(world: World) -> None:
    key = begun(world)
    run = silent(world, key)
    world.do(lambda tx: second_door.lives(tx, tx.runs.get(key), WHO.client, world.now))
    assert world.run(key) == run


def test_a_log_that_goes_on_after_the_last_word_tells_how_long_it_ran(world: World) -> None:
    key = begun(world)
    over = silent(world, key)
    assert over.ended_at is not None
    for last, ended in ((over.ended_at + 9_000, over.ended_at + 9_000), (1, over.ended_at + 9_000),
                        (WALL * 2, WALL + world.at)):  # fmt: skip
        world.do(lambda tx: second_door.hello(
            tx, tx.runs.get(key), WHO, world.ids, world.now, again=True))  # fmt: skip
        post(world, key, replace(Post(history=line(1)), last_at=last))
        assert world.run(key).ended_at == ended


def test_a_log_without_an_end_that_is_sent_soon_ended_with_its_last_row(world: World) -> None:
    key = begun(world)
    world.at += 30_000
    vanished = Verdict(State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED)
    post(world, key, Post(history=line(1), verdict=vanished, last_at=WALL + 12_000))
    assert world.run(key).ended_at == WALL + 12_000


def test_a_follower_that_comes_when_its_leader_has_finished_starts_nothing(world: World) -> None:
    ends = {code: classify(Signs(exit_code=code)) for code in (0, 1)}
    for code, attempts in ((0, 1), (1, 2)):
        path = RunPath("ada", "digits", f"led-{code}")
        first, second = (Speaker(name, "wandb", 25_000, shared=True) for name in ("one", "two"))

        def unit(tx: Transaction, path: RunPath = path, code: int = code) -> RunRecord:
            record = create_run(tx, path, "led", "ada", world.now)
            record = second_door.hello(tx, record, first, world.ids, world.now)
            end = Post(history=line(0), verdict=ends[code])
            second_door.post(tx, record.key, end, first, world.ids, world.now, ["one"])
            record = second_door.hello(
                tx, tx.runs.get(record.key), second, world.ids, world.now, primaries=["one"]
            )
            more = Post(history=line(0))
            return second_door.post(tx, record.key, more, second, world.ids, world.now, ["one"])

        run = world.do(unit)
        assert (run.life.attempt.epoch, run.state.value == "finished") == (attempts, code == 0)
        assert len(world.do(lambda tx, key=run.key: tx.series.scan(key, None, limit=9))) == 2
