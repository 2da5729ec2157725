"""SIGKILL at random moments: every point whose `log` had returned is on the server, once.

`make bench PART=kills` tells the same stories with 200 kills each, and counts (`HEARTLINE_KILLS`).
"""

import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from heartline.client.api import Api
from tests.server_process import ServerProcess, running

KILLS, KILLS_EACH = 6, 3
SCRIPT = Path(__file__).parent / "scripts" / "counts.py"
ENDED_S = 60.0
LONG_REST_S = "0.05"
"""For those who live through many restarts: all of their rows are read at the end."""


@dataclass
class Tally:
    """So many kills; calls of `log` that had returned by then, and rows on the server."""

    kills: int = 0
    acknowledged: int = 0
    recovered: int = 0

    def count(self, returned: int, found: list[int]) -> None:
        """One trainer's rows: all that it was promised, in order, each once, none invented."""
        assert found == list(range(len(found)))
        assert returned <= len(found) <= returned + 1
        self.acknowledged += returned
        self.recovered += len(found)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


class Trainer:
    """A training process that tells how many of its calls have returned."""

    def __init__(self, server: ServerProcess, directory: Path, name: str, *more: str) -> None:
        path = directory / f"{name}.count"
        path.write_bytes(bytes(16))
        self.name = name
        with path.open("r+b") as file:
            self._told = mmap.mmap(file.fileno(), 16)
        environment = {**server.environment, "HEARTLINE_DIR": str(directory)}
        self.process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(path), name, *more], env=environment,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    @property
    def returned(self) -> int:
        return int(struct.unpack_from("<Q", self._told, 0)[0])

    def until(self, count: int) -> None:
        until = time.monotonic() + ENDED_S
        while self.returned < count:
            assert self.process.poll() is None, "the trainer ended by itself"
            assert time.monotonic() < until, "the trainer does not get on"
            time.sleep(0.001)


def api(server: ServerProcess) -> Api:
    return Api(base_url=server.base_url, api_key=server.api_key)


def ended(server: ServerProcess, name: str) -> Any:
    """The run once it has ended and nothing more comes."""
    until = time.monotonic() + ENDED_S
    while time.monotonic() < until:
        for run in api(server).runs(filters={"name": name}):
            if run.state not in {"pending", "running", "preempting"}:
                return run
        time.sleep(0.05)
    raise AssertionError(f"{name} has not ended")


def steps(run: Any) -> list[int]:
    return [int(row["_step"]) for row in run.scan_history(keys=["loss"])]


def complete(server: ServerProcess, name: str, returned: int) -> list[int]:
    """All steps, once as many as had returned are there."""
    until = time.monotonic() + ENDED_S
    run = ended(server, name)
    while len(found := steps(run)) < returned and time.monotonic() < until:
        time.sleep(0.05)
    return found


def killed_trainers(server: ServerProcess, place: Path, kills: int, seed: int) -> Tally:
    dice, tally = random.Random(seed), Tally()
    for n in range(kills):
        trainer = Trainer(server, place, f"trainer-{seed}-{n}")
        trainer.until(dice.randint(1, 3_000))
        trainer.process.send_signal(signal.SIGKILL)
        trainer.process.wait()
        returned = trainer.returned
        tally.count(returned, complete(server, trainer.name, returned))
        run = ended(server, trainer.name)
        assert (run.state, run.cause) == ("killed", "signal")
        tally.kills += 1
    return tally


def killed_both(server: ServerProcess, place: Path, kills: int, seed: int) -> Tally:
    """Trainer and internal process at once: the spool still holds everything, and sync sends it."""
    from heartline.sdk.sync import spools, sync

    dice, tally = random.Random(seed), Tally()
    for n in range(kills):
        directory = place / f"both-{seed}-{n}"
        directory.mkdir()
        trainer = Trainer(server, directory, f"both-{seed}-{n}")
        trainer.until(dice.randint(1, 3_000))
        trainer.process.send_signal(signal.SIGSTOP)
        for child in internal_processes(directory):
            os.kill(child, signal.SIGKILL)
        trainer.process.send_signal(signal.SIGKILL)
        trainer.process.wait()
        returned = trainer.returned
        (spool,) = spools(directory)
        os.environ["XDG_CONFIG_HOME"] = server.environment["XDG_CONFIG_HOME"]
        sync(spool, base_url=server.base_url, api_key=server.api_key)
        tally.count(returned, complete(server, trainer.name, returned))
        tally.kills += 1
    return tally


