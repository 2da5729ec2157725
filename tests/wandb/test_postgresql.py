"""The second door over PostgreSQL: what the real client said, from its hello to a page of runs."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import binaries, postgres
from tests.server_process import running
from tests.wandb.test_transcripts import Stage

PAGE = """query($project: String!, $filters: JSONString, $order: String) {
  project(name: $project) { runCount runs(filters: $filters, order: $order) { edges { node {
    name state config summaryMetrics systemMetrics historyKeys historyLineCount
    logLines(last: 1) { edges { node { line } } } history(minStep: 2, maxStep: 4) } } } } }"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    if binaries() is None:
        pytest.skip("no PostgreSQL server is installed")
    with (
        postgres() as url,
        running(tmp_path / "server", "--database-url", url) as server,
        server.client() as client,
    ):
        yield Stage(server, client, "stories")


def test_runs_are_told_resumed_rewound_forked_shared_and_listed(stage: Stage) -> None:
    for name in ("told", "again", "rewound", "forked", "shared", "sent_later", "raised"):
        stage.play(f"0.31.0-{name}")
    ends = {run: stage.end(run) for run in ("told", "again", "shared", "raised")}
    assert ends == {
        "told": ("finished", "finished", 1), "again": ("finished", "finished", 2),
        "shared": ("finished", "finished", 1), "raised": ("failed", "exception", 1),
    }  # fmt: skip
    assert stage.rows("told") == [(0, 0), (1, 1), (2, 2), (3, 3), (4, "Infinity")]
    assert stage.rows("again") == [(n, n) for n in range(5)]
    assert stage.rows("rewound") == [(0, 0), (1, 1), (2, 2), (3, 100), (4, 101)]
    assert stage.rows("forked") == [(0, 0), (1, 1), (2, 100), (3, 101)]
    assert sorted(value for _, value in stage.rows("shared")) == [0, 1, 10, 11]
    assert stage.rows("sent_later") == [(n, n) for n in range(3)]
    stage.server.restart()
    asked = {
        "project": "stories", "order": "-created_at",
        "filters": json.dumps({"config.lr.value": {"$gte": 0.1}, "summary_metrics.best": 3}),
    }  # fmt: skip
    told = stage.client.post("/graphql", json={"query": PAGE, "variables": asked}).json()
    (edge,) = told["data"]["project"]["runs"]["edges"]
    run = edge["node"]
    assert (run["name"], run["state"], run["historyLineCount"]) == ("told", "finished", 5)
    assert json.loads(run["config"])["lr"] == {"value": 0.1}
    assert json.loads(run["summaryMetrics"])["best"] == 3
    assert run["historyKeys"]["keys"]["a"]["typeCounts"] == [{"type": "number", "count": 5}]
    assert [json.loads(line)["a"] for line in run["history"]] == [2, 3]
    assert run["logLines"]["edges"][0]["node"]["line"] == "an error"
    assert told["data"]["project"]["runCount"] == 8
