"""Runs that live through what befalls their server lose nothing, and are never called dead.

`HEARTLINE_OUTAGE_S=600` makes the outage as long as the targets have it.
"""

import os
import sys
import time
from pathlib import Path

import pytest

from tests.server_process import running
from tests.terminal import Terminal, until

OUTAGE_S = float(os.environ.get("HEARTLINE_OUTAGE_S", "17"))
SCRIPT = """
import os, time, heartline
run = heartline.init(project="story", id="long-lived")
step = 0
while not os.path.exists("enough"):
    run.log({"loss": 1 / (step + 1)}, step=step)
    step += 1
    time.sleep(0.005)
run.finish()
print(step)
"""


def test_a_run_sends_again_what_the_restored_server_does_not_know(tmp_path: Path) -> None:
    with running(tmp_path / "own") as server, Terminal(server, tmp_path) as terminal:
        data = str(server.home / "data/heartline")
        script = terminal.python(SCRIPT)

        def steps() -> int:
            return {run.id: run.last_step for run in terminal.api.runs("")}.get("long-lived", -1)

        until(lambda: steps() > 50)
        terminal.json("backup", "old.tar.gz", "--data-dir", data)
        newer = steps() + 100
        until(lambda: steps() > newer)
        server.stop()
        terminal.json("restore", "old.tar.gz", "--data-dir", data, "--replace")
        server.start()
        until(lambda: steps() > newer)
        (tmp_path / "enough").touch()
        out, err = script.communicate(timeout=90)
        assert script.returncode == 0, err
        run = terminal.api.run("story/long-lived")
        assert run.state == "finished", run.sentence
        assert [row["_step"] for row in run.scan_history()] == list(range(int(out)))
        assert all(entry.after != "crashed" for entry in run.ledger)


@pytest.mark.timeout(OUTAGE_S + 180)
def test_an_outage_longer_than_every_lease_is_nobodys_death(tmp_path: Path) -> None:
    with running(tmp_path / "own") as server, Terminal(server, tmp_path) as terminal:
        lives = terminal.python(SCRIPT)
        terminal.script(SCRIPT.replace("long-lived", "killed"), "killed.py")
        dies = terminal.run([sys.executable, "killed.py"])

        def steps() -> dict[str, int]:
            return {run.id: run.last_step for run in terminal.api.runs("")}

        until(lambda: min(steps().get("long-lived", -1), steps().get("killed", -1)) > 50)
        server.kill()
        began = time.monotonic()
        dies.kill()
        until(lambda: time.monotonic() - began > OUTAGE_S, OUTAGE_S + 10)
        server.start()
        until(lambda: terminal.api.run("story/killed").state == "killed")
        before = steps()["long-lived"]
        until(lambda: steps()["long-lived"] > before + 50)
        (tmp_path / "enough").touch()
        out, err = lives.communicate(timeout=90)
        assert lives.returncode == 0, err
        run = terminal.api.run("story/long-lived")
        assert [entry.after for entry in run.ledger] == ["pending", "running", "finished"]
        assert [row["_step"] for row in run.scan_history()] == list(range(int(out)))
        run = terminal.api.run("story/killed")
        assert [entry.after for entry in run.ledger] == ["pending", "running", "killed"]
        assert run.confidence == "proven"


def test_whoever_waits_or_follows_lives_through_a_restart_of_the_server(tmp_path: Path) -> None:
    with running(tmp_path / "own") as server, Terminal(server, tmp_path) as terminal:
        script = terminal.python(
            SCRIPT.replace("print(step)", "").replace("step = 0", "step = 0\nprint('begun')")
        )
        until(lambda: "long-lived" in [run.id for run in terminal.api.runs("")])
        waiting = terminal.start("wait", "long-lived")
        following = terminal.start("logs", "long-lived", "-f", "--all")
        assert following.stdout is not None
        while "begun" not in following.stdout.readline():
            pass
        with server.client() as http:
            until(lambda: "heartline_event_listeners 2.0" in http.get("/metrics").text)
        server.restart()
        (tmp_path / "enough").touch()
        assert waiting.wait(90) == 0
        assert following.wait(90) == 0
        script.communicate(timeout=60)
        assert terminal.api.run("story/long-lived").state == "finished"
