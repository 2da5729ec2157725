"""A clock that is wrong by years, or jumps, costs no training and makes no length wrong."""

import time

import msgspec
import pytest

from heartline.sdk.sync import is_live, sync
from tests.sdk.training import Training, until

ABSURD = """
import time
def told(): {body}
time.time = lambda: told() / 1e9
time.time_ns = told
import heartline, os, sys, signal
run = heartline.init(project='p', id='r')
"""
YEAR_11026 = "raise OverflowError('timestamp too large to convert to C _PyTime_t')"
LOGS = "for n in range(3): run.log({'loss': n})\nrun.alert('look')\nprint('printed')\n"


@pytest.mark.parametrize("body", [YEAR_11026, "return -10**18"], ids=["too late", "too early"])
def test_an_absurd_clock_is_said_once_and_costs_nothing(training: Training, body: str) -> None:
    done = training.run(LOGS + "run.finish()", begin=ABSURD.format(body=body))
    assert (done.returncode, done.stdout) == (0, "printed\n"), done.stderr
    assert done.stderr.count("the clock of this machine") == done.stderr.count("warning") == 1
    kept = training.ended()
    assert [step for batch in kept.batches for block in batch.history
            for step in memoryview(block.steps).cast("q")] == [0, 1, 2]  # fmt: skip
    assert kept.exits[0].state == "finished"


def test_a_clock_put_right_since_the_start_makes_no_run_long(training: Training) -> None:
    began = time.time()
    training.run("run.finish()", begin=ABSURD.format(body="return 10**15"))
    opened = training.ended().request
    assert opened.started_at is not None and opened.sent_at is not None
    assert 0 <= opened.sent_at - opened.started_at <= (time.time() - began + 0.1) * 1000


def test_a_run_that_lives_by_a_wrong_clock_is_not_taken_for_gone(training: Training) -> None:
    training.extra = {"HEARTLINE_MODE": "offline"}
    training.start("print('lives')\ntime.sleep(60)", begin=ABSURD.format(body="return 10**15"))
    (spool,) = until(lambda: training.spools)
    until(lambda: training.internal)
    assert is_live(spool)


def test_what_is_sent_after_a_jump_is_as_long_ago_as_it_was(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    training.extra = {"HEARTLINE_MODE": "offline"}
    training.run(LOGS + "sys.exit(3)")
    (spool,) = training.spools
    until((spool / "verdict.json").is_file)
    until(lambda: not training.internals)
    # As if clock and spool had lived through a jump: what they say of the wall clock is no more so.
    for name, member, at in (("run.json", "request", "started_at"), ("verdict.json", "exit", "at")):
        said = msgspec.json.decode((spool / name).read_bytes())
        said[member][at] = 7
        said["boot_ms"] -= 60_000 if name == "run.json" else 20_000
        (spool / name).write_bytes(msgspec.json.encode(said))
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    sync(spool)
    kept, now = training.stub.only, time.time() * 1000
    (end,) = kept.exits
    assert kept.request.started_at is not None
    assert 20_000 <= now - end.at < 50_000
    assert 40_000 <= end.at - kept.request.started_at < 50_000
