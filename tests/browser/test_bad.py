"""Whatever programs send: nothing executes, nothing breaks the layout, nothing hangs."""

import json
import math
import re
import struct
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from heartline.wire.ingest import Block, Column, Line, ObjectValue
from tests.browser.app import NARROW, WIDE, App, signed_in
from tests.browser.fleet import Fleet
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running

LINES, LINES_PER_BATCH = 20_000, 10_000
KEYS = 10_000
DAY_MS = 86_400_000
NAMES = {
    "markup": "<img src=x onerror=window.hurt=1>",
    "long": "W" * 250 + "i" * 250,
    "right to left": "\u202egnp.exe \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "odd letters": "Z\u0351\u036b\u0343\u036aa\u0342\u036b\u034fl\u033fg\u0307o\u036e \U0001f469\u200d\U0001f52c",
}


def hurt(app: App) -> Any:
    return app.page.evaluate("() => window.hurt ?? null")


@pytest.mark.parametrize("kind", NAMES)
def test_odd_names_are_only_names(app: App, fleet: Fleet, kind: str) -> None:
    name = NAMES[kind]
    odd = Fleet(fleet.client, project="odd")
    run = odd.trainer(
        name, list(NAMES).index(kind), id=f"odd-{list(NAMES).index(kind)}",
        tags=["<b>tag</b>", "t" * 60], config={"<i>": name, "k" * 200: "v" * 2_000},
    )  # fmt: skip
    run.began_ms += DAY_MS
    run.train(5)
    run.change(notes=f"[x](javascript:window.hurt=1) <script>window.hurt=1</script> {name}")
    run.exit("failed", "exception", evidence={"exit_code": 1, "exception": f"<b>{name}</b>"})
    for size in (WIDE, NARROW):
        app.page.set_viewport_size(size)
        app.go(f"/{odd.entity}/odd/runs")
        expect(app.rows.first).to_be_visible()
        assert app.overflow() <= 0
        for tab in ("overview", "charts"):
            app.go(f"/{odd.entity}/odd/runs/{run.id}/{tab}")
            expect(app.page.get_by_role("main").get_by_role("heading").first).to_be_visible()
            app.settled()
            assert app.overflow() <= 0
    assert hurt(app) is None


