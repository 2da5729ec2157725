"""The app as somebody sees it in chromium; found by roles and words, never by looks."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.server_process import ServerProcess

CHROMIUM = "/usr/bin/chromium"
SEEN_MS = 20_000
AXE = Path(__file__).parents[2] / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
WIDE = {"width": 1440, "height": 900}
NARROW = {"width": 390, "height": 844}
# What a browser says by itself of answers that a page is meant to show.
EXPECTED = re.compile(r"Failed to load resource.*(40[134]|410|422)")

expect.set_options(timeout=SEEN_MS)


@contextlib.contextmanager
def open_browser() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@contextlib.contextmanager
def signed_in(browser: Browser, server: ServerProcess, **options: Any) -> Iterator[BrowserContext]:
    """Somebody with a session cookie."""
    said = {"viewport": WIDE, "reduced_motion": "reduce", "locale": "en-GB", **options}
    context = browser.new_context(base_url=server.base_url, **said)
    context.set_default_timeout(SEEN_MS)
    answer = context.request.post("/api/v1/login", data={"api_key": server.api_key})
    assert answer.ok, answer.text()
    yield context
    context.close()


@dataclass
class App:
    """One tab."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    @classmethod
    @contextlib.contextmanager
    def opened(cls, context: BrowserContext, base: str) -> "Iterator[App]":
        page = context.new_page()
        app = cls(page, base)
        page.on("pageerror", lambda error: app.faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: app._heard(said.type, said.text))
        yield app
        page.close()
        assert app.faults == []

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not EXPECTED.search(text):
            self.faults.append(f"{self.page.url}: {text}")

    def go(self, path: str) -> "App":
        self.page.goto(f"{self.base}{path}")
        return self

    def link(self, words: str, within: str = "") -> Locator:
        """A link by its words, perhaps in a named part of the page."""
        place = self.page.get_by_role("navigation", name=within) if within else self.page
        return place.get_by_role("link", name=words)

    def heading(self, words: str) -> Locator:
        return self.page.get_by_role("heading", name=words)

    def chart(self, key: str, page: Page | None = None) -> Locator:
        """The panel of a metric."""
        return (page or self.page).get_by_role("article", name=key, exact=True)

    @property
    def rows(self) -> Locator:
        """Rows of the runs table that hold a run."""
        return self.page.get_by_role("grid", name="Runs").get_by_role("row").filter(
            has=self.page.get_by_role("link")
        )  # fmt: skip

    def row(self, name: str) -> Locator:
        return self.page.get_by_role("row").filter(
            has=self.page.get_by_role("link", name=name, exact=True)
        )

    @property
    def badge(self) -> Locator:
        """The big badge at the head of a run's page."""
        return self.page.locator("header [data-state]").first

    @property
    def total(self) -> Locator:
        """How many runs the table says it has."""
        return self.page.get_by_text(re.compile(r"^[\d,.\s\u202f]+ runs?$")).first

    def overflow(self) -> int:
        """How many pixels the page is wider than its window."""
        wide = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        found: int = self.page.evaluate(wide)
        return found

    def theme(self, name: str) -> None:
        self.page.evaluate("name => localStorage.setItem('heartline.theme', name)", name)

    def settled(self) -> None:
        """Nothing is being asked for, and nothing on the page says that it waits."""
        expect(self.page.locator(".skeleton, [aria-busy=true]")).to_have_count(0)

    def violations(self) -> list[str]:
        """What axe has against the page as it stands."""
        if not self.page.evaluate("() => 'axe' in window"):
            # Not by a script tag: the page's own policy forbids foreign scripts, as it should.
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
        )
        return [
            f"{each['id']}: {node['target']} {node['failureSummary']}"
            for each in found["violations"]
            for node in each["nodes"]
        ]
