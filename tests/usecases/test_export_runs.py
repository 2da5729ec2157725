"""Runs to be kept elsewhere: all that match, or a reason."""

import pytest

from heartline.usecases import export_runs
from heartline.usecases.export_runs import PLAIN, export_keys, export_rows
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery
from tests.usecases.conftest import World


def test_more_runs_than_a_file_holds_are_refused_and_not_cut(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_runs, "RUNS_MAX", 2)
    who, asked = world.who(), RunQuery(entity="ada", project="digits")
    for n in range(3):
        world.opened(id=f"r{n}", launch=f"l{n}")
        found = world.do(lambda tx: export_keys(tx, who, asked, world.now))
        assert isinstance(found, Refused) == (n == 2)
    assert "more than 2 runs match" in found.reason


def test_a_file_has_each_run_once_whatever_comes_and_goes_between_its_pages(world: World) -> None:
    who, asked = world.who(), RunQuery(entity="ada", project="digits")
    for n in range(4):
        world.opened(id=f"r{n}", launch=f"l{n}")
    keys = world.do(lambda tx: export_keys(tx, who, asked, world.now))
    assert not isinstance(keys, Refused)
    first = world.do(lambda tx: export_rows(tx, who, keys[:2], [], world.now))
    world.opened(id="new", launch="new")
    world.do(lambda tx: tx.runs.delete(keys[2]))
    last = world.do(lambda tx: export_rows(tx, who, keys[2:], [], world.now))
    assert [row[PLAIN.index("id")] for row in [*first, *last]] == ["r3", "r2", "r0"]
