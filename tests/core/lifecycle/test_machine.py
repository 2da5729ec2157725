"""Stories about one run at the exact edges of its leases, fences and verdicts."""

from heartline.core.lifecycle import (
    Actor,
    Attempt,
    CauseKind,
    Changed,
    Confidence,
    Created,
    DeadlinePassed,
    Evidence,
    Exited,
    Heard,
    Ignored,
    Input,
    Instant,
    Millis,
    Now,
    Overridden,
    Run,
    Started,
    State,
    StopAcknowledged,
    StopAsked,
    Verdict,
    Wall,
    create,
    deadline,
    lease_ms,
    step,
)
from heartline.core.lifecycle.view import sentence

FIRST, SECOND = Attempt(1, "a"), Attempt(2, "b")
PROCESS, BO = Actor("process"), Actor("user", "bo")
LEASE = lease_ms(10_000)
HEALTHY = DeadlinePassed(Instant(0))


def at(ms: int) -> Now:
    return Now(Instant(ms), Wall(ms))


def started(attempt: Attempt = FIRST, writer: str = "w", ms: int = 0) -> Started:
    return Started(attempt, writer, ms, LEASE, PROCESS)


def exited(state: State, cause: CauseKind, confidence: Confidence, seq: int = 100) -> Exited:
    return Exited(FIRST, "w", seq, Verdict(state, cause, confidence), PROCESS)


def lived(*story: tuple[int, Input]) -> Run:
    run, _ = create(Created(BO), at(0))
    for ms, said in story:
        run, _ = step(run, said, at(ms))
    return run


KILLED = exited(State.KILLED, CauseKind.SIGNAL, Confidence.PROVEN)
FAILED = exited(State.FAILED, CauseKind.EXIT_CODE, Confidence.PROVEN)
FINISHED = exited(State.FINISHED, CauseKind.FINISHED, Confidence.PROVEN)
VANISHED = exited(State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED)


def test_a_lease_holds_for_its_last_millisecond_and_not_one_more() -> None:
    assert lived((0, started()), (29_999, HEALTHY)).state is State.RUNNING
    assert lived((0, started()), (30_000, HEALTHY)).state is State.CRASHED


def test_a_process_that_dies_before_its_first_beat_is_noticed() -> None:
    assert deadline(lived((7, started()))) == 30_007


def test_a_late_beat_brings_a_crashed_run_back() -> None:
    crashed = lived((0, started()), (30_000, HEALTHY))
    back, outcome = step(crashed, Heard(FIRST, "w", 5), at(40_000))
    assert back.state is State.RUNNING
    assert isinstance(outcome, Changed)
    assert outcome.entries[0].cause is CauseKind.HEARD_AGAIN
    assert outcome.entries[0].evidence.silent_ms == 40_000


def test_silence_while_the_server_was_away_counts_for_nobody() -> None:
    away = DeadlinePassed(healthy_since=Instant(60_000))
    assert lived((0, started()), (101_999, away)).state is State.RUNNING
    assert lived((0, started()), (102_000, away)).state is State.CRASHED


def test_a_proven_end_is_not_undone_by_a_beat() -> None:
    assert lived((0, started()), (5, KILLED), (6, Heard(FIRST, "w", 200))).state is State.KILLED


def test_a_presumed_end_is_replaced_by_the_kernels_word() -> None:
    assert lived((0, started()), (5, VANISHED), (6, KILLED)).state is State.KILLED
    assert lived((0, started()), (5, KILLED), (6, VANISHED)).state is State.KILLED


def test_a_pending_run_waits_without_an_end_unless_its_scheduler_promised() -> None:
    run, _ = create(Created(BO), at(0))
    assert deadline(run) is None
    promised, _ = create(Created(BO, Millis(60_000)), at(0))
    late, _ = step(promised, HEALTHY, at(60_000))
    assert late.state is State.CRASHED
    assert late.writers[0].cause is CauseKind.NEVER_STARTED


def test_a_pending_run_that_is_stopped_is_killed_at_once() -> None:
    assert lived((0, StopAsked(BO))).state is State.KILLED


def test_a_stop_request_moves_nothing_until_the_end_confirms_it() -> None:
    asked = (1, StopAsked(BO, reason="diverged"))
    assert lived((0, started()), asked).state is State.RUNNING
    ended = lived((0, started()), asked, (2, FAILED))
    assert ended.state is State.KILLED
    _, outcome = step(lived((0, started()), asked), FAILED, at(2))
    assert isinstance(outcome, Changed)
    assert sentence(outcome.entries[-1]) == "Stop requested by user bo: diverged"
    assert ended.writers[0].cause is CauseKind.STOP_REQUESTED
    assert ended.writers[0].by == BO
    assert lived((0, started()), asked, (2, FINISHED)).state is State.FINISHED


