"""Charts over many runs, runs as files, small images: what the app asks for beside runs."""

import csv
import io
import json
import math
import struct
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image, PngImagePlugin

from heartline.core.filters import VALUES_MAX
from heartline.server.native import together
from heartline.server.thumbnails import PIXELS_MAX
from heartline.usecases.export_runs import FIELDS_MAX, WHOLE_PAGE_RUNS
from heartline.wire.ingest import Block, Column, ObjectValue
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

PROJECT = "charted"
LAB = {"project": PROJECT}


def said(values: list[float], key: str = "loss") -> Block:
    rows = len(values)
    steps = struct.pack(f"<{rows}q", *range(rows))
    return Block(steps, steps, [Column(key, b"", struct.pack(f"<{rows}d", *values))])


@pytest.fixture(scope="module")
def lab(server: ServerProcess) -> Iterator[httpx.Client]:
    """Twelve runs: half of each group; the loss is the learning rate plus a little."""
    with server.client() as client:
        for n in range(12):
            rate = n / 10
            run = Speaker(client, project=PROJECT).opened(
                config={"lr": rate, "noise": (n * 7) % 5, "kind": "ab"[n % 2]},
                group=f"g{n % 2}", name=f"=run{n}", tags=["one"],
            )  # fmt: skip
            run.say(count=4, history=[said([9.0, 3.0 + rate, 2.0 + rate, 1.0 + rate])])
            run.exit()
        yield client


def test_groups_tell_mean_and_deviation_of_all_their_runs(lab: httpx.Client) -> None:
    asked = {**LAB, "by": ["group"], "select": ["summary.loss", "config.lr"]}
    told = lab.post("/api/v1/runs/groups", json=asked).json()
    assert (told["total"], told["counted"]) == (12, 12)
    assert [group["values"] for group in told["groups"]] == [["g1"], ["g0"]]
    g0 = told["groups"][1]
    assert (g0["runs"], g0["states"]) == (6, {"finished": 6})
    loss = g0["fields"]["summary.loss"]
    assert loss["count"] == 6
    assert loss["mean"] == pytest.approx(1.5)
    assert loss["sd"] == pytest.approx(np.std([1, 1.2, 1.4, 1.6, 1.8, 2], ddof=1))


def test_groups_may_be_of_several_fields_and_of_filtered_runs(lab: httpx.Client) -> None:
    asked = {**LAB, "by": ["group", "config.kind"], "filters": "config.lr < 0.35"}
    told = lab.post("/api/v1/runs/groups", json=asked).json()
    assert sorted(group["values"] for group in told["groups"]) == [["g0", "a"], ["g1", "b"]]
    assert told["total"] == 4
    wrong = lab.post("/api/v1/runs/groups", json={**LAB, "by": ["nothing"]})
    assert wrong.status_code == 422 and "unknown field" in wrong.json()["error"]


def bands(client: httpx.Client, **words: Any) -> dict[str, Any]:
    """Groups by name, decoded as the app decodes them."""
    asked = {**LAB, "by": "group", "keys": ["loss"], **words}
    answer = client.post("/api/v1/window/groups", json=asked)
    assert answer.status_code == 200, answer.text
    body = answer.content
    length = int.from_bytes(body[:4], "little")
    start = 4 + length + -(4 + length) % 8
    found = {}
    for each in json.loads(body[4 : 4 + length])["series"]:
        kinds = {"f64": "<f8", "f32": "<f4", "u32": "<u4"}
        columns = {
            name: np.frombuffer(body, kinds[kind], size, start + offset)
            for name, (kind, offset, size) in each["columns"].items()
        }
        found[each["group"]] = {**each, **columns}
    return found


