"""Every adapter that claims to keep the ports' promises, one at a time."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from heartline.adapters.memory.database import MemoryDatabase
from heartline.adapters.sql.database import SqlDatabase, opened
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
        self.database = database

    def write(self, unit: Callable[[Any], Any]) -> Any:
        return asyncio.run(self.database.write(unit))

    def read(self, unit: Callable[[Any], Any]) -> Any:
        return asyncio.run(self.database.read(unit))


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[SqlDatabase]:
    """An empty database of PostgreSQL, with a few units of work at once."""
    with opened(postgres_url) as database:
        names = ", ".join(f'"{table.name}"' for table in metadata.sorted_tables)
        with database.engine.begin() as connection:
            connection.execute(sa.text(f"TRUNCATE {names} RESTART IDENTITY"))
        yield database


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "memory":
        yield World(MemoryDatabase())
    elif request.param == "sqlite":
        with opened(str(tmp_path / "contract.db")) as database:
            yield World(database)
    else:
        yield World(request.getfixturevalue("postgresql"))
