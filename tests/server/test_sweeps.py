"""Sweeps over HTTP against a real server: make, hand out, control, look, and who may do it."""

import struct
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from heartline.wire.ingest import Block, Column
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

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


def status(client: httpx.Client, path: str) -> str:
    found: str = look(client, path)["sweep"]["status"]
    return found


def control(client: httpx.Client, path: str, action: str, reason: str = "") -> httpx.Response:
    return client.post(f"{path}/{action}", json={"reason": reason})


def test_only_cancel_reaches_runs_and_each_control_says_what_it_will_do(
    client: httpx.Client,
) -> None:
    path = make(client)
    one, two = Agent(client, path), Agent(client, path)
    running = Speaker(client, id=one.trial()["run"], project="sweeps").opened(resume="allow")
    waiting = two.trial()
    told = {each["action"]: each for each in look(client, path)["sweep"]["controls"]}
    assert told["pause"]["allowed"] and not told["resume"]["allowed"]
    assert "2 live ones become Killed" in told["cancel"]["told"]
    for action in ("pause", "pause", "resume", "resume", "stop"):
        answer = control(client, path, action, "to see")
        assert answer.status_code == 200, answer.text
        assert running.view()["state"] == "running" and running.view()["stop"] is None
        assert look(client, path)["sweep"]["states"] == {"running": 1, "pending": 1}
    assert "to see" in look(client, path)["sweep"]["sentence"]
    refused = control(client, path, "resume")
    assert refused.status_code == 409 and "stopped sweep cannot be resumed" in refused.text
    cancelled = control(client, path, "cancel").json()
    assert cancelled["status"] == "cancelled"
    assert cancelled["states"] == {"running": 1, "killed": 1}
    assert running.view()["stop"]["by"].startswith("sweep")
    assert running.say().stop is not None
    turns = look(client, path)["turns"]
    assert [(each["status"], each["by"].partition(" ")[0], each["door"]) for each in turns] == [
        ("pending", "user", "api"), ("running", "agent", ""), ("paused", "user", "api"),
        ("running", "user", "api"), ("stopped", "user", "api"), ("cancelled", "user", "api"),
    ]  # fmt: skip
    assert turns[2]["sentence"].endswith(": to see")
    (order,) = one.beat()["commands"]
    assert order["type"] == "stop" and "cancelled" in order["reason"]
    one.running = []
    (home,) = one.beat(ended=[{"run": running.id, "signal": "SIGTERM"}])["commands"]
    assert home["type"] == "exit"
    shown = running.view()
    assert (shown["state"], shown["cause"]) == ("killed", "sweep_cancelled")
    assert client.get(f"/api/v1/runs/{shown['entity']}/sweeps/{waiting['run']}").json()["run"][
        "cause"
    ] == "sweep_cancelled"  # fmt: skip


@pytest.mark.parametrize("method", ["grid", "bayes"])
def test_counts_are_exact_with_many_agents_at_once(server: ServerProcess, method: str) -> None:
    with server.client() as client:
        wide = {**GRID, "method": method, "run_cap": 40 if method == "grid" else 24}
        wide["parameters"] = {"a": {"min": 1, "max": 10}, "b": {"values": [1, 2, 3, 4]}}
        path, seen = make(client, wide), list[tuple[str, str]]()

        def work() -> None:
            with server.client() as mine:
                agent = Agent(mine, path)
                while True:
                    orders = agent.beat(wants=True)["commands"]
                    if orders and orders[0]["type"] == "exit":
                        return
                    for each in orders:
                        seen.append((each["run"], str(each["args"])))
                        agent.beat(ended=[{"run": each["run"], "exit_code": 0}])

        agents = [threading.Thread(target=work) for _ in range(6)]
        for each in agents:
            each.start()
        for each in agents:
            each.join(60)
        sweep = look(client, path)["sweep"]
        assert sweep["status"] == "finished", sweep["sentence"]
        assert sweep["made"] == len(seen) == len({run for run, _ in seen}) == wide["run_cap"]
        assert sweep["states"] == {"finished": wide["run_cap"]}
        if method == "grid":
            assert len({args for _, args in seen}) == 40
        assert sweep["warnings"] and "logged `loss`" in sweep["warnings"][0]


