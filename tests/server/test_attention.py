"""What needs a person, for each person: seen once is seen, until it ends again."""

import httpx

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
