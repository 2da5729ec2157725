"""What is deleted is what was named when somebody was asked, whatever happens meanwhile."""

import os
import pty
import uuid
from collections.abc import Callable

import httpx
import pytest

from heartline.cli import exits
from tests.server.writer import Speaker
from tests.terminal import Terminal


@pytest.fixture
def project() -> str:
    return f"p{uuid.uuid4().hex[:8]}"


def failed(http: httpx.Client, project: str, name: str) -> Speaker:
    run = Speaker(http, project=project).opened(name=name)
    run.exit("failed", "exit_code", evidence={"exit_code": 2})
    return run


def answered(terminal: Terminal, *words: str, meanwhile: Callable[[], object]) -> tuple[int, str]:
    """`heartline <words>` by somebody who thinks for a while, then says yes."""
    leader, follower = pty.openpty()
    process = terminal.start(*words, stdin=follower, stdout=follower, stderr=follower, text=False)
    os.close(follower)
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(leader, 65536)
    meanwhile()
    os.write(leader, b"y\n")
    while True:
        try:
            shown += os.read(leader, 65536)
        except OSError:
            break
    os.close(leader)
    return process.wait(60), shown.decode()


def names(terminal: Terminal, project: str) -> set[str]:
    return {run["name"] for run in terminal.json("runs", project)}


@pytest.mark.parametrize("words", [("--filter", "state = failed"), ("--all",)], ids=" ".join)
def test_a_run_that_came_after_the_question_is_not_deleted(
    terminal: Terminal, http: httpx.Client, project: str, words: tuple[str, ...]
) -> None:
    for name in ("one", "two"):
        failed(http, project, name)
    code, shown = answered(
        terminal, "delete", project, *words, meanwhile=lambda: failed(http, project, "late")
    )
    assert "2 runs (2 failed)" in shown and "one" in shown and "two" in shown
    assert names(terminal, project) == {"late"}
    assert code == (exits.ERROR if words == ("--all",) else exits.OK), shown


def test_what_was_not_deleted_is_told_at_the_end_with_the_reason(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    gone, last = failed(http, project, "gone"), failed(http, project, "last")
    code, shown = answered(
        terminal, "delete", project, "--filter", "state = failed",
        meanwhile=lambda: http.delete(gone.path),
    )  # fmt: skip
    assert code == exits.ERROR
    assert names(terminal, project) == set()
    assert f"/{last.id} deleted" in shown
    assert f"/{gone.id} not deleted: " in shown


def test_a_run_that_took_the_place_of_a_named_one_stays(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    first = failed(http, project, "first")

    def replaced() -> None:
        http.delete(first.path)
        Speaker(http, project=project, id=first.id).opened(name="second", resume="allow")

    code, _ = answered(terminal, "delete", first.id, "-p", project, meanwhile=replaced)
    assert code == exits.ERROR
    assert names(terminal, project) == {"second"}


def test_what_was_listed_is_what_is_deleted(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    bad = [failed(http, project, name) for name in ("one", "two")]
    (terminal.home / "bad.txt").write_text("\n".join([*(run.id for run in bad), "none"]))
    failed(http, project, "late")
    for more in (("--all",), ("--filter", "state = failed")):
        done = terminal.heartline("delete", project, "--ids", "bad.txt", *more, "-y")
        assert done.returncode == exits.USAGE
    assert "(2 failed)" in terminal.heartline("delete", project, "--ids", "bad.txt").stderr
    assert terminal.json("delete", project, "--ids", "bad.txt", "-y")["runs"] == 2
    assert names(terminal, project) == {"late"}
