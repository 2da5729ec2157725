"""Tables and pages far larger than a screen."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import crowd
from tests.browser.app import App, signed_in
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

RUNS = 3_000
PANELS = 200


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path_factory.mktemp("full"))
    crowd.fill(server.home / "data/heartline", RUNS)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def table(browser: Any, full: ServerProcess) -> Iterator[App]:
    with signed_in(browser, full) as context, App.opened(context, full.base_url) as app:
        yield app.go(f"/{crowd.ENTITY}/{crowd.PROJECT}/runs")


def test_every_one_of_many_runs_is_a_scroll_away(table: App) -> None:
    grid = table.page.get_by_role("grid", name="Runs")
    expect(grid).to_have_attribute("aria-rowcount", str(RUNS + 1))
    expect(table.row(f"run-{RUNS - 1}")).to_be_visible()
    scroll = table.page.locator(".table-scroll")
    for part, run in ((0.5, "."), (1.0, "run-0")):
        scroll.evaluate("(it, part) => it.scrollTo({top: it.scrollHeight * part})", part)
        if run != ".":
            expect(table.row(run)).to_be_visible()
    # However long the table, only what is near the window is in the page.
    assert table.page.get_by_role("row").count() < 200


def test_many_runs_are_filtered_and_sorted_on_the_server(table: App) -> None:
    box = table.page.get_by_role("combobox", name="Filter runs")
    box.fill("name = run-123")
    box.press("Enter")
    expect(table.rows).to_have_count(1)
    expect(table.row("run-123")).to_be_visible()
    table.page.get_by_role("button", name="Clear the filter").click()
    states = table.page.get_by_role("group", name="States")
    states.get_by_role("button", name=re.compile("Crashed")).click()
    expect(table.rows.first.locator("[data-state]")).to_have_attribute("data-state", "crashed")
    expect(table.page.get_by_role("grid", name="Runs")).not_to_have_attribute(
        "aria-rowcount", str(RUNS + 1)
    )


def test_a_run_of_many_metrics_draws_only_what_is_in_view(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        run = Speaker(client, project="wide").opened(name="wide")
        run.log(50, tuple(f"part{n % 10}/metric{n:03}" for n in range(PANELS)))
        run.exit()
    app.go(f"/{server.entity}/wide/runs/{run.id}/charts")
    expect(app.chart("part0/metric000")).to_be_visible()
    expect(app.page.locator("canvas").first).to_be_visible()
    assert app.page.locator("canvas").count() < PANELS
    find = app.page.get_by_label(re.compile("Find", re.IGNORECASE)).first
    find.fill("metric199")
    expect(app.chart("part9/metric199")).to_be_visible()
    expect(app.chart("part0/metric000")).to_have_count(0)
