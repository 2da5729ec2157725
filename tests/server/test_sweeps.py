"""Sweeps over HTTP against a real server: make, hand out, control, look, and who may do it."""

import struct
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from heartline.wire.ingest import Block, Column
from tests.server.writer import Speaker

PATIENCE_S = 15.0
GRID = {
    "method": "grid",
    "program": "train.py",
    "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"lr": {"values": [0.1, 0.2, 0.3]}, "kind": {"values": ["a", "b"]}},
}


@dataclass
class Agent:
    """An agent that speaks by hand."""

    client: httpx.Client
    path: str
    id: str = ""
    running: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = self.client.post(f"{self.path}/agents", json={"host": "vm", "beat_ms": 5_000})
        assert made.status_code == 201, made.text
        self.id = made.json()["id"]

    def beat(self, **said: Any) -> dict[str, Any]:
        answer = self.client.post(
            f"{self.path}/agents/{self.id}/beat", json={"running": self.running, **said}
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def trial(self) -> dict[str, Any]:
        """The next trial, taken on."""
        (command,) = self.beat(wants=True)["commands"]
        assert command["type"] in {"run", "resume"}, command
        self.running = [command["run"]]
        found: dict[str, Any] = command
        return found


def make(client: httpx.Client, config: Any = GRID, **words: Any) -> str:
    made = client.post("/api/v1/sweeps", json={"config": config, "project": "sweeps", **words})
    assert made.status_code == 201, made.text
    view = made.json()
    return f"/api/v1/sweeps/{view['entity']}/{view['project']}/{view['id']}"


def look(client: httpx.Client, path: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(path).json()
    return found


def ran(client: httpx.Client, trial: dict[str, Any], value: float | None = 0.5) -> Speaker:
    """A trial's process from birth to a good end."""
    speaker = Speaker(client, id=trial["run"], project="sweeps").opened(resume="allow")
    if value is not None:
        column = Column("loss", b"", struct.pack("<d", value))
        speaker.say(count=1, history=[Block(bytes(8), bytes(8), [column])])
    speaker.exit("finished")
    return speaker


def test_a_grid_is_handed_out_once_and_the_sweep_is_over(client: httpx.Client) -> None:
    path = make(client)
    assert look(client, path)["sweep"]["status"] == "pending"
    agent, seen = Agent(client, path), []
    for n in range(6):
        trial = agent.trial()
        seen.append((trial["args"]["lr"], trial["args"]["kind"]))
        ran(client, trial, 1.0 - n / 10)
        agent.running = []
    assert len(set(seen)) == 6
    told = agent.beat(wants=True)
    assert [each["type"] for each in told["commands"]] == ["exit"]
    sweep = look(client, path)["sweep"]
    assert sweep["status"] == "finished" and sweep["made"] == sweep["planned"] == 6
    assert sweep["states"] == {"finished": 6} and sweep["best"]["value"] == 0.5
    page = client.get(f"{path}/trials", params={"first": 2, "limit": 2}).json()
    assert [each["number"] for each in page["trials"]] == [2, 3] and page["total"] == 6
    assert [each["best_so_far"] for each in page["trials"]] == [0.8, 0.7]
    found = client.get(f"{path}/importance").json()
    assert {each["name"] for each in found["parameters"]} == {"lr", "kind"}
    assert sum(each["importance"] for each in found["parameters"]) == pytest.approx(1.0)
