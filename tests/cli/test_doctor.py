"""What `heartline doctor` finds, and that each problem comes with a way to fix it."""

import http.server
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from tests.server_process import ServerProcess, free_port
from tests.terminal import Terminal


def findings(terminal: Terminal, *words: str) -> dict[str, dict[str, Any]]:
    done = terminal.heartline("doctor", "--json", *words)
    found = {each["name"]: each for each in json.loads(done.stdout)}
    problems = [each for each in found.values() if each["level"] == "problem"]
    assert done.returncode == bool(problems)
    assert all(each["fix"] for each in problems)
    return found


def test_a_healthy_place_has_no_problem(terminal: Terminal, server: ServerProcess) -> None:
    found = findings(terminal)
    assert all(each["level"] in {"ok", "note"} for each in found.values()), found
    assert server.entity in found["key"]["told"]
    assert "All is well." in terminal.heartline("doctor").stdout


def test_a_server_that_does_not_answer_is_named(terminal: Terminal) -> None:
    terminal.extra["HEARTLINE_BASE_URL"] = f"http://127.0.0.1:{free_port()}"
    found = findings(terminal)
    assert found["server"]["level"] == "problem"
    assert "heartline server" in found["server"]["fix"]


def test_a_wrong_or_missing_key_is_told_with_the_login(terminal: Terminal) -> None:
    terminal.extra["HEARTLINE_API_KEY"] = "hl-wrong"
    found = findings(terminal)
    assert "HEARTLINE_API_KEY is refused" in found["key"]["told"]
    del terminal.extra["HEARTLINE_API_KEY"]
    terminal.extra["XDG_CONFIG_HOME"] = str(terminal.home)
    assert "heartline login" in findings(terminal)["key"]["fix"]


def test_keys_that_others_can_read_are_a_problem(terminal: Terminal, server: ServerProcess) -> None:
    file = terminal.home / "heartline/credentials"
    file.parent.mkdir()
    file.write_text((server.home / "config/heartline/credentials").read_text())
    file.chmod(0o644)
    terminal.extra["XDG_CONFIG_HOME"] = str(terminal.home)
    assert "chmod 600" in findings(terminal)["keys"]["fix"]


def test_an_address_that_is_none_is_a_problem(terminal: Terminal) -> None:
    assert (
        "http://host:port" in findings(terminal, "--base-url", "localhost:8787")["address"]["fix"]
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_a_problem(terminal: Terminal) -> None:
    place = terminal.home / "closed"
    place.mkdir(mode=0o500)
    terminal.extra["HEARTLINE_DIR"] = str(place)
    assert "HEARTLINE_DIR" in findings(terminal)["spool"]["fix"]


def test_runs_that_were_not_sent_are_counted(terminal: Terminal) -> None:
    terminal.extra["HEARTLINE_MODE"] = "offline"
    assert (
        terminal.python("import heartline\nheartline.init(project='p').log({'a': 1})").wait(60) == 0
    )
    del terminal.extra["HEARTLINE_MODE"]
    found = findings(terminal)
    assert found["unsent"]["told"].startswith("1 run(s)")
    assert "heartline sync" in found["unsent"]["fix"]


def test_a_torn_spool_is_named_and_stops_neither_doctor_nor_sync(terminal: Terminal) -> None:
    torn = terminal.home / "heartline" / "torn"
    torn.mkdir(parents=True)
    (torn / "run.json").write_text('{"request": ')
    assert "torn holds cannot be read" in findings(terminal)["spool"]["told"]
    done = terminal.heartline("sync")
    assert done.returncode == 1
    assert "run.json cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture
def stranger() -> Iterator[Any]:
    """Something that answers, and whose `/server` says what the test wants."""
    said: dict[str, bytes] = {"body": b"<html>"}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(said["body"])))
            self.end_headers()
            self.wfile.write(said["body"])

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever)
        thread.start()
        yield said, f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_a_stranger_at_the_address_and_other_protocols_are_told(
    terminal: Terminal, stranger: Any
) -> None:
    said, address = stranger
    terminal.extra["HEARTLINE_BASE_URL"] = address
    assert "does not understand" in findings(terminal)["server"]["told"]
    now = int(time.time() * 1000)
    said["body"] = json.dumps(
        {
            "version": "9.9",
            "protocol": 99,
            "alive_ms": 1,
            "healthy_since": 0,
            "time_at": now - 3_600_000,
        }
    ).encode()
    found = findings(terminal)
    assert "protocol 99" in found["server"]["told"]
    assert re.search(r"36\d\d s ahead of", found["clock"]["told"])
