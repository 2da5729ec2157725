"""Units that share a commit, each still all or nothing. Only SQLite commits in groups."""

from threading import Event

import pytest

from heartline.adapters.sql.database import opened
from heartline.core.records import Project

PATIENCE_S = 20


def test_a_unit_that_fails_takes_nothing_of_its_group_with_it(tmp_path):
    with opened(tmp_path / "group.db") as database:
        begun, together = Event(), Event()

        def first(tx):
            begun.set()
            assert together.wait(PATIENCE_S)

        def put(name, error=None):
            def unit(tx):
                tx.accounts.put_project(Project("bo", name, 1))
                if error is not None:
                    raise error
                return name

            return unit

        holding = database.submit(first)
        assert begun.wait(PATIENCE_S)
        group = [database.submit(put("a")), database.submit(put("b", ZeroDivisionError()))]
        group.append(database.submit(put("c")))
        together.set()
        holding.result(PATIENCE_S)
        assert [group[0].result(PATIENCE_S), group[2].result(PATIENCE_S)] == ["a", "c"]
        with pytest.raises(ZeroDivisionError):
            group[1].result(PATIENCE_S)
        found = database.submit(lambda tx: tx.accounts.projects(["bo"])).result(PATIENCE_S)
        assert [project.name for project in found] == ["a", "c"]
