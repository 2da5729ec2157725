"""What a batch may do: exactly once, only in its own attempt, and never half."""

import msgspec
import pytest

from heartline.core.lifecycle import fold
from heartline.core.records import RunKey, RunPath
from heartline.usecases.alerts import alerts
from heartline.usecases.attempts import attempts
from heartline.usecases.control_run import ask_stop, delete_run, override_state
from heartline.usecases.forget_deleted import forget_deleted
from heartline.usecases.open_run import create_run
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import shown_summary
from heartline.usecases.told_late import LATE_MS
from heartline.wire.ingest import Alert, Changes, Exit, MetricDefinition
from tests.server.writer import block
from tests.usecases.conftest import World


def verdict(state: str, cause: str, records: int, confidence: int = 3) -> Exit:
    return Exit(state=state, cause=cause, confidence=confidence, records=records, at=0)


def test_a_batch_sent_twice_equals_once(world: World) -> None:
    run = world.opened()
    batch = run.batch(count=5, history=[block(0, 5)], changes=[Changes(config={"a": 1})])
    first = run.send(batch)
    after = world.run(run.reply.run)
    again = run.send(batch)
    assert not isinstance(first, Refused) and not isinstance(again, Refused)
    assert (first.reply.durable, again.reply.durable) == (5, 5)
    assert again.reply.refused and not again.topics
    assert world.run(run.reply.run).config == after.config
    assert len(world.do(lambda tx: tx.series.scan(RunKey(run.reply.run), None))) == 5


def test_a_gap_is_refused_with_the_record_that_is_wanted(world: World) -> None:
    run = world.opened()
    run.log(5)
    run.durable = 9
    reply = run.log(5)
    assert reply.durable == 5 and "5" in reply.refused


def test_a_heartbeat_older_than_the_exit_moves_nothing(world: World) -> None:
    run = world.opened()
    late = run.batch()
    run.say(exit=verdict("failed", "exit_code", 0))
    run.send(late)
    run.say()
    assert run.state == "failed"


def test_every_acknowledged_state_is_the_fold_of_its_ledger(world: World) -> None:
    run = world.opened()
    run.say(preempting=True)
    run.say()
    world.at += 15_000
    world.expire()
    run.say()
    run.say(exit=verdict("killed", "signal", 0))
    ledger = world.ledger(run.reply.run)
    assert fold(ledger) is run.run.state
    assert [entry.seq for entry in ledger] == list(range(1, len(ledger) + 1))


def test_an_older_attempt_keeps_its_data_and_moves_nothing(world: World) -> None:
    old = world.opened()
    old.log(4)
    new = world.opened(launch="second")
    new.say(count=1, changes=[Changes(config={"lr": 2})])
    reply = old.say(count=1, changes=[Changes(config={"lr": 1}, name="zombie")])
    assert reply.stale and reply.durable == 5
    assert new.run.config == {"lr": 2} and new.run.name != "zombie"
    reply = old.say(exit=verdict("failed", "exit_code", 5))
    assert reply.stale
    assert new.state == "running"


def test_a_zombie_that_opens_again_does_not_take_over(world: World) -> None:
    world.opened()
    new = world.opened(launch="second")
    world.open(launch="first")
    assert new.run.life.attempt.nonce == "second"
    assert new.state == "running"


def test_after_a_restore_the_writer_opens_again_and_goes_on(world: World) -> None:
    before = world.backup()
    run = world.opened()
    run.log(10)
    restored = before
    run.world = restored
    reply = run.say(count=5, history=[block(10, 5)])
    assert reply.reopen and not reply.stale
    again = restored.opened()
    assert again.reply.durable == 0
    again.log(15)
    assert again.durable == 15


@pytest.mark.parametrize("deleted", [False, True])
def test_after_a_restore_a_number_that_is_another_runs_now_leads_each_to_its_own(
    world: World, *, deleted: bool
) -> None:
    restored = world.backup()
    mine = world.opened(id="mine")
    mine.log(10)
    other = restored.opened(id="other", launch="second")
    assert other.reply.run == mine.reply.run, "the backup does not know that the number was given"
    if deleted:
        who, path = restored.who(), other.run.path
        restored.do(lambda tx: delete_run(tx, who, path, restored.now))
    mine.world = restored
    reply = mine.log(5)
    assert reply.reopen and not reply.stale
    again = restored.opened(id="mine")
    assert again.reply.run != other.reply.run
    again.log(15)
    assert (again.durable, other.log(1).durable if not deleted else 1) == (15, 1)


