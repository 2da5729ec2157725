"""What is done in the runs table with the hand: keep, select, sort, pull, search."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.app import App, signed_in
from tests.browser.fleet import Fleet
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


def runs(fleet: Fleet) -> str:
    return f"/{fleet.entity}/{fleet.project}/runs"


def first(page: Page) -> Any:
    """The first row below the head."""
    return page.get_by_role("grid", name="Runs").get_by_role("row").nth(1)


def test_a_menu_opens_in_the_first_moments_of_a_page(
    browser: Any, server: ServerProcess, fleet: Fleet
) -> None:
    with signed_in(browser, server) as context, App.opened(context, server.base_url) as app:
        # For this page it is always a tenth of a second after its load.
        app.page.add_init_script("performance.now = () => 100")
        app.go(runs(fleet))
        app.page.get_by_role("button", name="Columns").click()
        expect(app.page.get_by_label("Find a column")).to_be_visible()


def test_a_run_is_kept_on_top_whatever_is_filtered_and_is_drawn(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    row = app.row("quiet-loop")
    row.hover()
    row.get_by_role("button", name="Keep quiet-loop on top").click()
    expect(first(app.page)).to_contain_text("quiet-loop")
    expect(app.page).to_have_url(re.compile("pr=quiet-loop-3"))
    box = app.page.get_by_role("combobox", name="Filter runs")
    box.fill("name = brave-fold")
    box.press("Enter")
    expect(app.rows).to_have_count(2)
    expect(first(app.page)).to_contain_text("quiet-loop")
    app.page.keyboard.press("Escape")
    app.go(f"/{fleet.entity}/{fleet.project}/workspace?pr=quiet-loop-3&f=name%20%3D%20brave-fold")
    expect(app.page.get_by_role("button", name="Draw quiet-loop")).to_have_attribute(
        "aria-pressed", "true"
    )
    app.page.keyboard.press("j")
    app.page.keyboard.press("p")
    expect(app.row("quiet-loop")).to_have_count(0)


def test_shift_sorts_by_a_second_column_and_says_which_comes_first(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet) + "?c=user,host,attempt")
    head = app.page.get_by_role("columnheader")
    head.filter(has_text="User").get_by_role("button").click()
    head.filter(has_text="Host").get_by_role("button").click(modifiers=["Shift"])
    expect(app.page).to_have_url(re.compile("s=-user%2C-host"))
    expect(head.filter(has_text="User")).to_have_text("User↓1")
    expect(head.filter(has_text="Host")).to_have_text("Host↓2")
    app.settled()
    expect(first(app.page)).to_contain_text("gpu-24")


def test_a_range_is_selected_with_shift_and_goes_with_escape(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet) + "?s=name")
    boxes = app.rows.get_by_role("checkbox")
    boxes.nth(1).check()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(app.page.get_by_text("4 runs selected")).to_be_visible()
    app.page.keyboard.press("Escape")
    expect(app.page.get_by_text("4 runs selected")).to_have_count(0)
    app.page.keyboard.press("j")
    app.page.keyboard.press("x")
    app.page.keyboard.press("j")
    app.page.keyboard.press("j")
    app.page.keyboard.press("Shift+X")
    expect(app.page.get_by_text("3 runs selected")).to_be_visible()


def test_only_what_differs_becomes_columns(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet) + "?f=name%20%3D%20brave-fold%20or%20name%20%3D%20calm-helix")
    expect(app.rows).to_have_count(2)
    app.page.get_by_role("button", name="Columns").click()
    app.page.get_by_role("button", name="Only what differs").click()
    expect(app.page.get_by_role("columnheader", name="prefetch")).to_be_visible()
    expect(app.page.get_by_role("columnheader", name="model.width")).to_have_count(0)


def test_names_and_states_stay_in_view_when_the_table_is_scrolled_sideways(
    app: App, fleet: Fleet
) -> None:
    fields = "heard,created,ended,user,host,tags,group,job_type,sweep,attempt,ranks,notes,client,id"
    app.go(f"{runs(fleet)}?c={fields}")
    row = app.row("brave-fold")
    badge = row.locator("[data-state]")
    before = badge.bounding_box()
    app.page.locator(".table-scroll").evaluate("it => it.scrollTo({left: it.scrollWidth})")
    expect(row.get_by_text("brave-fold-4")).to_be_in_viewport()
    assert badge.bounding_box() == before
    expect(row.get_by_role("link", name="brave-fold", exact=True)).to_be_in_viewport(ratio=1)


def test_a_column_is_as_wide_as_it_was_pulled(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet) + "?c=user,host")
    head = app.page.get_by_role("columnheader").filter(has_text="User")
    expect(head).to_be_visible()
    edge = head.locator(".edge").bounding_box()
    was = head.bounding_box()
    assert edge is not None and was is not None
    app.page.mouse.move(edge["x"] + 2, edge["y"] + 5)
    app.page.mouse.down()
    app.page.mouse.move(edge["x"] + 92, edge["y"] + 5, steps=3)
    app.page.mouse.up()
    expect(app.row("brave-fold")).to_be_visible()
    now = head.bounding_box()
    assert now is not None and abs(now["width"] - was["width"] - 90) < 6
    head.locator(".edge").dblclick()
    app.page.evaluate("() => localStorage.removeItem('heartline.widths')")


def test_rows_are_lower_or_taller_at_a_key(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    row = app.row("brave-fold")
    expect(row).to_be_visible()
    heights = []
    for _ in range(3):
        box = row.bounding_box()
        assert box is not None
        heights.append(box["height"])
        app.page.keyboard.press("d")
    assert sorted(heights) == [26, 30, 36]


def test_the_last_change_of_a_view_is_taken_back_by_a_key(app: App, fleet: Fleet) -> None:
    app.go(runs(fleet))
    app.page.get_by_role("columnheader").filter(has_text="Step").get_by_role("button").click()
    expect(app.page).to_have_url(re.compile("s=-last_step"))
    app.settled()
    app.page.keyboard.press("Control+z")
    expect(app.page).to_have_url(re.compile(r"/runs\??$"))
    # There is nothing more of this page to take back: it stays.
    app.page.keyboard.press("Control+z")
    expect(app.row("brave-fold")).to_be_visible()


def test_runs_are_copied_as_python_and_a_bad_pattern_says_what_is_wrong(
    app: App, fleet: Fleet
) -> None:
    app.go(runs(fleet) + "?st=failed")
    expect(app.row("quiet-loop")).to_be_visible()
    app.page.evaluate(
        "() => navigator.clipboard.writeText = async text => { window.copied = text }"
    )
    app.page.keyboard.press("Shift+Y")
    expect(app.page.get_by_text("Copied: these runs in Python.")).to_be_visible()
    copied = app.page.evaluate("() => window.copied")
    assert copied == (
        f'import heartline\n\nruns = heartline.Api().runs("{fleet.entity}/{fleet.project}", '
        'filters="state = failed")\n'
    )
    box = app.page.get_by_role("combobox", name="Filter runs")
    box.fill('name ~ "quiet("')
    box.press("Enter")
    expect(app.page.get_by_role("alert")).to_contain_text("quiet(")
    # What was there before stays, and does not look like an answer.
    expect(app.row("quiet-loop")).to_have_class(re.compile(r"\bstale\b"))
    expect(app.page.get_by_role("group", name="States")).to_contain_text("Failed")
    box.fill("loop")
    box.press("Enter")
    expect(app.page.get_by_role("alert")).to_have_count(0)
    expect(app.row("quiet-loop")).not_to_have_class(re.compile(r"\bstale\b"))


def test_a_link_with_a_filter_that_is_refused_says_so_over_all_runs_and_charts(
    app: App, fleet: Fleet
) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/workspace?f=name%20~%20%22quiet(%22")
    expect(app.page.get_by_role("alert")).to_contain_text("all runs")
    expect(app.rows.first).to_have_class(re.compile(r"\bstale\b"))
    expect(app.chart("train/loss")).to_be_visible()


def test_a_saved_view_is_a_tab_that_is_pressed_while_it_is_what_is_shown(
    app: App, server: ServerProcess, fleet: Fleet
) -> None:
    view = f"/api/v1/projects/{fleet.entity}/{fleet.project}/views/broken"
    with server.client() as client:
        assert client.put(view, json={"st": "failed"}).is_success
        try:
            app.go(runs(fleet))
            tabs = app.page.get_by_role("navigation", name="Saved views")
            expect(tabs.get_by_role("link", name="All runs")).to_have_attribute(
                "aria-current", "page"
            )
            tabs.get_by_role("link", name="broken").click()
            expect(app.rows).to_have_count(1)
            expect(tabs.get_by_role("link", name="broken")).to_have_attribute(
                "aria-current", "page"
            )
            expect(tabs.locator("[aria-current]")).to_have_count(1)
        finally:
            client.delete(view)


def test_selected_runs_are_moved_and_moved_back(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        for project in ("arriving", "leaving"):
            run = Speaker(client, id=f"of-{project}", project=project).opened(name=f"of-{project}")
            run.exit()
    app.go(f"/{server.entity}/leaving/runs")
    app.row("of-leaving").get_by_role("checkbox").check()
    app.page.get_by_role("button", name="Move…").click()
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_label("To the project").select_option(f"{server.entity}/arriving")
    dialog.get_by_role("button", name="Move", exact=True).click()
    expect(app.page.get_by_text(f"1 moved to {server.entity}/arriving")).to_be_visible()
    # The list that it left hears of it, too.
    expect(app.row("of-leaving")).to_have_count(0)
    app.page.keyboard.press("Control+z")
    expect(app.row("of-leaving")).to_be_visible()
