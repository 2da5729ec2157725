"""One server for all tests that do not hurt it."""

from collections.abc import Iterator

import httpx
import pytest

from tests.server.people import invite
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture(scope="session")
def keys(server: ServerProcess) -> dict[str, str]:
    """A team with one user per role, and their keys."""
    return invite(server)


@pytest.fixture
def client(server: ServerProcess) -> Iterator[httpx.Client]:
    with server.client() as found:
        yield found


@pytest.fixture
def run(client: httpx.Client) -> Speaker:
    return Speaker(client).opened()
