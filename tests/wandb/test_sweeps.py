"""Sweeps by the real `wandb sweep`, `wandb agent` and `wandb.Api().sweep()` against our server."""

import json
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("wandb")

from heartline.server.wandb.context import Context, Unread
from tests.server_process import ServerProcess
from tests.wandb.door import Door
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


MAKE = """mutation M($config: String, $id: ID, $controller: JSONString) {
    upsertSweep(input: {config: $config, id: $id, controller: $controller, projectName: "local"}) {
        sweep { id name scheduler } configValidationWarnings } }"""
JOIN = """mutation J($sweep: String!) {
    createAgent(input: {host: "h", sweep: $sweep, projectName: "local"}) { agent { id } } }"""
BEAT = """mutation Heartbeat($id: ID!, $runState: JSONString) {
    agentHeartbeat(input: {id: $id, metrics: "{}", runState: $runState}) {
        agent { id } commands } }"""
LOCAL = """
method: random
wandb_version: 2
controller: {type: local}
run_cap: 2
parameters: {lr: {min: 0.0, max: 1.0}}
"""
TOTALS = """query T($sweep: String!, $agent: String!) { project(name: "local") {
    sweep(sweepName: $sweep) { runCount agent(agentName: $agent) { totalRuns } } } }"""


@pytest.fixture
def door(server: ServerProcess) -> Any:
    found = Door(server.base_url, server.api_key)
    with found.http:
        yield found


def beat(door: Door, agent: str, *running: str) -> Any:
    said = json.dumps(dict.fromkeys(running, True))
    told = door.data(BEAT, id=agent, runState=said)
    return json.loads(told["agentHeartbeat"]["commands"])


def test_a_local_controller_plans_and_stops_and_the_server_hands_out(door: Door) -> None:
    made = door.data(MAKE, config=LOCAL)["upsertSweep"]
    assert made["configValidationWarnings"] == ["`wandb_version` is not used by this server"]
    sweep = made["sweep"]
    agent = door.data(JOIN, sweep=sweep["name"])["createAgent"]["agent"]["id"]
    assert beat(door, agent) == []
    plan: dict[str, Any] = {"schedule": [{"id": 7, "data": {"args": {"lr": {"value": 0.5}}}}]}
    door.data(MAKE, id=sweep["id"], controller=json.dumps(plan))
    (command,) = beat(door, agent)
    assert (command["type"], command["args"]) == ("run", {"lr": {"value": 0.5}})
    run = command["run_id"]
    told = door.data(MAKE, id=sweep["id"])["upsertSweep"]["sweep"]
    assert json.loads(told["scheduler"]) == {"scheduled": [{"id": 7, "runid": run}]}
    assert beat(door, agent, run) == []
    plan["earlystop"] = [run]
    door.data(MAKE, id=sweep["id"], controller=json.dumps(plan))
    assert beat(door, agent, run) == [{"type": "stop", "run_id": run}]
    assert beat(door, agent) == []
    plan["schedule"] += [{"id": n, "data": {"args": 1} if n == 9 else {}} for n in (8, 9)]
    door.data(MAKE, id=sweep["id"], controller=json.dumps(plan))
    assert beat(door, agent) == [], "what is no plan is none"
    plan["schedule"][-1] = {"id": 9}
    door.data(MAKE, id=sweep["id"], controller=json.dumps(plan))
    (command,) = beat(door, agent)
    assert beat(door, agent) == [command], "an answer that was lost"
    second = door.data(JOIN, sweep=sweep["name"])["createAgent"]["agent"]["id"]
    assert beat(door, second) == [], "one more than run_cap"
    told = door.data(TOTALS, sweep=sweep["name"], agent=agent)["project"]["sweep"]
    assert told == {"runCount": 2, "agent": {"totalRuns": 2}}


def test_an_answer_that_was_lost_is_given_again_and_counts_once(door: Door) -> None:
    config = "{method: grid, parameters: {a: {values: [1, 2]}}, program: x.py}"
    sweep = door.data(MAKE, config=config)["upsertSweep"]["sweep"]
    agent = door.data(JOIN, sweep=sweep["name"])["createAgent"]["agent"]["id"]
    first, again = beat(door, agent), beat(door, agent)
    assert first == again
    assert (first[0]["program"], first[0]["args"]) == ("x.py", {"a": {"value": 1}})


def test_sweep_files_are_read_before_the_unit_of_work_that_makes_each_sweep_once(
    door: Door,
) -> None:
    """The unit is undone for each text that it wants read, and what came before is made anew."""
    made = 'upsertSweep(input: {config: $%s, projectName: "twice"}) { sweep { name } }'
    texts = {"a": "{method: grid, parameters: {x: {values: [1]}}}", "b": "{method: grid, para"}
    query = f"mutation M($a: String, $b: String) {{ one: {made % 'a'} two: {made % 'b'} }}"
    assert "not YAML" in door.error(query, **texts)
    listed = """query Q { project(name: "twice") { sweeps { edges { node { name } } } } }"""
    assert door.data(listed)["project"] is None
    names = {each["sweep"]["name"] for each in door.data(query, a=LOCAL, b=texts["a"]).values()}
    found = door.data(listed)["project"]["sweeps"]["edges"]
    assert {each["node"]["name"] for each in found} == names and len(found) == 2
    with pytest.raises(Unread):
        Context.read(SimpleNamespace(texts={}), LOCAL)  # type: ignore[arg-type]


def test_the_configuration_of_a_sweep_stays(door: Door) -> None:
    sweep = door.data(MAKE, config=LOCAL)["upsertSweep"]["sweep"]
    assert "stays as it was made" in door.error(MAKE, id=sweep["id"], config="{method: grid}")
    assert (
        door.data(MAKE, id=sweep["id"], config=LOCAL)["upsertSweep"]["sweep"]["id"] == sweep["id"]
    )


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
def test_a_sampler_that_this_server_lacks_is_refused_when_the_sweep_is_made(door: Door) -> None:
    config = "{method: bayes, sampler: gp, metric: {name: a}, parameters: {x: {min: 0, max: 1}}}"
    assert "install torch there, or write tpe" in door.error(MAKE, config=config)
