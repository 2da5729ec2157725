"""Where all processes are killed as soon as the first ends, the first tells its end before that."""

import shutil
import subprocess
import sys
import textwrap
import time

import pytest

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


def in_container(
    training: Training, script: str, *words: str
) -> "subprocess.CompletedProcess[str]":
    path = training.home / "train.py"
    path.write_text(START + LOGS + textwrap.dedent(script))
    return subprocess.run(
        [*ROOMS, *words, sys.executable, str(path)], env=training.environment, cwd=training.home,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


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
