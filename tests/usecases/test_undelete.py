"""A deleted run for as long as it can be brought back: what it was, what it is, who may."""

from dataclasses import replace
from typing import Any

import pytest

from heartline.core.lifecycle import LIVE, CauseKind, State, fold
from heartline.core.records import Membership, RunKey, RunPath, RunRecord, Team, User
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Stage, Sweep, SweepKey, Trial
from heartline.usecases.access import seen
from heartline.usecases.accounts import delete_user
from heartline.usecases.cares import assign, assignments
from heartline.usecases.control_run import delete_run
from heartline.usecases.delete_project import delete_project
from heartline.usecases.forget_deleted import forget_deleted
from heartline.usecases.move_run import move_run
from heartline.usecases.moved import standing
from heartline.usecases.refusal import Refused
from heartline.usecases.undelete_run import deleted_runs, discard_run, undelete_run
from tests.usecases.conftest import World, Writer

LEASE_MS = 15_000
DAYS_MS = 7 * 86_400_000


def delete(world: World, run: Writer, **words: Any) -> Any:
    who, path = world.who(), run.run.path
    return world.do(lambda tx: delete_run(tx, who, path, world.now, **words))


def undelete(world: World, key: int, name: str = "ada") -> RunRecord | Refused:
    who = world.who(name)
    found: RunRecord | Refused = world.do(lambda tx: undelete_run(tx, who, RunKey(key), world.now))
    return found


def forget(world: World, kept_ms: int = DAYS_MS) -> None:
    world.do(lambda tx: forget_deleted(tx, world.now.wall - kept_ms))


def steps(world: World, key: int) -> int:
    rows: list[Any] = world.do(lambda tx: tx.series.scan(RunKey(key), None))
    return len(rows)


def test_a_run_comes_back_with_what_it_logged_and_its_ledger_says_who_did_what(
    world: World,
) -> None:
    run = world.opened()
    run.log(5)
    key, before = run.reply.run, world.ledger(run.reply.run)
    delete(world, run)
    forget(world)
    back = undelete(world, key)
    assert isinstance(back, RunRecord)
    assert (back.key, str(back.path)) == (key, "ada/digits/r1")
    assert steps(world, key) == 5
    *old, line = world.ledger(key)
    assert old == before
    assert (line.cause, line.by.name, line.reason) == (
        CauseKind.UNDELETED, "ada", "it was deleted by ada",
    )  # fmt: skip
    assert (line.before, line.after) == (back.state, back.state)
    assert fold(world.ledger(key)) is back.state
    assert back.told == before[-1], "what explains its state is what explained it"
    assert undelete(world, key) == back, "asking twice changes nothing more"


@pytest.mark.parametrize("late_ms", [0, DAYS_MS - 1])
def test_a_live_writer_that_was_not_told_goes_on_and_one_that_was_has_a_full_lease(
    world: World, late_ms: int
) -> None:
    run = world.opened()
    delete(world, run)
    world.at += late_ms
    assert world.expire() == [], "nobody judges what is not there"
    undelete(world, run.reply.run)
    world.at += LEASE_MS - 1
    assert world.expire() == []
    assert run.state == "running"
    run.log(3)
    world.at += LEASE_MS
    (ended,) = world.expire()
    assert (ended.state, ended.told.cause) == (State.CRASHED, CauseKind.LOST_HEARTBEAT)
    assert fold(world.ledger(run.reply.run)) is State.CRASHED


def test_a_writer_is_told_for_as_long_as_its_run_is_away_and_a_resume_goes_on_with_it(
    world: World,
) -> None:
    run = world.opened()
    delete(world, run)
    told = run.send(run.batch(count=1))
    assert isinstance(told, Refused) and told.code == "gone"
    assert isinstance(world.open(resume="allow"), Refused), "nor does it open it again by itself"
    undelete(world, run.reply.run)
    again = world.opened(launch="second", resume="must")
    assert (again.reply.run, again.reply.epoch) == (run.reply.run, 2)
    late = world.open(offline=True)
    assert not isinstance(late, Refused) and late.run == run.reply.run, "its spool is taken"


def test_what_was_deleted_here_before_stays_deleted(world: World) -> None:
    first = world.opened(launch="one")
    delete(world, first)
    second = world.opened(launch="two")
    delete(world, second)
    back = undelete(world, second.reply.run)
    assert isinstance(back, RunRecord)
    told = world.open(launch="one", resume="allow")
    assert isinstance(told, Refused) and told.code == "gone"
    refused = undelete(world, first.reply.run)
    assert isinstance(refused, Refused) and refused.code == "conflict"
    assert "ada/digits/r1" in refused.reason and "move it" in refused.reason


def test_it_is_kept_for_its_time_and_then_gone_for_good(world: World) -> None:
    run = world.opened()
    run.log(5)
    delete(world, run)
    world.at += DAYS_MS - 1
    forget(world)
    assert steps(world, run.reply.run) == 5
    world.at += 1
    forget(world)
    assert steps(world, run.reply.run) == 0
    refused = undelete(world, run.reply.run)
    assert isinstance(refused, Refused) and refused.code == "not_found"
    assert "for good" in refused.reason
    told = run.send(run.batch(count=1))
    assert isinstance(told, Refused) and told.code == "gone"


