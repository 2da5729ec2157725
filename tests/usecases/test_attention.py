"""What needs a person, told from a small world: each kind at its edge, snoozed and woken."""

from dataclasses import replace
from struct import pack
from typing import Any

from heartline.core.lifecycle import State
from heartline.core.lifecycle.time import SILENT_MS_MIN
from heartline.core.records import FileRecord, Membership, RunRecord, Team, User
from heartline.usecases import attention as waiting
from heartline.usecases import cares
from heartline.usecases import troubles as kinds
from heartline.usecases.accounts import delete_user
from heartline.usecases.attention import Needs, attention, snoozable
from heartline.usecases.cares import assign, assignees, see, snooze, snoozes, wake
from heartline.usecases.common_traits import said, telling
from heartline.usecases.control_run import ask_stop, delete_run
from heartline.usecases.forget_deleted import forget_deleted
from heartline.usecases.refusal import Refused
from heartline.wire.ingest import Block, Column, Exit

from .conftest import World, Writer

HOUR_MS = 3_600_000


def needs(world: World, who: str = "ada") -> Needs:
    person = world.who(who)
    found: Needs = world.do(lambda tx: attention(tx, person, world.now))
    return found


def due(world: World, who: str = "ada") -> list[tuple[str, str]]:
    return [(record.path.id, why.kind) for record, why in needs(world, who).decide]


def failed(world: World, name: str, **words: Any) -> Writer:
    run = world.opened(id=name, **words)
    run.say(exit=end("failed", "exit_code"))
    return run


def end(state: str, cause: str) -> Exit:
    return Exit(state=state, cause=cause, confidence=3, records=0, at=0)


def snoozed(world: World, run: RunRecord, for_ms: int | None) -> int | Refused:
    who = world.who()
    what = world.do(lambda tx: snoozable(tx, who, [run.key], world.now))
    found: int | Refused = world.do(lambda tx: snooze(tx, who, what, for_ms, world.now))
    return found


def test_a_run_without_a_step_is_stalled_only_after_its_time(world: World) -> None:
    run = world.opened()
    run.log()
    world.at += kinds.STALLED_MS
    run.say()
    assert due(world) == []
    world.at += 1
    run.say()
    assert due(world) == [("r1", "stalled")]
    assert "no new step for 15 min" in needs(world).decide[0][1].why


def test_a_silent_run_says_where_nothing_is_heard_from_and_who_else_is_silent(world: World) -> None:
    world.opened(id="a", host="gpu-17")
    world.opened(id="b", host="gpu-17")
    world.at += 10_001
    assert due(world) == [("b", "unreachable"), ("a", "unreachable")]
    why = needs(world).decide[0][1].why
    assert why.startswith("nothing heard from gpu-17 for 10 s; verdict in 5.0 s")
    assert why.endswith("1 other run on that host is silent too")


def test_a_run_of_slow_rhythm_is_silent_after_two_of_its_heartbeats(world: World) -> None:
    world.opened(id="slow", heartbeat_ms=25_000)
    world.at += 50_000
    assert due(world) == []
    world.at += 1
    assert due(world) == [("slow", "unreachable")]
    assert "verdict in 25 s" in needs(world).decide[0][1].why


def test_of_several_ranks_each_is_silent_by_its_own_rhythm(world: World) -> None:
    quick = world.opened(writer="w0", rank=0, heartbeat_ms=5_000)
    slow = world.opened(writer="w1", rank=1, heartbeat_ms=25_000)
    world.at += 10_000
    quick.say()
    world.at += 10_000
    assert due(world) == []
    slow.say()
    world.at += 1
    assert due(world) == [("r1", "unreachable")]


def test_a_stop_needs_a_person_when_nobody_acknowledges_it_and_when_it_does_not_end(
    world: World,
) -> None:
    run, who = world.opened(), world.who()
    world.do(lambda tx: ask_stop(tx, who, run.run.path, "", world.now))
    world.at += kinds.STOP_MS
    run.say()
    assert due(world) == []
    world.at += 1
    assert due(world) == [("r1", "stop")]
    run.say(stop_acknowledged=True)
    assert due(world) == []
    world.at += kinds.STOP_ENDS_MS + 1
    run.say()
    assert due(world) == [("r1", "stop")]


def test_a_preempted_run_that_has_saved_its_checkpoint_needs_nobody(world: World) -> None:
    run = world.opened()
    old = FileRecord("model.pt", 1, "", world.now.wall - 1, "b1")
    world.do(lambda tx: tx.files.put(run.run.key, old))
    run.say(preempting=True)
    assert due(world) == [("r1", "preempting")]
    assert needs(world).decide[0][1].why.endswith("no checkpoint here since")
    notes = FileRecord("notes.txt", 1, "", world.now.wall + 1, "b2")
    world.do(lambda tx: tx.files.put(run.run.key, notes))
    assert due(world) == [("r1", "preempting")]
    new = FileRecord("model.pt", 1, "", world.now.wall + 1, "b3")
    world.do(lambda tx: tx.files.put(run.run.key, new))
    assert due(world) == []


