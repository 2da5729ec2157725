"""Runs that move to another project: what goes with them, and what stays where it is."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.people import TEAM
from tests.server.writer import Speaker, act, block, ended
from tests.server_process import ServerProcess
from tests.terminal import until
from tests.wandb.door import Door


def move(client: httpx.Client, run: Speaker, project: str, entity: str = "") -> dict[str, Any]:
    assert run.reply is not None
    return act(client, "move", run.reply.run, project=project, entity=entity)


def test_a_run_moves_with_all_that_is_its_own_and_its_old_address_leads_to_it(
    client: httpx.Client,
) -> None:
    run = ended(client, "from")
    ended(client, "to")
    assert run.reply is not None
    assert move(client, run, "to")["done"] == [run.reply.run]
    here = run.path.replace("/from/", "/to/")
    for address in (here, run.path):
        found = client.get(address).json()["run"]
        assert (found["project"], found["state"], found["key"]) == ("to", "finished", run.reply.run)
        assert client.get(f"{address}/files/a.txt").content == b"kept"
        assert len(client.get(f"{address}/history").json()["rows"]) == 5
    for project, total in (("from", 0), ("to", 1)):
        asked = {"project": project, "filters": f'config.lr = 0.5 and id = "{run.id}"'}
        assert client.post("/api/v1/runs/query", json=asked).json()["total"] == total
    # Back again: the address is the run's own.
    assert move(client, run, "from")["done"] == [run.reply.run]
    assert client.get(run.path).json()["run"]["project"] == "from"


def test_a_run_that_is_started_again_goes_on_where_it_was_moved(client: httpx.Client) -> None:
    run = ended(client, "begun")
    ended(client, "moved")
    move(client, run, "moved")
    again = Speaker(client, id=run.id, project="begun").opened()
    assert run.reply is not None and again.reply is not None
    assert (again.reply.run, again.reply.project, again.reply.epoch) == (
        run.reply.run, "moved", run.reply.epoch + 1,
    )  # fmt: skip


def test_what_runs_stays_and_so_does_what_has_no_place_to_go(
    server: ServerProcess, keys: dict[str, str], client: httpx.Client
) -> None:
    alive = Speaker(client, project="live").opened()
    assert "ended" in next(iter(move(client, alive, "live-2")["refused"].values()))
    alive.exit()
    assert "no project" in next(iter(move(client, alive, "nowhere")["refused"].values()))
    twin = Speaker(client, id=alive.id, project="live-2").opened()
    assert "exists already" in next(iter(move(client, alive, "live-2")["refused"].values()))
    twin.exit()
    with server.client(keys["member"]) as member, server.client(keys["viewer"]) as viewer:
        team = ended(member, "shared", entity=TEAM)
        mine = ended(viewer, "own")
        assert "look at" in next(iter(move(viewer, mine, "shared", TEAM)["refused"].values()))
        assert "look at" in next(iter(move(viewer, team, "own")["refused"].values()))
        # Who can no longer see it learns nothing from the address where it was.
        place = viewer.get("/api/v1/viewer").json()["name"]
        assert move(client, team, "own", place)["done"]
        assert member.get(team.path).status_code == 404
        assert client.get(team.path).status_code == 200
        # Whose it is now may go on with it.
        Speaker(viewer, id=team.id, project="own").opened().log(2)


def test_who_may_no_longer_write_to_a_run_that_was_moved_sends_it_nothing_more(
    server: ServerProcess, keys: dict[str, str], client: httpx.Client
) -> None:
    ended(client, "taken")
    with server.client(keys["member"]) as member:
        run = ended(member, "given", entity=TEAM)
        late = run.batch(count=1, history=[block(run.durable, 1)])
        place = client.get("/api/v1/viewer").json()["name"]
        assert move(client, run, "taken", place)["done"]
        assert run.post(late).status_code == 403
        assert run.post(run.batch()).status_code == 403
        here = run.path.replace(f"/{TEAM}/given/", f"/{place}/taken/")
        assert len(client.get(f"{here}/history").json()["rows"]) == 5
        # Its new owner goes on, and a launch that it never knew is told to open its own.
        again = Speaker(client, id=run.id, project="taken").opened()
        again.log(2)
        assert run.post(late).status_code == 403
        run.launch = "of another server"
        assert run.say().reopen


Meanwhile = Callable[[], object]
LINK = """mutation($e: String!, $r: String!) { createRunFiles(input: {
    entityName: $e, projectName: "sent", runName: $r, files: ["a.bin"]}) { files { uploadUrl } } }"""


def held_up(server: ServerProcess, meanwhile: Meanwhile) -> Iterator[bytes]:
    """A body of which the server has begun to store the first half when something happens."""
    kept = server.home / "data/heartline/blobs"
    # Looked at now: the server begins at the headers, before a body is asked for its first part.
    before = set(kept.rglob(".*"))

    def body() -> Iterator[bytes]:
        yield b"x" * 100_000
        until(lambda: set(kept.rglob(".*")) - before)
        meanwhile()
        yield b"x" * 100_000

    return body()


@pytest.mark.parametrize("door", ["ours", "theirs"])
@pytest.mark.parametrize("what", ["given away", "deleted", "left"])
def test_a_long_upload_is_kept_only_if_it_may_still_be_at_its_end(
    server: ServerProcess, keys: dict[str, str], client: httpx.Client,
    door: str, what: str,
) -> None:  # fmt: skip
    place = client.get("/api/v1/viewer").json()["name"]
    ended(client, "taken")
    with server.client(keys["member"]) as member:
        run = ended(member, "sent", entity=TEAM)
        address = f"{run.path}/files/a.bin"
        if door == "theirs":
            told = Door(server.base_url, keys["member"]).data(LINK, e=TEAM, r=run.id)
            address = told["createRunFiles"]["files"][0]["uploadUrl"]
        membership = f"/api/v1/teams/{TEAM}/members/the-member"
        happens: dict[str, Meanwhile] = {
            "given away": lambda: move(client, run, "taken", place),
            "deleted": lambda: client.delete(run.path).raise_for_status(),
            "left": lambda: client.delete(membership).raise_for_status(),
        }
        blobs = files_under(server)
        try:
            answer = member.put(address, content=held_up(server, happens[what]))
            stranger = 404 if door == "ours" else 403
            assert answer.status_code == (410 if what == "deleted" else stranger), answer.text
            assert files_under(server) <= blobs
        finally:
            again = {"user": "the-member", "role": "member"}
            client.post(f"/api/v1/teams/{TEAM}/members", json=again)


def files_under(server: ServerProcess) -> set[Path]:
    """Every blob that is kept."""
    kept = server.home / "data/heartline/blobs"
    return {path for path in kept.rglob("*") if path.is_file()}


def test_what_was_deleted_where_it_was_moved_is_not_made_anew_at_its_old_address(
    client: httpx.Client,
) -> None:
    run = ended(client, "once")
    ended(client, "later")
    move(client, run, "later")
    assert client.delete(run.path.replace("/once/", "/later/")).status_code < 300
    assert client.get(run.path).status_code == 410
    # Its own spool, sent late, is refused; somebody else may use the id again.
    assert Speaker(client, id=run.id, project="once", launch=run.launch).open().status_code == 410
    assert Speaker(client, id=run.id, project="once").open().status_code == 200


def test_an_address_whose_newer_run_was_deleted_leads_to_no_older_one(
    server: ServerProcess, keys: dict[str, str], client: httpx.Client
) -> None:
    with server.client(keys["member"]) as member:
        run = ended(member, "first", entity=TEAM)
        place = client.get("/api/v1/viewer").json()["name"]
        ended(client, "second")
        move(client, run, "second", place)
        newer = Speaker(member, id=run.id, project="first").opened(entity=TEAM)
        assert newer.reply is not None and run.reply is not None
        assert newer.reply.run != run.reply.run
        newer.exit()
        assert client.delete(newer.path).status_code < 300
        assert client.get(run.path).status_code == 410
        here = run.path.replace(f"/{TEAM}/first/", f"/{place}/second/")
        assert client.get(here).json()["run"]["key"] == run.reply.run


def test_who_looks_after_a_run_goes_with_it(client: httpx.Client) -> None:
    run = Speaker(client, project="cared").opened()
    run.exit("failed", "exception")
    ended(client, "cared-2")
    assert run.reply is not None
    me = client.get("/api/v1/viewer").json()["name"]
    body = {"keys": [run.reply.run], "user": me}
    assert client.post("/api/v1/attention/assign", json=body).json() == {"assigned": 1}
    move(client, run, "cared-2")
    assigned = client.get("/api/v1/attention").json()["assigned"]
    assert assigned[str(run.reply.run)]["user"] == me


def test_their_client_goes_on_with_a_run_where_it_was_moved(
    server: ServerProcess, client: httpx.Client
) -> None:
    run = ended(client, "theirs")
    ended(client, "theirs-2")
    move(client, run, "theirs-2")
    door = Door(server.base_url, server.api_key)
    asked = """mutation($name: String!) { upsertBucket(input: {
        name: $name, modelName: "theirs", host: "box"}) {
            inserted bucket { name project { name } } } }"""
    with door.http:
        told = door.data(asked, name=run.id)["upsertBucket"]
    bucket = {"name": run.id, "project": {"name": "theirs-2"}}
    assert told == {"inserted": False, "bucket": bucket}