def test_a_sweep_that_always_runs_out_of_memory_stops_itself_and_says_why(
    client: httpx.Client,
) -> None:
    path = make(client, {**GRID, "stop_after_failures": 3})
    agent = Agent(client, path)
    for _ in range(3):
        run = agent.trial()["run"]
        agent.running = []
        agent.beat(ended=[{"run": run, "signal": "SIGKILL", "oom": True, "memory_bytes": 9}])
    sweep = look(client, path)["sweep"]
    assert sweep["status"] == "failed" and sweep["made"] == 3
    assert "first 3 runs all ended the same way (crashed: out of memory)" in sweep["sentence"]
    assert [each["type"] for each in agent.beat(wants=True)["commands"]] == ["exit"]
    assert control(client, path, "resume").json()["status"] == "running"
    assert agent.trial()["run"]


BAD = [
    ({}, "method: is missing"),
    ("method: [", "not YAML in line"),
    ("- a", "a sweep file is a mapping"),
    ("method: grid\nparameters: {on: {value: 1}}", "on, off, yes and no are: put it in quotes"),
    ("null: 1", "put it in quotes"),
    ("a: !!bool b", "not YAML"),
    ("a: !!int ''", "not YAML"),
    ("a: !!timestamp b", "not YAML"),
    ("a: " + 99_998 * "b", "a sweep file has at most 100000 characters"),
    ("method: grid\nparameters: {lr: {min: 1.5, max: 2.5}}", "a grid cannot go through"),
    ({**GRID, "metod": 1}, "did you mean `method`"),
    ({**GRID, "parameters": {}}, "parameters: is empty"),
    ({**GRID, "command": ["${x}"]}, "unknown macro"),
    ({**GRID, "parameters": {"a": {"value": [[[[0] * 9] * 9] * 99] * 9}}}, "at most 20000 values"),
]


@pytest.mark.parametrize(("config", "said"), BAD, ids=lambda each: str(each)[:40])
def test_a_configuration_that_cannot_be_meant_is_refused_with_the_fix(
    client: httpx.Client, config: Any, said: str
) -> None:
    made = client.post("/api/v1/sweeps", json={"config": config, "project": "sweeps"})
    assert made.status_code == 422 and said in made.json()["error"], made.text
    checked = client.post("/api/v1/sweeps/check", json={"config": config}).json()
    assert checked["faults"] or "20000" in said


def test_the_text_of_a_sweep_file_is_read_as_people_mean_it(client: httpx.Client) -> None:
    text = """
    method: random
    name: from a file
    parameters: &all
      lr: {min: 1e-4, max: 1, distribution: log_uniform_values}
      when: {value: 2020-01-01}
    """
    path = make(client, text.replace("&all", ""))
    found = look(client, path)
    assert found["sweep"]["name"] == "from a file" and found["sweep"]["planned"] is None
    assert found["parameters"][0]["numbers"] == {"min": 1e-4, "max": 1}
    assert found["parameters"][1]["values"] == ["2020-01-01"]
    bomb = "a: &a [1,1,1,1,1,1,1,1,1]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    made = client.post("/api/v1/sweeps", json={"config": bomb, "project": "sweeps"})
    assert made.status_code == 422 and "at most" in made.text


def test_an_agent_is_refused_elsewhere_and_told_when_its_sweep_is_gone(
    client: httpx.Client,
) -> None:
    path, other = make(client), make(client)
    agent = Agent(client, path)
    run = agent.trial()["run"]
    beat = {"running": [], "wants": True}
    stray = client.post(f"{other}/agents/{agent.id}/beat", json=beat)
    assert stray.status_code == 404 and "heartline agent" in stray.json()["error"]
    crowd = client.post(f"{path}/agents/{agent.id}/beat", json={"running": ["x"] * 300})
    assert crowd.status_code == 422
    assert client.patch(path, json={"name": "new", "description": "d"}).json()["name"] == "new"
    assert client.delete(path).json() == {"deleted": True}
    gone = client.post(f"{path}/agents/{agent.id}/beat", json=beat)
    assert gone.status_code == 404 and "deleted" in gone.json()["error"]
    entity = path.split("/")[4]
    assert client.get(f"/api/v1/runs/{entity}/sweeps/{run}").status_code == 200
    counted = client.get(f"/api/v1/projects/{entity}/sweeps").json()["sweeps"]
    again = make(client, id=path.rsplit("/", 1)[1])
    assert again == path and look(client, path)["sweep"]["made"] == 0
    assert client.get(f"/api/v1/projects/{entity}/sweeps").json()["sweeps"] == counted + 1
    twice = client.post("/api/v1/sweeps", json={"config": GRID, "project": "sweeps",
                                                "id": path.rsplit("/", 1)[1]})  # fmt: skip
    assert twice.status_code == 409