def altered(world: World, run: RunRecord, **words: Any) -> None:
    world.do(lambda tx: tx.runs.save(replace(run, **words)))


def pending(world: World, name: str) -> None:
    """A run that was made and waits: it opens as others do, and is put back to Pending."""
    run = world.opened(id=name).run
    life = replace(run.life, state=State.PENDING, writers=(), since=world.now.wall)
    altered(world, run, life=life, started_at=None)


def test_a_run_waits_for_too_long_only_beside_what_is_usual_in_its_project(world: World) -> None:
    pending(world, "waits")
    world.at += kinds.PENDING_MS
    assert due(world) == []
    world.at += 1
    assert due(world) == [("waits", "pending")]
    other = failed(world, "slow").run
    altered(world, other, created_at=world.now.wall - HOUR_MS, started_at=world.now.wall)
    assert due(world) == [], "an hour is usual here"
    world.at += 3 * HOUR_MS - kinds.PENDING_MS
    assert due(world) == [("waits", "pending")]
    assert needs(world).decide[0][1].why.endswith("usual in digits: 1 h")


def test_a_full_disk_is_told_once_for_its_host(world: World) -> None:
    for name, used in (("a", 94.9), ("b", 95.0)):
        run = world.opened(id=name, host=f"gpu-{name}")
        run.say(count=1, system=[measured("disk.percent", used)])
    world.opened(id="c", host="gpu-b").say(count=1, system=[measured("disk.percent", 96.4)])
    assert due(world) == [("c", "disk")]
    assert needs(world).decide[0][1].why == "the disk of gpu-b is 96 % full"


def measured(key: str, value: float) -> Block:
    return Block(pack("<q", 0), pack("<q", 0), [Column(key, b"", pack("<d", value))])


def test_what_all_share_is_told_only_if_their_neighbours_do_not() -> None:
    alike = [{"prefetch": "4096", "lr": "0.1", "width": str(n)} for n in range(3)]
    others = [{"prefetch": "64", "lr": "0.1"} for _ in range(4)]
    assert telling(alike, others) == [("prefetch", "4096")]
    assert said(3, telling(alike, others)) == "all three have prefetch = 4096"
    assert said(2, [("(host)", "gpu-17"), ("lr", "1")]) == "both ran on gpu-17 and have lr = 1"
    assert said(3, telling(alike, [])) == "all three have prefetch = 4096, lr = 0.1"
    assert said(7, []) == ""


def test_runs_that_ended_alike_are_one_group_with_what_they_share(world: World) -> None:
    world.opened(id="well", config={"lr": 0.1}).say(exit=end("finished", "finished"))
    for name in ("a", "b"):
        failed(world, name, config={"lr": 9.0}, host="gpu-1")
    (group,) = needs(world).ended
    assert (group.cause, len(group.runs)) == ("exit_code", 2)
    assert group.shared == "both ran on gpu-1 and have lr = 9"


def test_who_is_killed_by_nobody_we_know_ended_badly(world: World) -> None:
    runs = {name: world.opened(id=name, host="gpu-17") for name in ("shot", "told", "asked")}
    stopped = runs["asked"].run.path
    world.do(lambda tx: ask_stop(tx, world.who(), stopped, "", world.now))
    for name, run in runs.items():
        shot = end("killed", "signal")
        shot.evidence = {"signal": "SIGTERM" if name == "told" else "SIGKILL"}
        run.say(exit=shot)
    (group,) = needs(world).ended
    assert [run.path.id for run in group.runs] == ["shot"]
    assert (group.cause, group.state) == ("signal", "killed")
    assert needs(world).hosts == [("gpu-17", "killed", 0)]
    assert snoozed(world, group.runs[0], None) == 1
    assert needs(world).ended == []


