"""`wandb.Api()` of the real client against a real server: runs of both clients are read alike."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("wandb")

from tests.server_process import ServerProcess
from tests.wandb.scenes import Scenes

# What each question of the script must find, of the three runs by wandb and the one by us.
FOUND = {
    "state": ["w0", "w1", "h0"], "state in": ["w2"], "name": ["w1"], "display_name": ["w0"],
    "displayName regex": ["w0", "w1", "w2"], "config eq": ["w0"], "config value": ["w0", "h0"],
    "nested": ["w1", "w2", "h0"], "nested value": ["w0"], "summary": ["w0", "h0"],
    "tags": ["w1"], "tags in": ["w0", "h0"], "tags nin": ["w1", "w2"], "and or": ["w1"],
    "nor": ["w1", "w2"], "not": ["w0", "h0"], "ne": ["w0", "h0"], "exists": ["h0"],
    "absent": ["w0"], "group": ["w1", "w2", "h0"], "jobType": ["w0", "w1", "w2"],
    "created": ["w0", "w1", "w2", "h0"], "createdAt": [], "notes": ["w1"], "description": ["w2"],
    "heartbeatAt": ["w0", "w1", "w2", "h0"], "sweep": [], "all": ["w0", "w1", "w2", "h0"],
}  # fmt: skip
ORDERS = {
    "+created_at": ["w0", "w1", "w2", "h0"], "-created_at": ["h0", "w2", "w1", "w0"],
    "+heartbeat_at": ["w0", "w1", "w2", "h0"], "config.lr.value": ["w1", "w0", "h0", "w2"],
    "-config.lr": ["w2", "h0", "w0", "w1"], "-summary_metrics.loss": ["w2", "w1", "w0", "h0"],
    "+summary_metrics.acc": ["h0", "w2", "w1", "w0"], "+display_name": ["h0", "w0", "w1", "w2"],
}  # fmt: skip


@pytest.fixture(scope="module")
def scenes(server: ServerProcess, tmp_path_factory: pytest.TempPathFactory) -> Scenes:
    found = Scenes(server, "public.py", tmp_path_factory.mktemp("client"))
    found.play("make")
    return found


@pytest.fixture(scope="module")
def asked(scenes: Scenes) -> Any:
    return scenes.play("ask")


def test_every_filter_of_theirs_finds_the_runs_of_both_clients(asked: Any) -> None:
    assert asked["found"] == FOUND
    assert asked["mine"] == 4


def test_every_order_sorts_and_pages_of_one_lose_nothing(asked: Any) -> None:
    assert asked["orders"] == ORDERS
    assert asked["paged"] == ["w0", "w1", "w2", "h0"]


def test_full_runs_bring_config_and_summary_along(asked: Any) -> None:
    assert asked["full"]["w1"] == [0.01, 0.5, True]
    assert asked["full"]["h0"] == [0.2, 1 / 1_200, True]


def test_a_scan_gives_every_row_of_its_range_and_no_other(scenes: Scenes) -> None:
    told = scenes.play("history")
    assert (told["scanned"], told["nan"], told["ranged"]) == (True, True, True)
    assert told["whole"] == ["int", 2]
    assert told["sparse"] == [step / 1_200 for step in range(0, 1_200, 100)]
    assert (told["sampled"], told["keyed"], told["odd"]) == (50, 50, "NaN")
    assert told["last"] == [1_199, 3]
    assert told["theirs"] == [[n, n] for n in range(4)]
    assert (told["beta"], told["histories"]) == (4, 2)
    assert told["exported"] == "incomplete, 0 files, live: True"
    assert told["lines"][0][-1] == "said by us"
    assert told["lines"][1][-1] == told["tail"][0] == "said by 0"
    assert (told["metadata"], told["summary"]) == (True, ["epoch", "loss"])


def test_runs_are_made_edited_and_moved_between_states(scenes: Scenes) -> None:
    told = scenes.play("change")
    assert told["back"] == [{"lr": 7}, ["a", "b"], "renamed", "noted", 3]
    assert (told["files"], told["left"]) == ([["weights.txt", 7, "weights"]], 0)
    assert (told["failed"], told["pending"]) == ([True, "failed"], [True, "pending"])
    assert (told["refused"], told["waits"]) == (False, "pending")
    assert told["gone"] == 0


@pytest.mark.parametrize(
    ("state", "code", "waited"), [("killed", "255", "failed"), ("preempted", "1", "crashed")]
)
def test_waiting_for_any_end_comes_to_an_end(
    scenes: Scenes, state: str, code: str, waited: str
) -> None:
    assert scenes.play("wait", state, code) == [waited, state]


def test_teams_people_service_accounts_and_keys_are_managed(scenes: Scenes) -> None:
    told = scenes.play("accounts")
    me = told["viewer"][0]
    assert told["team"] == ["vision", [[me, True]], True]
    assert told["user"] == ["ada", "ada@example.org"]
    assert told["invited"] == [True, False, False]
    assert told["service"] == ["vision-nightly-runs", "SERVICE"]
    assert told["theirs"][:2] == ["vision-nightly-runs", "vision"]
    assert sorted(told["members"]) == sorted(
        [["ada", "MEMBER"], [me, "ADMIN"], ["vision-nightly-runs", "SERVICE"]]
    )
    assert (told["removed"], told["found"]) == (True, ["ada", ["ada"]])
    assert (told["key"], told["deleted"]) == ([me, 2], [True, 1])
    assert (told["projects"], told["nobody"]) == (["made"], None)


def test_a_custom_chart_is_kept(scenes: Scenes, server: ServerProcess) -> None:
    assert scenes.play("charts") == {"chart": f"{server.entity}/mine", "reports": 0}


def test_what_is_not_built_says_so_and_hurts_no_run(scenes: Scenes) -> None:
    told = scenes.play("absent")
    assert "artifacts are not available on this Heartline server yet" in told["use"]
    assert "artifacts are not available on this Heartline server yet" in told["log"]
    assert (told["state"], told["tables"]) == ("finished", 1)


def test_the_verification_of_their_command_line_finds_our_version_good(
    scenes: Scenes, tmp_path: Path
) -> None:
    told = scenes.command("login", "--verify", "--relogin", "--host", scenes.server.base_url,
                          scenes.server.api_key)  # fmt: skip
    assert told.returncode == 0, told.stderr
