"""One browser, one server and one lab of runs for all that only look."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.app import App, open_browser, signed_in
from tests.browser.fleet import Fleet, Trainer
from tests.browser.silence import fall_silent
from tests.server_process import ServerProcess, running
from tests.terminal import Terminal, until

SCRIPTS = Path(__file__).parent / "scripts"
CHROMIUM = Path("/usr/bin/chromium")
STATIC = Path(__file__).parents[2] / "src/heartline/server/static/index.html"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one worker: a machine has room for one browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package", autouse=True)
def needs() -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not here")
    assert STATIC.exists(), "the web app is not built: make web"


@pytest.fixture(scope="package")
def browser(needs: None) -> Iterator[Any]:
    # The package's own scope: a browser's event loop would be in the way of other tests.
    with open_browser() as found:
        yield found


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture(scope="package")
def fleet(server: ServerProcess) -> Iterator[Fleet]:
    with server.client() as client:
        lab = Fleet(client).found()
        lab.every_state()
        fall_silent(server, "swift-fold-9")
        lab.many(4)
        yield lab
        lab.stop()


@pytest.fixture(scope="package")
def context(browser: Any, server: ServerProcess) -> Iterator[Any]:
    with signed_in(browser, server) as found:
        yield found


@pytest.fixture
def app(context: Any, server: ServerProcess) -> Iterator[App]:
    """A page of somebody who is signed in; nothing may fail in its console."""
    with App.opened(context, server.base_url) as found:
        yield found


@pytest.fixture
def terminal(server: ServerProcess, tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(server, tmp_path) as found:
        yield found


@dataclass
class Training:
    """A real process under the real SDK, told what to do line by line."""

    process: "subprocess.Popen[str]"
    name: str
    project: str
    terminal: Terminal

    @property
    def path(self) -> str:
        return f"/{self.terminal.server.entity}/{self.project}/runs/{self.name}"

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def view(self) -> dict[str, Any] | None:
        with self.terminal.server.client() as client:
            entity = self.terminal.server.entity
            answer = client.get(f"/api/v1/runs/{entity}/{self.project}/{self.name}")
        return answer.json()["run"] if answer.status_code == 200 else None

    def until(self, right: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        found = until(lambda: (view := self.view()) and right(view) and view)
        assert isinstance(found, dict)
        return found


@pytest.fixture
def train(terminal: Terminal) -> Callable[..., Training]:
    def start(name: str, project: str = "digits") -> Training:
        process = terminal.run(
            [sys.executable, str(SCRIPTS / "train.py"), name, project], stdin=subprocess.PIPE
        )
        made = Training(process, name, project, terminal)
        made.until(lambda view: view["state"] == "running")
        return made

    return start


@pytest.fixture
def wandb_run(terminal: Terminal) -> Callable[[str, str], None]:
    def start(name: str, project: str) -> None:
        server, home = terminal.server, terminal.home
        environment = {
            **server.environment, "WANDB_BASE_URL": server.base_url, "HOME": str(home),
            "WANDB_API_KEY": server.api_key, "WANDB_ERROR_REPORTING": "false",
            "WANDB_DIR": str(home), "WANDB_DISABLE_GIT": "true", "PATH": os.environ["PATH"],
        }  # fmt: skip
        subprocess.run(
            [sys.executable, str(SCRIPTS / "wandb_train.py"), name, project], env=environment,
            cwd=home, timeout=100, capture_output=True, check=True,
        )  # fmt: skip

    return start


__all__ = ["App", "Fleet", "Trainer"]