def test_after_a_restore_within_the_attempt_the_writer_rewinds(world: World) -> None:
    run = world.opened()
    run.log(4)
    restored = world.backup()
    run.log(6)
    run.world = restored
    reply = run.log(5)
    assert reply.refused and reply.durable == 4
    assert run.log(11).durable == 15


def test_an_attempt_newer_than_the_restored_one_is_opened_anew_with_its_own_token(
    world: World,
) -> None:
    world.opened()
    restored = world.backup()
    second = world.opened(launch="second")
    second.world = restored
    assert second.say().reopen
    again = restored.opened(launch="second")
    assert again.reply.epoch == 2
    assert again.run.life.attempt.nonce == "second"


@pytest.mark.parametrize("records", [10, 11])
def test_finished_waits_for_every_record(world: World, records: int) -> None:
    run = world.opened()
    run.log(10)
    reply = run.say(exit=verdict("finished", "finished", records))
    assert reply.exit_taken is (records == 10)
    assert run.state == ("finished" if records == 10 else "running")
    assert bool(reply.refused) is (records == 11)


def test_an_exit_that_arrives_after_the_lease_says_why(world: World) -> None:
    run = world.opened()
    world.at += 15_000
    world.expire()
    run.say(exit=verdict("crashed", "out_of_memory", 0))
    assert (run.state, run.run.told.cause.value) == ("crashed", "out_of_memory")
    assert run.run.told.confidence == 3


def test_a_proven_end_is_not_changed_by_a_later_witness(world: World) -> None:
    run = world.opened()
    run.say(exit=verdict("failed", "exception", 0))
    reply = run.say(exit=verdict("killed", "signal", 0))
    assert reply.exit_taken
    assert run.state == "failed"


def test_the_rank_to_blame_is_told_although_others_ended_after_it(world: World) -> None:
    ranks = [world.opened(writer=f"w{n}", rank=n) for n in range(4)]
    ranks[1].say(exit=verdict("finished", "finished", 0))
    ranks[2].say(exit=verdict("failed", "exit_code", 0))
    ranks[3].say(exit=verdict("failed", "exception", 0))
    assert ranks[0].state == "running"
    ranks[0].say(exit=verdict("finished", "finished", 0))
    run = ranks[0].run
    assert (run.state.value, run.told.cause.value, run.told.rank) == ("failed", "exit_code", 2)
    (attempt,) = attempts(world.ledger(ranks[0].reply.run))
    assert (attempt.state.value, attempt.sentence) == ("failed", "Rank 2: exited with code None")


def test_a_run_stopped_before_its_start_tells_so_to_whoever_starts_it(world: World) -> None:
    who, path = world.who(), RunPath("ada", "digits", "r1")
    world.do(lambda tx: create_run(tx, path, "waits", "ada", world.now))
    world.do(lambda tx: ask_stop(tx, who, path, "too dear", world.now))
    run = world.opened()
    assert run.reply.stop is not None and run.reply.stop.reason == "too dear"
    stop = run.say().stop
    assert stop is not None and stop.by == "user ada"
    run.say(exit=verdict("failed", "exception", 0))
    assert (run.state, run.run.told.cause) == ("killed", "stop_requested")
    again = world.opened(launch="again", resume="allow")
    assert again.reply.stop is None and again.say().stop is None, "that was for the first alone"
    assert again.state == "running"


def test_the_stop_order_is_in_every_reply_until_the_end(world: World) -> None:
    run = world.opened()
    path = run.run.path
    who = world.who()
    world.do(lambda tx: ask_stop(tx, who, path, "enough", world.now))
    world.do(lambda tx: ask_stop(tx, who, path, "again", world.now))
    for _ in range(2):
        order = run.say().stop
        assert order is not None and (order.by, order.reason) == ("user ada", "enough")
    run.say(stop_acknowledged=True)
    run.say(exit=verdict("failed", "exit_code", 0))
    assert (run.state, run.run.told.cause.value) == ("killed", "stop_requested")
    assert isinstance(world.do(lambda tx: ask_stop(tx, who, path, "", world.now)), Refused)


@pytest.mark.parametrize("ahead_ms", [0, 3_600_000, -(10**12)])
def test_an_alert_is_dated_right_where_its_clock_is_off(world: World, ahead_ms: int) -> None:
    run, raised_at = world.opened(), world.now.wall
    world.at += 30_000
    sent = {"count": 1, "sent_at": world.now.wall + ahead_ms}
    run.say(**sent, changes=[Changes(alerts=[Alert("look", at=raised_at + ahead_ms)])])
    assert [told["at"] for told in world.do(lambda tx: alerts(tx, run.reply.run))] == [raised_at]


