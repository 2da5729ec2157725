"""Whatever comes in, the answer is a 4xx that says what to do, never a 5xx."""

import gzip
import struct
import zlib
from typing import Any

import httpx
import msgspec
import pytest

from heartline.server.native.runs import ACTIONS_MAX
from heartline.wire.ingest import BATCH_BYTES_MAX, Block, Column, Exit, Line, ObjectValue
from tests.server.writer import Speaker, block

I8, F8 = struct.pack("<q", 1), struct.pack("<d", 1.0)
DEEP = b"\x91" * 5_000 + b"\xc0"


def refused(answer: httpx.Response, *statuses: int) -> str:
    assert answer.status_code in (statuses or (400, 422)), (answer.status_code, answer.text)
    problem = answer.json()
    assert problem["error"] and problem.get("code", "bad_request") != "internal"
    return str(problem["error"])


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"{}", b"\xc1", b"\xff" * 100, DEEP, msgspec.msgpack.encode({"run": "x"})],
    ids=["empty", "zero", "json", "reserved", "noise", "deep", "mistyped"],
)
@pytest.mark.parametrize("route", ["/api/v1/ingest", "/api/v1/runs/open"])
def test_a_malformed_body_is_told_so(client: httpx.Client, route: str, body: bytes) -> None:
    refused(client.post(route, content=body))


BAD_BATCHES: dict[str, dict[str, Any]] = {
    "steps are not whole numbers": {"count": 1, "history": [Block(b"123", b"123")]},
    "times are missing": {"count": 1, "history": [Block(I8, b"")]},
    "too few values": {"count": 1, "history": [Block(I8 * 2, I8 * 2, [Column("a", b"", F8)])]},
    "odd values": {"count": 1, "history": [Block(I8, I8, [Column("a", b"", b"12345")])]},
    "odd rows": {"count": 1, "history": [Block(I8, I8, [Column("a", b"123", F8)])]},
    "row outside": {"count": 1, "history": [Block(I8, I8, [Column("a", b"\1\0\0\0", F8)])]},
    "rows go back": {
        "count": 1,
        "history": [Block(I8 * 2, I8 * 2, [Column("a", b"\1\0\0\0\0\0\0\0", F8 * 2)])],
    },
    "no key": {"count": 1, "history": [Block(I8, I8, [Column("", b"", F8)])]},
    "key too long": {"count": 1, "history": [Block(I8, I8, [Column("k" * 5_000, b"", F8)])]},
    "nul in key": {"count": 1, "history": [Block(I8, I8, [Column("a\0", b"", F8)])]},
    "object outside": {
        "count": 1, "history": [Block(I8, I8, [], [ObjectValue("a", 7, b"{}")])],
    },
    "object is not json": {
        "count": 1, "history": [Block(I8, I8, [], [ObjectValue("a", 0, b"{")])],
    },
    "bad system block": {"count": 1, "system": [Block(b"1", b"1")]},
    "negative step": {"count": 1, "history": [Block(struct.pack("<q", -5), I8)]},
    "huge step": {"count": 1, "history": [Block(struct.pack("<q", 2**63 - 1), I8)]},
    "negative first": {"first": -1, "count": 1},
    "negative count": {"count": -1},
    "huge count": {"count": 2**62},
    "huge seq": {"seq": 2**64 - 1},
    "huge epoch": {"epoch": 2**64 - 1},
    "huge run": {"run": 2**64 - 1},
    "contents that are not counted": {"history": [block(0, 1)]},
    "huge line number": {"count": 1, "lines": [Line("stdout", 2**64 - 1, 0, "x")]},
    "no stream": {"count": 1, "lines": [Line("", 1, 0, "x")]},
    "unknown state": {"exit": Exit(state="dead", cause="finished", confidence=3, records=0, at=0)},
    "live state": {"exit": Exit(state="running", cause="finished", confidence=3, records=0, at=0)},
    "not a witness": {
        "exit": Exit(state="failed", cause="signal", confidence=3, records=0, at=0, by="user ada")
    },
    "unknown cause": {"exit": Exit(state="failed", cause="magic", confidence=3, records=0, at=0)},
    "confidence": {"exit": Exit(state="failed", cause="signal", confidence=9, records=0, at=0)},
    "evidence": {
        "exit": Exit(state="failed", cause="signal", confidence=3, records=0, at=0,
                     evidence={"exit_code": "three"}),
    },
    "huge end": {
        "exit": Exit(state="failed", cause="signal", confidence=3, records=0, at=2**64 - 1)
    },
    "no spool": {"spool": "", "count": 1},
    "long spool": {"spool": "s" * 10_000, "count": 1},
}  # fmt: skip