def test_killed_ones_that_were_meant_crowd_out_none_that_failed(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(waiting, "RUNS_MAX", 2)
    failed(world, "bad")
    for name in ("x", "y", "z"):
        meant = end("killed", "signal")
        meant.evidence = {"signal": "SIGTERM"}
        world.opened(id=name).say(exit=meant)
    (group,) = needs(world).ended
    assert [run.path.id for run in group.runs] == ["bad"]


def test_what_was_snoozed_comes_back_when_its_time_is_over(world: World) -> None:
    run = failed(world, "bad").run
    assert snoozed(world, run, HOUR_MS) == 1
    found = needs(world)
    assert (found.ended, [r.path.id for r, _, _ in found.snoozed]) == ([], ["bad"])
    world.at += HOUR_MS - 1
    assert needs(world).ended == []
    world.at += 1
    assert len(needs(world).ended) == 1
    assert needs(world).snoozed == []


def test_what_was_snoozed_until_it_changes_comes_back_when_it_ends_again(world: World) -> None:
    run = failed(world, "bad").run
    assert snoozed(world, run, None) == 1
    world.at += 24 * HOUR_MS
    assert needs(world).ended == []
    failed(world, "bad", launch="second")
    assert len(needs(world).ended) == 1


def test_a_stall_that_was_snoozed_is_news_again_after_a_step(world: World) -> None:
    run = world.opened()
    run.log()
    world.at += kinds.STALLED_MS + 1
    run.say()
    assert snoozed(world, run.run, None) == 1
    assert due(world) == []
    run.log()
    world.at += kinds.STALLED_MS + 1
    run.say()
    assert due(world) == [("r1", "stalled")]


def test_what_is_well_cannot_be_snoozed_and_what_was_can_be_woken(world: World) -> None:
    well, bad = world.opened(id="well").run, failed(world, "bad").run
    assert snoozed(world, well, None) == 0
    assert snoozed(world, bad, None) == 1
    assert isinstance(snoozed(world, bad, 0), Refused)
    who = world.who()
    assert world.do(lambda tx: wake(tx, who, [well.key, bad.key])) == 1
    assert len(needs(world).ended) == 1


def people(world: World) -> None:
    """Runs go to a team of ada and bo; cy only looks, eve is a stranger."""

    def unit(tx: Any) -> None:
        tx.accounts.put_team(Team("vision"))
        for name, role in (("ada", "admin"), ("bo", "member"), ("cy", "viewer"), ("eve", "")):
            tx.accounts.put_user(User(name))
            if role:
                tx.accounts.put_membership(Membership("vision", name, role))

    world.do(unit)


def test_one_persons_list_is_not_anothers(world: World) -> None:
    people(world)
    run = failed(world, "bad", entity="vision").run
    assert snoozed(world, run, None) == 1
    assert needs(world).ended == []
    assert len(needs(world, "bo").ended) == 1
    assert needs(world, "eve") == Needs([], [], [])


def test_a_run_is_given_only_to_who_may_see_it_by_who_may_change_it(world: World) -> None:
    people(world)
    run = failed(world, "bad", entity="vision").run

    def give(by: str, to: str) -> Any:
        who = world.who(by)
        return world.do(lambda tx: assign(tx, who, [run.key], to, world.now))

    assert world.do(lambda tx: assignees(tx, "vision")) == ["ada", "bo", "cy"]
    assert give("ada", "eve").code == "unprocessable"
    assert give("cy", "bo").code == "forbidden"
    assert give("eve", "bo") == [], "a stranger cannot tell that the run exists"
    assert [record.key for record in give("bo", "cy")] == [run.key]
    assert needs(world, "ada").assigned[run.key].user == "cy"
    give("ada", "")
    assert needs(world, "ada").assigned == {}


def test_a_run_that_is_deleted_or_seen_needs_nobody(world: World) -> None:
    run, who = failed(world, "bad").run, world.who()
    world.do(lambda tx: assign(tx, who, [run.key], "ada", world.now))
    assert world.do(lambda tx: see(tx, who, [run.key])) == 1
    assert needs(world).assigned == {}
    world.do(lambda tx: delete_run(tx, who, run.path, world.now))
    assert needs(world).assigned == {}
    world.do(lambda tx: forget_deleted(tx, world.now.wall))
    assert world.do(lambda tx: tx.accounts.documents("assigned", "ada/digits")) == {}


def test_snoozes_of_what_has_changed_or_is_gone_do_not_count_against_the_limit(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(cares, "SNOOZED_MAX", 3)
    who = world.who()
    gone, again, kept, old = (failed(world, name).run for name in ("gone", "again", "kept", "old"))
    for run in (old, gone, again):
        assert snoozed(world, run, None) == 1
    assert isinstance(snoozed(world, kept, None), Refused)
    world.do(lambda tx: delete_run(tx, who, gone.path, world.now))
    failed(world, "again", launch="second")
    assert snoozed(world, kept, None) == 1
    assert set(world.do(lambda tx: snoozes(tx, who))) == {old.key, kept.key}


def test_of_too_many_live_runs_the_quietest_are_looked_at_and_the_others_counted(
    world: World, monkeypatch: Any
) -> None:
    monkeypatch.setattr(waiting, "RUNS_MAX", 2)
    for name in ("silent", "b", "c"):
        world.opened(id=name)
        world.at += SILENT_MS_MIN - 1
    found = needs(world)
    assert [record.path.id for record, _ in found.decide] == ["b", "silent"]
    assert (found.well, found.not_looked_at) == (0, 1)


def test_whoever_may_no_longer_see_a_run_no_longer_looks_after_it(world: World) -> None:
    people(world)
    runs = [failed(world, name, entity="vision").run for name in ("a", "b")]
    who = replace(world.who(), user=User("ada", admin=True))
    for run, user in zip(runs, ("bo", "cy"), strict=True):
        world.do(lambda tx, run=run, user=user: assign(tx, who, [run.key], user, world.now))
    world.do(lambda tx: tx.accounts.delete_membership("vision", "bo"))
    assert [each.user for each in needs(world).assigned.values()] == ["cy"]
    assert world.do(lambda tx: delete_user(tx, who, "cy")) == User("cy")
    world.do(lambda tx: tx.accounts.put_user(User("cy")))
    world.do(lambda tx: tx.accounts.put_membership(Membership("vision", "cy", "viewer")))
    assert needs(world).assigned == {}, "the next of that name was assigned nothing"
