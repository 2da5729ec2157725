"""A tab that stays open: a hundred charts, thirty that grow, and eight hours in ten minutes.

`python -m benchmarks soak` is the last of them. Heaps are read after a collection.
"""

import contextlib
import random
import statistics
import threading
import time
from array import array
from collections.abc import Iterator

from playwright.sync_api import CDPSession, Page

from benchmarks.app import KEYS, PAINTED, Found, rest
from heartline.wire.ingest import Block, Column
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

LIVE_CHARTS, LIVE_RUNS, LIVE_HZ, LIVE_S, BEGUN_WITH = 30, 4, 10, 15, 600
TALL = {"width": 1440, "height": 3_800}
MB = 1e6


def session(page: Page) -> CDPSession:
    """What the browser tells of itself."""
    made = page.context.new_cdp_session(page)
    made.send("Performance.enable")
    return made


def told(browser: CDPSession) -> dict[str, float]:
    """Its figures by name."""
    said = browser.send("Performance.getMetrics")["metrics"]
    return {each["name"]: float(each["value"]) for each in said}


def heap_mb(browser: CDPSession) -> float:
    """What scripts hold when nothing is left that could be let go."""
    for _ in range(2):
        browser.send("HeapProfiler.collectGarbage")
    return told(browser)["JSHeapUsedSize"] / MB


FRAMES = """ms => new Promise(done => {
    const gaps = []; let last = 0; const until = performance.now() + ms;
    const go = now => { if (last) gaps.push(now - last); last = now;
        const place = document.querySelector('main'); if (window.scrolled) window.scrolled(place);
        now < until ? requestAnimationFrame(go) : done(gaps); };
    requestAnimationFrame(go);
})"""


def hundred(page: Page, server: ServerProcess) -> Iterator[Found]:
    """A hundred charts seen one after the other: how smoothly, and what they hold at the end."""
    page.goto(f"{server.base_url}/{server.entity}/wide/runs/wide/charts")
    page.wait_for_function(f"() => {PAINTED.format(4)}")
    gaps: list[float] = page.evaluate(
        """() => new Promise(done => {
            let it = document.querySelector('.chart-card');
            while (it && !(it.scrollHeight > it.clientHeight + 200 &&
                /auto|scroll/.test(getComputedStyle(it).overflowY))) it = it.parentElement;
            it ??= document.scrollingElement;
            const gaps = []; let last = 0;
            const go = now => { if (last) gaps.push(now - last); last = now; it.scrollTop += 20;
                it.scrollTop + it.clientHeight < it.scrollHeight - 1 && gaps.length < 3000
                    ? requestAnimationFrame(go) : done(gaps); };
            requestAnimationFrame(go);
        })"""
    )
    yield Found(f"{KEYS} charts: scroll, p95", statistics.quantiles(gaps, n=20)[18], 20)
    yield Found(f"{KEYS} charts: heap after seeing all", heap_mb(session(page)), 40, "MB")


class Loggers:
    """Runs that log in a thread, `hz` times a second, until told to stop."""

    def __init__(self, server: ServerProcess, project: str, runs: int, keys: tuple[str, ...]):
        self.client = server.client()
        self.keys, self.rows, self.dice = keys, 0, random.Random(0)
        self.runs = [Speaker(self.client, project=project) for _ in range(runs)]
        for n, run in enumerate(self.runs):
            run.opened(name=f"live-{n}")
            self.row(run, BEGUN_WITH)
        self.over = threading.Event()

    @contextlib.contextmanager
    def logging(self, hz: float) -> Iterator[None]:
        thread = threading.Thread(target=self.log, args=(1 / hz,))
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()
            for run in self.runs:
                run.exit()
            self.client.close()

    def log(self, pace_s: float) -> None:
        at = time.perf_counter()
        while not self.over.wait(max(0.0, at - time.perf_counter())):
            at += pace_s
            self.rows += 1
            for run in self.runs:
                self.row(run, 1)

    def row(self, run: Speaker, rows: int) -> None:
        """More of a curve that falls, with noise, for every key."""
        steps = array("q", range(run.durable, run.durable + rows))
        columns = [
            Column(key, b"", array("d", (self.value(step) for step in steps)).tobytes())
            for key in self.keys
        ]
        run.say(count=rows, history=[Block(steps.tobytes(), steps.tobytes(), columns)])

    def value(self, step: int) -> float:
        return 1 / (1 + step / 300) + self.dice.gauss(0, 0.03)


def live(page: Page, server: ServerProcess) -> Iterator[Found]:
    """Thirty charts in view of runs that log ten times a second."""
    keys = tuple(f"live/metric{n:02}" for n in range(LIVE_CHARTS))
    loggers = Loggers(server, "live", LIVE_RUNS, keys)
    page.set_viewport_size(TALL)
    with loggers.logging(LIVE_HZ):
        page.goto(f"{server.base_url}/{server.entity}/live/workspace")
        # A section shows so many charts and says how many more there are.
        page.get_by_role("button", name="more charts").click()
        page.wait_for_function(f"() => {PAINTED.format(LIVE_CHARTS)}")
        rest(page)
        browser = session(page)
        before, rows, began = told(browser), loggers.rows, time.perf_counter()
        gaps: list[float] = page.evaluate(FRAMES, LIVE_S * 1_000)
        after, took = told(browser), time.perf_counter() - began
        hz = (loggers.rows - rows) / took
    what = f"{LIVE_CHARTS} live charts, {LIVE_RUNS} runs at {hz:.1f} Hz"
    yield Found(f"{what}: frames a second", len(gaps) / (sum(gaps) / 1_000), 30, "fps", more=True)
    share = (after["TaskDuration"] - before["TaskDuration"]) / took * 100
    yield Found(f"{what}: main thread", share, 40, "%")
