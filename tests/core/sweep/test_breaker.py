"""The circuit breaker: what it counts, when it trips, what it says."""

from dataclasses import replace

from heartline.core.lifecycle import CauseKind, State
from heartline.core.sweep.breaker import counted, tripped
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Sweep, SweepKey

NEW = Sweep(SweepKey(1), "bo", "p", "s", "s", "bo", {}, Status.RUNNING, 0, "", 0)
OOM = CauseKind.OUT_OF_MEMORY


def after(*ends):
    sweep = NEW
    for state, cause, told in ends:
        sweep = counted(sweep, state, cause, told, measured=True)
    return sweep


def test_it_trips_when_the_first_runs_all_die_of_the_same_cause_and_says_which():
    dead = (State.CRASHED, OOM, "out of memory")
    assert tripped(after(*[dead] * 4), 5) == ""
    told = tripped(after(*[dead] * 5), 5)
    assert "first 5 runs all ended the same way (crashed: out of memory)" in told
    assert "resume" in told


def test_it_trips_when_they_all_fail_in_different_ways_and_names_the_commonest():
    ends = [(State.FAILED, CauseKind.EXIT_CODE, f"code {n // 3}") for n in range(4)]
    told = tripped(after(*ends, (State.KILLED, CauseKind.SIGNAL, "SIGTERM")), 5)
    assert "first 5 runs all failed, 3 of them (failed: code 0)" in told


def test_one_good_end_is_enough_for_ever():
    ends = [(State.FAILED, CauseKind.EXIT_CODE, "code 1")] * 9
    good = (State.FINISHED, CauseKind.FINISHED, "")
    assert tripped(after(*ends[:4], good, *ends), 5) == ""
    assert after(good).finished == 1 and after(good).unmeasured == 0


def test_what_somebody_asked_for_and_preemption_do_not_count():
    ends = [(State.KILLED, CauseKind.STOP_REQUESTED, ""), (State.KILLED, CauseKind.EARLY_STOPPING, ""),
            (State.KILLED, CauseKind.SWEEP_CANCELLED, ""), (State.PREEMPTED, CauseKind.SIGNAL, "")]  # fmt: skip
    assert after(*ends * 3).fails == ()


def test_it_can_be_switched_off_and_begins_anew_after_a_resume():
    dead = (State.CRASHED, OOM, "out of memory")
    sweep = after(*[dead] * 9)
    assert tripped(sweep, 0) == "" and tripped(sweep, 5)
    assert tripped(replace(sweep, fails=()), 5) == ""


def test_a_finished_run_without_the_metric_is_counted():
    sweep = counted(NEW, State.FINISHED, CauseKind.FINISHED, "", measured=False)
    assert (sweep.finished, sweep.unmeasured) == (1, 1)
