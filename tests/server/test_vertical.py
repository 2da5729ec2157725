"""The whole way of a run through a real server."""

import json
import struct
import time

import httpx
import pytest

from heartline.wire import ingest
from tests.server.writer import Speaker


def test_a_run_that_logs_and_finishes_is_finished_with_all_its_points(run: Speaker) -> None:
    assert run.log(100).durable == 100
    assert run.exit().exit_taken
    view = run.view()
    assert (view["state"], view["cause"], view["confidence"]) == ("finished", "finished", "proven")
    assert view["summary"]["loss"] == 99 / 7
    assert view["last_step"] == 99


def test_finished_is_refused_until_every_record_is_durable(run: Speaker) -> None:
    run.log(10)
    reply = run.exit(records=20)
    assert not reply.exit_taken
    assert "10" in reply.refused
    assert run.view()["state"] == "running"
    run.log(10)
    assert run.exit(records=20).exit_taken
    assert run.view()["state"] == "finished"


def test_a_bad_end_is_taken_even_when_records_are_missing(run: Speaker) -> None:
    run.log(10)
    assert run.exit("failed", "exit_code", records=50, evidence={"exit_code": 3}).exit_taken
    view = run.view()
    assert view["state"] == "failed"
    assert "code 3" in view["sentence"]
    assert run.log(10).durable == 20


def test_a_repeat_changes_nothing_and_a_gap_is_refused(run: Speaker) -> None:
    run.log(10)
    run.durable = 0
    again = run.log(10)
    assert (again.durable, bool(again.refused)) == (10, True)
    run.durable = 50
    gap = run.log(10)
    assert (gap.durable, bool(gap.refused)) == (10, True)
    rows = run.client.get(f"{run.path}/scan").json()["rows"]
    assert [row["_step"] for row in rows] == list(range(10))


def test_opening_twice_is_opening_once(client: httpx.Client) -> None:
    first = Speaker(client).opened()
    again = Speaker(client, id=first.id, launch=first.launch).opened()
    assert first.reply is not None and again.reply is not None
    assert (again.reply.run, again.reply.epoch) == (first.reply.run, 1)
    assert len(client.get(f"{first.path}/ledger").json()) == 2


def test_a_zombie_of_an_older_attempt_cannot_move_the_run(client: httpx.Client) -> None:
    old = Speaker(client).opened()
    old.log(5)
    new = Speaker(client, id=old.id).opened(resume="allow")
    reply = old.exit("failed", "exit_code")
    assert reply.stale
    assert new.view()["state"] == "running"
    late = old.log(5)
    assert (late.durable, late.stale) == (10, True)


def test_resume_never_refuses_an_existing_run_and_must_a_missing_one(client: httpx.Client) -> None:
    here = Speaker(client).opened()
    assert Speaker(client, id=here.id).open(resume="never").status_code == 409
    assert Speaker(client).open(resume="must").status_code == 404


def test_a_stop_request_reaches_the_script_and_is_confirmed_by_its_end(run: Speaker) -> None:
    assert run.client.post(f"{run.path}/stop", json={"reason": "enough"}).status_code == 200
    order = run.say().stop
    assert order is not None and order.reason == "enough"
    run.say(stop_acknowledged=True)
    assert run.view()["stop"]["acknowledged_at"] is not None
    run.exit("killed", "interrupted")
    view = run.view()
    assert (view["state"], view["cause"]) == ("killed", "stop_requested")


def test_changes_reach_config_and_summary(run: Speaker) -> None:
    run.say(count=1, changes=[{"config": {"lr": 0.1, "opt": {"name": "adam"}}, "name": "n1"}])  # type: ignore[list-item]
    run.say(count=1, changes=[{"config_removed": ["lr"], "summary": {"best": 3}}])  # type: ignore[list-item]
    view = run.view()
    assert view["config"] == {"opt": {"name": "adam"}}
    assert view["summary"]["best"] == 3
    assert view["name"] == "n1"


def test_runs_are_found_by_config_summary_and_state(client: httpx.Client) -> None:
    made = Speaker(client, project="found").opened(config={"lr": 0.5})
    made.log(10)
    made.exit()
    Speaker(client, project="found").opened(config={"lr": 0.01})
    for filters in (
        {"config.lr": {"$gt": 0.1}},
        {"summary.loss": {"$gt": 1}},
        "state = finished",
    ):
        asked = {"project": "found", "filters": filters, "select": ["config.lr", "summary.loss"]}
        page = client.post("/api/v1/runs/query", json=asked).json()
        assert [found["id"] for found in page["runs"]] == [made.id], filters
    assert page["runs"][0]["config"] == {"lr": 0.5}
    assert page["runs"][0]["summary"] == {"loss": 9 / 7}


def test_the_run_is_deleted_and_its_writer_is_told_for_ever(run: Speaker) -> None:
    assert run.client.delete(run.path).status_code == 200
    assert run.client.get(run.path).status_code == 410
    assert run.post(run.batch(count=1)).status_code == 410
    assert run.open(resume="allow").status_code == 410
    assert Speaker(run.client, id=run.id).open(resume="allow").status_code == 200


def test_a_run_that_the_database_does_not_know_is_to_be_opened_again(run: Speaker) -> None:
    assert run.reply is not None
    run.reply.run = 1_000_000_007
    reply = run.say(count=1)
    assert reply.reopen and not reply.stale


@pytest.mark.parametrize("ahead_ms", [0, 3_600_000, -(10**11)])
def test_time_since_the_start_is_counted_by_the_clock_that_dates_the_rows(
    client: httpx.Client, ahead_ms: int
) -> None:
    run = Speaker(client).opened(sent_at=int(time.time() * 1000) + ahead_ms)
    assert run.reply is not None
    run.log(5)
    found = run.view()["environment"].get("clock_ahead_ms", 0)
    assert ahead_ms - 60_000 < found <= ahead_ms
    asked = {"runs": [run.reply.run], "keys": ["loss"], "width": 100}
    started = run.view()["started_at"]
    told = {}
    for x in ("_timestamp", "_relative"):
        body = client.post("/api/v1/window", json={**asked, "x": x}).content
        size = int.from_bytes(body[:4], "little")
        header = json.loads(body[4 : 4 + size])
        columns = header["series"][0]["columns"]
        kind, offset, length = columns["x"]
        assert kind == "f64"
        start = -(-(4 + size) // 8) * 8 + offset
        told[x] = struct.unpack(f"<{length}d", body[start : start + 8 * length])
    assert told["_relative"] == tuple(at - started - found for at in told["_timestamp"])


def test_an_alert_is_told_with_its_run_even_when_its_batch_is_sent_twice(run: Speaker) -> None:
    told = ingest.Alert("Loss is rising", "for 10 epochs", "WARN", 1_700_000_000_000)
    changes = [ingest.Changes(alerts=[told])]
    run.say(changes=changes, first=0, count=1)
    run.say(changes=changes, first=0, count=1)
    assert run.client.get(run.path).json()["alerts"] == [
        {"title": told.title, "text": told.text, "level": "WARN", "at": told.at}
    ]
