"""Unmodified `wandb` scripts as trials of our agent: their parameters, and their true end."""

import shutil
import signal
from pathlib import Path

import pytest

pytest.importorskip("wandb")

from heartline.agent.theirs import identity
from heartline.wire.sweeps import AgentCreated, Command
from tests.server_process import ServerProcess
from tests.terminal import Terminal, until

SCRIPT = Path(__file__).parent / "scripts/trial.py"
SWEEP = """
program: trial.py
method: grid
metric: {name: loss}
parameters:
  lr: {value: 1e-5}
  opt: {parameters: {depth: {value: 3}}}
"""


def test_a_wandb_script_is_a_trial_that_is_given_back_and_run_again(
    server: ServerProcess, tmp_path: Path
) -> None:
    with Terminal(server, tmp_path) as terminal:
        terminal.extra = {
            **terminal.json("env", "wandb"), "WANDB_SILENT": "true", "WANDB_DIR": str(tmp_path),
            "WANDB_ERROR_REPORTING": "false", "TRIAL_UNTIL": str(tmp_path / "go"),
            "HEARTLINE_HEARTBEAT": "0.3",
        }  # fmt: skip
        shutil.copy(SCRIPT, tmp_path)
        (tmp_path / "sweep.yaml").write_text(SWEEP)
        made = terminal.json("sweep", "create", "sweep.yaml", "-p", "theirs")
        sweep = terminal.api.sweep(f"theirs/{made['id']}")
        agent = terminal.start("agent", sweep.id)
        run = until(lambda: [run for run in sweep.runs if run.last_step > 1])[0]
        assert (run.config["lr"], run.config["opt"]) == (1e-5, {"depth": 3})
        agent.send_signal(signal.SIGTERM)
        assert agent.wait(30) == 143
        assert run.wait(5) == "preempted"
        assert run.sentence == "Given back: its agent was told to leave"
        (tmp_path / "go").touch()
        assert terminal.heartline("agent", sweep.id).returncode == 0
        assert run.wait(5) == "finished"
        assert (sweep.refresh().status, len(sweep.runs), len(run.attempts)) == ("finished", 1, 2)


def test_numbers_and_words_reach_the_client_as_what_they_are(tmp_path: Path) -> None:
    import yaml

    args = {"a": 1e-05, "b": 1e16, "c": float("inf"), "d": "1e-5", "e": [1.5, "x: y"], "f": {
        "g": True, "h": None, "i": "no"}, "j": 0.1}  # fmt: skip
    sweep = AgentCreated(
        id="a", sweep="s", entity="e", project="p", program="", command=[], beat_ms=1
    )
    file = tmp_path / "parameters.yaml"
    told = Command(type="run", run="r", args=args)
    assert identity({}, sweep, told, file) == {}
    identity({"WANDB_BASE_URL": "http://127.0.0.1:1"}, sweep, told, file)
    found = yaml.safe_load(file.read_text())
    assert found.pop("wandb_version") == 1
    assert {name: each["value"] for name, each in found.items()} == args
