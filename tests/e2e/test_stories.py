"""A researcher's day: scripts, launchers and commands as real processes against a real server."""

import re
import signal
import sys

import pytest

from heartline.client import errors
from heartline.client.run import Run
from tests.terminal import Terminal, until

THREE_LINES = """
import heartline
run = heartline.init(project="story", config={"lr": 0.1})
for step in range(100): run.log({"loss": 1 / (step + 1)})
"""
TRAINS = """
import os, signal, sys, time, heartline
run = heartline.init(project="story", id=sys.argv[1])
print("pid", os.getpid(), flush=True)
for step in range(1_000_000):
    run.log({"step": step})
    if step == 20: print("warm", flush=True)
    time.sleep(0.01)
    if step > 30: exec(sys.argv[2])
"""
BOTH_DIE = """
below = "/proc/%d/task/%d/children" % (os.getpid(), os.getpid())
for pid in open(below).read().split(): os.kill(int(pid), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def run_id(terminal: Terminal) -> str:
    return "s" + terminal.home.name.encode().hex()[-18:]


def found(terminal: Terminal, run_id: str) -> Run:
    return terminal.api.run(f"story/{run_id}")


def settled(terminal: Terminal, run_id: str) -> Run:
    """The run once it is there and has ended."""

    def look() -> Run | None:
        try:
            run = found(terminal, run_id)
        except errors.NotFound:
            return None
        return None if run.live else run

    return until(look)


def test_three_lines_of_python_are_a_row_in_the_table(terminal: Terminal) -> None:
    process = terminal.python(THREE_LINES)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0
    assert out == ""
    assert err.startswith("Heartline: run ")
    name = re.search(r"/runs/(\w+)", err)
    assert name is not None
    settled(terminal, name[1])
    assert re.search(rf"✓ finished .*{name[1]}", terminal.heartline("runs", "story").stdout)
    shown = terminal.json("show", name[1])
    assert (shown["run"]["state"], shown["run"]["last_step"]) == ("finished", 99)
    assert shown["run"]["config"] == {"lr": 0.1}
    assert shown["run"]["summary"]["loss"] == pytest.approx(0.01)


@pytest.mark.parametrize(("end", "code", "state", "cause"), [
    ("sys.exit(0)", 0, "finished", "finished"),
        ("run.finish(); sys.exit(0)", 0, "finished", "finished"),
    ("sys.exit(3)", 3, "failed", "exit_code"),
    ("os._exit(4)", 4, "failed", "exit_code"),
    ("raise ValueError('loss is nan')", 1, "failed", "exception"),
    ("os.kill(os.getpid(), signal.SIGKILL)", 137, "killed", "signal"),
    ("os.kill(os.getpid(), signal.SIGTERM)", 143, "killed", "signal"),
    ("os.kill(os.getpid(), signal.SIGINT)", 130, "killed", "interrupted"),
    ("os.kill(os.getpid(), signal.SIGSEGV)", 139, "crashed", "signal"),
    ("x = []\nwhile True: x.append(bytearray(1 << 20))", 137, "crashed", "out_of_memory"),
])  # fmt: skip
def test_under_the_launcher_every_end_is_proven(
    terminal: Terminal, run_id: str, end: str, code: int, state: str, cause: str
) -> None:
    script = terminal.script(TRAINS)
    done = terminal.heartline("run", "--memory", "300M", "--", sys.executable, script, run_id, end)
    assert done.returncode == code, done.stderr
    run = settled(terminal, run_id)
    assert (run.state, run.cause, run.confidence) == (state, cause, "proven"), run.sentence
    steps = [row["_step"] for row in run.scan_history()]
    assert steps == list(range(len(steps)))
    assert len(steps) > 30


def test_when_the_internal_process_is_killed_as_well_the_launcher_knows_and_ships(
    terminal: Terminal, run_id: str
) -> None:
    script = terminal.script(TRAINS)
    done = terminal.heartline("run", "--", sys.executable, script, run_id, BOTH_DIE)
    assert done.returncode == 137, done.stderr
    run = settled(terminal, run_id)
    assert (run.state, run.cause, run.confidence) == ("killed", "signal", "proven"), run.sentence
    assert [row["_step"] for row in run.scan_history()][-1] >= 31
    assert run.evidence["source"] == "launcher"


def test_a_stop_from_the_terminal_interrupts_the_script_and_is_told(
    terminal: Terminal, run_id: str
) -> None:
    script = terminal.script(TRAINS)
    process = terminal.start("run", "--", sys.executable, script, run_id, "pass")
    assert process.stdout is not None
    while "warm" not in process.stdout.readline():
        pass
    done = terminal.heartline("stop", run_id, "--reason", "seen enough", "--wait", "40")
    assert done.returncode == 0, done.stderr
    run = found(terminal, run_id)
    assert (run.state, run.cause) == ("killed", "stop_requested"), run.sentence
    assert "seen enough" in {entry.reason for entry in run.ledger}
    process.communicate(timeout=30)
    assert process.returncode != 0


def test_a_script_that_does_not_get_on_shows_where_its_threads_stand(terminal: Terminal) -> None:
    terminal.extra["HEARTLINE_HEARTBEAT"] = "0.5"
    script = terminal.python("""