def test_an_override_has_a_name_a_reason_and_a_line(world: World) -> None:
    run = world.opened()
    who, path = world.who(), run.run.path
    for state, reason in (("running", "x"), ("failed", " "), ("dead", "x")):
        said = world.do(
            lambda tx, s=state, r=reason: override_state(tx, who, path, s, r, world.now)
        )
        assert isinstance(said, Refused)
    world.do(lambda tx: override_state(tx, who, path, "failed", "the loss was wrong", world.now))
    line = world.ledger(run.reply.run)[-1]
    assert (line.by.name, line.reason, line.after.value) == ("ada", "the loss was wrong", "failed")


def test_a_change_that_does_not_fit_is_dropped_and_the_records_stay(world: World) -> None:
    run = world.opened()
    reply = run.say(
        count=2,
        history=[block(0, 2)],
        changes=[Changes(tags=["t" * 1_000]), Changes(config={"kept": 1})],
    )
    assert reply.durable == 2 and "tags" in reply.refused
    assert run.run.tags == () and run.run.config == {"kept": 1}


def test_the_summary_is_what_define_metric_asks_for(world: World) -> None:
    run = world.opened()
    run.say(
        count=3,
        history=[block(0, 3, ("loss", "val/acc", "hidden", "plain"))],
        changes=[
            Changes(
                metrics=[
                    MetricDefinition("loss", summary=["min"]),
                    MetricDefinition("val/*", summary=["best"], goal="maximize"),
                    MetricDefinition("hidden", summary=["none"]),
                ],
                summary={"plain": "by hand"},
            )
        ],
    )
    shown = world.do(lambda tx: shown_summary(tx, run.run))
    assert shown["plain"] == "by hand"
    assert "hidden" not in shown
    assert 0.0 in _leaves(shown, "loss") and 2 / 7 in _leaves(shown, "val/acc")


def _leaves(values: dict[str, object], head: str) -> list[object]:
    found: list[object] = []
    for key, value in values.items():
        if key.startswith(head):
            found += list(value.values()) if isinstance(value, dict) else [value]
    return found


def test_a_deleted_run_refuses_its_writer_for_ever_and_its_path_is_free(world: World) -> None:
    run = world.opened()
    run.log(5)
    key, path, who = run.run.key, run.run.path, world.who()
    world.do(lambda tx: delete_run(tx, who, path, world.now))
    gone = run.send(run.batch(count=1))
    assert isinstance(gone, Refused) and gone.code == "gone"
    assert isinstance(world.open(), Refused)
    world.do(lambda tx: forget_deleted(tx, world.now.wall))
    assert world.do(lambda tx: tx.series.keys([key])[key]) == []
    fresh = world.opened(launch="second")
    assert fresh.reply.run != key and fresh.reply.epoch == 1
    gone = world.open(offline=True)
    assert isinstance(gone, Refused) and gone.code == "gone", "whatever stands there now"
    world.do(lambda tx: delete_run(tx, who, path, world.now))
    gone = world.open()
    assert isinstance(gone, Refused) and gone.code == "gone", "the first is not forgotten"


@pytest.mark.parametrize("how", [{"offline": True}, {"ended": True}])
def test_what_is_sent_later_never_takes_the_place_of_a_live_attempt(
    world: World, how: dict[str, bool]
) -> None:
    live = world.opened(offline=True)
    world.at += LATE_MS
    began, sent = world.now.wall - LATE_MS, world.now.wall
    later = {"launch": "later", "resume": "allow", "started_at": began, "sent_at": sent, **how}
    refused = world.open(**later)
    assert isinstance(refused, Refused) and refused.code == "conflict"
    assert "heartline sync" in refused.reason
    assert world.opened(writer="w1", offline=True).reply.epoch == 1, "its ranks come when they do"
    assert live.log().durable == 10 and live.state == "running"
    assert {entry.attempt.nonce for entry in world.ledger(live.reply.run)} == {"", "first"}
    world.at += 15_000
    world.expire()
    assert world.opened(**later).reply.epoch == 2