def killed_internals(server: ServerProcess, place: Path, kills: int, seed: int) -> Tally:
    """The internal process alone: it is started again and goes on."""
    dice, tally = random.Random(seed), Tally()
    for n in range(0, kills, KILLS_EACH):
        directory = place / f"alone-{seed}-{n}"
        directory.mkdir()
        trainer = Trainer(server, directory, f"alone-{seed}-{n}")
        gone: set[int] = set()
        for _ in range(min(KILLS_EACH, kills - n)):
            trainer.until(trainer.returned + dice.randint(1, 2_000))
            (pid,) = another(directory, gone)
            os.kill(pid, signal.SIGKILL)
            gone.add(pid)
            tally.kills += 1
        another(directory, gone)
        trainer.process.send_signal(signal.SIGKILL)
        trainer.process.wait()
        returned = trainer.returned
        tally.count(returned, complete(server, trainer.name, returned))
        run = ended(server, trainer.name)
        assert (run.state, run.cause) == ("killed", "signal")
        assert [entry.after for entry in run.ledger] == ["pending", "running", "killed"]
    return tally


def killed_servers(server: ServerProcess, place: Path, kills: int, seed: int) -> Tally:
    """Under load, and started again over the same data: nobody is called dead."""
    dice, tally = random.Random(seed), Tally()
    trainers = [Trainer(server, place, f"live-{seed}-{n}", LONG_REST_S) for n in range(2)]
    for n in range(kills):
        for trainer in trainers:
            trainer.until(trainer.returned + dice.randint(1, 300))
        server.restart()
        names = {"name": {"$in": [trainer.name for trainer in trainers]}}
        states = {run.state for run in api(server).runs(filters=names)}
        assert states <= {"running"}, f"after kill {n}: {states}"
        tally.kills += 1
    for trainer in trainers:
        trainer.process.send_signal(signal.SIGTERM)
        trainer.process.wait()
        tally.count(trainer.returned, complete(server, trainer.name, trainer.returned))
        run = ended(server, trainer.name)
        assert [entry.after for entry in run.ledger] == ["pending", "running", "killed"]
    return tally


def test_a_killed_trainer_loses_nothing_that_log_had_taken(
    server: ServerProcess, tmp_path: Path
) -> None:
    assert killed_trainers(server, tmp_path, KILLS, 1).kills == KILLS


def test_a_killed_internal_process_loses_nothing(server: ServerProcess, tmp_path: Path) -> None:
    assert killed_both(server, tmp_path, KILLS, 2).kills == KILLS


def test_an_internal_process_killed_alone_is_started_again_and_goes_on(
    server: ServerProcess, tmp_path: Path
) -> None:
    assert killed_internals(server, tmp_path, KILLS, 4).kills == KILLS


def test_a_killed_server_loses_nothing_and_calls_nobody_dead(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server:
        assert killed_servers(server, tmp_path, KILLS // 2, 3).kills == KILLS // 2


def another(directory: Path, gone: set[int]) -> list[int]:
    """The internal process that took the place of those that were killed."""
    until = time.monotonic() + ENDED_S
    while not (found := [pid for pid in internal_processes(directory) if pid not in gone]):
        assert time.monotonic() < until, "no internal process was started again"
        time.sleep(0.005)
    return found


def internal_processes(directory: Path) -> list[int]:
    """Those whose command line names a spool below this directory."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if any(w.endswith(b"shipper.py") for w in words) and any(
                w.startswith(str(directory).encode()) for w in words
            ):
                found.append(int(entry.name))
    return found
