"""`heartline sweep`: what it says, what it refuses, and with which code."""

import json
import re
from pathlib import Path

import pytest

from heartline.agent.gpus import NoGpus, shares, visible
from tests.terminal import Terminal

GOOD = """
# A comment, and a number as people write it.
method: random
metric: {name: loss}
parameters:
  lr: {min: 1e-4, max: 0.1}
run_cap: 4
"""


def made(terminal: Terminal, text: str = GOOD, *options: str) -> dict[str, object]:
    (terminal.home / "sweep.yaml").write_text(text)
    found: dict[str, object] = terminal.json("sweep", "create", "sweep.yaml", *options)
    return found


def test_a_sweep_file_becomes_a_sweep_that_is_listed_and_shown(terminal: Terminal) -> None:
    (terminal.home / "sweep.yaml").write_text(GOOD)
    done = terminal.heartline("sweep", "create", "sweep.yaml", "-p", "cli", "--name", "rates")
    entity = terminal.server.entity
    told = re.search(rf"start agents with: heartline agent ({entity}/cli/\w+)\n", done.stdout)
    assert told is not None, done.stderr
    assert done.stdout.startswith("sweep rates: random, 4 runs -> http://")
    listed = terminal.heartline("sweep", "list", "cli").stdout
    assert re.search(rf"pending +{told[1]} +rates +random +0 of 4", listed)
    shown = terminal.heartline("sweep", "show", told[1].rpartition("/")[2][:6]).stdout
    assert "rates  pending" in shown
    assert "loss, minimize" in shown
    assert terminal.json("sweep", "show", told[1])["config"]["parameters"]["lr"]["min"] == 1e-4


def test_a_sweep_can_come_from_standard_input_as_json(terminal: Terminal) -> None:
    text = json.dumps({"method": "grid", "parameters": {"a": {"values": [1, 2]}}})
    done = terminal.heartline("sweep", "create", "-", "-p", "cli", stdin=text)
    assert "grid, 2 runs" in done.stdout, done.stderr


@pytest.mark.parametrize(("text", "told"), [
    ("method: gird\nparameters: {a: {values: [1]}}", "did you mean `grid`"),
    ("method: grid\nparameters: {a: {values: []}}", "parameters.a"),
    ("method: random\nparameters: {a: {min: 3, max: 1}}", "parameters.a"),
    ("method: [grid\nparameters: {", "not YAML in line"),
    ("- a\n- b\n", "is a mapping"),
    ("", "is empty"),
])  # fmt: skip
def test_what_is_wrong_with_a_sweep_file_is_named(terminal: Terminal, text: str, told: str) -> None:
    (terminal.home / "sweep.yaml").write_text(text)
    done = terminal.heartline("sweep", "create", "sweep.yaml", "-p", "cli")
    assert done.returncode == 2
    assert told in done.stderr


def test_what_cannot_be_read_or_found_is_said_with_its_code(terminal: Terminal) -> None:
    done = terminal.heartline("sweep", "create", "nowhere.yaml")
    assert (done.returncode, done.stderr) == (
        3,
        "Error: no file nowhere.yaml\n",
    )
    for words in (("sweep", "pause", "zzzz"), ("agent", "zzzz"), ("sweep", "show", "cli/zzzz")):
        done = terminal.heartline(*words)
        assert done.returncode == 3, words
        assert "no sweep" in done.stderr


def test_a_control_says_what_became_of_the_sweep_and_a_senseless_one_why_not(
    terminal: Terminal,
) -> None:
    sweep = str(made(terminal, GOOD, "-p", "cli")["id"])
    told = [terminal.json("sweep", each, sweep)[0]["status"] for each in ("pause", "resume")]
    assert told == ["paused", "running"]
    done = terminal.heartline("sweep", "stop", sweep, "--reason", "seen enough")
    assert done.stdout.endswith("stopped: stopped by root: seen enough\n".replace(
        "root", terminal.server.entity))  # fmt: skip
    shown = terminal.heartline("sweep", "show", sweep).stdout
    assert re.search(r"stopped.+terminal or Python.+seen enough", shown)
    done = terminal.heartline("sweep", "pause", sweep)
    assert done.returncode == 1
    assert "a stopped sweep cannot be paused" in done.stderr


def test_a_sweep_is_deleted_only_when_that_is_meant(terminal: Terminal) -> None:
    sweep = str(made(terminal, GOOD, "-p", "cli")["id"])
    assert terminal.heartline("sweep", "delete", sweep, stdin="n\n").returncode == 1
    assert terminal.json("sweep", "show", sweep)["sweep"]["id"] == sweep
    assert terminal.heartline("sweep", "delete", sweep, stdin="y\n").returncode == 0
    assert terminal.heartline("sweep", "show", sweep).returncode == 3


def test_gpus_are_those_that_the_agent_was_given_or_those_of_the_machine(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia10", "nvidia2", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    assert visible({}, tmp_path) == ["0", "2", "10"]
    assert visible({"CUDA_VISIBLE_DEVICES": "GPU-a, GPU-b"}, tmp_path) == ["GPU-a", "GPU-b"]
    assert visible({"CUDA_VISIBLE_DEVICES": ""}, tmp_path) == []
    assert shares(["0", "1", "2", "3", "4"], 2) == ["0,1", "2,3"]
    with pytest.raises(NoGpus, match="none can be seen here"):
        shares([], 1)
