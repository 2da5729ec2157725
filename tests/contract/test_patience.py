"""A question that would hold a reader for minutes is refused, and the reader goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from heartline.adapters.sql import patience
from heartline.adapters.sql.database import opened
from heartline.core.filters import FilterError
from tests.contract.conftest import World

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"
PATTERNS = (
    "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) "
    "SELECT count(*) FROM n WHERE hex(zeroblob(5000)) || x REGEXP '(0|00)*1$'"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    address = tmp_path / "heartline.db"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_url")
    with opened(address) as database:
        yield World(database)


def ask(world: World, question: str) -> int:
    found: int = world.read(lambda tx: tx.runs._db.execute(sa.text(question)).scalar())
    return found


@pytest.mark.parametrize("question", [ENDLESS, PATTERNS])
def test_a_question_without_an_end_is_refused_in_time(
    world: World, question: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    if question is PATTERNS and "postgresql" in request.node.name:
        pytest.skip("PostgreSQL reads patterns itself, under the same limit")
    monkeypatch.setattr(patience, "READ_S_MAX", 0.2)
    with pytest.raises(FilterError, match="name one project"):
        ask(world, question)
    # However busy this machine is, a question that has an end is answered.
    monkeypatch.undo()
    assert ask(world, "SELECT 41 + 1") == 42


def test_a_wrong_statement_is_no_slow_one(world: World) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        ask(world, "SELECT nothing FROM nowhere")


def test_a_write_is_never_cut_short(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "READ_S_MAX", 0.0)
    counted = ENDLESS.replace("FROM n)", "FROM n WHERE x < 300000)")
    assert world.write(lambda tx: tx.runs._db.execute(sa.text(counted)).scalar()) == 300_000
