"""Every page passes axe's WCAG 2.2 AA rules in both themes and on a narrow screen."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app import AXE, NARROW, WIDE, App
from tests.browser.fleet import Fleet
from tests.browser.screenshots import PAGES, ready
from tests.server_process import ServerProcess


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_overflows(app: App, fleet: Fleet, name: str) -> None:
    assert AXE.exists(), "make web"
    app.page.set_viewport_size(WIDE)
    ready(app, fleet, name)
    root = app.page.locator("html")
    seen = set()
    for _ in range(2):
        assert app.violations() == []
        assert app.overflow() <= 0
        seen.add(root.get_attribute("data-theme"))
        app.page.get_by_role("button", name="Light or dark").click()
    assert seen == {"light", "dark"}
    app.page.set_viewport_size(NARROW)
    expect(app.page.get_by_role("main")).to_be_visible()
    app.settled()
    assert app.overflow() <= 0
    assert app.violations() == []


def test_the_login_page_is_accessible(browser: Any, server: ServerProcess) -> None:
    for scheme in ("light", "dark"):
        context = browser.new_context(base_url=server.base_url, color_scheme=scheme)
        page = context.new_page()
        page.goto(f"{server.base_url}/login")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        assert App(page, server.base_url).violations() == []
        context.close()
