"""Deleted runs over HTTP: kept aside, listed, brought back, or gone for good."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from heartline.core.records import FileRecord, Project, RunPath
from heartline.server import clockwork
from heartline.server.house import House
from heartline.usecases.access import principal
from heartline.usecases.control_run import delete_run
from heartline.usecases.forget_deleted import SWEEPS_PER_UNIT_MAX, is_left
from heartline.usecases.open_run import create_run
from tests.server.people import TEAM
from tests.server.test_clockwork import opened, told
from tests.server.writer import Speaker, act, ended
from tests.server_process import ServerProcess


def key_of(run: Speaker) -> int:
    assert run.reply is not None
    return run.reply.run


def listed(client: httpx.Client, entity: str, project: str) -> list[int]:
    answer = client.get(f"/api/v1/projects/{entity}/{project}/deleted")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["total"] == len(found["runs"])
    return [each["key"] for each in found["runs"]]


def test_many_runs_are_deleted_and_brought_back_with_all_that_they_had(
    server: ServerProcess, client: httpx.Client
) -> None:
    runs = [ended(client, "back") for _ in range(3)]
    keys = [key_of(run) for run in runs]
    told = act(client, "delete", *keys)
    assert (told["done"], told["kept_ms"]) == (keys, 7 * 86_400_000)
    assert client.post("/api/v1/runs/query", json={"project": "back"}).json()["total"] == 0
    gone = client.get(runs[0].path)
    assert gone.status_code == 410 and "heartline undelete" in gone.json()["error"]
    assert listed(client, server.entity, "back") == keys[::-1]
    assert act(client, "undelete", *keys[:2], 999_999)["done"] == keys[:2]
    assert listed(client, server.entity, "back") == keys[2:]
    for run in runs[:2]:
        assert run.view()["state"] == "finished"
        assert client.get(f"{run.path}/files/a.txt").content == b"kept"
        assert len(client.get(f"{run.path}/history").json()["rows"]) == 5
    line = client.get(f"{runs[0].path}/ledger").json()[-1]
    assert (line["input"], line["cause"]) == ("Undeleted", "undeleted")
    assert line["sentence"].startswith("Brought back by user ")
    asked = {"project": "back", "filters": "config.lr = 0.5 and summary.loss < 1"}
    assert client.post("/api/v1/runs/query", json=asked).json()["total"] == 2


def test_what_is_deleted_for_good_is_not_brought_back(
    server: ServerProcess, client: httpx.Client
) -> None:
    first, second, third = (ended(client, "gone") for _ in range(3))
    assert client.delete(first.path, params={"for_good": True}).status_code == 200
    act(client, "delete", key_of(second), for_good=True)
    act(client, "delete", key_of(third))
    assert listed(client, server.entity, "gone") == [key_of(third)]
    assert act(client, "delete", key_of(third), for_good=True)["done"] == [key_of(third)]
    assert listed(client, server.entity, "gone") == []
    for run in (first, second, third):
        assert "for good" in act(client, "undelete", key_of(run))["refused"][str(key_of(run))]


def test_a_run_that_stands_where_it_was_is_not_pushed_aside(client: httpx.Client) -> None:
    run = ended(client, "taken-path")
    act(client, "delete", key_of(run))
    other = Speaker(client, id=run.id, project="taken-path").opened()
    assert "another run" in act(client, "undelete", key_of(run))["refused"][str(key_of(run))]
    other.exit()
    act(client, "delete", key_of(other))
    assert act(client, "undelete", key_of(run))["done"] == [key_of(run)]


def test_those_who_may_not_delete_may_not_bring_back_either(
    server: ServerProcess, keys: dict[str, str], client: httpx.Client
) -> None:
    with server.client(keys["member"]) as member, server.client(keys["viewer"]) as viewer:
        run = ended(member, "theirs", entity=TEAM)
        key = key_of(run)
        act(member, "delete", key)
        for action in ("undelete", "delete"):
            told = act(viewer, action, key, for_good=True)["refused"][str(key)]
            assert "look at" in told
        assert listed(viewer, TEAM, "theirs") == [key]
        with server.client(keys["stranger"]) as stranger:
            place = f"/api/v1/projects/{TEAM}/theirs/deleted"
            nowhere = f"/api/v1/projects/{TEAM}/nowhere/deleted"
            assert stranger.get(place).status_code == stranger.get(nowhere).status_code == 404
            told = act(stranger, "undelete", key, 999_999)["refused"]
            assert told[str(key)] == told["999999"].replace("999999", str(key))
        assert act(member, "undelete", key)["done"] == [key]


def test_many_that_were_deleted_are_forgotten_in_one_go(tmp_path: Path) -> None:
    many = [RunPath("ada", "p", f"r{n}") for n in range(3 * SWEEPS_PER_UNIT_MAX + 1)]

    async def story(house: House) -> None:
        now, house.keep_deleted_ms = house.clock.now(), 0

        def delete(tx: Any) -> None:
            tx.accounts.put_project(Project("ada", "p", 1))
            ada = principal(tx, tx.accounts.user("ada"))
            for path in many:
                create_run(tx, path, path.id, "ada", now)
                delete_run(tx, ada, path, now)

        await house.db.write(delete)
        assert (await house.db.read(lambda tx: tx.deleted.newest("ada", "p", 1)))[1] == len(many)
        await clockwork.forget(house)
        assert not await house.db.read(lambda tx: is_left(tx, house.clock.now().wall))

    told(tmp_path, story)


def test_files_are_kept_as_long_as_their_run_can_be_brought_back(tmp_path: Path) -> None:
    path = RunPath("ada", "p", "r")

    async def content() -> AsyncIterator[bytes]:
        yield b"kept"

    def kept() -> bool:
        return any(each.is_file() for each in (tmp_path / "blobs").rglob("*"))

    async def story(house: House) -> None:
        await opened(house)
        await house.blobs.put("a-blob", content())
        now = house.clock.now()

        def delete(tx: Any) -> None:
            record = tx.runs.find(path)
            tx.files.put(record.key, FileRecord("a.txt", 4, "text/plain", 0, "a-blob"))
            delete_run(tx, principal(tx, tx.accounts.user("ada")), path, now)

        await house.db.write(delete)
        house.keep_deleted_ms = 60_000
        await clockwork.forget(house)
        assert kept()
        house.keep_deleted_ms = 0
        await clockwork.forget(house)
        assert not kept()

    told(tmp_path, story)
