"""One server for all tests of the second door that do not hurt it."""

from collections.abc import Iterator

import pytest

from tests.server_process import ServerProcess, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running(tmp_path_factory.mktemp("server")) as process:
        yield process
