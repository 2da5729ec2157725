from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sdk.stub import Stub, stub
from tests.sdk.training import Training


@pytest.fixture
def server_stub() -> Iterator[Stub]:
    with stub() as server:
        yield server


@pytest.fixture
def training(server_stub: Stub, tmp_path: Path) -> Iterator[Training]:
    found = Training(server_stub, tmp_path)
    yield found
    found.end()
