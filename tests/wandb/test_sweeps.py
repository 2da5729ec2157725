"""Sweeps by the real `wandb sweep`, `wandb agent` and `wandb.Api().sweep()` against our server."""

import pytest

pytest.importorskip("wandb")

from tests.server_process import ServerProcess
from tests.wandb.scenes import Scenes


@pytest.fixture(scope="module")
def scenes(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    return Scenes(server, "sweeps.py", tmp_path_factory.mktemp("sweeps"))


def test_a_grid_is_tried_once_each_and_the_agent_goes_home(scenes: Scenes) -> None:
    told = scenes.play("grid")
    assert (told["before"], told["after"], told["code"]) == ("PENDING", "FINISHED", 0)
    assert told["runs"] == [[lr, {"depth": 3}, "finished"] for lr in (0.1, 0.2)]
    assert (told["expected"], told["best"], told["best_loss"]) == (2, 0.2, True)
    assert (told["agent"], told["config"], told["listed"]) == ([2, True], "grid", True)


def test_an_agent_of_one_function_goes_on_after_a_prior_run(scenes: Scenes) -> None:
    assert scenes.play("function") == {
        "states": ["finished"] * 3, "state": "RUNNING", "runs": 3, "within": True,
    }  # fmt: skip


def test_only_cancel_reaches_a_run(scenes: Scenes) -> None:
    told = scenes.play("control")
    assert told["table"] == [
        ["PAUSED", ["running"], ["running"], "PAUSED"],
        ["RUNNING", ["running"], ["running"], "RUNNING"],
        ["CANCELED", ["running"], ["killed"], "CANCELED"],
        ["FINISHED", ["running"], ["running"], "FINISHED"],
    ]
    assert (told["code"], told["stopped"]) == (0, [0, ["finished"]])
    assert told["refused"] == "Cannot pause finished sweep."


def test_what_is_wrong_with_a_sweep_is_told_by_its_key(scenes: Scenes) -> None:
    told = scenes.play("wrong")
    assert "method: `best` is none of ours" in told["method"]
    assert "parameters.a.values" in told["empty"]
    assert "Could not find sweep" in told["missing"]


def test_an_agent_whose_sweep_was_deleted_hears_that_it_is_gone(scenes: Scenes) -> None:
    sweep, agent = scenes.play("deleted", "join").split()
    with scenes.server.client() as client:
        client.delete(f"/api/v1/sweeps/{scenes.server.entity}/tries/{sweep}").raise_for_status()
    assert scenes.play("deleted", agent) == "SweepNotFoundError"
