"""A run that lives through the restore of an older backup loses nothing."""

from pathlib import Path

from tests.server_process import running
from tests.terminal import Terminal, until

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
    with running(tmp_path / "own") as server:
        terminal = Terminal(server, tmp_path)
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