@pytest.mark.parametrize("lives", [True, False])
def test_what_had_started_before_the_newest_attempt_takes_its_own_place(
    world: World, lives: bool
) -> None:
    began, world.at = world.now.wall, world.at + 60_000
    newest = world.opened()
    newest.say(count=2, history=[block(5, 2)])
    if not lives:
        newest.say(exit=verdict("finished", "finished", 2))
    before = newest.run
    told = {"launch": "old", "writer": "then", "offline": True, "ended": True}
    told |= {"started_at": began, "sent_at": world.now.wall}
    old = world.opened(**told)
    assert old.reply.epoch == 0
    end = Exit(state="failed", cause="exception", confidence=2, records=6, at=began + 30_000)
    for _ in range(2):
        world.opened(**told)
        old.durable = 0
        reply = old.say(count=6, history=[block(0, 6)], exit=end, sent_at=world.now.wall)
        assert (reply.durable, reply.exit_taken, reply.stale) == (6, True, True)
    after, ledger = newest.run, world.ledger(newest.reply.run)
    assert (after.state, after.life.attempt, after.told) == (
        before.state, before.life.attempt, before.told,
    )  # fmt: skip
    assert (after.started_at, after.ended_at) == (before.started_at, before.ended_at)
    assert fold(ledger) is after.state
    assert [e.seq for e in ledger] == list(range(1, len(ledger) + 1))
    rows = world.do(lambda tx: tx.series.scan(RunKey(newest.reply.run), None))
    assert [row.step for row in rows] == [0, 1, 2, 3, 4, 5, 6], "hidden from the newest on"
    first, second = attempts(ledger)
    assert (first.epoch, first.state, first.started_at, first.ended_at) == (
        0, "failed", began, began + 30_000,
    )  # fmt: skip
    assert (second.epoch, second.state) == (1, before.state)


def test_an_old_attempt_between_two_others_is_told_of_between_them(world: World) -> None:
    world.opened()
    began, world.at = world.now.wall + 30_000, world.at + 60_000
    newest = world.opened(launch="newest", resume="allow")
    sent = {"started_at": began, "sent_at": world.now.wall, "ended": True}
    old = world.opened(launch="between", writer="then", **sent)
    assert (old.reply.epoch, old.log().durable, newest.log().durable) == (1, 10, 10)
    told = [(each.epoch, each.state) for each in attempts(world.ledger(newest.reply.run))]
    assert told == [(1, "crashed"), (1, "running"), (2, "running")]


def test_a_process_that_ended_before_it_was_heard_is_no_late_one(world: World) -> None:
    world.opened()
    began, sent = world.now.wall - LATE_MS + 1, world.now.wall
    assert (
        world.opened(launch="second", ended=True, started_at=began, sent_at=sent).reply.epoch == 2
    )


@pytest.mark.parametrize("fast_ms", [0, 500, 3_600_000, -(10**12)])
def test_a_run_told_late_has_its_own_times_whatever_its_clock_says(
    world: World, fast_ms: int
) -> None:
    """Within two seconds clocks are one; beyond that ours is meant. The ledger keeps its times."""
    world.at = 100_000
    here = world.now.wall + fast_ms
    run = world.opened(started_at=here - 90_000, sent_at=here)
    end = msgspec.structs.replace(verdict("failed", "exit_code", 0), at=here - 30_000)
    run.say(exit=end, sent_at=here)
    off = fast_ms if abs(fast_ms) <= 2_000 else 0
    began, ended = world.now.wall - 90_000 + off, world.now.wall - 30_000 + off
    assert (run.run.started_at, run.run.ended_at) == (began, ended)
    ledger = world.ledger(run.reply.run)
    assert [entry.evidence.happened_at for entry in ledger] == [began, began, ended]
    assert {entry.at for entry in ledger} == {world.now.wall}
    (story,) = attempts(ledger)
    assert (story.started_at, story.ended_at) == (began, ended)


@pytest.mark.parametrize("fast_ms", [0, 3_600_000])
def test_a_run_told_at_once_has_our_times(world: World, fast_ms: int) -> None:
    here = world.now.wall + fast_ms
    run = world.opened(started_at=here - 999, sent_at=here)
    end = msgspec.structs.replace(verdict("failed", "exit_code", 0), at=here - 999)
    run.say(exit=end, sent_at=here)
    assert run.run.started_at == run.run.ended_at == world.now.wall
    assert {entry.evidence.happened_at for entry in world.ledger(run.reply.run)} == {None}


def test_nobody_tells_the_server_when_it_is(world: World) -> None:
    run = world.opened(started_at=5, sent_at=10**15)
    end = msgspec.structs.replace(
        verdict("failed", "exit_code", 0), at=1, evidence={"happened_at": 10**14}
    )
    run.say(exit=end)
    assert run.run.started_at == run.run.ended_at == world.now.wall
    assert world.ledger(run.reply.run)[-1].evidence.happened_at is None


def test_a_joining_rank_overwrites_nothing(world: World) -> None:
    first = world.opened(rank=0, name="mine", config={"lr": 1})
    first.say(count=1, changes=[Changes(config={"lr": 2}, name="renamed")])
    second = world.opened(writer="w1", rank=1, name="mine", config={"lr": 1})
    assert second.reply.epoch == first.reply.epoch
    assert (first.run.config, first.run.name) == ({"lr": 2}, "renamed")
