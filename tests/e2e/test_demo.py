"""The demo: six real trainings, twice, and a server that stays."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from heartline.client.api import Api
from tests.server_process import ServerProcess, free_port
from tests.terminal import Terminal, until

pytest.importorskip("sklearn")


@pytest.fixture
def nobody(tmp_path: Path) -> Iterator[Terminal]:
    """An account without a server; whatever the demo leaves running is ended."""
    server = ServerProcess(tmp_path, port=free_port())
    with Terminal(server, tmp_path) as terminal:
        yield terminal
    file = tmp_path / "data/heartline/server.pid"
    if file.exists():
        for run in terminal.api.runs("demo", {"state": "running"}):
            run.stop("the test is over").wait(60)
        pid = int(file.read_text())
        os.kill(pid, signal.SIGTERM)
        until(
            lambda: (
                not Path(f"/proc/{pid}").exists() or b"Z" in Path(f"/proc/{pid}/stat").read_bytes()
            )
        )


@pytest.mark.timeout(400)
def test_the_demo_shows_every_end_as_it_was_and_leaves_the_server_up(nobody: Terminal) -> None:
    first = nobody.start("demo", "--json")
    out, err = first.communicate(timeout=180)
    assert first.returncode == 0, err
    told = json.loads(out)
    assert told["as_expected"]
    shown = {run["name"]: (run["state"], run["cause"]) for run in told["runs"]}
    assert shown == {
        "finishes": ("finished", "finished"),
        "diverges": ("failed", "exception"),
        "is-killed": ("killed", "signal"),
        "is-interrupted": ("killed", "interrupted"),
        "leaks-memory": ("crashed", "out_of_memory"),
        "goes-on": ("running", "started"),
    }
    assert all(run["confidence"] == "proven" for run in told["runs"] if run["ended_at"])
    again = nobody.start("demo")
    out, err = again.communicate(timeout=180)
    assert again.returncode == 0, out + err
    assert "stays up as process" in out
    assert f"export HEARTLINE_BASE_URL={nobody.server.base_url}\n" in out
    assert "Starting a server" not in out
    api = Api(nobody.server.base_url, nobody.server.api_key)
    assert api.runs("demo").states == {
        "finished": 2,
        "failed": 2,
        "killed": 4,
        "crashed": 2,
        "running": 2,
    }
    best = api.runs("demo", {"name": "finishes"})[0]
    assert best.summary["val.accuracy"] > 0.9


def test_without_scikit_learn_the_demo_says_how_to_get_it(nobody: Terminal) -> None:
    blocked = nobody.home / "blocked"
    blocked.mkdir()
    (blocked / "sitecustomize.py").write_text(
        "import importlib.util as u\nfind = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'sklearn' else find(name, *rest)\n"
    )
    nobody.extra["PYTHONPATH"] = str(blocked)
    done = nobody.heartline("demo")
    assert done.returncode == 1
    assert "pip install 'heartline[demo]'" in done.stderr
