"""A host over HTTP: for each person what their own runs tell of it."""

import httpx

from tests.server.writer import Speaker
from tests.server_process import ServerProcess


def test_a_host_is_shown_to_those_who_may_see_its_runs(
    server: ServerProcess, keys: dict[str, str]
) -> None:
    with server.client(keys["member"]) as member:
        live = Speaker(member, project="rooms").opened(
            entity="vision", host="rack-3", rank=0, environment={"machine": {"cpu_count": 8}}
        )
        gone = Speaker(member, project="rooms").opened(entity="vision", host="rack-3")
        gone.exit("failed", "exit_code", evidence={"exit_code": 1})
    for role in ("admin", "member", "viewer"):
        with server.client(keys[role]) as client:
            found = client.get("/api/v1/hosts/rack-3").json()
        (now,), (lately,) = found["live"], found["lately"]
        assert (found["host"], found["state"], found["ended"]) == ("rack-3", "failed", 1)
        assert (now["run"]["id"], lately["run"]["id"]) == (live.id, gone.id)
        assert (now["writers_live"], now["ranks"], now["measured"]) == (1, [0], True)
        assert now["silent_ms"] >= 0
        assert lately["silent_ms"] is None
        assert found["machine"] == {"machine": {"cpu_count": 8}}
    with server.client(keys["stranger"]) as stranger:
        refused = stranger.get("/api/v1/hosts/rack-3")
    assert refused.status_code == 404
    assert "rack-3" in refused.json()["error"]


def test_a_host_that_nobody_ran_on_is_not_found(
    client: httpx.Client, server: ServerProcess
) -> None:
    assert client.get("/api/v1/hosts/nowhere").status_code == 404
    assert httpx.get(f"{server.base_url}/api/v1/hosts/nowhere").status_code == 401
