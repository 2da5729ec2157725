"""What a server's death, stop or stall may not do to runs."""

import resource
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.server.writer import Speaker, block
from tests.server_process import ServerProcess, running

KILLS = 5
WRITERS = 4


def until(fact: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_nothing_acknowledged_is_lost_and_no_run_crashes_when_the_server_is_killed_under_load(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as server:
        speakers = [Speaker(server.client()).opened() for _ in range(WRITERS)]
        done = threading.Event()

        def write(speaker: Speaker) -> None:
            while not done.is_set():
                try:
                    speaker.log(7)
                except (httpx.TransportError, AssertionError):
                    time.sleep(0.01)

        threads = [threading.Thread(target=write, args=(each,)) for each in speakers]
        for thread in threads:
            thread.start()
        for _ in range(KILLS):
            before = [each.durable for each in speakers]
            until(
                lambda b=before: all(  # type: ignore[misc]
                    each.durable > was for each, was in zip(speakers, b, strict=True)
                )
            )
            server.restart()
        done.set()
        for thread in threads:
            thread.join()
        for speaker in speakers:
            until(lambda each=speaker: bool(each.say()))  # type: ignore[misc]
            steps = []
            next_step: int | None = 0
            while next_step is not None:
                asked = {"min_step": next_step, "limit": 10_000}
                page = speaker.client.get(f"{speaker.path}/scan", params=asked).json()
                steps += [row["_step"] for row in page["rows"]]
                next_step = page["next_step"]
            assert steps == list(range(speaker.durable))
            ledger = speaker.client.get(f"{speaker.path}/ledger").json()
            assert [line["after"] for line in ledger] == ["pending", "running"]


def test_a_stop_answers_what_was_accepted_and_ends_with_code_0(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        speaker = Speaker(server.client()).opened()
        speaker.log(100)
        speaker.exit()
        with server.client() as listener, listener.stream("GET", "/api/v1/events") as events:
            assert next(events.iter_lines())
            began = time.monotonic()
            assert server.stop() == 0
            assert time.monotonic() - began < 8
        server.start()
        view = speaker.view()
        assert (view["state"], view["last_step"]) == ("finished", 99)
        page = {"project": "digits", "filters": {"summary.loss": {"$gt": 14}}}
        found = speaker.client.post("/api/v1/runs/query", json=page).json()
        assert [run["id"] for run in found["runs"]] == [speaker.id]


def test_the_first_key_stays_good_over_restarts_and_another_port(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        key = server.api_key
        server.restart()
        assert server.api_key == key
        with server.client() as client:
            assert client.get("/api/v1/viewer").json()["admin"] is True


@pytest.mark.parametrize("same", ["port", "data"])
def test_a_second_server_on_the_same_place_says_so(
    server: ServerProcess, tmp_path: Path, same: str
) -> None:
    second = ServerProcess(tmp_path, options=())
    if same == "port":
        second.port = server.port
    else:
        second.options = ("--data-dir", str(server.home / "data/heartline"))
    second.spawn()
    assert second.process is not None
    assert second.process.wait(20) == 1
    assert ("--port" if same == "port" else "--data-dir") in second.output
    assert "Traceback" not in second.output


def test_a_silent_run_is_crashed_when_its_lease_is_over_and_back_when_it_is_heard(
    server: ServerProcess,
) -> None:
    with server.client() as client:
        quiet = Speaker(client).opened(heartbeat_ms=1_000)
        loud = Speaker(client).opened(heartbeat_ms=1_000)

        def is_crashed() -> bool:
            loud.say()
            return bool(quiet.view()["state"] == "crashed")

        began = time.monotonic()
        until(is_crashed, 25)
        assert time.monotonic() - began > 14.5
        view = quiet.view()
        assert (view["cause"], view["confidence"]) == ("lost_heartbeat", "presumed")
        assert loud.view()["state"] == "running"
        assert loud.view()["silent_ms"] < 2_000
        quiet.say()
        assert quiet.view()["state"] == "running"


def test_a_full_disk_is_503_and_nothing_is_lost_when_there_is_room_again(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        assert server.process is not None
        speaker = Speaker(server.client()).opened()
        speaker.log(10)
        unlimited = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (400_000, unlimited[1]))
        answer = None

        def is_full() -> bool:
            nonlocal answer
            keys = tuple(f"k{n}" for n in range(20))
            answer = speaker.post(
                speaker.batch(count=500, history=[block(speaker.durable, 500, keys)])
            )
            if answer.status_code == 200:
                speaker.durable += 500
            return answer.status_code != 200

        until(is_full)
        assert answer is not None
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, unlimited)
        until(lambda: speaker.post(speaker.batch()).status_code == 200)
        taken = speaker.durable
        assert speaker.log(10).durable == taken + 10


def test_beyond_loopback_nobody_is_let_in_without_a_key(tmp_path: Path) -> None:
    with running(tmp_path, "--host", "0.0.0.0") as server:
        assert "token=" not in server.output
        assert not (tmp_path / "config/heartline/credentials").exists()
        assert httpx.get(f"{server.base_url}/api/v1/viewer").status_code == 401
        assert httpx.get(f"{server.base_url}/api/v1/server").json()["login_required"] is True
