from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running
from tests.terminal import Terminal


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture
def terminal(server: ServerProcess, tmp_path: Path) -> Iterator[Terminal]:
    with Terminal(server, tmp_path) as found:
        yield found


@pytest.fixture
def http(server: ServerProcess) -> Iterator[httpx.Client]:
    with server.client() as found:
        yield found


@pytest.fixture
def run(http: httpx.Client) -> Speaker:
    return Speaker(http).opened()