def test_a_band_is_the_mean_of_all_members_from_smallest_to_largest(lab: httpx.Client) -> None:
    found = bands(lab)
    assert set(found) == {"g0", "g1"}
    g0 = found["g0"]
    assert (g0["count"].tolist(), g0["of"]) == ([6, 6, 6, 6], 6)
    assert (g0["counted"], g0["total"]) == (12, 12)
    assert g0["mean"].tolist() == pytest.approx([9, 3.5, 2.5, 1.5])
    assert g0["low"].tolist() == pytest.approx([9, 3, 2, 1])
    assert g0["high"].tolist() == pytest.approx([9, 4, 3, 2])
    wide = bands(lab, band="deviation")["g0"]
    assert wide["high"][3] == pytest.approx(1.5 + np.std([1, 1.2, 1.4, 1.6, 1.8, 2], ddof=1))


def test_a_crowd_is_told_by_quantiles_between_its_extremes(lab: httpx.Client) -> None:
    crowd = bands(lab, band="quantiles")["g0"]
    assert crowd["q50"].tolist() == pytest.approx([9, 3.5, 2.5, 1.5])
    ends = [1, 1.2, 1.4, 1.6, 1.8, 2]
    parts = {"q10": 0.1, "q25": 0.25, "q75": 0.75, "q90": 0.9}
    for name, part in parts.items():
        assert crowd[name][3] == pytest.approx(np.quantile(ends, part))
    assert (crowd["low"][3], crowd["high"][3]) == pytest.approx((1, 2))
    assert "q50" not in bands(lab)["g0"]


def test_keys_and_texts_of_many_runs_are_one_answer(client: httpx.Client) -> None:
    """A key that is a text in one run and a number in another is a number that has texts."""
    project = f"together-{uuid.uuid4().hex[:6]}"
    one, other = (Speaker(client, project=project).opened() for _ in range(2))
    one.say(count=4, history=[said([1.0, 2.0, 3.0, 4.0], "tc")])
    steps = struct.pack("<3q", 0, 1, 2)
    values = (b'"text 0"', b'"text 1"', '{"wörd": [1.00, null]}'.encode())
    points = [ObjectValue("tc", n, value) for n, value in enumerate(values)]
    other.say(count=3, history=[Block(steps, steps, [], points)])
    runs = [each.view()["key"] for each in (one, other)]
    (found,) = client.post("/api/v1/keys", json={"runs": [*runs, 10**9]}).json()
    assert found == {"key": "tc", "kind": "number", "runs": 2, "objects": 3, "media": ""}
    told = client.post("/api/v1/runs/by-keys", json={"runs": [runs[1], 10**9, runs[0]]}).json()
    assert [each["key"] for each in told] == [runs[1], runs[0]]
    asked = {"runs": runs, "keys": ["tc"], "limit": 2}
    answer = client.post("/api/v1/objects", json=asked)
    assert answer.headers["content-type"] == "application/json"
    (told,) = answer.json()
    assert (told["run"], told["total"]) == (runs[1], 3)
    assert told["rows"] == [[1, 1, "text 1"], [2, 2, {"wörd": [1.0, None]}]]
    assert values[2] in answer.content
    most = {"runs": [10**9] * 25, "keys": ["tc"], "limit": together.ROWS_MAX}
    assert client.post("/api/v1/objects", json=most).json() == []
    over = {**most, "runs": [10**9] * 26}
    for path, wrong in (
        ("keys", {"runs": [1] * 201}), ("objects", {**asked, "limit": 0}), ("objects", over),
    ):  # fmt: skip
        assert client.post(f"/api/v1/{path}", json=wrong).status_code == 422


def test_a_band_counts_a_member_only_where_it_has_points(lab: httpx.Client) -> None:
    Speaker(lab, project="uneven").opened(group="g").say(count=2, history=[said([1.0, 1.0])])
    Speaker(lab, project="uneven").opened(group="g").say(
        count=4, history=[said([3.0, math.nan, 3.0, 3.0])]
    )
    found = bands(lab, project="uneven")["g"]
    assert found["count"].tolist() == [2, 2, 1, 1]
    assert found["mean"].tolist() == pytest.approx([2, 2, 3, 3])
    assert found["odd"] == 1


