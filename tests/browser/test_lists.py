"""Filter, sort, compare, read the log; each view is an address."""

import re

from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.fleet import Fleet


def runs(fleet: Fleet) -> str:
    return f"/{fleet.entity}/{fleet.project}/runs"


def test_a_filter_is_typed_and_kept_in_the_address(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    box = app.page.get_by_role("combobox", name="Filter runs")
    box.fill("config.prefetch = 4096")
    box.press("Enter")
    expect(app.row("brave-fold")).to_be_visible()
    expect(app.row("calm-helix")).to_have_count(0)
    expect(app.page).to_have_url(re.compile(r"f=config\.prefetch"))
    app.page.reload()
    expect(app.row("brave-fold")).to_be_visible()
    expect(app.row("calm-helix")).to_have_count(0)
    app.page.get_by_role("button", name="Clear the filter").click()
    expect(app.row("calm-helix")).to_be_visible()


def test_a_filter_that_cannot_be_read_says_what_is_wrong(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    box = app.page.get_by_role("combobox", name="Filter runs")
    box.fill("config.lr >")
    box.press("Enter")
    expect(app.page.get_by_role("alert").first).to_be_visible()


def test_fields_and_values_are_suggested(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    box = app.page.get_by_role("combobox", name="Filter runs")
    box.press_sequentially("config.pre")
    suggestions = app.page.get_by_role("listbox", name="Suggestions")
    expect(suggestions).to_contain_text("config.prefetch")


def test_the_facets_count_and_filter_by_state(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    states = app.page.get_by_role("group", name="States")
    failed = states.get_by_role("button", name=re.compile("Failed"))
    expect(failed).to_contain_text("1")
    failed.click()
    expect(app.rows).to_have_count(1)
    expect(app.row("quiet-loop")).to_be_visible()
    expect(states.get_by_role("button", name=re.compile("Finished"))).to_be_visible()
    expect(app.page).to_have_url(re.compile("st=failed"))
    app.page.go_back()
    expect(app.row("calm-helix")).to_be_visible()


def test_a_column_sorts_both_ways(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet) + "?c=summary.train%2Floss&f=state%20%3D%20finished")
    expect(app.rows).to_have_count(5)
    head = app.page.get_by_role("columnheader").filter(has_text="loss").get_by_role("button")

    def values() -> list[float]:
        cells = app.rows.get_by_role("gridcell").filter(has_text=re.compile(r"^\s*\d+\.\d+\s*$"))
        return [float(text) for text in cells.all_inner_texts()]

    for sort in ("ascending", "descending"):
        while app.page.locator(f"[role=columnheader][aria-sort={sort}]").count() == 0:
            head.click()
        header = app.page.get_by_role("columnheader").filter(has_text="loss")
        expect(header).to_have_attribute("aria-sort", sort)
        app.settled()
        app.page.wait_for_function(
            """down => {
                const rows = [...document.querySelectorAll('[role=row][aria-rowindex]')]
                    .filter(row => row.querySelector('a'))
                    .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex);
                const told = rows.map(row => parseFloat(row.lastElementChild.textContent));
                return told.length === 5 && told.every((value, n) =>
                    n === 0 || (down ? told[n - 1] >= value : told[n - 1] <= value));
            }""",
            arg=sort == "descending",
        )
        assert len(values()) == 5


def test_selected_runs_are_compared(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    for name in ("brave-fold", "calm-helix"):
        app.row(name).get_by_role("checkbox").check()
    app.page.get_by_role("button", name="Compare").click()
    expect(app.heading("2 runs")).to_be_visible()
    values = app.page.get_by_role("group", name="Values of the runs")
    expect(values).to_contain_text("prefetch")
    expect(values).to_contain_text("4096")
    expect(values).not_to_contain_text("width")


def test_the_log_is_searched_and_split_by_stream(app: App, fleet: Fleet) -> None:
    app.go(f"{runs(fleet)}/brave-fold-4/logs")
    log = app.page.get_by_role("log")
    expect(log).to_contain_text("step 184210")
    expect(log).to_contain_text("prefetch queue grew")
    app.page.get_by_role("button", name="stderr").click()
    expect(log).not_to_contain_text("step 184210")
    expect(log).to_contain_text("prefetch queue grew")
    app.page.get_by_role("button", name="all", exact=True).click()
    app.page.get_by_label("Search the log").first.fill("62.1G")
    expect(log).to_contain_text("62.1G")
    expect(log).not_to_contain_text("step 184210")
    assert "\x1b" not in log.inner_text()


def test_a_view_is_an_address(app: App, fleet: Fleet) -> None:
    """Filter, states, sorting, smoothing and zoom come back from the address alone."""
    view = "f=tags%20%3D%20baseline-v3&st=finished&s=name&sm=ema:0.6&z=100~900"
    app.go(f"/{fleet.entity}/{fleet.project}/workspace?{view}")
    box = app.page.get_by_role("combobox", name="Filter runs")
    expect(box).to_have_value("tags = baseline-v3")
    states = app.page.get_by_role("group", name="States")
    expect(states.get_by_role("button", name=re.compile("Finished"))).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(app.chart("train/loss")).to_be_visible()
    expect(app.page).to_have_url(re.compile("sm=ema"))