def test_a_long_log_full_of_escapes_is_read_and_searched(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        run = Speaker(client, project="odd").opened(name="talkative")
        for first in range(0, LINES, LINES_PER_BATCH):
            lines = [
                Line("stdout", n, n, f"\x1b[3{n % 8}mline {n}\x1b[0m\r\x1b[1mline {n}\x1b]8;;javascript:window.hurt=1\x07")
                for n in range(first, first + LINES_PER_BATCH)
            ]  # fmt: skip
            run.say(count=len(lines), lines=lines)
        flood = "<script>window.hurt=1</script> needle" + "\x1b[31m" * 50_000
        run.say(count=1, lines=[Line("stderr", LINES, LINES, flood)])
        run.exit()
    app.go(f"/{server.entity}/odd/runs/{run.id}/logs")
    log = app.page.get_by_role("log")
    expect(log).to_contain_text("needle")
    assert app.page.locator("[role=log] *").count() < 5_000
    assert "\x1b" not in log.inner_text()
    search = app.page.get_by_label("Search the log").first
    search.fill("line 11234")
    expect(log).to_contain_text("line 11234")
    assert hurt(app) is None


def test_a_metric_that_is_all_nan_says_so(app: App, server: ServerProcess) -> None:
    steps = struct.pack("<4q", *range(4))
    odd = [math.nan, math.nan, math.inf, -math.inf]
    columns = [
        Column("nan", b"", struct.pack("<4d", *odd)),
        Column("one", b"", struct.pack("<4d", 1, 1, math.nan, 1)),
        Column("huge", b"", struct.pack("<4d", 1e308, -1e308, 1e-308, 0)),
    ]
    with server.client() as client:
        run = Speaker(client, project="odd").opened(name="nothing")
        run.say(count=4, history=[Block(steps, steps, columns)])
        run.exit()
    app.go(f"/{server.entity}/odd/runs/{run.id}/charts")
    expect(app.chart("nan")).to_contain_text("2 NaN, 2 ∞")
    expect(app.chart("one")).to_contain_text("1 NaN")
    expect(app.chart("huge").locator("canvas")).to_be_visible()
    app.go(f"/{server.entity}/odd/runs/{run.id}/charts?yl=1&xl=1")
    expect(app.chart("one").locator("canvas")).to_be_visible()


def test_ten_thousand_keys_are_searched_not_listed(app: App, server: ServerProcess) -> None:
    steps = struct.pack("<q", 0)
    columns = [
        Column(f"layer{n % 100:02}/norm{n:05}", b"", struct.pack("<d", n)) for n in range(KEYS)
    ]
    with server.client() as client:
        run = Speaker(client, project="keys").opened(name="keys")
        run.say(count=1, history=[Block(steps, steps, columns)])
        run.exit()
    app.go(f"/{server.entity}/keys/runs/{run.id}/charts")
    expect(app.chart("layer00/norm00000")).to_be_visible()
    assert app.page.locator("canvas").count() < 100
    app.page.get_by_label("Find chart").fill("norm09999")
    expect(app.chart("layer99/norm09999").locator("canvas")).to_be_visible()
    app.go(f"/{server.entity}/keys/runs")
    expect(app.row("keys")).to_be_visible()
    app.page.get_by_role("button", name="Columns").click()
    app.page.get_by_label("Find a column").fill("norm00005")
    expect(app.page.get_by_text("summary.layer05/norm00005")).to_be_visible()


def test_a_page_that_was_logged_runs_nothing(app: App, server: ServerProcess) -> None:
    body = "<h1>Report</h1><script>parent.hurt=1</script><img src=x onerror='top.hurt=1'>"
    steps = struct.pack("<q", 0)
    with server.client() as client:
        run = Speaker(client, project="odd").opened(name="page")
        client.put(f"{run.path}/files/media/html/a.html", content=body.encode())
        said = {"_type": "html-file", "path": "media/html/a.html"}
        words = "<script>window.hurt=1</script>"
        objects = [
            ObjectValue("page", 0, json.dumps(said).encode()),
            ObjectValue("words", 0, json.dumps(words).encode()),
        ]
        run.say(count=1, history=[Block(steps, steps, [], objects)])
        run.exit()
    app.go(f"/{server.entity}/odd/runs/{run.id}/charts")
    expect(app.chart("words")).to_contain_text(words)
    frame = app.chart("page").locator("iframe")
    expect(frame).to_have_attribute("sandbox", "")
    expect(frame.content_frame.get_by_role("heading", name="Report")).to_be_visible()
    assert hurt(app) is None
    app.faults = [fault for fault in app.faults if "sandboxed" not in fault]


def test_a_run_deleted_while_it_is_open_says_so(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        run = Speaker(client, project="odd").opened(name="short-lived")
        run.log(3)
        app.go(f"/{server.entity}/odd/runs/{run.id}/overview")
        expect(app.heading("short-lived")).to_be_visible()
        client.delete(run.path)
    expect(app.heading("This was deleted")).to_be_visible()


def test_the_page_outlives_its_server_and_catches_up(browser: Any, tmp_path: Any) -> None:
    with running(tmp_path) as server, server.client() as client:
        run = Speaker(client, project="odd").opened(name="survivor")
        run.log(3)
        with signed_in(browser, server) as context:
            page = context.new_page()
            page.goto(f"{server.base_url}/{server.entity}/odd/runs/{run.id}/overview")
            live = page.locator("[data-phase]")
            expect(live).to_have_attribute("data-phase", "live")
            expect(page.get_by_role("heading", name="survivor")).to_be_visible()
            server.kill()
            bar = page.get_by_role("alert").filter(
                has_text=re.compile("unreachable", re.IGNORECASE)
            )
            expect(bar).to_be_visible()
            expect(page.get_by_role("heading", name="survivor")).to_be_visible()
            server.start()
            run.exit("failed", "exit_code", evidence={"exit_code": 3})
            badge = page.locator("header [data-state]").first
            expect(badge).to_have_attribute("data-state", "failed")
            expect(live).to_have_attribute("data-phase", "live")
            expect(bar).to_have_count(0)


def test_a_change_of_state_is_on_the_screen_within_a_second(
    app: App, server: ServerProcess
) -> None:
    with server.client() as client:
        run = Speaker(client, project="odd").opened(name="quick")
        app.go(f"/{server.entity}/odd/runs/{run.id}/overview")
        expect(app.badge).to_have_attribute("data-state", "running")
        expect(app.page.locator("[data-phase]")).to_have_attribute("data-phase", "live")
        app.page.evaluate("""() => { window.seen = new Promise(done => {
            new MutationObserver((_, it) => {
                if (!document.querySelector("header [data-state=finished]")) return;
                it.disconnect(); done(Date.now());
            }).observe(document.body, {subtree: true, childList: true, attributes: true});
        }) }""")
        told = time.time() * 1000
        run.exit()
        seen = app.page.evaluate("() => window.seen")
    assert seen - told < 1_000
