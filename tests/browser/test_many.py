"""Tables far larger than a screen."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from heartline.server.wiring import DATABASE
from tests.browser import crowd
from tests.browser.app import App, signed_in
from tests.server_process import ServerProcess

RUNS = 100_000
# As many as can be selected at once.
SELECTED_MAX = 10_000
# For acting on more than a thousand of them, on a machine that does other things, too.
ACTED_MS = 90_000
TABLE = f"/{crowd.ENTITY}/{crowd.PROJECT}/runs"


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
        yield app.go(TABLE)


def stored(full: ServerProcess, where: str = "1") -> int:
    """How many runs the database itself has of those."""
    database = sqlite3.connect(full.home / "data/heartline" / DATABASE)
    try:
        found = database.execute(f"SELECT count(*) FROM runs WHERE {where}").fetchone()
    finally:
        database.close()
    return int(found[0])


def whole(table: App) -> None:
    """Every row in the window holds its run."""
    table.page.wait_for_function(
        """() => {
            const box = document.querySelector('.table-scroll').getBoundingClientRect();
            const rows = [...document.querySelectorAll('.body-row')].filter(row => {
                const at = row.getBoundingClientRect();
                return at.bottom > box.top && at.top < box.bottom;
            });
            return rows.length > 10 && rows.every(row => row.querySelector('a'));
        }"""
    )


def test_every_one_of_many_runs_is_a_scroll_away(table: App) -> None:
    grid = table.page.get_by_role("grid", name="Runs")
    expect(grid).to_have_attribute("aria-rowcount", str(RUNS + 1))
    expect(table.row(f"run-{RUNS - 1}")).to_be_visible()
    scroll = table.page.locator(".table-scroll")
    # Past pages that nobody waits for, then to a stop.
    for part in (0.1, 0.3, 0.7, 0.5):
        scroll.evaluate("(it, part) => it.scrollTo({top: it.scrollHeight * part})", part)
    whole(table)
    scroll.evaluate("it => it.scrollTo({top: it.scrollHeight})")
    expect(table.row("run-0")).to_be_visible()
    whole(table)
    # However long the table, only what is near the window is in the page.
    assert table.page.get_by_role("row").count() < 200


def test_many_runs_are_searched_and_sorted_on_the_server(table: App) -> None:
    box = table.page.get_by_role("combobox", name="Filter runs")
    box.fill("run-1234")
    box.press("Enter")
    # run-1234 and the ten from run-12340 on.
    expect(table.rows).to_have_count(11)
    expect(table.row("run-12345")).to_be_visible()
    table.page.get_by_role("button", name="Clear the filter").click()
    table.go(f"{TABLE}?s=created")
    expect(table.row("run-0")).to_be_visible()
    expect(table.row("run-1")).to_be_visible()


def test_facets_of_many_runs_count_each_and_filter_by_it(table: App, full: ServerProcess) -> None:
    crashed = stored(full, "state = 'crashed'")
    states = table.page.get_by_role("group", name="States")
    expect(states.get_by_role("button", name="All")).to_contain_text("100k")
    facet = states.get_by_role("button", name=re.compile("Crashed"))
    expect(facet).to_contain_text(f"{crashed / 1000:.1f}k")
    facet.click()
    grid = table.page.get_by_role("grid", name="Runs")
    expect(grid).to_have_attribute("aria-rowcount", str(crashed + 1))
    expect(table.rows.first.locator("[data-state]")).to_have_attribute("data-state", "crashed")
    expect(states.get_by_role("button", name="All")).to_contain_text("100k")


def test_all_that_match_are_selected_exported_and_tagged_and_the_rest_is_not(
    table: App, full: ServerProcess
) -> None:
    page = table.page
    page.get_by_role("checkbox", name="Select all that match").click()
    expect(page.get_by_text(f"{SELECTED_MAX:,} runs selected")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="no more fit at once")).to_be_visible()
    page.get_by_role("button", name="Clear", exact=True).click()
    # More than the server takes in one call.
    table.go(f"{TABLE}?f=config.lr%20%3C%200.012")
    page.get_by_role("checkbox", name="Select all that match").click()
    toolbar = page.get_by_role("toolbar", name="Selected runs")
    expect(toolbar).to_contain_text(re.compile(r"1,\d\d\d runs selected"))
    chosen = int(re.sub(r"\D", "", toolbar.locator("b").inner_text()))
    # More than an address holds.
    with page.expect_download() as download:
        toolbar.get_by_role("button", name="Export").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8").splitlines()
    assert len(lines) == chosen + 1
    toolbar.get_by_role("button", name="Tag…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tag").fill("low")
    dialog.get_by_role("button", name="Add the tag").click()
    expect(page.get_by_text(f"{chosen:,} tagged")).to_be_visible(timeout=ACTED_MS)
    low = "key IN (SELECT run FROM tags WHERE tag = 'low')"
    assert stored(full, low) == chosen
    page.keyboard.press("Control+z")
    expect(page.get_by_text(f"{chosen:,} untagged")).to_be_visible(timeout=ACTED_MS)
    assert stored(full, low) == 0


def test_a_filter_that_hides_all_says_what_to_take_away(table: App) -> None:
    table.go(f"{TABLE}?f=config.lr%20%3E%201%20and%20name%20%3D%20run-77")
    expect(table.page.get_by_text("0 of 100,000 runs match")).to_be_visible()
    ways = table.page.get_by_role("main").get_by_role("listitem")
    expect(ways.filter(has_text="config.lr > 1")).to_contain_text("1 would show")
    expect(ways.filter(has_text="name = run-77")).to_contain_text("0 would show")
    ways.get_by_role("button", name="Remove config.lr > 1").click()
    expect(table.row("run-77")).to_be_visible()