def test_space_is_freed_at_once_where_that_is_wanted(world: World) -> None:
    now, later, who = world.opened(id="now"), world.opened(id="later"), world.who()
    for run in (now, later):
        run.log(5)
    delete(world, now, for_good=True)
    delete(world, later)
    world.do(lambda tx: discard_run(tx, who, RunKey(later.reply.run)))
    forget(world)
    for run in (now, later):
        assert steps(world, run.reply.run) == 0
        assert isinstance(undelete(world, run.reply.run), Refused)


def test_strangers_learn_nothing_and_viewers_change_nothing(world: World) -> None:
    def team(tx: Any) -> None:
        for name in ("eve", "cy"):
            tx.accounts.put_user(User(name))
        tx.accounts.put_team(Team("vision"))
        tx.accounts.put_membership(Membership("vision", "ada", "admin"))
        tx.accounts.put_membership(Membership("vision", "cy", "viewer"))

    world.do(team)
    run = world.opened(entity="vision")
    delete(world, run)
    key = run.reply.run
    nothing = undelete(world, 999, "eve")
    assert isinstance(nothing, Refused)
    told = undelete(world, key, "eve")
    assert told == replace(nothing, reason=nothing.reason.replace("999", str(key)))
    for name, code in (("eve", "not_found"), ("cy", "forbidden")):
        who = world.who(name)
        for act in (
            lambda tx, who=who: undelete_run(tx, who, RunKey(key), world.now),
            lambda tx, who=who: discard_run(tx, who, RunKey(key)),
        ):
            refused = world.do(act)
            assert isinstance(refused, Refused) and refused.code == code
    listed = {
        name: world.do(lambda tx, n=name: deleted_runs(tx, world.who(n), "vision", "digits", 9))
        for name in ("ada", "cy", "eve")
    }
    assert [each.key for each in listed["ada"][0]] == [key]
    assert listed["cy"] == listed["ada"]
    assert isinstance(listed["eve"], Refused) and listed["eve"].code == "not_found"


def test_whoever_looks_after_it_and_the_addresses_that_lead_to_it_are_still_there(
    world: World,
) -> None:
    run, who = world.opened(), world.who()
    world.at += LEASE_MS
    world.expire()
    world.opened(id="other", project="later")
    key, old = RunKey(run.reply.run), run.run.path
    world.do(lambda tx: move_run(tx, who, tx.runs.get(key), "ada", "later"))
    world.do(lambda tx: assign(tx, who, [key], "ada", world.now))
    delete(world, run)
    assert world.do(lambda tx: standing(tx, old)) is None
    back = undelete(world, key)
    assert isinstance(back, RunRecord) and back.path.project == "later"
    assert world.do(lambda tx: standing(tx, old)).key == key
    assert world.do(lambda tx: assignments(tx, [back]))[key].user == "ada"


def test_a_project_that_was_deleted_is_made_again(world: World) -> None:
    run, who = world.opened(), world.who()
    delete(world, run)
    world.do(lambda tx: delete_project(tx, tx.accounts.project("ada", "digits")))
    found = world.do(lambda tx: deleted_runs(tx, who, "ada", "digits", 9))
    assert found[1] == 1
    back = undelete(world, run.reply.run)
    assert isinstance(back, RunRecord)
    assert world.do(lambda tx: tx.accounts.project("ada", "digits")) is not None


def test_nothing_of_a_user_who_is_gone_is_left_to_the_next_of_that_name(world: World) -> None:
    world.do(lambda tx: tx.accounts.put_user(User("boss", admin=True)))
    run, boss = world.opened(), world.who("boss")
    delete(world, run)
    world.do(lambda tx: delete_project(tx, tx.accounts.project("ada", "digits")))
    assert not isinstance(world.do(lambda tx: delete_user(tx, boss, "ada")), Refused)
    assert world.do(lambda tx: tx.deleted.newest("ada", "", 9)) == ([], 0)


def test_a_trial_that_was_settled_as_lost_is_looked_at_again(world: World) -> None:
    run = world.opened()
    sweep = Sweep(
        SweepKey(0), "ada", "digits", "s1", "a sweep", "ada", {}, Status.RUNNING, 5, "made", 5
    )

    def seed(tx: Any) -> SweepKey:
        made: SweepKey = tx.sweeps.create(sweep).key
        tx.sweeps.put_trial(
            Trial(made, 0, RunKey(run.reply.run), "r1", {}, Stage.RUNNING, world.now.wall)
        )
        return made

    key = world.do(seed)
    delete(world, run)

    def settle(tx: Any) -> None:
        (trial,) = tx.sweeps.open_trials(key)
        tx.sweeps.put_trial(replace(trial, stage=Stage.ENDED, ended_at=world.now.wall))

    world.do(settle)
    back = undelete(world, run.reply.run)
    assert isinstance(back, RunRecord) and back.state in LIVE
    assert [each.run for each in world.do(lambda tx: tx.sweeps.open_trials(key))] == [back.key]


def test_the_path_of_a_deleted_run_says_how_it_comes_back(world: World) -> None:
    run, who = world.opened(), world.who()
    delete(world, run)
    told = world.do(lambda tx: seen(tx, who, RunPath("ada", "digits", "r1")))
    assert "heartline undelete ada/digits/r1" in told.reason
    world.do(lambda tx: discard_run(tx, who, RunKey(run.reply.run)))
    told = world.do(lambda tx: seen(tx, who, RunPath("ada", "digits", "r1")))
    assert (told.code, told.reason) == ("gone", "run ada/digits/r1 was deleted")
