"""A server that is started where one is up, and how the one that is up is found again."""

import errno
import json
import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from heartline.cli import exits
from tests.server_process import ServerProcess, free_port
from tests.terminal import HEARTLINE, Terminal, until


def test_a_second_server_over_the_same_data_says_whose_the_first_is(server: ServerProcess) -> None:
    assert server.process is not None
    done = subprocess.run(
        [*HEARTLINE, "server", "--port", str(server.port)],
        env=server.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    for told in (f"up already at {server.base_url}", f"kill {server.process.pid}", "--data-dir"):
        assert told in done.stderr
    assert f"export HEARTLINE_BASE_URL={server.base_url}" in server.output


def test_a_server_without_a_key_is_answered_with_those_that_have_one(
    terminal: Terminal, server: ServerProcess
) -> None:
    file = terminal.home / "config/heartline/credentials"
    file.parent.mkdir(parents=True)
    known = f"http://127.0.0.1:{free_port()}"
    file.write_text(json.dumps({known: {"api_key": "hl-secret", "entity": "me"}}))
    file.chmod(0o600)
    terminal.extra["XDG_CONFIG_HOME"] = str(terminal.home / "config")
    done = terminal.heartline("runs")
    assert done.returncode == exits.NO_ACCESS
    assert f"no API key is known for {server.base_url}" in done.stderr
    assert f"export HEARTLINE_BASE_URL={known}" in done.stderr
    assert "hl-secret" not in done.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::"])
def test_a_server_finds_a_port_of_its_own_and_says_where_it_is_up(
    tmp_path: Path, host: str
) -> None:
    if ":" in host:
        with socket.socket(socket.AF_INET6) as probe:
            if probe.connect_ex(("::1", 9)) == errno.EADDRNOTAVAIL:
                pytest.skip("this machine has no IPv6")
    started = ServerProcess(tmp_path, port=0, options=("--host", host))
    started.spawn()
    try:
        (port,) = until(lambda: re.findall(r"is up at http://\S+:(\d+)\n", started.output))
        asked = "[::1]" if ":" in host else host
        assert httpx.get(f"http://{asked}:{port}/readyz").status_code == 200
    finally:
        started.stop()
