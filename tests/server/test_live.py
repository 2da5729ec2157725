"""Server-sent events: that something changed, at once, and what was missed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from heartline.core.records import RunKey
from heartline.ports import News
from heartline.server.house import RECENT_MAX, RECENT_S, Recent
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


@contextmanager
def listening(server: ServerProcess, **options: Any) -> Iterator[Iterator[dict[str, str]]]:
    with (
        server.client() as client,
        client.stream("GET", "/api/v1/events", **options) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield messages(answer)


def messages(answer: httpx.Response) -> Iterator[dict[str, str]]:
    found: dict[str, str] = {}
    for line in answer.iter_lines():
        if not line and found:
            yield found
            found = {}
        elif line and not line.startswith(":"):
            name, _, value = line.partition(":")
            found[name] = value.strip()


def about(news: Iterator[dict[str, str]], key: int, topic: str) -> dict[str, str]:
    for each in news:
        body = json.loads(each["data"])
        if each["event"] == "run" and body["run"] == key and topic in body["topics"]:
            return each
    raise AssertionError("the stream ended")


def test_a_change_of_state_is_told_to_those_who_listen(server: ServerProcess) -> None:
    with server.client() as client, listening(server) as news:
        hello = next(news)
        assert hello["event"] == "hello" and "version" in json.loads(hello["data"])
        run = Speaker(client).opened()
        assert run.reply is not None
        told = json.loads(about(news, run.reply.run, "state")["data"])
        assert (told["entity"], told["project"]) == (server.entity, "digits")
        run.log(5)
        about(news, run.reply.run, "series")
        run.exit()
        about(news, run.reply.run, "state")


def test_a_greeting_tells_what_was_news_a_moment_ago(server: ServerProcess) -> None:
    with server.client() as client:
        run, other = Speaker(client).opened(), Speaker(client, project="greeted").opened()
        assert run.reply is not None and other.reply is not None
        run.log(5)
        with listening(server, params={"projects": f"{server.entity}/digits"}) as news:
            hello = json.loads(next(news)["data"])
    told = {each["run"]: each for each in hello["recent"] if "run" in each}
    assert {"state", "series"} <= set(told[run.reply.run]["topics"])
    assert 0 <= told[run.reply.run]["age_ms"] <= hello["recent_ms"] <= RECENT_S * 1000
    # Nothing of a project that was not asked for.
    assert other.reply.run not in told


def test_news_are_kept_for_a_while_and_of_too_many_the_newest() -> None:
    now = 100.0
    recent = Recent(lambda: now)

    def news(run: int, topic: str) -> News:
        return News(("e", "p"), RunKey(run), 0, frozenset({topic}))

    assert recent.told() == (0, [])
    recent.add(news(1, "state"))
    recent.add(news(2, "state"))
    now += 1
    recent.add(news(1, "series"))
    both = news(1, "state"), news(1, "series")
    joined = News(("e", "p"), RunKey(1), 0, both[0].topics | both[1].topics)
    assert recent.told() == (1000, [(1000, news(2, "state")), (0, joined)])
    now += RECENT_S
    assert recent.told() == (int(RECENT_S * 1000), [(int(RECENT_S * 1000), news(1, "series"))])
    for _ in range(2 * RECENT_MAX):
        now += 0.001
        recent.add(news(3, "series"))
    since_ms, told = recent.told()
    assert [each.run for _, each in told] == [3]
    # What was let go was told a thousandth of a second before the oldest that is kept.
    assert abs(since_ms - RECENT_MAX) <= 1


def test_who_was_away_is_told_what_changed_meanwhile(server: ServerProcess) -> None:
    with server.client() as client:
        with listening(server) as news:
            seen = next(news)["id"]
        run = Speaker(client).opened()
        assert run.reply is not None
        with listening(server, headers={"Last-Event-ID": seen}) as news:
            about(news, run.reply.run, "state")


def test_only_the_projects_asked_for_are_told(server: ServerProcess) -> None:
    asked = {"projects": f"{server.entity}/wanted"}
    with server.client() as client, listening(server, params=asked) as news:
        next(news)
        Speaker(client, project="unwanted").opened()
        wanted = Speaker(client, project="wanted").opened()
        assert wanted.reply is not None
        assert json.loads(next(news)["data"])["run"] == wanted.reply.run


def test_events_of_others_are_not_told(server: ServerProcess) -> None:
    with server.client() as admin:
        key = admin.post("/api/v1/users", json={"name": "listener"}).json()["api_key"]
        with (
            server.client(key) as mine,
            mine.stream("GET", "/api/v1/events") as answer,
        ):
            news = messages(answer)
            next(news)
            Speaker(admin).opened()
            own = Speaker(mine).opened()
            assert own.reply is not None
            assert json.loads(next(news)["data"])["run"] == own.reply.run


def test_who_may_not_see_any_more_is_told_nothing_more(server: ServerProcess) -> None:
    with server.client() as admin:
        made = admin.post("/api/v1/users", json={"name": "eve"}).json()
        with (
            server.client(made["api_key"]) as eve,
            eve.stream("GET", "/api/v1/events") as answer,
        ):
            news = messages(answer)
            assert next(news)["event"] == "hello"
            assert admin.patch("/api/v1/users/eve", json={"disabled": True}).is_success
            assert list(news) == []
