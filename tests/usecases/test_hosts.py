"""One host, told from a small world: what is on it, who may know, and what fell silent together."""

from dataclasses import replace
from typing import Any

from heartline.core.records import User
from heartline.usecases import find_host as house
from heartline.usecases.attention import ENDED_MS
from heartline.usecases.find_host import Host, find_host
from heartline.usecases.refusal import Refused
from heartline.wire.ingest import Exit

from .conftest import World

LOST_MS = 60_000


def host(world: World, name: str = "gpu-17", who: str = "ada") -> Host:
    person = world.who(who)
    found = world.do(lambda tx: find_host(tx, person, name, world.now))
    assert isinstance(found, Host), found
    return found


def ids(found: Host) -> list[list[str]]:
    return [[each.record.path.id for each in part] for part in (found.live, found.lately)]


def end(state: str, cause: str) -> Exit:
    return Exit(state=state, cause=cause, confidence=3, records=0, at=0)


def test_runs_that_live_and_runs_that_ended_stand_apart_newest_first(world: World) -> None:
    for name in ("a", "b", "c", "d"):
        run = world.opened(id=name, host="gpu-17")
        world.at += 1_000
        if name in "ab":
            run.say(exit=end("failed", "exit_code"))
    world.opened(id="elsewhere", host="gpu-18")
    found = host(world)
    assert ids(found) == [["d", "c"], ["b", "a"]]
    assert (found.state, found.ended) == ("failed", 2)
    world.at += ENDED_MS + 1
    assert host(world).state == "unreachable"


def test_a_rank_brings_its_run_to_its_host_but_not_what_another_rank_measured(
    world: World,
) -> None:
    for rank, name in ((0, "gpu-17"), (1, "gpu-18"), (2, "gpu-18")):
        world.opened(writer=f"w{rank}", rank=rank, host=name)
    (first,), (other,) = host(world).live, host(world, "gpu-18").live
    assert [writer.rank for writer in first.writers] == [0]
    assert [writer.rank for writer in other.writers] == [1, 2]
    assert (first.measured, other.measured) == (True, False)


def test_runs_that_fall_silent_together_are_told_as_one_thing(world: World) -> None:
    for name in ("a", "b", "alone"):
        world.opened(id=name, host="gpu-17", heartbeat_ms=5_000)
        world.at += 600 if name == "a" else house.TOGETHER_MS + 1
    alive = world.opened(id="alive", host="gpu-17")
    world.at += 11_000
    alive.say()
    (told,) = host(world).silences
    assert {each.record.path.id for each in told.runs} == {"a", "b"}
    assert told.span_ms == 600
    assert "2 runs on gpu-17 fell silent within 0.6 s; 1 other run is still heard" in told.sentence
    world.at += LOST_MS
    assert {each.state.value for each in world.expire()} == {"crashed"}
    (told,) = host(world).silences
    assert told.sentence.endswith("; 2 other runs were heard from there later")


def test_one_silent_run_and_runs_that_ended_by_themselves_say_nothing_of_the_host(
    world: World,
) -> None:
    world.opened(id="silent", host="gpu-17")
    for name in ("a", "b"):
        world.opened(id=name, host="gpu-17").say(exit=end("failed", "exit_code"))
    world.at += 11_000
    assert host(world).silences == []


def test_strangers_learn_nothing_of_a_host(world: World) -> None:
    world.opened(host="gpu-17")
    world.do(lambda tx: tx.accounts.put_user(User("eve")))
    eve = world.who("eve")
    for name in ("gpu-17", "none"):
        found = world.do(lambda tx, name=name: find_host(tx, eve, name, world.now))
        assert isinstance(found, Refused)
        assert found.code == "not_found"
    boss = replace(world.who("eve"), user=User("eve", admin=True))
    seen = world.do(lambda tx: find_host(tx, boss, "gpu-17", world.now))
    assert isinstance(seen, Host)


def test_more_than_are_listed_are_still_counted(world: World) -> None:
    for n in range(house.LATELY_MAX + 3):
        world.opened(id=f"r{n}", host="gpu-17").say(exit=end("finished", "finished"))
    found = host(world)
    assert (len(found.lately), found.ended) == (house.LATELY_MAX, house.LATELY_MAX + 3)
    assert (found.state, found.live) == ("finished", [])


def test_a_host_from_which_a_run_was_heard_later_was_not_lost(world: World) -> None:
    for name in ("a", "b"):
        world.opened(id=name, host="gpu-17")
    world.at += LOST_MS
    world.expire()
    (told,) = host(world).silences
    assert told.sentence.endswith("likely the host or its network was lost")
    world.opened(id="later", host="gpu-17").say(exit=end("finished", "finished"))
    (told,) = host(world).silences
    assert told.sentence.endswith("; 1 other run was heard from there later")


def test_runs_that_beat_seldom_fall_silent_together_further_apart(world: World) -> None:
    for name in ("a", "b", "alone"):
        world.opened(id=name, host="gpu-17", heartbeat_ms=30_000)
        world.at += 29_000
    world.at += 10 * LOST_MS
    (told,) = host(world).silences
    assert ({each.record.path.id for each in told.runs}, told.span_ms) == ({"a", "b"}, 29_000)


def test_of_too_many_live_runs_the_quietest_are_sought_and_the_others_counted(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(house, "RUNS_MAX", 1)
    for name, rank_host in (("a", "gpu-17"), ("b", "gpu-18"), ("c", "gpu-18")):
        world.opened(id=name, host=rank_host)
        world.at += 1_000
    found = host(world)
    assert (ids(found)[0], found.not_looked_at) == (["a"], 2)