def test_memory_is_told_in_the_unit_that_people_gave_it_in() -> None:
    for used, limit, told in (
        (300 * 2**20 - 9, 300 * 2**20, "300 MiB of 300 MiB"),
        (2**30, 3 * 2**29, "1.00 GiB of 1.50 GiB"),
    ):
        evidence = Evidence(memory_bytes=used, memory_limit_bytes=limit)
        verdict = Verdict(State.CRASHED, CauseKind.OUT_OF_MEMORY, Confidence.PROVEN, evidence)
        _, outcome = step(lived((0, started())), Exited(FIRST, "w", 9, verdict, PROCESS), at(2))
        assert isinstance(outcome, Changed)
        assert sentence(outcome.entries[-1]) == f"Out of memory: {told} in use"


def test_a_run_out_of_memory_under_a_stop_request_still_crashed() -> None:
    oom = exited(State.CRASHED, CauseKind.OUT_OF_MEMORY, Confidence.PROVEN)
    assert lived((0, started()), (1, StopAsked(BO)), (2, oom)).state is State.CRASHED


def test_the_process_acknowledges_a_stop_once() -> None:
    heard = StopAcknowledged(FIRST, "w")
    run = lived((0, started()), (1, StopAsked(BO)), (2, heard), (3, heard))
    assert run.stop is not None
    assert run.stop.acknowledged_at == 2


def test_preempting_then_a_bad_end_or_silence_is_preempted() -> None:
    notice = (1, Heard(FIRST, "w", 1, preempting=True))
    assert lived((0, started()), notice).state is State.PREEMPTING
    assert lived((0, started()), notice, (2, FAILED)).state is State.PREEMPTED
    assert lived((0, started()), notice, (2, FINISHED)).state is State.FINISHED
    assert lived((0, started()), notice, (30_001, HEALTHY)).state is State.PREEMPTED
    assert lived((0, started()), notice, (2, Heard(FIRST, "w", 2))).state is State.RUNNING


def test_an_older_beat_does_not_take_a_notice_of_preemption_back() -> None:
    notice = (1, Heard(FIRST, "w", 5, preempting=True))
    for seq in (4, 5):
        assert lived((0, started()), notice, (2, Heard(FIRST, "w", seq))).state is State.PREEMPTING
    assert lived((0, started()), notice, (2, Heard(FIRST, "w", 6))).state is State.RUNNING


def test_one_ranks_finish_cannot_finish_a_run() -> None:
    ranks = ((0, started()), (0, started(writer="v")))
    assert lived(*ranks, (1, FINISHED)).state is State.RUNNING
    other = Exited(
        FIRST, "v", 9, Verdict(State.FAILED, CauseKind.EXIT_CODE, Confidence.PROVEN), PROCESS
    )
    assert lived(*ranks, (1, FINISHED), (2, other)).state is State.FAILED


def test_a_newer_attempt_supersedes_a_live_one_and_fences_it_off() -> None:
    run = lived((0, started()), (5, started(SECOND)))
    assert run.state is State.RUNNING
    assert run.attempt == SECOND
    zombie, outcome = step(run, Heard(FIRST, "w", 99), at(6))
    assert zombie == run
    assert outcome == Ignored("stale attempt")


def test_the_same_epoch_with_another_nonce_is_a_stranger() -> None:
    run = lived((0, started()))
    _, outcome = step(run, Heard(Attempt(1, "z"), "w", 5), at(1))
    assert outcome == Ignored("stale attempt")
    _, outcome = step(run, Heard(Attempt(2, "a"), "w", 5), at(1))
    assert outcome == Ignored("unknown attempt: open it first")


def test_an_override_needs_a_reason_and_lasts_until_the_next_attempt() -> None:
    told = (9, Overridden(BO, State.FAILED, "wrong data"))
    assert lived((0, started()), (5, KILLED), told).state is State.FAILED
    assert lived((0, started()), (5, KILLED), (9, Overridden(BO, State.FAILED, " "))).state is (
        State.KILLED
    )
    assert lived((0, started()), (5, KILLED), told, (10, started(SECOND))).state is State.RUNNING


def test_evidence_reaches_the_ledger_as_it_was_given() -> None:
    facts = Evidence(source="pidfd", exit_code=3)
    run = lived((0, started()))
    verdict = Verdict(State.FAILED, CauseKind.EXIT_CODE, Confidence.PROVEN, facts)
    _, outcome = step(run, Exited(FIRST, "w", 2, verdict, PROCESS), at(1))
    assert isinstance(outcome, Changed)
    assert outcome.entries[0].evidence == facts


def test_a_lease_is_three_beats_and_never_below_fifteen_seconds() -> None:
    assert (lease_ms(5_000), lease_ms(1_000), lease_ms(30_000)) == (15_000, 15_000, 90_000)
