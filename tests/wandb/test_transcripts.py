"""What the real client said, in two versions, said again: rows, states and files at the end."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server_process import ServerProcess

TRANSCRIPTS = Path(__file__).parent / "transcripts"
VERSIONS = ("0.29.0", "0.31.0")


@dataclass
class Stage:
    """A transcript played to a server, into a project of its own."""

    server: ServerProcess
    client: httpx.Client
    project: str
    links: dict[str, str] = field(default_factory=dict)
    bucket: str = ""

    def play(self, name: str) -> None:
        text = (TRANSCRIPTS / f"{name}.jsonl").read_text(encoding="utf-8")
        for line in text.splitlines():
            answer = self.say(json.loads(line))
            assert answer.status_code == 200, answer.text

    def say(self, said: dict[str, Any]) -> httpx.Response:
        if "graphql" in said:
            return self._ask(said)
        if "file" in said:
            return httpx.put(self.links[said["file"]], content=said["body"].encode())
        path = f"/files/{self.server.entity}/{self.project}/{said['stream']}/file_stream"
        return self.client.post(path, content=said["body"].encode(), headers=said["headers"])

    def _ask(self, said: dict[str, Any]) -> httpx.Response:
        variables = dict(said["variables"] or {})
        for name, value in (
            ("project", self.project), ("entity", self.server.entity), ("id", self.bucket),
            ("projectName", self.project), ("entityName", self.server.entity),
        ):  # fmt: skip
            if variables.get(name):
                variables[name] = value
        body = {"query": said["graphql"], "variables": variables}
        answer = self.client.post("/graphql", json=body, headers=said["headers"])
        assert "errors" not in answer.json(), answer.text
        for told in answer.json()["data"].values():
            if isinstance(told, dict):
                self._remember(told)
        return answer

    def _remember(self, told: dict[str, Any]) -> None:
        found = told.get("bucket") or told.get("rewoundRun")
        if found:
            self.bucket = found["id"]
        for file in told.get("files") or ():
            if "uploadUrl" in file:
                self.links[file["name"]] = file["uploadUrl"]

    def ask(self, run: str, rest: str = "") -> Any:
        path = f"/api/v1/runs/{self.server.entity}/{self.project}/{run}{rest}"
        return self.client.get(path).json()

    def end(self, run: str) -> tuple[str, str, int]:
        found = self.ask(run)["run"]
        return found["state"], found["cause"], found["attempt"]

    def rows(self, run: str) -> list[tuple[int, Any]]:
        found = self.ask(run, "/scan?keys=a")["rows"]
        return [(row["_step"], row["a"]) for row in found]


@pytest.fixture(params=VERSIONS)
def stage(request: pytest.FixtureRequest, server: ServerProcess) -> Iterator[Stage]:
    with server.client() as client:
        name = request.node.name.partition("[")[0].removeprefix("test_")[:60]
        yield Stage(server, client, f"{name}-{request.param}")


def version(stage: Stage) -> str:
    return stage.project.rpartition("-")[2]


def test_all_that_a_run_told_is_there(stage: Stage) -> None:
    stage.play(f"{version(stage)}-told")
    run = stage.ask("told")["run"]
    assert stage.end("told") == ("finished", "finished", 1)
    assert stage.rows("told") == [(0, 0), (1, 1), (2, 2), (3, 3), (4, "Infinity")]
    assert (run["name"], run["group"], run["job_type"]) == ("a name", "g", "train")
    assert (run["tags"], run["notes"]) == (["t"], "n")
    assert run["client"] == f"wandb {version(stage)}"
    assert (run["config"]["lr"], run["config"]["late"]) == (0.1, 1)
    assert run["summary"]["best"] == 3
    assert run["environment"]["python"].startswith("CPython")
    texts = [line[3] for line in stage.ask("told", "/console")["lines"]]
    assert texts[0] == "a line"
    assert texts[-1] == "an error"
    files = {file["path"] for file in stage.ask("told", "/files")}
    assert {"config.yaml", "wandb-metadata.json", "requirements.txt", "output.log"} <= files
    assert any(path.startswith("media/html/") for path in files)


def test_a_transcript_played_twice_is_stored_once(stage: Stage) -> None:
    """As if every answer had been lost; only the hello begins another attempt."""
    text = (TRANSCRIPTS / f"{version(stage)}-told.jsonl").read_text(encoding="utf-8")
    for line in text.splitlines():
        said = json.loads(line)
        for _ in range(3):
            assert stage.say(said).status_code == 200
    assert stage.rows("told") == [(0, 0), (1, 1), (2, 2), (3, 3), (4, "Infinity")]
    assert stage.end("told") == ("finished", "finished", 1)


def test_a_resumed_run_is_one_history_of_two_attempts(stage: Stage) -> None:
    stage.play(f"{version(stage)}-again")
    assert stage.rows("again") == [(n, n) for n in range(5)]
    assert stage.end("again") == ("finished", "finished", 2)


def test_a_rewound_run_goes_on_from_its_step(stage: Stage) -> None:
    stage.play(f"{version(stage)}-rewound")
    assert stage.rows("rewound") == [(0, 0), (1, 1), (2, 2), (3, 100), (4, 101)]


def test_a_fork_has_the_history_of_its_parent(stage: Stage) -> None:
    stage.play(f"{version(stage)}-forked")
    assert stage.rows("forked") == [(0, 0), (1, 1), (2, 100), (3, 101)]
    assert stage.rows("parent") == [(n, n) for n in range(4)]


def test_two_writers_of_a_shared_run_lose_nothing(stage: Stage) -> None:
    stage.play(f"{version(stage)}-shared")
    assert sorted(value for _, value in stage.rows("shared")) == [0, 1, 10, 11]
    assert stage.end("shared") == ("finished", "finished", 1)
    assert stage.ask("shared")["run"]["config"]["of"] == "first"


def test_a_log_that_is_sent_twice_is_one_run(stage: Stage) -> None:
    stage.play(f"{version(stage)}-sent_later")
    assert stage.rows("sent_later") == [(n, n) for n in range(3)]
    assert stage.end("sent_later") == ("finished", "finished", 1)
    run = stage.ask("sent_later")["run"]
    assert run["ended_at"] - run["started_at"] < 60_000
    assert run["environment"]["offline"]


def test_the_last_words_of_a_run_tell_the_exception(stage: Stage) -> None:
    stage.play(f"{version(stage)}-raised")
    assert stage.end("raised") == ("failed", "exception", 1)
    assert stage.ask("raised")["run"]["sentence"] == "ValueError: no good"
