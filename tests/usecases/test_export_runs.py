"""Runs to be kept elsewhere: all that match, or a reason."""

import pytest

from heartline.usecases import export_runs
from heartline.usecases.export_runs import export_page
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
        found = world.do(lambda tx: export_page(tx, who, asked, [], 0, world.now))
        assert isinstance(found, Refused) == (n == 2)
    assert "3 runs match" in found.reason
