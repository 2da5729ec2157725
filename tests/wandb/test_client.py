"""The unmodified `wandb` client against a real server: what it writes, it reads back."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("wandb")

from tests.server_process import ServerProcess, running

SCRIPT = Path(__file__).parent / "scripts" / "client.py"
SCENE_S = 150.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    before = os.environ.get("HEARTLINE_SERVER_WANDB_HEARTBEAT_MS")
    with running(tmp_path_factory.mktemp("server")) as process:
        assert before is None
        yield process


def scene(
    server: ServerProcess, name: str, home: Path, *launcher: str, script: Path = SCRIPT
) -> Any:
    environment = {
        **server.environment, "WANDB_BASE_URL": server.base_url, "WANDB_API_KEY": server.api_key,
        "WANDB_ERROR_REPORTING": "false", "WANDB_SILENT": "true", "WANDB_DIR": str(home),
        "HOME": str(home), "WANDB_DISABLE_GIT": "true",
    }  # fmt: skip
    done = subprocess.run(
        [*launcher, sys.executable, str(script), name], env=environment, cwd=home, timeout=SCENE_S,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    assert name in {"exit3", "exception", "killed"}, done.stdout + done.stderr
    return done.returncode


def test_a_run_outlives_its_server_and_every_row_is_there_once(tmp_path: Path) -> None:
    with running(tmp_path / "server") as own, ThreadPoolExecutor() as pool:
        told = pool.submit(scene, own, "outlives", tmp_path)
        wait_for(lambda: history(own, "outlives") >= 20)
        own.restart()
        (tmp_path / "back").touch()
        found = told.result(SCENE_S)
        assert found["rows"] == [[n, n] for n in range(found["logged"])]
        assert state(own, "outlives") == ("finished", "finished")
        with own.client() as client:
            run = client.get(f"/api/v1/runs/{own.entity}/scenes/outlives").json()["run"]
        assert run["attempt"] == 1


def wait_for(what: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not what():
        assert time.monotonic() < until
        time.sleep(0.05)


def history(server: ServerProcess, run_id: str) -> int:
    with server.client() as client:
        found = client.get(f"/api/v1/runs/{server.entity}/scenes/{run_id}")
        return int(found.json()["run"]["last_step"]) if found.status_code == 200 else -1


def test_the_launcher_tells_the_end_that_the_client_cannot(
    server: ServerProcess, tmp_path: Path
) -> None:
    launcher = [sys.executable, "-m", "heartline.cli.main", "run", "-q", "--"]
    assert scene(server, "killed", tmp_path, *launcher) == 128 + 9
    assert state(server, "killed") == ("killed", "signal")


def state(server: ServerProcess, run_id: str) -> tuple[str, str]:
    with server.client() as client:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            answer = client.get(f"/api/v1/runs/{server.entity}/scenes/{run_id}")
            run = answer.json()["run"]
            if run["state"] != "running":
                break
            time.sleep(0.05)
        return run["state"], run["cause"]


def test_what_is_logged_is_read_back(server: ServerProcess, tmp_path: Path) -> None:
    told = scene(server, "basic", tmp_path)
    assert (told["state"], told["rows"], told["sampled"]) == ("finished", 20, 20)
    assert told["config"] == {"lr": 0.1, "nest": {"a": [1, 2]}}
    assert told["loss"] == pytest.approx(0.05)
    assert (told["tags"], told["group"]) == (["t"], "g")
    assert {"config.yaml", "output.log", "wandb-metadata.json"} <= set(told["files"])
    assert (told["found"], told["count"]) == (["basic"], 1)
    assert told["program"]
    assert state(server, "basic") == ("finished", "finished")
    with server.client() as client:
        path = f"/api/v1/runs/{server.entity}/scenes/basic"
        lines = client.get(f"{path}/console").json()["lines"]
        assert any("hello from the client" in line[3] for line in lines)
        keys = {key["key"]: key for key in client.get(f"{path}/keys").json()}
        assert keys["bad"]["nan_count"] == 20
        assert keys["deep.x"]["last"] == 19.0


def test_a_resumed_run_goes_on_where_it_was(server: ServerProcess, tmp_path: Path) -> None:
    told = scene(server, "resume", tmp_path)
    assert told["rows"] == [[n, n] for n in range(10)]
    assert told["refused"] == ["UsageError", "UsageError"]


def test_a_rewound_run_forgets_what_came_after(server: ServerProcess, tmp_path: Path) -> None:
    told = scene(server, "rewind", tmp_path)
    assert told["rows"] == [[n, n] for n in range(5)] + [[5 + n, 100 + n] for n in range(3)]


def test_a_fork_shows_its_parents_history(server: ServerProcess, tmp_path: Path) -> None:
    told = scene(server, "fork", tmp_path)
    assert told["rows"] == [[n, n] for n in range(4)] + [[4 + n, 100 + n] for n in range(3)]
    assert told["parent"] == 6


def test_tables_and_alerts_do_not_disturb_a_run(server: ServerProcess, tmp_path: Path) -> None:
    told = scene(server, "media", tmp_path)
    assert told["state"] == "finished"
    assert len(told["tables"]) == 1


def test_every_file_of_a_run_is_read_back(server: ServerProcess, tmp_path: Path) -> None:
    script = shutil.copy(SCRIPT, tmp_path / "client.py")
    told = scene(server, "files", tmp_path, script=Path(script))
    assert told["table"] == [[1, "one"], [2, None]]
    assert (told["image"], told["caption"], told["mine"]) == (True, "four", "mine")
    assert (told["bars"], told["many"]) == ("histogram", 2)
    assert (told["added"], told["left"], told["commit"]) == (True, False, True)
    files = told["files"]
    assert {"config.yaml", "requirements.txt", "wandb-metadata.json", "wandb-summary.json",
            "notes of mine.txt", "diff.patch"} <= set(files)  # fmt: skip
    for kind in ("media/images/image", "media/table/table", "media/html/html", "code/",
                 "media/object3D/points"):  # fmt: skip
        assert any(path.startswith(kind) for path in files), kind
    assert all(files.values())


def test_a_run_made_before_its_process_waits_for_it(server: ServerProcess, tmp_path: Path) -> None:
    assert scene(server, "pending", tmp_path) == {
        "made": "pending", "must": "refused", "begun": "running", "failed": True, "told": "failed",
        "pending": [True, "pending"], "end": "finished", "rows": [[0, 0], [1, 1], [2, 2]],
    }  # fmt: skip


def test_an_offline_run_is_sent_once_however_often(server: ServerProcess, tmp_path: Path) -> None:
    assert scene(server, "offline", tmp_path)["rows"] == [[n, n] for n in range(5)]


def test_a_run_is_edited_and_deleted_through_the_public_api(
    server: ServerProcess, tmp_path: Path
) -> None:
    told = scene(server, "edit", tmp_path)
    assert told == {"tags": ["new"], "added": 1, "best": 3, "gone": True}


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [("exit3", 3, ("failed", "exit_code")), ("exception", 1, ("failed", "exception"))],
)
def test_an_end_that_the_client_tells_is_shown(
    server: ServerProcess, tmp_path: Path, name: str, code: int, expected: tuple[str, str]
) -> None:
    assert scene(server, name, tmp_path) == code
    assert state(server, name) == expected


class Impatient(ServerProcess):
    """A server with the shortest lease that there is."""

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "HEARTLINE_SERVER_WANDB_HEARTBEAT_MS": "1000"}


def test_a_death_that_the_client_cannot_tell_is_presumed_from_silence(tmp_path: Path) -> None:
    (home := tmp_path / "server").mkdir()
    server = Impatient(home).start()
    try:
        assert scene(server, "killed", tmp_path) == -9
        wait_for(lambda: state(server, "killed")[0] != "running")
        assert state(server, "killed") == ("crashed", "lost_heartbeat")
    finally:
        server.stop()
