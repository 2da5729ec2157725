"""Where all processes are killed as soon as the first ends, the first tells its end before that."""

import shutil
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from heartline.sdk.sync import SyncError, sync
from heartline.sdk.tending import has_pulse, is_tended, pulse
from tests.sdk.stub import rows
from tests.sdk.training import START, Training, until

ROOMS = ["unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]
LOGS = "for n in range(20): run.log({'loss': n})\n"
ENDS = [
    ("pass", 0, ("finished", "finished")),
    ("sys.exit(3)", 3, ("failed", "exit_code")),
    ("os._exit(4)", 4, ("failed", "exit_code")),
    ("1 / 0", 1, ("failed", "exception")),
    ("raise KeyboardInterrupt", 130, ("killed", "interrupted")),
    ("run.finish()", 0, ("finished", "finished")),
]


def has_rooms() -> bool:
    """Whether this account may have process numbers of its own, as a container has."""
    known = shutil.which(ROOMS[0]) is not None
    return (
        known and not subprocess.run([*ROOMS, "true"], capture_output=True, check=False).returncode
    )


pytestmark = pytest.mark.skipif(not has_rooms(), reason="no right to make a PID namespace here")


def start(training: Training, script: str, *words: str) -> "subprocess.Popen[str]":
    path = training.home / "train.py"
    path.write_text(START + LOGS + textwrap.dedent(script))
    process = subprocess.Popen(
        [*ROOMS, *words, sys.executable, str(path)], env=training.environment, cwd=training.home,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    training.processes.append(process)
    return process


def in_container(
    training: Training, script: str, *words: str
) -> "subprocess.CompletedProcess[str]":
    process = start(training, script, *words)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.mark.parametrize(("end", "code", "told"), ENDS, ids=[end[0] for end in ENDS])
def test_the_first_process_of_a_container_tells_how_it_ends(
    training: Training, end: str, code: int, told: tuple[str, str]
) -> None:
    done = in_container(training, end)
    assert done.returncode == code, done.stderr
    (said,) = training.stub.only.exits
    assert (said.state, said.cause, said.confidence) == (*told, 3)
    assert [step for step, _ in rows(training.stub.only)] == list(range(20))


def test_so_does_one_below_an_init_that_ends_with_it(training: Training) -> None:
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    assert in_container(training, "sys.exit(3)", *shell).returncode == 3
    (said,) = training.stub.only.exits
    assert (said.state, said.evidence["exit_code"]) == ("failed", 3)


def test_a_launcher_outside_of_the_container_takes_no_other_process_for_it(
    training: Training,
) -> None:
    path = training.home / "train.py"
    path.write_text(START + LOGS + "sys.exit(3)")
    launcher = [sys.executable, "-m", "heartline.cli.main", "run", "--"]
    done = subprocess.run(
        [*launcher, *ROOMS, sys.executable, str(path)], env=training.environment,
        cwd=training.home, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    (said,) = training.stub.only.exits
    assert (said.state, said.confidence, said.by) == ("failed", 3, "process")


def test_a_forked_worker_that_exits_waits_for_nobody(training: Training) -> None:
    done = in_container(
        training,
        """
        worker = os.fork()
        if worker == 0:
            sys.exit(7)
        began = time.monotonic()
        code = os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
        other = heartline.init(project='p', id='second', reinit='create_new')
        other.finish()
        print(code, time.monotonic() - began < 8)
        sys.exit(5)
    """,
    )
    assert (done.returncode, done.stdout) == (5, "7 True\n"), done.stderr
    assert [e.evidence.get("exit_code") for e in training.stub.runs["r"].exits] == [5]


def test_a_server_that_was_never_there_holds_up_nobody(training: Training) -> None:
    training.extra = {"HEARTLINE_BASE_URL": "http://127.0.0.1:9"}
    began = time.monotonic()
    done = in_container(training, "sys.exit(3)")
    assert (done.returncode, time.monotonic() - began < 30) == (3, True)
    assert done.stderr.count("heartline sync") == 1
    assert until(lambda: (training.spools[0] / "verdict.json").is_file())


def test_a_spool_of_a_container_is_not_sent_as_dead_while_it_lives(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    training.extra = {"HEARTLINE_MODE": "offline"}
    process = start(training, "input()")
    (spool,) = until(lambda: training.spools)
    until(lambda: is_tended(spool))
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("heartline.sdk.sync.VERDICT_S", 0.2)
    with pytest.raises(SyncError, match="still being written"):
        sync(spool)
    assert not training.stub.runs
    process.communicate("\n", timeout=60)
    assert (sync(spool).state, len(rows(training.stub.only))) == ("finished", 20)


def test_another_machine_sees_that_a_spool_is_tended(tmp_path: Path) -> None:
    """Where locks do not reach: the file is touched, by whatever clock."""
    (tmp_path / "tended").touch()
    assert not has_pulse(tmp_path, 0.3)
    toucher = threading.Timer(0.2, pulse, [tmp_path])
    toucher.start()
    assert has_pulse(tmp_path, 20)
    toucher.join()
