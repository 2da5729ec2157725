"""A clock that is wrong by years, or jumps, costs no training and makes no length wrong."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from heartline.sdk import clock
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
PAUSE_MS = 10_000
"""The longest that a loaded machine may rest between a look at one clock and at the other."""
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


def told_later(training: Training) -> Path:
    """A run that failed offline; its internal process is gone."""
    training.extra = {"HEARTLINE_MODE": "offline"}
    training.run(LOGS + "sys.exit(3)")
    (spool,) = training.spools
    until((spool / "verdict.json").is_file)
    until(lambda: not training.internals)
    return spool


def change(file: Path, said: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    body: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    said(body)
    file.write_bytes(msgspec.json.encode(body))
    return body


def sent(training: Training, spool: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """When the run began and ended, as the server is told."""
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    sync(spool)
    kept = training.stub.only
    (end,) = kept.exits
    assert kept.request.started_at is not None
    return kept.request.started_at, end.at


def shift(member: str, at: str, boot_ms: int) -> Callable[[dict[str, Any]], None]:
    """As if clock and spool had lived through a jump: what they say of the wall is no more so."""

    def changed(body: dict[str, Any]) -> None:
        body[member][at] = 7
        body["boot_ms"] += boot_ms

    return changed


def test_what_is_sent_after_a_jump_is_as_long_ago_as_it_was(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = told_later(training)
    began = change(spool / "run.json", shift("request", "started_at", -60_000))["boot_ms"]
    ended = change(spool / "verdict.json", shift("exit", "at", -20_000))["boot_ms"]
    booted = clock.wall_ms() - clock.boot_ms()
    for said, at in zip(sent(training, spool, monkeypatch), (began, ended), strict=True):
        assert abs(said - (booted + at)) < PAUSE_MS


def test_a_boot_clock_that_is_behind_the_start_is_another_boots(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = told_later(training)
    boot_ms = change(spool / "run.json", shift("request", "started_at", 10**9))["boot_ms"]
    end = change(spool / "verdict.json", lambda body: body.update(boot_ms=body["boot_ms"] + 10**9))
    assert not is_live(spool)
    began, ended = sent(training, spool, monkeypatch)
    assert ended == end["exit"]["at"]
    assert ended - began == end["boot_ms"] - boot_ms


def test_a_boot_clock_that_began_anew_with_its_container_is_another_boots(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Restarted two days later on the same machine, and up for longer than it was at the start."""
    spool = told_later(training)
    two_days_us = 2 * 86_400 * 1_000_000
    change(spool / "run.json", lambda body: body.update(clock_us=body["clock_us"] - two_days_us))
    said = change(spool / "verdict.json", lambda body: body["exit"].update(at=7_000_000))
    assert not is_live(spool)
    assert sent(training, spool, monkeypatch)[1] == said["exit"]["at"]


def test_a_spool_of_an_older_version_is_sent_and_found_alive(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Certificates bore `started_at` once, and neither `ticks` nor `boot_ms`."""

    def older(body: dict[str, Any]) -> None:
        del body["ticks"], body["boot_ms"]
        body["started_at"] = body["request"]["started_at"] / 1000

    training.extra = {"HEARTLINE_MODE": "offline"}
    lives = training.start(LOGS + "print('lives')\ntime.sleep(60)")
    (spool,) = until(lambda: training.spools)
    until((spool / "run.json").is_file)
    until(lambda: training.internal)
    said = change(spool / "run.json", older)
    assert is_live(spool)
    written = (spool / "run.json").stat().st_mtime
    os.utime(spool / "run.json", (written - 3_600, written - 3_600))
    assert not is_live(spool), "another process has that number by now"
    lives.kill()
    until((spool / "verdict.json").is_file)
    until(lambda: not training.internals)
    began, ended = sent(training, spool, monkeypatch)
    assert began == said["request"]["started_at"] <= ended
    assert [batch.count for batch in training.stub.only.batches if batch.history]
