"""The launcher as the parent of real commands; no server is needed for what it promises here."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heartline.agent.memory import BadLimit, Limit, parse_limit
from heartline.agent.supervise import VARIABLE
from tests.terminal import HEARTLINE, until

PYTHON = sys.executable
WAITS_FOR_SIGNALS = """
import os, signal, sys
def got(number, _): print(signal.Signals(number).name, flush=True)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1): signal.signal(number, got)
print("ready", os.getpid(), flush=True)
while True: signal.pause()
"""
REGISTERS = f"""
import json, os, sys
spool = sys.argv[1]
os.makedirs(spool, exist_ok=True)
place = os.environ[{VARIABLE!r}]
with open(os.path.join(place, str(os.getpid()) + ".json"), "w") as out:
    json.dump({{"pid": os.getpid(), "spool": spool}}, out)
"""


def launch(*command: str, options: tuple[str, ...] = (), **more: Any) -> "subprocess.Popen[str]":
    words = [*HEARTLINE, "run", *options, "--", *command]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(words, **{**pipes, **more})


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@pytest.mark.parametrize(("script", "code"), [
    ("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -TERM $$", 143), ("kill -KILL $$", 137),
    ("kill -SEGV $$", 139),
])  # fmt: skip
def test_the_code_of_the_command_is_the_code_of_the_launcher(script: str, code: int) -> None:
    found, out, err = ended(launch("bash", "-c", script))
    assert (found, out) == (code, "")
    assert ("was ended by SIG" in err) == (code > 128 and code != 255)


def test_output_input_and_arguments_pass_through_untouched() -> None:
    process = launch(
        PYTHON,
        "-c",
        "import sys; print(sys.argv[1:], input())",
        "--json",
        "-q",
        "a b",
        stdin=subprocess.PIPE,
    )
    out, err = process.communicate("typed\n", 60)
    assert out == "['--json', '-q', 'a b'] typed\n"
    assert err == ""


def test_a_command_that_cannot_be_started_is_told_as_a_shell_would(tmp_path: Path) -> None:
    assert ended(launch("no-such-command"))[0::2] == (
        127,
        "heartline: no-such-command: command not found\n",
    )
    plain = tmp_path / "data.txt"
    plain.write_text("x")
    code, _, err = ended(launch(str(plain)))
    assert code == 126
    assert "Permission denied" in err
    assert ended(launch("true", options=("--memory", "many")))[0] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_sent_to_the_launcher_reaches_the_command_once(number: signal.Signals) -> None:
    process = launch(PYTHON, "-c", WAITS_FOR_SIGNALS)
    assert process.stdout is not None
    _, pid = process.stdout.readline().split()
    process.send_signal(number)
    assert process.stdout.readline() == f"{number.name}\n"
    os.kill(int(pid), signal.SIGKILL)
    assert process.stdout.read() == ""
    assert process.wait(30) == 137


def test_a_ctrl_c_at_the_terminal_reaches_the_command_once() -> None:
    leader, follower = os.openpty()
    process = launch(
        PYTHON, "-c", WAITS_FOR_SIGNALS, stdin=follower, start_new_session=True,
        preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
    )  # fmt: skip
    os.close(follower)
    assert process.stdout is not None
    _, pid = process.stdout.readline().split()
    os.write(leader, b"\x03")
    assert process.stdout.readline() == "SIGINT\n"
    os.kill(int(pid), signal.SIGKILL)
    assert process.stdout.read() == ""
    assert process.wait(30) == 137
    os.close(leader)


def test_the_kernels_word_is_left_in_the_spool_that_the_command_registered(tmp_path: Path) -> None:
    script = REGISTERS + "os.kill(os.getpid(), 9)"
    assert ended(launch(PYTHON, "-c", script, str(tmp_path / "spool")))[0] == 137
    told = json.loads((tmp_path / "spool/launcher-exit.json").read_text())
    assert (told["signal"], told["exit_code"], told["core_dumped"]) == ("SIGKILL", None, False)
    assert told["oom"] is False
    assert told["memory_peak_bytes"] > 2**20


def test_an_orphan_of_the_command_comes_to_the_launcher_with_its_exit_status(
    tmp_path: Path,
) -> None:
    """A shell that ends before what it started: nobody else would ever know that status."""
    inner = tmp_path / "inner.py"
    inner.write_text(REGISTERS + "sys.stdin.readline(); sys.exit(5)")
    script = f"({PYTHON} {inner} {tmp_path / 'spool'} <&3 &)"
    read, write = os.pipe()
    process = launch("bash", "-c", f"exec 3<&{read}; {script}; sleep 60", pass_fds=(read,))
    os.close(read)
    until(lambda: (tmp_path / "spool").is_dir())
    os.write(write, b"\n")
    os.close(write)
    found = tmp_path / "spool/launcher-exit.json"
    until(found.exists)
    assert json.loads(found.read_text())["exit_code"] == 5
    process.send_signal(signal.SIGTERM)
    assert ended(process)[0] == 143


def test_the_launchers_directory_is_gone_afterwards(tmp_path: Path) -> None:
    _, out, _ = ended(launch("printenv", VARIABLE, env={**os.environ, "TMPDIR": str(tmp_path)}))
    assert Path(out.strip()).parent == tmp_path
    assert list(tmp_path.iterdir()) == []


def test_a_command_over_its_memory_limit_is_ended_and_told_so() -> None:
    script = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    code, _, err = ended(launch(PYTHON, "-c", script, options=("--memory", "120M")))
    assert code == 137
    assert "ran out of memory: " in err
    assert " of 120 MiB in use" in err


def test_a_command_within_its_limit_is_left_alone() -> None:
    script = "x = bytearray(20 << 20); print(len(x))"
    assert ended(launch(PYTHON, "-c", script, options=("--memory", "500M")))[:2] == (
        0,
        f"{20 << 20}\n",
    )


def test_without_a_cgroup_the_launcher_itself_looks(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [PYTHON, "-c", "x = bytearray(100 << 20); x[::4096] = b'1' * len(x[::4096]); input()"],
        stdin=subprocess.PIPE,
    )
    bounds = Limit(50 * 2**20)
    until(lambda: bounds.look(process.pid) or bounds.ended_by_watch)
    assert process.wait(30) == -signal.SIGKILL
    used = bounds.use()
    assert used.oom
    assert used.memory_bytes is not None
    assert used.memory_bytes > 50 * 2**20
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize(("text", "size"), [
    ("500M", 500 * 2**20), ("2G", 2 * 2**30), ("1.5GiB", 3 * 2**29), ("1048576", 2**20), ("4 kb", None),
    ("", None), ("-1G", None), ("many", None), ("1P", None),
])  # fmt: skip
def test_a_limit_is_a_size_with_a_unit(text: str, size: int | None) -> None:
    if size is None:
        with pytest.raises(BadLimit):
            parse_limit(text)
    else:
        assert parse_limit(text) == size
