"""What a filter's names mean: fields of ours first, then what the project's runs have."""

import pytest

from heartline.core.records import Project, RunKey
from heartline.usecases.find_runs import find_runs
from heartline.usecases.group_runs import group_runs
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery
from heartline.wire.charts import GroupQuery
from tests.usecases.conftest import World


@pytest.fixture
def lab(world: World) -> World:
    """Three runs whose rate, width and loss grow; `depth` is set and measured; `name` is set."""
    for n in range(3):
        config = {"lr": n, "net": {"width": n}, "depth": n, "name": "x"}
        run = RunKey(world.opened(id=f"r{n}", launch=f"l{n}", config=config).reply.run)
        values = {"loss": n / 10, "val/loss": n / 10, "depth": n}
        world.do(lambda tx, run=run, values=values: tx.runs.index_summary(run, values))
    return world


def found(world: World, filters: object, **words: object) -> list[str] | str:
    asked = RunQuery(entity="ada", project="digits", filters=filters, **words)  # type: ignore[arg-type]
    answer = world.do(lambda tx: find_runs(tx, world.who(), asked, world.now))
    return answer.reason if isinstance(answer, Refused) else [run.path.id for run in answer.runs]


@pytest.mark.parametrize("filters", [
    "loss < 0.15 and lr > 0", "val/loss < 0.15 and net.width > 0", "summary.loss = .1",
    {"lr": {"$gt": 0, "$lt": 2}}, {"$not": {"loss": {"$ne": 0.1}}}, "state = running and lr = 1",
])  # fmt: skip
def test_a_bare_name_is_the_setting_or_the_result_of_that_name(lab: World, filters: object) -> None:
    assert found(lab, filters) == ["r1"]


def test_runs_are_sorted_and_grouped_by_bare_names(lab: World) -> None:
    assert found(lab, "", order="-lr") == ["r2", "r1", "r0"]
    asked = GroupQuery(entity="ada", project="digits", by=["lr"], select=["loss"])
    told = lab.do(lambda tx: group_runs(tx, lab.who(), asked, lab.now))
    assert [group.values for group in told.groups] == [[2], [1], [0]]


def test_a_name_of_ours_is_no_setting(lab: World) -> None:
    assert found(lab, "name = x") == []
    assert len(found(lab, "config.name = x")) == 3


def test_a_name_that_is_both_a_setting_and_a_result_is_asked_back(lab: World) -> None:
    assert found(lab, "depth = 1") == (
        "`depth` is both config.depth and summary.depth: write one of them"
    )
    assert found(lab, "config.depth = 1") == found(lab, "summary.depth = 1") == ["r1"]


@pytest.mark.parametrize(("wrong", "meant"), [
    ("los < 1", "`summary.loss`"), ("stat = running", "`state`"),
    ("zzz = 1", "`config.zzz` or `summary.zzz`"),
])  # fmt: skip
def test_an_unknown_name_is_told_with_the_nearest(lab: World, wrong: str, meant: str) -> None:
    told = found(lab, wrong)
    assert f"unknown field `{wrong.split(maxsplit=1)[0]}`; did you mean {meant}?" in str(told)


def test_a_name_means_only_what_the_runs_that_may_be_seen_have(lab: World) -> None:
    lab.do(lambda tx: tx.accounts.put_project(Project("ada", "other", 1)))
    asked = RunQuery(entity="ada", project="other", filters="loss < 1")
    answer = lab.do(lambda tx: find_runs(tx, lab.who(), asked, lab.now))
    assert isinstance(answer, Refused) and "unknown field `loss`" in answer.reason
