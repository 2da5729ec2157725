"""`heartline.agent(function=)`: trials as calls in one process, against a real server."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from heartline.client.run import Run
from tests.e2e.sweeping import QUICK, Sweeping
from tests.terminal import Terminal, until

BEGIN = """
import sys, time
import heartline

sweep = heartline.sweep({config!r}, project={project!r})
print(sweep, flush=True)


def train():
    run = heartline.init(project="elsewhere", config={{"n": -1, "epochs": 2}})
    {body}


heartline.agent(sweep, function=train)
print("home", flush=True)
"""
GRID = {"method": "grid", "parameters": {"n": {"values": [0, 1, 2]}, "o": {
    "parameters": {"m": {"value": "adam"}}}}}  # fmt: skip


@pytest.fixture
def project(terminal: Terminal) -> Iterator[str]:
    terminal.extra.update(QUICK)
    return "f" + terminal.home.name.encode().hex()[-18:]


def start(terminal: Terminal, project: str, body: str, config: Any = GRID) -> Any:
    indented = body.strip().replace("\n", "\n    ")
    return terminal.python(BEGIN.format(config=config, project=project, body=indented))


def runs(terminal: Terminal, project: str) -> list[Run]:
    return sorted(terminal.api.runs(project), key=lambda run: run.config["n"])


def test_each_call_is_a_trial_with_its_values_and_a_bad_one_does_not_end_the_rest(
    terminal: Terminal, project: str
) -> None:
    process = start(terminal, project, """
run.log({"loss": run.config["n"]})
if run.config["n"] == 1: raise ValueError("the loss is a banana")
if run.config["n"] == 2: sys.exit(3)
""")  # fmt: skip
    out, err = process.communicate(timeout=60)
    path, home = out.split()
    assert home == "home", err
    found = runs(terminal, project)
    assert [run.config for run in found] == [
        {"n": n, "epochs": 2, "o": {"m": "adam"}} for n in range(3)
    ]
    assert [(run.state, run.cause) for run in found] == [
        ("finished", "finished"), ("failed", "exception"), ("failed", "exit_code"),
    ]  # fmt: skip
    assert "the loss is a banana" in found[1].evidence["traceback"]
    sweep = terminal.api.sweep(path)
    assert (sweep.status, sweep.made) == ("finished", 3)
    assert "project `elsewhere` is left aside" in err
    assert [agent.kind for agent in sweep.agents] == ["function"]


def test_a_function_that_opens_no_run_still_has_an_end(terminal: Terminal, project: str) -> None:
    process = terminal.python(f"""
import heartline
values = iter([None, ValueError("no"), None])
def train():
    if (error := next(values)): raise error
sweep = heartline.sweep({GRID!r}, project={project!r})
heartline.agent(sweep, function=train)
print("home")
""")
    out, err = process.communicate(timeout=60)
    assert out == "home\n", err
    found = runs(terminal, project)
    assert [(run.state, run.cause) for run in found] == [
        ("finished", "finished"), ("failed", "exit_code"), ("finished", "finished"),
    ]  # fmt: skip
    assert found[1].evidence["notes"] == ["ValueError: no"]


def test_a_stop_ends_one_trial_and_a_cancel_ends_them_all(terminal: Terminal, project: str) -> None:
    process = start(terminal, project, """
while True:
    run.log({"loss": 1.0})
    time.sleep(0.02)
""")  # fmt: skip
    path = process.stdout.readline().strip()
    sweep = terminal.api.sweep(path)

    def live() -> list[Run]:
        return [run for run in sweep.runs if run.state == "running"]

    first = until(live)[0]
    first.stop("enough of it")
    assert first.wait(20) == "killed"
    assert first.cause == "stop_requested"
    second = until(lambda: [run for run in live() if run.id != first.id])[0]
    sweep.cancel()
    out, err = process.communicate(timeout=30)
    assert out == "home\n", err
    assert (second.wait(10), second.cause) == ("killed", "sweep_cancelled")
    assert (sweep.refresh().status, sweep.made) == ("cancelled", 2)


def test_ctrl_c_gives_the_trial_back_and_ends_the_agent(terminal: Terminal, project: str) -> None:
    body = """
while not run.resumed:
    run.log({"loss": 1.0})
    time.sleep(0.02)
"""
    process = start(terminal, project, body, {**GRID, "parameters": {"n": {"value": 0}}})
    sweep = terminal.api.sweep(process.stdout.readline().strip())
    run = until(lambda: [run for run in sweep.runs if run.state == "running"])[0]
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == -signal.SIGINT
    assert "its trial is given back" in err
    assert run.wait(10) == "preempted"
    again = terminal.python(f"""
import heartline
heartline.agent({sweep.path!r}, function=lambda: heartline.init().log({{"loss": 0.5}}))
""")
    again.communicate(timeout=30)
    assert (run.refresh().state, len(run.attempts)) == ("finished", 2)
    assert sweep.refresh().status == "finished"


def test_without_a_function_the_program_of_the_sweep_runs(terminal: Terminal, project: str) -> None:
    sweeping = Sweeping(terminal, project)
    sweep = sweeping.make(["ends"])
    caller = f"import heartline\nheartline.agent({sweep.id!r}, project={project!r})\n"
    process = terminal.run([sys.executable, terminal.script(caller, "caller.py")])
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert sweeping.table == {"ends": ("finished", "finished")}
    assert sweep.refresh().status == "finished"


def test_the_agent_can_be_called_before_and_after_its_modules_are_imported() -> None:
    script = (
        "import heartline; first = callable(heartline.agent); import heartline.agent.supervise; "
        "print(first, callable(heartline.agent), heartline.agent.supervise.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "True True heartline.agent.supervise\n"