def test_prior_runs_count_as_tried(client: httpx.Client) -> None:
    old = Speaker(client, project="sweeps").opened(config={"lr": 0.2, "kind": "b"})
    old.exit("finished")
    path = make(client, prior_runs=[old.id])
    assert look(client, path)["sweep"]["planned"] == 5
    page = client.get(f"{path}/trials", params={"first": -10}).json()
    assert page["trials"][0]["prior"] and page["trials"][0]["run_id"] == old.id
    fresh, live = (
        Speaker(client, project="sweeps").opened(config={"lr": 0.2, "kind": "b"}) for _ in "ab"
    )
    fresh.exit("finished")
    for names, code, told in (
        ([old.id, old.id], 422, "each once"),
        ([fresh.id, "nobody"], 404, "no such run"),
        ([fresh.id, live.id], 409, "is running: wait for its end"),
        ([fresh.id, old.id], 409, "is a trial of sweep"),
    ):
        body = {"config": GRID, "project": "sweeps", "id": "undone", "prior_runs": names}
        refused = client.post("/api/v1/sweeps", json=body)
        assert refused.status_code == code and told in refused.text
        assert client.get(f"{path.rpartition('/')[0]}/undone").status_code == 404
    live.exit("finished")
    assert client.get(f"{path}/trials", params={"limit": 5_000}).status_code == 422


def test_every_role_may_do_what_it_may(server: ServerProcess) -> None:
    with server.client() as admin:
        keys = {}
        for name in ("sweeper", "watcher", "stranger"):
            made = admin.post("/api/v1/users", json={"name": name, "password": "password1"})
            keys[name] = made.json()["api_key"]
        admin.post("/api/v1/teams", json={"name": "crew", "admin": "sweeper"})
        member = {"user": "watcher", "role": "viewer"}
        admin.post("/api/v1/teams/crew/members", json=member)
    with server.client(keys["sweeper"]) as owner:
        path = make(owner, entity="crew")
        agent = Agent(owner, path)
    calls: list[tuple[str, str, Any]] = [
        ("POST", "/pause", {}), ("POST", "/resume", {}), ("POST", "/stop", {}),
        ("POST", "/cancel", {}), ("PATCH", "", {"name": "x"}), ("DELETE", "", None),
        ("POST", "/agents", {"host": "x"}), ("POST", f"/agents/{agent.id}/beat", {}),
    ]  # fmt: skip
    for name, code in (("watcher", 403), ("stranger", 404)):
        with server.client(keys[name]) as client:
            for method, part, body in calls:
                answer = client.request(method, path + part, json=body)
                assert answer.status_code == code, (name, method, part)
            made = {"config": GRID, "project": "sweeps", "entity": "crew"}
            assert client.post("/api/v1/sweeps", json=made).status_code == code
            for part in ("", "/trials", "/importance"):
                seen = client.get(path + part).status_code
                assert seen == (200 if name == "watcher" else 404), (name, part)
            listed = client.get("/api/v1/sweeps").json()
            assert bool(listed) is (name == "watcher")


def test_news_of_a_sweep_names_it(server: ServerProcess, client: httpx.Client) -> None:
    path = make(client)
    sweep_id, seen = path.rsplit("/", 1)[1], list[str]()
    with client.stream("GET", "/api/v1/events", timeout=PATIENCE_S) as stream:
        lines = stream.iter_lines()
        assert any("hello" in line for line in lines)
        with server.client() as other:
            Agent(other, path).trial()
        until = time.monotonic() + PATIENCE_S
        for line in lines:
            assert time.monotonic() < until, seen
            if f'"sweep":"{sweep_id}"' in line:
                seen.append(line)
            if any('"trials"' in each for each in seen):
                break
    assert any('"agents"' in each for each in seen)
