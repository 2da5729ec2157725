"""Attention by keys alone, and the way from signing in to a stop without a mouse."""

import re
import uuid
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from heartline.wire.ingest import HEARTBEAT_MS_MAX
from tests.browser.app import App, signed_in
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

TABS_MAX = 80
# What has the focus without showing it, on itself or (a field) on the box around it.
UNSEEN = """() => {
    const shown = each => {
        const look = getComputedStyle(each);
        return look.outlineStyle !== 'none' || look.boxShadow !== 'none';
    };
    const here = document.activeElement;
    if (here === document.body || shown(here)) return '';
    return here.tagName === 'INPUT' && shown(here.parentElement) ? '' : here.outerHTML.slice(0, 200);
}"""


@pytest.fixture
def failed(server: ServerProcess) -> str:
    """The name of a run that ended badly, in a project of its own."""
    name = f"keyed-{uuid.uuid4().hex[:6]}"
    with server.client() as client:
        run = Speaker(client, project="keys").opened(name=name, host="gpu-keys")
        run.exit("failed", "time_limit")
        return name


def tab_to(page: Page, wanted: Locator) -> None:
    """Tab until it has the focus, which must be seen on everything on the way."""
    expect(wanted).to_be_visible()
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        assert page.evaluate(UNSEEN) == ""
        if wanted.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"{TABS_MAX} tabs do not lead to {wanted}")


def test_what_needs_a_person_is_snoozed_and_woken_by_keys(app: App, failed: str) -> None:
    app.go("/attention")
    row = app.page.get_by_role("listitem").filter(has_text=failed)
    expect(row.get_by_role("button", name="Seen")).to_be_visible()
    card = app.page.locator("section").filter(has=app.heading("Snoozed by you"))
    keys = app.page.keyboard
    for _ in range(TABS_MAX):
        keys.press("j")
        if row.evaluate("each => each === document.activeElement"):
            break
    keys.press("h")
    expect(card).to_contain_text(failed)
    expect(card).to_contain_text(re.compile(r"until \d\d:\d\d"))
    back = card.get_by_role("listitem").filter(has_text=failed)
    back.get_by_role("button", name="Wake").press("Enter")
    expect(row.get_by_role("button", name="Seen")).to_be_visible()
    row.get_by_role("button", name="Assign").press("Enter")
    app.page.get_by_role("button", name=re.compile(r"\(you\)")).press("Enter")
    expect(row.get_by_role("button", name=re.compile("^Assigned to "))).to_be_visible()
    row.get_by_role("button", name="Seen").press("Enter")
    expect(app.page.get_by_role("listitem").filter(has_text=failed)).to_have_count(0)


def test_it_is_said_how_many_live_runs_were_not_looked_at(app: App, failed: str) -> None:
    def many(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "not_looked_at": 1_200})

    app.page.route("**/api/v1/attention", many)
    app.page.route("**/api/v1/hosts/*", many)
    told = app.page.get_by_text("1,200 other live runs were not looked at")
    app.go("/attention")
    expect(told).to_be_visible()
    app.go("/hosts/gpu-keys")
    expect(told).to_be_visible()


def test_a_host_leads_to_its_page(app: App, failed: str) -> None:
    app.go("/attention")
    app.page.get_by_role("link", name=re.compile("^gpu-keys")).click()
    expect(app.heading("gpu-keys")).to_be_visible()
    expect(app.page.get_by_role("main")).to_contain_text(failed)


def test_a_run_is_stopped_from_the_sign_in_on_by_keys_alone(
    browser: Any, server: ServerProcess
) -> None:
    project = f"keys-{uuid.uuid4().hex[:6]}"
    with server.client() as client:
        run = Speaker(client, project=project).opened(
            name="to-be-stopped", heartbeat_ms=HEARTBEAT_MS_MAX
        )
        context = browser.new_context(
            base_url=server.base_url, viewport={"width": 1440, "height": 900}
        )
        page = context.new_page()
        page.goto(server.base_url)
        tab_to(page, page.get_by_role("button", name="API key"))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_label("API key", exact=True))
        page.keyboard.type(server.api_key)
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("main").get_by_role("link", name=re.compile(project)).first)
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/workspace$"))
        table = page.get_by_role("grid", name="Runs")
        tab_to(page, table.get_by_role("link", name="to-be-stopped", exact=True))
        page.keyboard.press("Enter")
        tab_to(page, page.get_by_role("button", name="Stop…"))
        page.keyboard.press("Enter")
        dialog = page.get_by_role("dialog")
        tab_to(page, dialog.get_by_role("button", name=re.compile("stop", re.IGNORECASE)))
        page.keyboard.press("Enter")
        expect(dialog).to_be_hidden()
        expect(page.locator("header [data-state]").first).to_have_attribute(
            "data-state", "stopping"
        )
        assert run.say().stop is not None
        context.close()


def test_single_keys_can_be_turned_off(browser: Any, server: ServerProcess) -> None:
    with signed_in(browser, server) as context, App.opened(context, server.base_url) as app:
        app.go("/settings/appearance")
        app.page.get_by_label(re.compile("[Ss]ingle")).uncheck()
        app.page.keyboard.press("g")
        app.page.keyboard.press("a")
        expect(app.page).to_have_url(re.compile("/settings"))
        app.page.get_by_label(re.compile("[Ss]ingle")).check()
        app.page.keyboard.press("g")
        app.page.keyboard.press("a")
        expect(app.page).to_have_url(re.compile("/attention$"))
