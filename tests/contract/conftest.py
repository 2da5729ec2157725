"""Every adapter that claims to keep the ports' promises, one at a time."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from heartline.adapters.memory.database import MemoryDatabase
from heartline.adapters.sql.database import opened
from heartline.adapters.sql.tables import metadata
from tests.postgres import binaries, postgres

Do = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    with postgres() as url:
        yield url


class World:
    """A database to write to and read from, without an event loop in sight."""

    def __init__(self, database: Any) -> None:
        self._database = database

    def write(self, unit: Callable[[Any], Any]) -> Any:
        return asyncio.run(self._database.write(unit))

    def read(self, unit: Callable[[Any], Any]) -> Any:
        return asyncio.run(self._database.read(unit))


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "memory":
        yield World(MemoryDatabase())
        return
    address = str(tmp_path / "contract.db")
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_url")
    with opened(address) as database:
        if request.param == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
            with database.engine.begin() as connection:
                connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
        yield World(database)