def test_what_moves_a_metric_is_found(lab: httpx.Client) -> None:
    told = lab.post("/api/v1/importance", json={**LAB, "metric": "summary.loss"}).json()
    assert (told["runs"], told["total"]) == (12, 12)
    first = told["fields"][0]
    assert first["field"] == "config.lr"
    assert first["importance"] > 0.8
    assert first["correlation"] == pytest.approx(1.0)
    words = next(each for each in told["fields"] if each["field"] == "config.kind")
    assert words["correlation"] is None
    assert sum(each["importance"] for each in told["fields"]) == pytest.approx(1.0)


def test_importance_of_too_few_runs_is_not_guessed(lab: httpx.Client) -> None:
    asked = {**LAB, "metric": "summary.loss", "filters": "config.lr < 0.25"}
    told = lab.post("/api/v1/importance", json=asked).json()
    assert (told["runs"], told["fields"]) == (3, [])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_runs_are_exported_with_all_their_values(lab: httpx.Client, form: str) -> None:
    where = {**LAB, "filters": "group = g1", "order": "config.lr", "form": form}
    answer = lab.get("/api/v1/runs/export", params=where)
    assert answer.status_code == 200, answer.text
    assert f'filename="{PROJECT}.{form}"' in answer.headers["content-disposition"]
    if form == "csv":
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(answer.text)))
        assert rows[0]["name"] == "'=run1", "never a formula in a spreadsheet"
    else:
        rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
        assert rows[0]["name"] == "=run1"
    assert [float(row["config.lr"]) for row in rows] == [0.1, 0.3, 0.5, 0.7, 0.9, 1.1]
    assert float(rows[0]["summary.loss"]) == pytest.approx(1.1)
    assert {row["state"] for row in rows} == {"finished"}


WORDS = {"seed": 123456789, "rate": 0.1234567890123}


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_export_keeps_every_digit_and_every_field(client: httpx.Client, form: str) -> None:
    project, many = f"digits-{form}", {f"f{n:03}": n for n in range(FIELDS_MAX)}
    for n, config in enumerate(({**WORDS, **many}, {"seed": "none", "rate": "auto"})):
        Speaker(client, project=project).opened(config=config, name=f"run{n}")
    where = {"project": project, "order": "name", "form": form}
    answer = client.get("/api/v1/runs/export", params=where)
    if form == "csv":
        rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(answer.text)))
    else:
        rows = pq.read_table(io.BytesIO(answer.content)).to_pylist()
    more = {f"config.{name}": value for name, value in WORDS.items()}
    assert json.loads(rows[0]["more"]) == more
    asked = {"project": project, "by": "config.rate", "keys": ["loss"]}
    Speaker(client, project=project).opened(config=WORDS).say(count=1, history=[said([1.0])])
    assert "0.1234567890123" in bands(client, **asked)


def test_json_lines_hold_all_that_a_run_has(client: httpx.Client) -> None:
    config = {"text": "x" * 1_000, "opt": {"lr": 0.1, "betas": [0.9, 0.99]}, "none": math.nan}
    run = Speaker(client, project=f"whole-{uuid.uuid4().hex[:6]}").opened(config=config)
    run.say(count=1, history=[said([math.inf])])
    where = {"project": run.project, "form": "jsonl"}
    (line,) = client.get("/api/v1/runs/export", params=where).text.splitlines()
    row = json.loads(line)
    assert row["config"] == {**config, "none": "NaN"}
    assert (row["id"], row["state"], row["summary"]["loss"]) == (run.id, "running", "Infinity")


def test_an_export_neither_repeats_nor_misses_a_run_while_others_come_and_go(
    client: httpx.Client,
) -> None:
    project = f"moving-{uuid.uuid4().hex[:6]}"
    stay = {Speaker(client, project=project).opened().id for _ in range(2 * WHOLE_PAGE_RUNS + 1)}
    passing = [Speaker(client, project=project).opened() for _ in range(5)]
    asked = {"project": project}
    with client.stream(
        "POST", "/api/v1/runs/export", params={"form": "jsonl"}, json=asked
    ) as answer:  # fmt: skip
        lines = answer.iter_lines()
        found = [json.loads(next(lines))["id"]]
        for run in passing:
            client.delete(run.path)
            Speaker(client, project=project).opened()
        found += [json.loads(line)["id"] for line in lines]
    assert len(found) == len(set(found))
    assert stay <= set(found)
    assert set(found) - stay <= {run.id for run in passing}, "those that came later are not in it"


