"""Eight hours of an open tab in ten minutes: what its page holds at the end beside the beginning.

A fleet begins runs, logs and ends them as often in the time as it would in eight hours, the clock
by which the page paces itself runs faster, and somebody goes from page to page. Heaps are read on
the same page, after a collection. HEARTLINE_SOAK_S is how long it takes.
"""

import contextlib
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from benchmarks.app import Found, chromium, rest
from benchmarks.app_live import heap_mb, session, told
from tests.browser.app import signed_in
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

HOURS, SOAK_S = 8, float(os.environ.get("HEARTLINE_SOAK_S", "600"))
FASTER = HOURS * 3_600 / SOAK_S
LIVE_RUNS, KEYS, LOG_S, LIFE_S = 12, 12, 10.0, 1_800.0
"""A fleet: so many runs at once, which log so often and live so long, before they are sped up."""
WARM_PART, LOOKS, VISIT_S = 0.15, 10, 6.0
GROWTH_MB = 20
PACED = """(() => {
    const faster = FASTER, at = performance.now();
    const later = window.setTimeout, every = window.setInterval;
    const clock = performance.now.bind(performance);
    window.setTimeout = (act, ms, ...said) => later(act, (ms ?? 0) / faster, ...said);
    window.setInterval = (act, ms, ...said) => every(act, (ms ?? 0) / faster, ...said);
    performance.now = () => at + (clock() - at) * faster;
})()"""
PACE_MAX = 10
"""The page's clock runs at most so much faster: its answers come no sooner than they do."""


class Fleet:
    """Runs that begin, log and end in a thread, so often as in the hours they stand for."""

    def __init__(self, server: ServerProcess) -> None:
        self.client = server.client()
        self.keys = tuple(f"part{n % 3}/metric{n:02}" for n in range(KEYS))
        self.over, self.runs, self.rows = threading.Event(), 0, 0
        self.live = [self.begun() for _ in range(LIVE_RUNS)]

    def begun(self) -> Speaker:
        self.runs += 1
        run = Speaker(self.client, project="fleet").opened(name=f"run-{self.runs}")
        run.log(50, self.keys)
        return run

    def work(self) -> None:
        """One thing after the other: each run logs in turn, and now and then the oldest ends."""
        pace_s, turns = LOG_S / LIVE_RUNS / FASTER, max(1, round(LIFE_S / LOG_S))
        at = time.perf_counter()
        while not self.over.wait(max(0.0, at - time.perf_counter())):
            at += pace_s
            self.rows += 1
            self.live[self.rows % LIVE_RUNS].log(1, self.keys)
            if self.rows % turns == 0:
                self.live.pop(0).exit()
                self.live.append(self.begun())

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        thread = threading.Thread(target=self.work)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()
            self.client.close()


def drawn(page: Page) -> None:
    """A chart is there; not by a handle, which would keep the page of that moment."""
    page.locator("canvas").first.wait_for()


def visits(page: Page) -> Iterator[None]:
    """From place to place by the links of the app, and back to the workspace."""
    while True:
        for name in ("Runs", "Overview", "Home", "Attention"):
            page.locator(f"a.place[title={name}]").first.click()
            rest(page)
            page.go_back()
            drawn(page)
            yield


def looked(page: Page, browser: Any) -> dict[str, float]:
    """What the page holds now."""
    heap = heap_mb(browser)
    figures = told(browser)
    return {"heap_mb": heap, "nodes": figures["Nodes"], "listeners": figures["JSEventListeners"]}


def run() -> dict[str, Any]:
    """Looks at even distances, after the page has become warm."""
    looks: list[dict[str, float]] = []
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = ServerProcess(home).start()
        stack.callback(server.stop)
        fleet = Fleet(server)
        tab = stack.enter_context(chromium())
        page = stack.enter_context(signed_in(tab, server)).new_page()
        page.add_init_script(PACED.replace("FASTER", f"{min(FASTER, PACE_MAX):.1f}"))
        page.goto(f"{server.base_url}/{server.entity}/fleet/workspace")
        drawn(page)
        stack.enter_context(fleet.working())
        browser, going, began = session(page), visits(page), time.perf_counter()
        for n in range(LOOKS + 1):
            until = began + SOAK_S * (WARM_PART + (1 - WARM_PART) * n / LOOKS)
            while time.perf_counter() < until:
                next(going)
                page.wait_for_timeout(VISIT_S * 1_000)
            looks.append(looked(page, browser))
            print(f"  {looks[-1]}", flush=True)
        hours = fleet.rows * LOG_S / LIVE_RUNS / 3_600
        found = {"looks": looks, "hours": hours, "runs": fleet.runs, "growth_mb_max": GROWTH_MB}
        return {**found, "growth_mb": growth(found)}


def growth(found: dict[str, Any], what: str = "heap_mb") -> float:
    """From the first three looks to the last three, by their medians."""
    values = [each[what] for each in found["looks"]]
    return statistics.median(values[-3:]) - statistics.median(values[:3])


def table(found: dict[str, Any]) -> list[list[str]]:
    """What it grew by."""
    kept = Found("heap", growth(found), GROWTH_MB).kept
    last = found["looks"][-1]
    return [
        [f"a tab open for {found['hours']:.1f} hours of events, {found['runs']} runs", "", ""],
        ["heap, MB", f"{last['heap_mb']:.1f}", ""],
        ["heap's growth, MB", f"{growth(found):.1f}", "" if kept else f"over {GROWTH_MB}"],
        ["nodes, growth", f"{last['nodes']:,.0f}", f"{growth(found, 'nodes'):+,.0f}"],
        ["listeners, growth", f"{last['listeners']:,.0f}", f"{growth(found, 'listeners'):+,.0f}"],
    ]
