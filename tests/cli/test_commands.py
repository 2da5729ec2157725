"""Every command as a person or a script uses it."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest
from click import Command, Group
from click.testing import CliRunner

from heartline.cli import exits
from heartline.cli.main import COMMANDS, main
from heartline.wire.ingest import Changes, Line
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, free_port
from tests.terminal import HEARTLINE, Terminal, until


def commands(
    command: Command = main, words: tuple[str, ...] = ()
) -> list[tuple[tuple[str, ...], Command]]:
    """Every command with the words that name it."""
    if not isinstance(command, Group):
        return [(words, command)]
    context = command.make_context("heartline", [], resilient_parsing=True)
    below = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [found for name, each in below if each for found in commands(each, (*words, name))]


@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=" ".join)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(main, [*words, "--help"])
    assert done.exit_code == 0
    assert "Usage: main" in done.output
    assert len(done.output.splitlines()) > 5


def test_every_command_that_prints_data_can_print_it_as_json() -> None:
    without = {
        words[0]
        for words, command in commands()
        if not any(p.name == "as_json" for p in command.params)
    }
    assert without == {"server", "run", "agent", "export"}


def test_help_lists_commands_examples_and_exit_codes_without_importing_any(
    terminal: Terminal,
) -> None:
    done = terminal.heartline("--help")
    assert all(f"  {name} " in done.stdout for name in COMMANDS)
    assert all(meaning in done.stdout for meaning in exits.MEANINGS.values())
    probe = "import sys, heartline.cli.main; print([m for m in ('rich', 'psutil', 'sqlalchemy', 'litestar') if m in sys.modules])"
    process = terminal.python(probe)
    assert process.communicate(timeout=30)[0].strip() == "[]"


@pytest.mark.parametrize(
    "words", [("server",), ("admin", "user", "create", "bo", "--data-dir", "x")], ids=" ".join
)
def test_without_the_servers_packages_a_command_says_how_to_get_them(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    code = (
        "import sys\n"
        "sys.modules |= dict.fromkeys(('sqlalchemy', 'granian', 'litestar', 'numpy', 'structlog'))\n"
        "from heartline.cli.main import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "pip install 'heartline[server]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_mistyped_command_is_answered_with_the_nearest(terminal: Terminal) -> None:
    done = terminal.heartline("rnus")
    assert done.returncode == exits.USAGE
    assert "Did you mean `runs`?" in done.stderr


def test_runs_shows_state_and_cause_and_json_has_everything(
    terminal: Terminal, http: httpx.Client
) -> None:
    project = f"p{uuid.uuid4().hex[:8]}"
    bad = Speaker(http, project=project).opened(name="bad", config={"lr": 0.5})
    bad.log(3)
    bad.exit(
        "crashed", "out_of_memory", evidence={"memory_bytes": 2**30, "memory_limit_bytes": 2**30}
    )
    Speaker(http, project=project).opened(name="good").exit()
    shown = terminal.heartline("runs", project).stdout
    assert re.search(r"▲ crashed +bad .*Out of memory: 1.00 GiB of 1.00 GiB", shown)
    assert "2 runs: 1 crashed, 1 finished" in shown
    only = terminal.json("runs", project, "-f", "state = crashed and config.lr > 0.1")
    assert [run["id"] for run in only] == [bad.id]
    assert [run["id"] for run in terminal.json("runs", project, "-s", "crashed")] == [bad.id]
    assert "0.5" in terminal.heartline("runs", project, "-c", "config.lr").stdout


@pytest.mark.parametrize("columns", [80, 120])
def test_the_table_fits_the_terminal_and_never_cuts_a_state(
    terminal: Terminal, http: httpx.Client, columns: int
) -> None:
    project = f"p{uuid.uuid4().hex[:8]}"
    run = Speaker(http, project=project).opened(name="a name that is rather long for a table")
    run.exit("failed", "exception", evidence={"exception": "ValueError: " + "very long " * 20})
    code, screen = terminal.on_screen("runs", project, columns=columns)
    assert code == 0
    lines = [
        re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line).rstrip("\r") for line in screen.split("\n")
    ]
    assert max(len(line) for line in lines) <= columns
    assert any(line.startswith("◆ failed ") and run.id in line for line in lines)


def test_show_names_what_is_no_number_and_no_text(terminal: Terminal, run: Speaker) -> None:
    values = {
        "dist": {"_type": "histogram", "values": [1], "bins": [0, 1]},
        "shot": {"_type": "image-file", "path": "media/a.png", "width": 32, "height": 16},
        "shots": {"_type": "images/separated", "count": 3, "width": 8, "height": 8},
        "rows": {"_type": "table-file", "ncols": 2, "nrows": 5, "path": "media/t.json"},
        "page": {"_type": "html-file", "path": "media/p.html"},
    }
    run.say(count=1, changes=[Changes(summary=values)])
    shown = terminal.heartline("show", run.id).stdout
    for line in ("dist +histogram", "shot +image 32x16", "shots +3 images 8x8", "rows +table 5x2",
                 "page +html"):  # fmt: skip
        assert re.search(rf"^{line} *$", shown, re.MULTILINE), (line, shown)
    assert "_type" not in shown


def test_show_tells_how_many_of_the_ranks_have_opened_the_run(
    terminal: Terminal, http: httpx.Client
) -> None:
    run = Speaker(http).opened(rank=0, world_size=2)
    assert "1 of 2 have opened this run" in terminal.heartline("show", run.id).stdout
    run.exit()
    assert run.view()["state"] == "finished", "only one of the ranks may want to log"
    assert "1 of 2 have opened this run" in terminal.heartline("show", run.id).stdout
    Speaker(http, id=run.id, launch=run.launch, writer="w1").opened(rank=1, world_size=2)
    assert "have opened this run" not in terminal.heartline("show", run.id).stdout
    assert run.view()["state"] == "running"


def test_ages_are_told_by_the_clock_of_the_server(terminal: Terminal, run: Speaker) -> None:
    fast = "import time\nwrong = time.time() + 10**8\ntime.time = lambda: wrong\n"
    (terminal.home / "sitecustomize.py").write_text(fast)
    terminal.extra["PYTHONPATH"] = str(terminal.home)
    shown = terminal.heartline("show", run.id).stdout
    assert re.search(r"started .* \(\d+ s ago\)", shown), shown


def test_show_tells_the_timeline_with_its_evidence(terminal: Terminal, run: Speaker) -> None:
    run.log(3)
    run.exit(
        "failed",
        "exception",
        evidence={"exception": "KeyError: 'x'", "traceback": "Traceback…\nKeyError: 'x'"},
    )
    shown = terminal.heartline("show", run.id).stdout
    assert re.search(r"● running .*Started", shown)
    assert re.search(r"◆ failed .*KeyError: 'x' .*proven", shown)
    assert "Traceback…" in shown
    whole = terminal.json("show", run.id)
    assert whole["run"]["state"] == "failed"
    assert whole["evidence"]["exception"] == "KeyError: 'x'"
    assert [entry["after"] for entry in whole["ledger"]][-1] == "failed"


def test_logs_follow_a_run_to_its_end(terminal: Terminal, run: Speaker) -> None:
    def line(number: int) -> None:
        run.say(count=1, lines=[Line("stdout", number, 1_790_000_000_000, f"line {number}")])

    for number in range(3):
        line(number)
    assert terminal.heartline("logs", run.id, "-n", "2").stdout == "line 1\nline 2\n"
    following = terminal.start("logs", run.id, "-f")
    assert following.stdout is not None
    assert following.stdout.readline() == "line 0\n"
    line(3)
    run.exit()
    assert following.stdout.read() == "line 1\nline 2\nline 3\n"
    assert following.stderr is not None
    assert "finished" in following.stderr.read()
    assert following.wait(30) == 0
    said = terminal.heartline("logs", run.id, "--json").stdout.splitlines()
    assert json.loads(said[0]) == {
        "number": 0,
        "stream": "stdout",
        "at": 1_790_000_000_000,
        "text": "line 0",
    }


def test_a_line_that_is_rewritten_while_followed_is_printed_once_more(
    terminal: Terminal, run: Speaker
) -> None:
    run.say(count=1, lines=[Line("stderr", 0, 1, "10%")])
    following = terminal.start("logs", run.id, "-f")
    assert following.stdout is not None
    assert following.stdout.readline() == "10%\n"
    run.say(count=1, lines=[Line("stderr", 0, 2, "100%")])
    run.exit()
    assert following.stdout.read() == "100%\n"
    following.communicate(timeout=30)


def test_stop_asks_live_runs_and_says_so_of_ended_ones(
    terminal: Terminal, http: httpx.Client
) -> None:
    live, ended = Speaker(http).opened(), Speaker(http).opened()
    ended.exit()
    done = terminal.heartline("stop", live.id, ended.id, "--reason", "enough")
    assert done.returncode == 0
    assert "is asked to stop" in done.stdout
    assert "has ended already (finished)" in done.stdout
    assert live.view()["stop"]["reason"] == "enough"


def test_wait_ends_with_a_code_that_tells_how(terminal: Terminal, http: httpx.Client) -> None:
    good, bad, slow = (Speaker(http).opened() for _ in range(3))
    waiting = terminal.start("wait", good.id)
    good.exit()
    assert waiting.wait(30) == exits.OK
    bad.exit("failed", "exit_code", evidence={"exit_code": 2})
    assert terminal.heartline("wait", bad.id).returncode == exits.ENDED_BADLY
    done = terminal.heartline("wait", slow.id, "--timeout", "0.2")
    assert done.returncode == exits.TIMED_OUT
    assert "still running" in done.stderr
    for command in ("wait", "stacks"):
        option = "--timeout" if command == "wait" else "--wait"
        done = terminal.heartline(command, slow.id, option, "nan")
        assert done.returncode == exits.USAGE
        assert "a number of seconds from 0 to" in done.stderr


def test_attention_groups_what_ended_badly_by_cause(terminal: Terminal, run: Speaker) -> None:
    run.exit("crashed", "out_of_memory", evidence={})
    found = terminal.json("attention")
    groups = {group["cause"]: [each["id"] for each in group["runs"]] for group in found["ended"]}
    assert run.id in groups["out_of_memory"]
    assert "crashed by out of memory" in terminal.heartline("attention").stdout
    assert "1 snoozed" in terminal.heartline("attention", "snooze", run.id, "--for", "day").stdout
    assert "Snoozed by you" in terminal.heartline("attention").stdout
    assert "1 woken" in terminal.heartline("attention", "wake", run.id).stdout
    assert run.reply is not None
    terminal.heartline("attention", "assign", run.id, run.reply.entity)
    given = terminal.json("attention")["assigned"][str(run.reply.run)]
    assert given["user"] == run.reply.entity
    assert "1 newly seen" in terminal.heartline("attention", "seen", run.id).stdout


def test_errors_are_one_line_with_a_code_for_scripts(
    terminal: Terminal, http: httpx.Client
) -> None:
    cases = [
        (("show", "no-such-run"), exits.NOT_FOUND, "heartline runs"),
        (("runs", "no-such-project"), exits.NOT_FOUND, "no project"),
        (("runs", "-f", "stat = failed"), exits.USAGE, "did you mean `state`"),
        (
            ("runs", "--base-url", f"http://127.0.0.1:{free_port()}"),
            exits.UNREACHABLE,
            "heartline server",
        ),
        (("runs", "--nonsense"), exits.USAGE, "No such option"),
    ]
    for words, code, told in cases:
        done = terminal.heartline(*words)
        assert (done.returncode, done.stdout) == (code, ""), words
        assert told in done.stderr, words
        assert "Traceback" not in done.stderr
    terminal.extra["HEARTLINE_API_KEY"] = "hl-wrong"
    done = terminal.heartline("runs")
    assert done.returncode == exits.NO_ACCESS
    assert "heartline login" in done.stderr


def test_a_reader_who_has_seen_enough_is_no_error(terminal: Terminal, run: Speaker) -> None:
    run.say(count=2000, lines=[Line("stdout", n, 1, "x" * 200) for n in range(2000)])
    process = subprocess.run(
        ["bash", "-c", f"{' '.join(HEARTLINE)} logs {run.id} --all | head -1"],
        env=terminal.environment, capture_output=True, timeout=60,
    )  # fmt: skip
    assert process.stdout == b"x" * 200 + b"\n"
    assert process.stderr == b""


def test_login_checks_the_key_before_it_stores_it(
    terminal: Terminal, server: ServerProcess
) -> None:
    made = terminal.json("admin", "user", "create", f"u{uuid.uuid4().hex[:8]}")
    terminal.extra["XDG_CONFIG_HOME"] = str(terminal.home / "config")
    assert terminal.heartline("runs").returncode == exits.NO_ACCESS
    wrong = terminal.heartline("login", "hl-wrong")
    assert wrong.returncode == exits.NO_ACCESS
    assert not (terminal.home / "config").exists()
    done = terminal.heartline("login", "--host", server.base_url, stdin=made["api_key"] + "\n")
    assert done.returncode == 0, done.stderr
    assert f"You are {made['user']['name']}" in done.stdout
    assert made["api_key"] not in done.stdout + done.stderr
    file = terminal.home / "config/heartline/credentials"
    assert file.stat().st_mode & 0o777 == 0o600
    assert terminal.heartline("runs").returncode == 0


def test_env_prints_lines_that_a_shell_and_the_wandb_client_take(
    terminal: Terminal, server: ServerProcess
) -> None:
    lines = terminal.heartline("env", "wandb").stdout.splitlines()
    assert f"export WANDB_BASE_URL={server.base_url}" in lines
    assert f"export WANDB_API_KEY={server.api_key}" in lines
    assert terminal.json("env", "heartline")["HEARTLINE_ENTITY"] == server.entity


def test_watching_draws_again_until_interrupted(terminal: Terminal, run: Speaker) -> None:
    leader, follower = pty.openpty()
    process = terminal.start(
        "runs", "--watch", stdin=follower, stdout=follower, stderr=follower, text=False
    )
    os.close(follower)
    shown = b""

    def seen(text: bytes) -> bool:
        nonlocal shown
        shown += os.read(leader, 65536)
        return text in shown

    until(lambda: seen(run.id.encode()))
    later = Speaker(run.client).opened()
    until(lambda: seen(later.id.encode()))
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == exits.INTERRUPTED
    os.close(leader)


def test_a_run_is_found_by_its_page_and_by_its_name_in_its_project(
    terminal: Terminal, run: Speaker
) -> None:
    found = terminal.json("show", run.id)["run"]
    page = f"{terminal.server.base_url}/{found['entity']}/{found['project']}/runs/{found['id']}"
    for said in (page, f"{page}/logs", f"{found['entity']}/{found['project']}/{found['name']}"):
        assert terminal.json("show", said)["run"]["key"] == found["key"]


def test_open_prints_an_address_that_signs_in_and_leads_to_the_run(
    terminal: Terminal, run: Speaker
) -> None:
    link = terminal.json("open", run.id)["url"]
    address, _, page = link.partition("&next=")
    assert address.startswith(f"{terminal.server.base_url}/login?token=")
    assert page.endswith(f"runs%2F{run.id}")
    token = address.partition("token=")[2]
    answer = httpx.post(f"{terminal.server.base_url}/api/v1/login", json={"token": token})
    assert answer.status_code == 200
