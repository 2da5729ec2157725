"""Names and texts that others gave are shown as they are: never markup, never a terminal's orders."""

import uuid

import httpx
import pytest

from heartline.wire.ingest import Changes
from tests.server.writer import Speaker
from tests.terminal import Terminal

CLEAR = "\x1b[2J"
NAME = f"[/x] [red]evil :smile:{CLEAR}\x9b2J\u202e"
SHOWN = "[/x] [red]evil :smile:\ufffd[2J\ufffd2J\ufffd"


@pytest.fixture
def run(http: httpx.Client) -> Speaker:
    words = {"tags": ["[/t]", CLEAR], "notes": f"[/n]\nmore{CLEAR}", "group": "[/g]"}
    project = f"p{uuid.uuid4().hex[:8]}"
    made = Speaker(http, project=project).opened(
        name=NAME, config={"[/c]": f"[/v]{CLEAR}"}, **words
    )
    made.say(count=1, changes=[Changes(summary={f"k{CLEAR}": "[/s]"})])
    facts = {"exception": f"ValueError: [/e]{CLEAR}", "last_lines": [f"[/l]{CLEAR}"]}
    made.exit("failed", "exception", evidence=facts)
    return made


def test_what_others_wrote_is_shown_as_it_is_and_moves_no_terminal(
    terminal: Terminal, run: Speaker
) -> None:
    commands = (
        ("runs", run.project, "-c", "tags", "-c", "notes"), ("show", run.id), ("attention",),
        ("projects",), ("edit", run.id, "--untag", "none"), ("delete", run.project, "--all"),
        ("stop", run.id), ("wait", run.id),
    )  # fmt: skip
    for words in commands:
        done = terminal.heartline(*words)
        told = done.stdout + done.stderr
        assert "Traceback" not in told, (words, told)
        assert not {"\x1b", "\x9b", "\u202e"} & set(told), words
        if words[0] not in {"stop", "wait"}:
            assert SHOWN in told, (words, told)
    assert "[/e]\ufffd[2J" in terminal.heartline("show", run.id).stdout


@pytest.mark.parametrize("command", ["runs", "show"])
def test_on_a_screen_nothing_is_cleared_either(
    terminal: Terminal, run: Speaker, command: str
) -> None:
    code, screen = terminal.on_screen(
        command, run.project if command == "runs" else run.id, columns=120
    )
    assert code == 0 and SHOWN[:14] in screen
    assert CLEAR not in screen and "\x9b" not in screen


def test_a_name_of_several_lines_is_one_row(terminal: Terminal, http: httpx.Client) -> None:
    run = Speaker(http, project=f"p{uuid.uuid4().hex[:8]}").opened(name="two\nlines")
    run.exit("failed", "exception", evidence={"exception": "ValueError: a\n  b"})
    assert len(terminal.heartline("runs", run.project).stdout.splitlines()) == 3
