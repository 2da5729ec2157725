"""Several servers on one PostgreSQL: one truth, told by any of them."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.postgres import binaries, postgres
from tests.server.test_live import about, listening
from tests.server.test_outages import until
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running

pytestmark = pytest.mark.skipif(binaries() is None, reason="no PostgreSQL server is installed")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    home = tmp_path_factory.mktemp("pair")
    with (
        postgres() as url,
        running(home / "a", "--database-url", url) as first,
        running(home / "b", "--database-url", url) as second,
    ):
        yield first, second


def via(server: ServerProcess, key: str) -> httpx.Client:
    return server.client(key)


def test_a_run_may_speak_to_any_server(pair: tuple[ServerProcess, ServerProcess]) -> None:
    first, second = pair
    key = first.api_key
    with via(first, key) as a, via(second, key) as b:
        run = Speaker(a).opened()
        for client in (a, b, a, b):
            run.client = client
            run.log(5)
        run.say()
        run.exit()
        for client in (a, b):
            run.client = client
            view = run.view()
            assert (view["state"], view["last_step"]) == ("finished", 19)


def test_what_one_server_takes_the_listeners_of_the_other_are_told(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = pair
    with via(first, first.api_key) as a, listening(second, headers=auth(first)) as news:
        next(news)
        run = Speaker(a).opened()
        assert run.reply is not None
        about(news, run.reply.run, "state")


def auth(server: ServerProcess) -> dict[str, str]:
    return {"Authorization": f"Bearer {server.api_key}"}


def test_the_stop_order_reaches_a_run_that_speaks_to_another_server(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = pair
    with via(first, first.api_key) as a, via(second, first.api_key) as b:
        run = Speaker(a).opened()
        run.say()
        assert b.post(f"{run.path}/stop", json={"reason": "enough"}).status_code == 200
        assert run.say().stop is not None


def test_the_stacks_asked_of_one_server_are_asked_of_a_run_that_speaks_to_another(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = pair
    with via(first, first.api_key) as a, via(second, first.api_key) as b:
        run = Speaker(a).opened()
        run.say()
        asked = b.post(f"{run.path}/stacks", json={}).json()["asked_at"]
        until(lambda: run.say().stacks_at == asked)


def test_a_browser_is_signed_in_and_out_at_any_server(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = pair
    with via(first, first.api_key) as a:
        token = a.post("/api/v1/login/link").json()["path"].partition("token=")[2]
    with httpx.Client(base_url=second.base_url) as browser:
        assert browser.post("/api/v1/login", json={"token": token}).status_code == 200
        kept = dict(browser.cookies)
    with httpx.Client(base_url=first.base_url, cookies=kept) as browser:
        assert browser.post("/api/v1/login", json={"token": token}).status_code == 401
        assert browser.get("/api/v1/viewer").status_code == 200
        browser.cookies.update(kept)
        browser.post("/api/v1/logout")
    with httpx.Client(base_url=second.base_url, cookies=kept) as thief:
        until(lambda: thief.get("/api/v1/viewer").status_code == 401)


def test_a_key_that_one_server_revoked_is_soon_refused_by_the_other(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    first, second = pair
    with via(first, first.api_key) as a:
        made = a.post("/api/v1/users", json={"name": "service-1", "service": True}).json()
        with via(second, made["api_key"]) as b:
            assert b.get("/api/v1/viewer").status_code == 200
            key = a.get("/api/v1/users/service-1/keys").json()[0]["id"]
            a.delete(f"/api/v1/users/service-1/keys/{key}")
            until(lambda: b.get("/api/v1/viewer").status_code == 401)


def test_two_servers_do_not_make_the_clock_run_faster(
    pair: tuple[ServerProcess, ServerProcess],
) -> None:
    def alive(server: ServerProcess) -> int:
        found: int = httpx.get(f"{server.base_url}/api/v1/server").json()["alive_ms"]
        return found

    first, second = pair
    began, at = time.monotonic(), alive(first)
    until(lambda: alive(first) > at + 4_000 and alive(second) > at + 4_000)
    passed = (time.monotonic() - began) * 1000
    assert max(alive(first), alive(second)) - at <= passed + 2_500


def test_when_one_server_dies_its_runs_live_on_at_the_other_without_a_crash(
    tmp_path: Path,
) -> None:
    with (
        postgres() as url,
        running(tmp_path / "a", "--database-url", url) as first,
        running(tmp_path / "b", "--database-url", url) as second,
    ):
        with via(first, first.api_key) as a, via(second, first.api_key) as b:
            runs = [Speaker(a).opened(heartbeat_ms=1_000) for _ in range(3)]
            silent = Speaker(a).opened(heartbeat_ms=1_000)
            for run in runs:
                run.log(3)
            first.kill()

            def is_over() -> bool:
                for run in runs:
                    run.client = b
                    run.say()
                silent.client = b
                return bool(silent.view()["state"] == "crashed")

            until(is_over, 40)
            for run in runs:
                ledger = b.get(f"{run.path}/ledger").json()
                assert [line["after"] for line in ledger] == ["pending", "running"]
                assert run.log(3).durable == 6
