"""What a new user types wrongly, and what the answer helps them to do."""

import uuid

import httpx
import pytest

from heartline.cli import exits
from tests.server.writer import Speaker
from tests.server_process import free_port
from tests.terminal import Terminal


@pytest.fixture
def run(http: httpx.Client) -> Speaker:
    return Speaker(http, project=f"p{uuid.uuid4().hex[:8]}").opened(name="mine")


@pytest.mark.parametrize("command", ["show", "logs", "wait", "files", "stacks"])
def test_a_project_where_a_run_is_asked_for_is_answered_with_how_to_list_its_runs(
    terminal: Terminal, run: Speaker, command: str
) -> None:
    assert run.reply is not None
    for said in (run.project, f"{run.reply.entity}/{run.project}"):
        done = terminal.heartline(command, said)
        assert done.returncode == exits.NOT_FOUND
        assert f"`heartline runs {said}`" in done.stderr, done.stderr


def test_a_run_is_not_left_without_a_name(terminal: Terminal, run: Speaker) -> None:
    assert terminal.heartline("edit", run.id, "--name", " ").returncode == exits.USAGE
    assert run.view()["name"] == "mine"


def test_a_file_of_another_kind_is_not_written_as_csv(terminal: Terminal, run: Speaker) -> None:
    done = terminal.heartline("export", run.project, "-o", "runs.xlsx")
    assert done.returncode == exits.USAGE
    assert ".csv, .parquet" in done.stderr and not (terminal.home / "runs.xlsx").exists()
    said = ("export", run.project, "-o", "runs.txt", "--format", "csv")
    assert terminal.heartline(*said).returncode == 0


def test_a_name_that_the_terminal_has_no_letters_for_is_no_failure(
    terminal: Terminal, run: Speaker
) -> None:
    terminal.heartline("edit", run.id, "--name", "λ-scan", "--notes", "größer")
    terminal.extra |= {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    for words in (("runs", run.project), ("show", run.id)):
        done = terminal.heartline(*words)
        assert done.returncode == 0, (words, done.stderr)
        assert "?-scan" in done.stdout, words
    assert terminal.json("show", run.id)["run"]["name"] == "λ-scan"
    typed = terminal.heartline("edit", run.id, "--tag", "é")
    assert typed.returncode == exits.USAGE and "UTF-8" in typed.stderr
    assert "Traceback" not in typed.stderr


def test_doctor_does_not_send_one_to_the_doctor(terminal: Terminal) -> None:
    done = terminal.heartline("doctor", "--base-url", f"http://127.0.0.1:{free_port()}")
    assert done.returncode != 0
    assert "heartline doctor" not in done.stdout and "Connection refused" in done.stdout


def test_watching_without_a_terminal_says_that_it_looks_once(
    terminal: Terminal, run: Speaker
) -> None:
    done = terminal.heartline("runs", run.project, "--watch")
    assert (done.returncode, "1 running" in done.stdout) == (0, True)
    assert "needs a terminal" in done.stderr