@pytest.mark.parametrize("words", BAD_BATCHES.values(), ids=BAD_BATCHES.keys())
def test_a_batch_that_cannot_be_meant_is_refused_whole(run: Speaker, words: dict[str, Any]) -> None:
    refused(run.post(run.batch(**words)))
    assert run.say().durable == 0
    assert run.view()["state"] == "running"
    assert run.client.get(f"{run.path}/keys").json() == []


def test_what_is_larger_than_its_limit_is_413(client: httpx.Client, run: Speaker) -> None:
    refused(run.post(b"\0" * (BATCH_BYTES_MAX + 1)), 413)
    bomb = gzip.compress(b"\0" * (100 * 2**20))
    assert len(bomb) < BATCH_BYTES_MAX
    refused(run.post(bomb, **{"Content-Encoding": "gzip"}), 413)
    refused(client.post("/api/v1/runs/query", content=b" " * (20 * 2**20)), 413)


def test_broken_compression_is_refused(run: Speaker) -> None:
    whole = gzip.compress(msgspec.msgpack.encode(run.batch()))
    assert run.post(whole, **{"Content-Encoding": "gzip"}).status_code == 200
    for broken in (b"no gzip", whole[:-9], zlib.compress(b"x")):
        refused(run.post(broken, **{"Content-Encoding": "gzip"}))
    refused(run.post(whole, **{"Content-Encoding": "br"}), 400, 415)


BAD_OPENS: dict[str, dict[str, Any]] = {
    "no project": {"project": ""},
    "path as project": {"project": "a/b"},
    "dots": {"project": ".."},
    "no id": {"id": ""},
    "id with a question mark": {"id": "a?b"},
    "long id": {"id": "x" * 500},
    "nul": {"id": "a\0b"},
    "no launch": {"launch": ""},
    "no writer": {"writer": ""},
    "resume": {"resume": "perhaps"},
    "heartbeat": {"heartbeat_ms": -1},
    "sleeping heartbeat": {"heartbeat_ms": 10**9},
    "seq": {"seq": 2**64 - 1},
    "rank": {"rank": -1},
    "huge rank": {"rank": 2**63},
    "tags": {"tags": ["x"] * 10_000},
    "long tag": {"tags": ["x" * 10_000]},
    "long name": {"name": "x" * 100_000},
    "started": {"started_at": -(2**62)},
    "protocol": {"protocol": 99},
    "nul in name": {"name": "a\0"},
}


@pytest.mark.parametrize("words", BAD_OPENS.values(), ids=BAD_OPENS.keys())
def test_a_run_that_cannot_be_meant_is_not_opened(
    client: httpx.Client, words: dict[str, Any]
) -> None:
    speaker = Speaker(client, project="never")
    refused(speaker.open(**words))
    assert client.get(f"/api/v1/runs/root/never/{speaker.id}").status_code == 404


def test_deep_and_wide_config_is_refused(client: httpx.Client) -> None:
    deep: dict[str, Any] = {}
    for _ in range(500):
        deep = {"d": deep}
    refused(Speaker(client).open(config=deep))
    refused(Speaker(client).open(config={f"k{n}": n for n in range(100_000)}))


