"""What needs a person, for each person: seen once is seen, until it ends again."""

import httpx

from heartline.usecases.cares import KEYS_MAX
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


def listed(client: httpx.Client) -> list[int]:
    groups = client.get("/api/v1/attention").json()["ended"]
    return [run["key"] for group in groups for run in group["runs"]]


def test_what_was_seen_is_off_ones_own_list_until_it_ends_again(
    server: ServerProcess,
    keys: dict[str, str],
) -> None:
    with server.client(keys["member"]) as member, server.client(keys["admin"]) as admin:
        run = Speaker(member, project="seen").opened(entity="vision", host="gpu-7")
        run.exit("failed", "exit_code", evidence={"exit_code": 1})
        assert run.reply is not None
        key = run.reply.run
        assert key in listed(member)
        assert member.post("/api/v1/attention/seen", json={"keys": [key]}).json() == {"seen": 1}
        assert key not in listed(member)
        assert key in listed(admin), "others have not seen it"
        again = Speaker(member, project="seen", id=run.id).opened(entity="vision")
        again.exit("failed", "exit_code", evidence={"exit_code": 2})
        assert key in listed(member)


def test_hosts_stand_as_the_worst_on_them(client: httpx.Client) -> None:
    Speaker(client, project="hosts").opened(host="node-1")
    Speaker(client, project="hosts").opened(host="node-1").exit("crashed", "out_of_memory")
    Speaker(client, project="hosts").opened(host="node-2")
    hosts = {each["host"]: each for each in client.get("/api/v1/attention").json()["hosts"]}
    assert (hosts["node-1"]["state"], hosts["node-1"]["runs"]) == ("crashed", 1)
    assert (hosts["node-2"]["state"], hosts["node-2"]["runs"]) == ("running", 1)


def test_nobody_marks_what_they_may_not_see(
    server: ServerProcess,
    keys: dict[str, str],
) -> None:
    with server.client(keys["member"]) as member, server.client(keys["stranger"]) as stranger:
        run = Speaker(member, project="seen").opened(entity="vision")
        assert run.reply is not None
        body = {"keys": [run.reply.run]}
        assert stranger.post("/api/v1/attention/seen", json=body).json() == {"seen": 0}


def failed(client: httpx.Client, entity: str = "") -> int:
    run = Speaker(client, project="cares").opened(entity=entity)
    run.exit("failed", "exit_code", evidence={"exit_code": 1})
    assert run.reply is not None
    return run.reply.run


def test_what_one_person_snoozes_stays_with_the_others_and_can_be_woken(
    server: ServerProcess,
    keys: dict[str, str],
) -> None:
    with server.client(keys["member"]) as member, server.client(keys["admin"]) as admin:
        key = failed(member, "vision")
        body = {"keys": [key], "for_ms": 3_600_000}
        assert member.post("/api/v1/attention/snooze", json=body).json() == {"snoozed": 1}
        assert key not in listed(member)
        assert key in listed(admin)
        (off,) = member.get("/api/v1/attention").json()["snoozed"]
        assert (off["run"]["key"], off["kind"]) == (key, "ended")
        assert off["until"] > off["since"]
        assert member.post("/api/v1/attention/wake", json={"keys": [key]}).json() == {"woken": 1}
        assert key in listed(member)
        wrong = member.post("/api/v1/attention/snooze", json={**body, "for_ms": 0})
        assert wrong.status_code == 422
        assert "for_ms" in wrong.json()["error"]
        for act in ({"seen": {}}, {"snooze": {}}, {"wake": {}}, {"assign": {"user": ""}}):
            ((name, more),) = act.items()
            many = {"keys": [key] * (KEYS_MAX + 1), **more}
            wrong = member.post(f"/api/v1/attention/{name}", json=many)
            assert wrong.status_code == 422
            assert f"at most {KEYS_MAX} runs" in wrong.json()["error"]


def test_who_looks_after_a_run_is_known_to_all_who_may_see_it(
    server: ServerProcess,
    keys: dict[str, str],
) -> None:
    with server.client(keys["member"]) as member, server.client(keys["admin"]) as admin:
        key = failed(member, "vision")
        params = {"entity": "vision"}
        people = member.get("/api/v1/attention/assignees", params=params).json()
        mine = member.get("/api/v1/viewer").json()["name"]
        assert mine in people
        body = {"keys": [key], "user": mine}
        assert admin.post("/api/v1/attention/assign", json=body).json() == {"assigned": 1}
        assert admin.get("/api/v1/attention").json()["assigned"][str(key)]["user"] == mine
        stranger = {**body, "user": "nobody-here"}
        assert member.post("/api/v1/attention/assign", json=stranger).status_code == 422


def test_it_is_told_how_long_nothing_was_judged(client: httpx.Client) -> None:
    found = client.get("/api/v1/attention").json()["reaper"]
    server = client.get("/api/v1/server").json()
    assert abs(found["since"] - (server["time_at"] - server["alive_ms"])) < 60_000
