"""The examples do what their first lines say."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import Terminal, until

EXAMPLES = Path(__file__).parents[2] / "examples"


def start(terminal: Terminal, name: str, *words: str) -> "subprocess.Popen[str]":
    return terminal.run([sys.executable, str(EXAMPLES / name), *words])


def done(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    return out


def test_digits_is_three_lines_of_heartline_and_read_finds_it(terminal: Terminal) -> None:
    pytest.importorskip("sklearn")
    ours = [
        line
        for line in (EXAMPLES / "digits.py").read_text().splitlines()
        if "heartline." in line or "run.log" in line
    ]
    assert len([*ours, "import heartline"]) == 3
    done(start(terminal, "digits.py"))
    run = terminal.api.runs("digits")[0]
    assert run.wait(30) == "finished"
    assert run.summary["val.accuracy"] > 0.9
    assert "best: " in done(start(terminal, "read.py"))


def test_sweep_finds_good_settings_in_one_process(terminal: Terminal) -> None:
    pytest.importorskip("sklearn")
    out = done(start(terminal, "sweep.py"))
    assert re.match(r"best: 0\.\d+ with {'lr': ", out)
    sweep = terminal.api.sweeps("digits")[0]
    assert (sweep.status, sweep.made, sweep.view.states["finished"]) == ("finished", 6, 6)


def test_resume_goes_on_in_the_same_run_with_every_step_once(terminal: Terminal) -> None:
    first = start(terminal, "resume.py", "1000000")
    assert first.stdout is not None
    while "saved" not in first.stdout.readline():
        pass
    first.send_signal(signal.SIGKILL)
    first.communicate()
    api = terminal.api
    until(lambda: api.run("examples/resume-example").state == "killed")
    out = done(start(terminal, "resume.py", "5000"))
    assert "starting at step 0" not in out
    run = api.run("examples/resume-example")
    assert run.wait(30) == "finished"
    assert [attempt.state for attempt in run.attempts] == ["killed", "finished"]
    steps = [row["_step"] for row in run.scan_history(keys=["loss"])]
    assert steps == sorted(set(steps))
    assert set(range(5000)) <= set(steps)


def test_offline_is_sent_by_sync(terminal: Terminal) -> None:
    assert "heartline sync" in done(start(terminal, "offline.py"))
    assert terminal.json("sync")[0]["state"] == "finished"


def test_four_ranks_are_one_run(terminal: Terminal) -> None:
    done(start(terminal, "multirank.py"))
    run = terminal.api.run("examples/multirank-example")
    assert run.wait(30) == "finished"
    assert sorted(rank.rank or 0 for rank in run.ranks) == [0, 1, 2, 3]
    assert {f"loss/rank{n}" for n in range(4)} <= set(run.summary)


def test_a_stop_request_reaches_the_callback(terminal: Terminal) -> None:
    process = start(terminal, "stop.py")
    until(lambda: "stop-example" in [run.id for run in terminal.api.runs("")])
    stopped = terminal.json("stop", "stop-example", "--wait", "40")
    out, _ = process.communicate(timeout=30)
    assert "saving a last checkpoint" in out
    assert (stopped[0]["state"], stopped[0]["cause"]) == ("killed", "stop_requested")