@pytest.mark.parametrize(
    "body",
    [
        {"filters": {"nope": 1}},
        {"filters": {"config.lr": {"$near": 1}}},
        {"filters": {"name": {"$regex": "("}}},
        {"filters": "state ="},
        {"filters": {"$and": [{}] * 5_000}},
        {"order": "nope"},
        {"limit": -1},
        {"limit": 10**9},
        {"offset": -1},
        {"offset": 2**70},
        {"select": ["nope"]},
        {"filters": {"created": "yesterday-ish"}},
        {"filters": 3},
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_question_that_cannot_be_answered_says_why(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    Speaker(client, project="asked").opened()
    refused(client.post("/api/v1/runs/query", json={"project": "asked", **body}))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/runs/root/digits/nope",
        "/api/v1/runs/root/nope/nope",
        "/api/v1/runs/nobody/nope/nope",
        "/api/v1/projects/root/nope",
        "/api/v1/nope",
    ],
)
def test_what_is_not_there_is_404(client: httpx.Client, path: str) -> None:
    refused(client.get(path), 404, 422)


def test_runs_of_impossible_numbers_are_left_out(client: httpx.Client) -> None:
    answer = client.post("/api/v1/runs/by-keys", json={"runs": [-1, 10**12, 2**63 - 1]})
    assert (answer.status_code, answer.json()) == (200, [])
    refused(client.post("/api/v1/runs/by-keys", json={"runs": [10**23]}), 400, 422)


@pytest.mark.parametrize(
    "query",
    [
        "scan?min_step=99999999999999999999", "scan?max_step=-99999999999999999999",
        "scan?limit=-5", "scan?rank=99999999999999999999", "history?samples=x",
        "console?first=99999999999999999999", "console?last=-1", "scan?keys=%00",
        "history?keys=%F0%28%8C%28", "console?first=-1",
    ],
)  # fmt: skip
def test_odd_ranges_never_break_the_server(run: Speaker, query: str) -> None:
    run.log(3)
    assert run.client.get(f"{run.path}/{query}").status_code < 500


@pytest.mark.parametrize(
    "body",
    [
        {"runs": [2**70], "keys": ["loss"]},
        {"runs": [1], "keys": ["loss"], "width": 10**9},
        {"runs": [1], "keys": ["loss"], "width": -1},
        {"runs": [1] * 5_000, "keys": ["loss"]},
        {"runs": [1], "keys": ["loss"], "x_min": "low"},
    ],
    ids=["run", "wide", "narrow", "many", "mistyped"],
)
def test_a_chart_that_cannot_be_drawn_is_refused(
    client: httpx.Client, body: dict[str, Any]
) -> None:
    assert 400 <= client.post("/api/v1/window", content=msgspec.json.encode(body)).status_code < 500


def test_non_finite_numbers_come_back_as_words(run: Speaker) -> None:
    values = struct.pack("<3d", float("nan"), float("inf"), -float("inf"))
    steps = struct.pack("<3q", 0, 1, 2)
    run.say(count=3, history=[Block(steps, steps, [Column("loss", b"", values)])])
    rows = run.client.get(f"{run.path}/scan").json()["rows"]
    assert [row["loss"] for row in rows] == ["NaN", "Infinity", "-Infinity"]
    stats = run.client.get(f"{run.path}/keys").json()[0]
    assert (stats["nan_count"], stats["inf_count"]) == (1, 2)


def test_more_runs_than_are_acted_on_at_once_are_refused_and_not_cut_short(
    client: httpx.Client,
) -> None:
    run = Speaker(client).opened()
    assert run.reply is not None
    for more, told in ((ACTIONS_MAX - 1, 200), (ACTIONS_MAX, 422)):
        body = {"keys": [run.reply.run] + [0] * more, "action": "tag", "tag": "x"}
        answer = client.post("/api/v1/runs/actions", json=body)
        assert answer.status_code == told
    assert str(ACTIONS_MAX) in refused(answer, 422)