import threading, time, heartline
run = heartline.init(project="story", id="stuck")
over = threading.Event()
def waits_for_data(): over.wait(60)
threading.Thread(target=waits_for_data).start()
run.on_stop(lambda by: over.set())
def reduces_gradients(): over.wait(60)
reduces_gradients()
""")
    until(lambda: "stuck" in [run.id for run in terminal.api.runs("") if run.state == "running"])
    ((name, text),) = terminal.json("stacks", "stuck").items()
    assert name.startswith("stacks/")
    assert "waits_for_data" in text and "reduces_gradients" in text
    shown = terminal.heartline("stacks", "stuck").stdout
    assert "== stacks/" in shown and "sdk/stacks.py" not in shown
    terminal.json("stop", "stuck")
    assert script.wait(30) == 0
    assert terminal.api.run("story/stuck").wait(30) == "finished"
    done = terminal.heartline("stacks", "stuck")
    assert (done.returncode, "the run is finished" in done.stderr) == (1, True)


def test_a_signal_to_the_launcher_ends_the_run_as_killed(terminal: Terminal, run_id: str) -> None:
    script = terminal.script(TRAINS)
    process = terminal.start("run", "--", sys.executable, script, run_id, "pass")
    assert process.stdout is not None
    while "warm" not in process.stdout.readline():
        pass
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 143
    run = settled(terminal, run_id)
    assert (run.state, run.cause) == ("killed", "signal")
    assert "SIGTERM" in run.sentence
    process.communicate()


def test_logs_of_a_running_script_are_followed_to_its_end(terminal: Terminal, run_id: str) -> None:
    script = terminal.script(TRAINS)
    process = terminal.start(
        "run", "--", sys.executable, script, run_id, "print('last words'); sys.exit(0)"
    )
    until(lambda: exists(terminal, run_id))
    done = terminal.heartline("logs", run_id, "-f", "--all")
    assert [line for line in done.stdout.splitlines() if line in {"warm", "last words"}] == [
        "warm",
        "last words",
    ]
    assert "finished" in done.stderr
    process.communicate(timeout=30)


def exists(terminal: Terminal, run_id: str) -> bool:
    try:
        return bool(found(terminal, run_id))
    except errors.NotFound:
        return False


def test_a_script_in_a_shell_script_is_watched_too(terminal: Terminal, run_id: str) -> None:
    script = terminal.script(TRAINS)
    end = "os.kill(os.getpid(), signal.SIGKILL)"
    shell = f'{sys.executable} {script} {run_id} "{end}"; echo "shell goes on with $?"; exit 9'
    done = terminal.heartline("run", "--", "bash", "-c", shell)
    assert done.returncode == 9
    assert "shell goes on with 137" in done.stdout
    run = settled(terminal, run_id)
    assert (run.state, run.cause) == ("killed", "signal"), run.sentence


def test_a_command_that_logs_nothing_is_simply_run(terminal: Terminal) -> None:
    done = terminal.heartline("run", "--", "echo", "hello")
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")
