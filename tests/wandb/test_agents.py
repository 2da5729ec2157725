"""The runs of sweep agents, page by page."""

from collections.abc import Sequence
from typing import Any

import pytest

from heartline.adapters.memory.runs import MemoryRuns
from heartline.adapters.memory.sweeps import MemorySweeps
from heartline.core.lifecycle import Instant
from heartline.core.records import RunKey, RunRecord
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Agent, Stage, Sweep, SweepKey, Trial
from tests.usecases.conftest import WALL, World
from tests.wandb import desk

GIVEN = {"method": "grid", "parameters": {"lr": {"values": [1]}}}
RUNS, AGENTS = 6, 2
ASK = """query A($first: Int, $after: String, $order: String) {
    project(name: "digits", entityName: "ada") { sweep(sweepName: "s") { agents { edges { node {
        name runs(first: $first, after: $after, order: $order) {
            edges { node { name } } pageInfo { endCursor hasNextPage } } } } } } } }"""


@pytest.fixture
def world() -> World:
    """Six runs, handed in turn to two agents."""
    made = World()
    keys = [made.opened(id=f"r{n}").run.key for n in range(RUNS)]

    def unit(tx: Any) -> None:
        sweep = tx.sweeps.create(
            Sweep(SweepKey(0), "ada", "digits", "s", "s", "ada", GIVEN, Status.RUNNING, 1, "", 1)
        )
        for n in range(AGENTS):
            tx.sweeps.put_agent(
                Agent(f"a{n}", sweep.key, "vm", "ada", "wandb", n, Instant(1), WALL, 15_000)
            )
        for n, key in enumerate(keys):
            stage, agent = Stage.RUNNING, f"a{n % AGENTS}"
            tx.sweeps.put_trial(Trial(sweep.key, n, key, f"r{n}", {}, stage, 1, agent))

    made.do(unit)
    return made


class CountedRuns(MemoryRuns):
    """Counts the runs that are asked for by their keys."""

    asked = 0

    def get_many(self, keys: Sequence[RunKey]) -> Sequence[RunRecord]:
        self.asked += len(keys)
        return super().get_many(keys)


class CountedSweeps(MemorySweeps):
    """Counts how often trials are listed."""

    asked = 0

    def trials(self, sweep: SweepKey, first: int, limit: int) -> Sequence[Trial]:
        self.asked += 1
        return super().trials(sweep, first, limit)


def paged(answer: Any) -> dict[str, tuple[list[str], str | None, bool]]:
    agents = [edge["node"] for edge in answer["project"]["sweep"]["agents"]["edges"]]
    return {
        each["name"]: (
            [edge["node"]["name"] for edge in each["runs"]["edges"]],
            each["runs"]["pageInfo"]["endCursor"],
            each["runs"]["pageInfo"]["hasNextPage"],
        )
        for each in agents
    }


def test_the_runs_of_each_agent_come_page_by_page_in_either_order(world: World) -> None:
    first = paged(desk.data(world, ASK, first=2))
    assert first == {"a0": (["r0", "r2"], "2", True), "a1": (["r1", "r3"], "2", True)}
    assert paged(desk.data(world, ASK, first=2, after="2"))["a0"] == (["r4"], "3", False)
    assert paged(desk.data(world, ASK, first=1, order="-created_at"))["a1"] == (["r5"], "1", True)


def test_a_deleted_run_moves_no_cursor(world: World) -> None:
    world.do(lambda tx: tx.runs.delete(RunKey(1)))
    assert paged(desk.data(world, ASK, first=2))["a0"] == (["r2"], "2", True)
    assert paged(desk.data(world, ASK, first=2, after="2"))["a0"] == (["r4"], "3", False)


def test_a_page_of_runs_reads_no_other_run_and_the_trials_once(world: World) -> None:
    def unit(tx: Any) -> tuple[int, int]:
        tx.runs = CountedRuns(tx.runs._state)
        tx.sweeps = CountedSweeps(tx.sweeps._state)
        desk.told(world, tx, ASK, first=1)
        return tx.runs.asked, tx.sweeps.asked

    assert world.do(unit) == (AGENTS, 1)
