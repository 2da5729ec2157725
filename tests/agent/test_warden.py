"""The warden of a trial: what it tells of an end, and that it leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parent / "scripts/ward.py"
PATIENCE_S = 20.0


def until(look: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        assert time.monotonic() < deadline, f"still not so after {PATIENCE_S} s"
        time.sleep(0.01)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Agent:
    """A process that has one trial."""

    def __init__(self, place: Path, script: str, grace_s: float = 5.0) -> None:
        self.place = place
        command = json.dumps(["bash", "-c", script])
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), command, str(grace_s)], cwd=place,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        self.warden, self.trial = json.loads(self.process.stdout.readline())

    def pid(self, name: str) -> int:
        """What the trial has written of itself: it has come that far."""
        path = self.place / name
        return int(until(lambda: path.exists() and path.read_text()))

    def order(self, letter: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(letter)
        self.process.stdin.flush()

    def ended(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def close(self) -> None:
        for pid in (self.process.pid, self.warden, self.trial):
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Agent]]:
    made: list[Agent] = []

    def begin(*words: Any) -> Agent:
        made.append(Agent(tmp_path, *words))
        return made[-1]

    yield begin
    for each in made:
        each.close()


WORKER = "sleep 900 & echo $! > worker; echo $$ > main; "


def test_what_a_trial_leaves_behind_in_its_group_is_ended_with_it(start: Any) -> None:
    agent = start(WORKER + "exit 3")
    end = agent.ended()
    assert (end["exit_code"], end["note"]) == (3, "it left processes behind, which were ended")
    assert not alive(agent.pid("worker"))


def test_a_trial_that_is_given_back_is_told_so_unless_it_ends_well(start: Any) -> None:
    agent = start(WORKER + "wait")
    agent.pid("main")
    agent.order(b"g")
    end = agent.ended()
    assert (end["signal"], end["given_back"]) == ("SIGTERM", True)
    agent = start("trap 'exit 0' TERM; echo 1 > trapped; while true; do sleep 0.05; done")
    agent.pid("trapped")
    agent.order(b"g")
    end = agent.ended()
    assert (end["exit_code"], end["given_back"]) == (0, False)


def test_a_deaf_trial_is_killed_with_its_workers_after_the_grace(start: Any) -> None:
    agent = start("trap '' TERM; " + WORKER + "while true; do sleep 0.05; done", 0.3)
    worker = agent.pid("worker")
    agent.pid("main")
    began = time.monotonic()
    agent.order(b"s")
    end = agent.ended()
    assert (end["signal"], end["given_back"]) == ("SIGKILL", False)
    assert 0.3 <= time.monotonic() - began
    assert not alive(worker)


def test_the_trial_of_a_killed_agent_is_ended_with_its_workers(start: Any) -> None:
    agent = start(WORKER + "wait")
    worker, main = agent.pid("worker"), agent.pid("main")
    os.kill(agent.process.pid, signal.SIGKILL)
    until(lambda: not (alive(main) or alive(worker) or alive(agent.warden)))


def test_a_killed_warden_takes_its_trial_along_and_the_agent_knows(start: Any) -> None:
    agent = start(WORKER + "wait")
    worker, main = agent.pid("worker"), agent.pid("main")
    os.kill(agent.warden, signal.SIGKILL)
    assert agent.ended() == {"signal": "SIGKILL", "note": "its warden was killed from outside"}
    until(lambda: not (alive(main) or alive(worker)))


def test_agent_and_warden_killed_in_one_stroke_leave_no_command(start: Any) -> None:
    agent = start("echo $$ > main; exec sleep 900")
    main = agent.pid("main")
    for pid in (agent.process.pid, agent.warden):
        os.kill(pid, signal.SIGKILL)
    until(lambda: not alive(main))


def test_a_users_signal_is_passed_on_to_the_command_alone(start: Any) -> None:
    agent = start(
        "trap 'echo 1 > heard; exit 0' USR1; echo $$ > main; while true; do sleep 0.05; done"
    )
    agent.pid("main")
    agent.order(b"1")
    assert agent.pid("heard") == 1
    assert agent.ended()["exit_code"] == 0


def test_a_signal_to_all_of_the_agents_processes_means_the_agent(start: Any) -> None:
    agent = start(WORKER + "wait")
    agent.pid("main")
    os.kill(agent.warden, signal.SIGTERM)
    end = agent.ended()
    assert (end["signal"], end["given_back"]) == ("SIGTERM", True)