def test_a_question_that_no_address_holds_is_posted(client: httpx.Client) -> None:
    project = f"asked-{uuid.uuid4().hex[:6]}"
    mine = [Speaker(client, project=project).opened().id for _ in range(3)]
    ids = [*mine[:2], *(f"nothing{n:06}" for n in range(VALUES_MAX - 2))]
    asked = {"project": project, "filters": {"id": {"$in": ids}}}
    answer = client.post("/api/v1/runs/export", json=asked)
    assert answer.status_code == 200, answer.text
    assert {row["id"] for row in csv.DictReader(io.StringIO(answer.text))} == set(mine[:2])
    wrong = client.post("/api/v1/runs/export", json={"project": "none"}, params={"form": "jsonl"})
    assert wrong.status_code == 404


def test_an_export_that_cannot_be_made_says_why(lab: httpx.Client) -> None:
    assert lab.get("/api/v1/runs/export").status_code == 422
    wrong = lab.get("/api/v1/runs/export", params={**LAB, "filters": "lr >"})
    assert wrong.status_code == 422
    missing = lab.get("/api/v1/runs/export", params={"project": "none"})
    assert missing.status_code == 404


def picture(width: int, height: int, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (20, 90, 200)).save(out, kind)
    return out.getvalue()


def with_text(chars: int) -> bytes:
    """A small image that carries a text which unpacks to many characters."""
    info, out = PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("said", "a" * chars, zip=True)
    Image.new("RGB", (9, 9)).save(out, "PNG", pnginfo=info)
    return out.getvalue()


def bomb(side: int) -> bytes:
    """Says that it is enormous, and is not."""
    raw = bytearray(picture(1, 1))
    raw[16:24] = struct.pack(">2I", side, side)
    raw[29:33] = struct.pack(">I", zlib.crc32(raw[12:29]))
    return bytes(raw)


def test_a_thumbnail_is_small_and_asked_for_once(run: Speaker) -> None:
    run.client.put(f"{run.path}/files/media/images/a.png", content=picture(900, 600))
    where = f"{run.path}/thumbnails/media/images/a.png"
    answer = run.client.get(where, params={"side": 90})
    assert answer.headers["content-type"] == "image/webp"
    assert Image.open(io.BytesIO(answer.content)).size == (90, 60)
    again = run.client.get(
        where, params={"side": 90}, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"not an image", "not an image"),
        (picture(64, 64)[:-40], "not an image"),
        (picture(9, 9, "TIFF"), "not an image"),
        (with_text(2 * PngImagePlugin.MAX_TEXT_CHUNK), "not an image"),
        (bomb(60_000), str(PIXELS_MAX)),
    ],
    ids=["text", "cut off", "a kind we do not open", "a long text", "a bomb"],
)  # fmt: skip
def test_what_is_no_image_gets_a_reason(run: Speaker, body: bytes, why: str) -> None:
    run.client.put(f"{run.path}/files/a.png", content=body)
    answer = run.client.get(f"{run.path}/thumbnails/a.png")
    assert answer.status_code == 422
    assert why in answer.json()["error"]


def test_a_part_of_a_file_can_be_asked_for(run: Speaker) -> None:
    run.client.put(f"{run.path}/files/a.mp4", content=bytes(range(100)))
    for said_, status, part in (
        ("bytes=10-19", 206, range(10, 20)),
        ("bytes=90-", 206, range(90, 100)),
        ("bytes=-5", 206, range(95, 100)),
        ("bytes=95-500", 206, range(95, 100)),
        ("bytes=500-", 200, range(100)),
        ("lines=1-2", 200, range(100)),
        (f"bytes=-{'9' * 5_000}", 200, range(100)),
    ):
        answer = run.client.get(f"{run.path}/files/a.mp4", headers={"Range": said_})
        assert (answer.status_code, answer.content) == (status, bytes(part)), said_


