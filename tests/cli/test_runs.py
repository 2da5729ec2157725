"""The table of runs: what it shows, what it never cuts, and how the best run is found with it."""

import io
import re
import uuid

import httpx
import pytest
from rich.console import Console

from heartline.cli import exits
from heartline.cli.attention import tell
from heartline.wire.attention import Attention
from tests.server.writer import Speaker
from tests.terminal import Terminal


@pytest.fixture
def project(http: httpx.Client) -> str:
    """Three finished runs; the more often it logged, the higher its loss."""
    name = f"p{uuid.uuid4().hex[:8]}"
    for rows in (2, 4, 3):
        run = Speaker(http, project=name).opened(name=f"of-{rows}", config={"lr": rows / 10})
        run.log(rows, ("loss", "val.loss"))
        run.exit()
    return name


@pytest.mark.parametrize(("count", "said"), [(0, ""), (1, "1 more live run was not looked at"),
                                             (7, "7 more live runs were not looked at")])  # fmt: skip
def test_attention_says_how_many_live_runs_it_did_not_look_at(count: int, said: str) -> None:
    out = Console(file=io.StringIO(), width=200)
    tell(Attention(decide=[], ended=[], not_looked_at=count), out)
    assert isinstance(out.file, io.StringIO)
    told = out.file.getvalue()
    assert said in told and ("looked at" in told) is bool(count)
    assert told.startswith("Nothing needs you")


def first_words(shown: str) -> list[str]:
    return [line.split()[2] for line in shown.splitlines() if "finished " in line]


@pytest.mark.parametrize("order", ["-val.loss", "-summary.val.loss"])
def test_the_best_run_comes_first_and_shows_by_what(
    terminal: Terminal, project: str, order: str
) -> None:
    shown = terminal.heartline("runs", project, "-o", order, "-c", "lr").stdout
    assert first_words(shown) == ["of-4", "of-3", "of-2"]
    assert re.search(r"id +lr +val.loss ", shown), shown
    assert re.search(r"of-4 +\w+ +0.4 +0.42857", shown), shown


def test_a_column_may_be_a_field_of_the_run(terminal: Terminal, http: httpx.Client) -> None:
    name = f"p{uuid.uuid4().hex[:8]}"
    Speaker(http, project=name).opened(group="night", tags=["a", "b"])
    shown = terminal.heartline("runs", name, "-c", "group", "-c", "tags", "-c", "created").stdout
    assert re.search(r"id +group +tags +created", shown), shown
    assert re.search(r" night +a, b +\d\d:\d\d:\d\d ", shown), shown


def test_a_column_that_no_run_has_is_answered_with_what_is_meant(
    terminal: Terminal, project: str
) -> None:
    done = terminal.heartline("runs", project, "-c", "val.los")
    assert done.returncode == exits.USAGE
    assert "did you mean `summary.val.loss`?" in done.stderr


def test_the_last_line_counts_all_and_says_how_many_are_shown(
    terminal: Terminal, project: str
) -> None:
    assert terminal.heartline("runs", project).stdout.endswith("\n3 runs: 3 finished\n")
    some = terminal.heartline("runs", project, "-n", "2").stdout
    assert some.endswith("\n3 runs (2 shown, newest first; -n for more): 3 finished\n")
    some = terminal.heartline("runs", project, "-n", "2", "-o", "-lr").stdout
    assert some.endswith("\n3 runs (2 shown, sorted by -lr; -n for more): 3 finished\n")


def test_a_pipe_gets_whole_lines_and_nothing_is_cut(terminal: Terminal, http: httpx.Client) -> None:
    name, why = f"p{uuid.uuid4().hex[:8]}", "ValueError: " + "very long " * 30
    run = Speaker(http, project=name).opened(name="a name that is " + "rather " * 10 + "long")
    run.exit("failed", "exception", evidence={"exception": why})
    shown = terminal.heartline("runs", name).stdout
    assert "rather long" in shown and why.strip() in shown and "…" not in shown
    assert [line for line in shown.splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("columns", [80, 55])
def test_an_id_is_never_cut_and_lesser_columns_make_room(
    terminal: Terminal, http: httpx.Client, columns: int
) -> None:
    name, long = f"p{uuid.uuid4().hex[:8]}", f"{uuid.uuid4().hex}-of-mine"
    Speaker(http, project=name, id=long).opened(name="named")
    code, screen = terminal.on_screen("runs", name, columns=columns)
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen).splitlines()
    assert code == 0 and max(map(len, lines)) <= columns
    assert any("running" in line and long in line for line in lines), screen
