"""A page of whole runs: what is asked of each run is read of all of them at once."""

from array import array
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from heartline.adapters.sql.database import opened
from heartline.core.records import Block, Column, RunRecord, Stream
from heartline.server.wandb.listed import Listed
from tests.contract.conftest import World
from tests.contract.test_runs import make


def logged(tx: Any, name: str, value: float) -> RunRecord:
    record: RunRecord = make(tx, name)
    said = Block(array("q", [0]), array("q", [1]), (Column("loss", array("d", [value])),))
    tx.series.append(Stream(record.key, 1, "w"), 0, 1, history=[said])
    return record


def test_a_page_of_runs_reads_all_their_keys_in_one_statement(tmp_path: Path) -> None:
    asked: list[str] = []
    with opened(tmp_path / "runs.db") as database:
        world = World(database)
        page = [world.write(lambda tx, n=n: logged(tx, f"r{n}", n / 4)) for n in range(5)]
        alone = world.write(lambda tx: logged(tx, "alone", 9.0))

        @sa.event.listens_for(database.engine, "before_cursor_execute")
        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        def unit(tx: Any) -> list[Any]:
            listed = Listed()
            listed.page(page)
            return [listed.keys(tx.series, each.key)[0].last for each in [*page, *page, alone]]

        found = world.read(unit)
    assert found == [0.0, 0.25, 0.5, 0.75, 1.0] * 2 + [9.0]
    assert sum("FROM chunks" in each for each in asked) == 2