def test_objects_say_what_they_are(run: Speaker) -> None:
    body = json.dumps({"_type": "histogram", "values": [1], "bins": [0, 1]}).encode()
    steps = struct.pack("<q", 0)
    points = [ObjectValue("h", 0, body), ObjectValue("words", 0, b'"hello"')]
    run.say(count=1, history=[Block(steps, steps, [], points)])
    found = {each["key"]: each for each in run.client.get(f"{run.path}/keys").json()}
    assert (found["h"]["kind"], found["h"]["media"]) == ("object", "histogram")
    assert found["words"]["media"] == ""


def test_a_key_of_two_kinds_is_whole_wherever_it_is_read(client: httpx.Client) -> None:
    """Numbers, a text, numbers again: rows, samples, keys, charts, summary and exports."""
    run = Speaker(client, project=f"mixed-{uuid.uuid4().hex[:6]}").opened()
    steps = struct.pack("<3q", 0, 1, 2)
    column = Column("tc", struct.pack("<2I", 0, 2), struct.pack("<2d", 5.0, 7.0))
    points = [ObjectValue("tc", 1, b'"text"'), ObjectValue("_step", 1, b'"own"')]
    run.say(count=3, history=[Block(steps, steps, [column], points)])
    for way in ("scan", "history"):
        rows = client.get(f"{run.path}/{way}", params={"keys": "tc"}).json()["rows"]
        assert [(row["_step"], row["tc"]) for row in rows] == [(0, 5.0), (1, "text"), (2, 7.0)]
    assert [row["_step"] for row in client.get(f"{run.path}/scan").json()["rows"]] == [0, 1, 2]
    found = {each["key"]: each for each in client.get(f"{run.path}/keys").json()}["tc"]
    told = [found[word] for word in ("kind", "count", "objects", "max")]
    assert told == ["number", 2, 1, 7.0]
    assert run.view()["summary"]["tc"] == 7.0
    run.say(count=1, history=[Block(struct.pack("<q", 3), struct.pack("<q", 3), [],
                                    [ObjectValue("tc", 0, b'"done"')])])  # fmt: skip
    assert run.view()["summary"]["tc"] == "done"
    other = Speaker(client, project=run.project).opened()
    other.say(count=1, history=[said([4.5], "tc")])
    run.exit()
    other.exit()
    where = {"project": run.project, "order": "created"}
    text = client.get("/api/v1/runs/export", params={**where, "form": "csv"}).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["summary.tc"] for row in rows] == ["done", "4.5"]
    body = client.get("/api/v1/runs/export", params={**where, "form": "parquet"}).content
    rows = pq.read_table(io.BytesIO(body)).to_pylist()
    assert [row["summary.tc"] for row in rows] == ["done", "4.5"]


def test_strangers_get_none_of_it(server: ServerProcess, keys: dict[str, str]) -> None:
    with server.client(keys["member"]) as member:
        run = Speaker(member, project="hidden").opened(entity="vision")
        run.log(3)
        member.put(f"{run.path}/files/a.png", content=picture(9, 9))
        hidden = [run.view()["key"]]
    lab = {"entity": "vision", "project": "hidden"}
    with server.client(keys["stranger"]) as stranger:
        for path, body in (
            ("/api/v1/runs/groups", {**lab, "by": ["group"]}),
            ("/api/v1/window/groups", {**lab, "by": "group", "keys": ["loss"]}),
            ("/api/v1/importance", {**lab, "metric": "summary.loss"}),
        ):
            assert stranger.post(path, json=body).status_code == 404, path
        assert stranger.get("/api/v1/runs/export", params=lab).status_code == 404
        assert stranger.post("/api/v1/keys", json={"runs": hidden}).json() == []
        assert stranger.post("/api/v1/runs/by-keys", json={"runs": hidden}).json() == []
        asked = {"runs": hidden, "keys": ["loss"]}
        assert stranger.post("/api/v1/objects", json=asked).json() == []
        assert stranger.get(f"{run.path}/thumbnails/a.png").status_code == 404
