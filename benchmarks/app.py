"""What a browser waits for, beside the budgets of the app: `python -m benchmarks app`.

A real server and chromium without a GPU. Each number is a median of a few rounds, told as it is,
and a budget that is missed is marked. Never part of the tests: a machine that does other things
at the same time makes it slow. HEARTLINE_BENCH_APP_RUNS is how many runs the table holds.
"""

import contextlib
import os
import statistics
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from heartline.wire.ingest import Block, Column
from tests.browser import crowd
from tests.browser.app import CHROMIUM, open_browser, signed_in
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

RUNS = int(os.environ.get("HEARTLINE_BENCH_APP_RUNS", "100000"))
LINES, POINTS, PART = 20, 100_000, 20_000
KEYS = 100
ROUNDS = 5
REST_MS = 700
GIVEN_UP_MS = 15_000


@dataclass(frozen=True, slots=True)
class Found:
    """A measured time or size and the budget that it is held to."""

    what: str
    value: float
    budget: float
    unit: str = "ms"
    more: bool = False

    @property
    def kept(self) -> bool:
        """Whether it is within."""
        return self.value >= self.budget if self.more else self.value <= self.budget


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """The browser of the tests, or a word on how to get it."""
    if not Path(CHROMIUM).exists():
        raise SystemExit(f"no chromium at {CHROMIUM}: `make system-packages` installs it")
    with open_browser() as browser:
        yield browser


def median(measure: Callable[[], float]) -> float:
    """Of a few rounds, each of them done anew."""
    return statistics.median(measure() for _ in range(ROUNDS))


def waited(page: Page, act: str, ready: str) -> float:
    """Milliseconds from an act in the page until `ready` holds, seen at every frame."""
    found: float = page.evaluate(
        f"""() => new Promise(done => {{
            const began = performance.now();
            const look = () => {{
                const passed = performance.now() - began;
                window.drawnAt = performance.now();
                ({ready}) || passed > {GIVEN_UP_MS} ? done(passed) : requestAnimationFrame(look);
            }};
            {act}; requestAnimationFrame(look);
        }})"""
    )
    return found


def rest(page: Page) -> None:
    """The page has come, and does nothing more; the live stream never ends, so idle is a pause."""
    page.locator("main h1, main h2").first.wait_for(state="attached")
    page.wait_for_timeout(REST_MS)


ROW = "document.querySelector('.body-row a')"


def table_of(page: Page, base: str) -> Iterator[Found]:
    """The table of many runs: first rows, sorting, a facet, scrolling."""

    def first() -> float:
        page.goto(f"{base}/{crowd.ENTITY}/{crowd.PROJECT}/overview")
        rest(page)
        return waited(page, "document.querySelector('a.place[title=Runs]').click()", ROW)

    yield Found(f"runs table, {RUNS:,} runs: first rows", median(first), 300)
    told = f"{ROW}.textContent + document.querySelector('[role=grid]').ariaRowCount"
    changed = f"{ROW} && {told} !== window.before && !document.querySelector('.stale')"

    def act(press: str) -> float:
        """In a page opened anew, which has no answer yet."""
        page.goto(f"{base}/{crowd.ENTITY}/{crowd.PROJECT}/runs")
        rest(page)
        page.wait_for_function(f"() => {ROW}")
        page.evaluate(f"() => {{ window.before = {told} }}")
        return waited(page, press, changed)

    head = "[...document.querySelectorAll('[role=columnheader] button')].find(b => /loss/.test(b.textContent)).click()"
    yield Found("sort by a metric: new rows", median(lambda: act(head)), 150)
    facet = "[...document.querySelectorAll('.facet')].find(b => /{}/.test(b.textContent)).click()"
    states = iter(["Crashed", "Failed", "Killed", "Finished", "Crashed"])
    yield Found("filter by state: new rows", median(lambda: act(facet.format(next(states)))), 150)
    frames: list[float] = page.evaluate(
        """() => new Promise(done => {
            const it = document.querySelector('.table-scroll'); const gaps = []; let last = 0;
            const go = now => { if (last) gaps.push(now - last); last = now;
                it.scrollTop += 60; gaps.length < 180 ? requestAnimationFrame(go) : done(gaps); };
            requestAnimationFrame(go);
        })"""
    )
    yield Found("scroll by 2 rows a frame, p95", statistics.quantiles(frames, n=20)[18], 17.5)


def log_lines(server: ServerProcess) -> None:
    """Twenty runs of many points, one run of many keys."""
    with server.client() as client:
        for n in range(LINES):
            run = Speaker(client, project="long").opened(name=f"long-{n}")
            for first in range(0, POINTS, PART):
                steps = struct.pack(f"<{PART}q", *range(first, first + PART))
                values = [1 / (1 + step / 9_000) + n / 50 for step in range(first, first + PART)]
                column = Column("loss", b"", struct.pack(f"<{PART}d", *values))
                run.say(count=PART, history=[Block(steps, steps, [column])])
            run.exit()
        wide = Speaker(client, project="wide").opened(id="wide", name="wide")
        wide.log(500, tuple(f"part{n % 10}/metric{n:03}" for n in range(KEYS)))
        wide.exit()


def from_request(page: Page) -> float:
    """Milliseconds from the last request for points until they were drawn."""
    found: float = page.evaluate(
        """() => window.drawnAt - performance.getEntriesByType('resource')
            .filter(each => each.name.includes('/window')).at(-1).startTime"""
    )
    return found


PAINTED = "document.querySelectorAll('canvas').length >= {} && !document.querySelector('.chart-loading, .stale')"


def charts(page: Page, base: str, entity: str) -> Iterator[Found]:
    """One chart of long lines, its zoom, and a page of a hundred."""
    ids = ",".join(str(n) for n in keys_of(page, base, entity))
    address = f"{base}/{entity}/long/workspace?d={ids}"

    def cold() -> float:
        page.goto(f"{base}/{entity}/long/overview")
        rest(page)
        go = f"history.pushState(null, '', {address!r}); dispatchEvent(new PopStateEvent('popstate'))"
        return waited(page, go, PAINTED.format(1))

    cold()
    drawn = f"chart of {LINES} x {POINTS:,} points: request to drawn"

    def request(act: Callable[[], float]) -> Callable[[], float]:
        return lambda: (act(), from_request(page))[1]

    yield Found(drawn, median(request(cold)), 200)

    zooms = iter(range(10_000, 90_000, 7_000))

    def zoom() -> float:
        low = next(zooms)
        go = f"""history.pushState(null, '', {address!r} + '&z={low}~{low + 9_000}');
                 dispatchEvent(new PopStateEvent('popstate'));"""
        page.evaluate("() => { window.asked = performance.getEntriesByType('resource').length }")
        ready = (
            "performance.getEntriesByType('resource').length > window.asked && " + PAINTED.format(1)
        )
        return waited(page, go, ready)

    yield Found("zoom of that chart: request to drawn", median(request(zoom)), 200)

    def hundred() -> float:
        page.goto(f"{base}/{entity}/wide/runs/wide/overview")
        rest(page)
        tab = "[...document.querySelectorAll('a')].find(a => /^Charts/.test(a.textContent)).click()"
        return waited(page, tab, PAINTED.format(4))

    yield Found(f"{KEYS} charts: page opened, first view drawn", median(hundred), 200)

    def tab() -> float:
        page.evaluate("() => history.back()")
        page.wait_for_url("**/overview")
        again = (
            "[...document.querySelectorAll('a')].find(a => /^Charts/.test(a.textContent)).click()"
        )
        return waited(page, again, PAINTED.format(4))

    yield Found("tab with cached data", median(tab), 100)


def keys_of(page: Page, base: str, entity: str) -> list[int]:
    """The numbers of the long runs."""
    body = {"entity": entity, "project": "long", "limit": LINES}
    runs = page.context.request.post(f"{base}/api/v1/runs/query", data=body).json()["runs"]
    return [run["key"] for run in runs]


def news(page: Page, server: ServerProcess) -> Iterator[Found]:
    """From the end of a run to its badge."""
    badge = "document.querySelector('header [data-state=finished]')"

    def once(client: Any) -> float:
        run = Speaker(client, project="news").opened()
        page.goto(f"{server.base_url}/{server.entity}/news/runs/{run.id}/overview")
        expect(page.locator("[data-phase]")).to_have_attribute("data-phase", "live")
        page.evaluate(
            f"""() => {{ window.seen = new Promise(done => {{
                const look = () => {badge} ? done(Date.now()) : setTimeout(look, 5); look();
            }}) }}"""
        )
        told = time.time() * 1_000
        run.exit()
        return float(page.evaluate("() => window.seen")) - told

    with server.client() as client:
        yield Found("change of state on the screen", median(lambda: once(client)), 1_000)


def measured() -> Iterator[Found]:
    """Everything, with a server of its own."""
    from benchmarks import app_live

    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = ServerProcess(home)
        crowd.fill(home / "data/heartline", RUNS)
        server.start()
        stack.callback(server.stop)
        log_lines(server)
        browser = stack.enter_context(chromium())
        page = stack.enter_context(signed_in(browser, server)).new_page()
        yield from table_of(page, server.base_url)
        yield from charts(page, server.base_url, server.entity)
        yield from news(page, server)
        yield from app_live.hundred(page, server)
        yield from app_live.live(page, server)


def run() -> dict[str, Any]:
    """Each as it is found."""
    found = []
    for each in measured():
        mark = " " if each.kept else "!"
        print(f"{mark} {each.what}: {each.value:.0f} of {each.budget:.0f} {each.unit}", flush=True)
        found.append(asdict(each))
    return {"found": found}


def table(found: dict[str, Any]) -> list[list[str]]:
    """What was waited for beside what may be."""
    return [
        ["the app", "measured", "budget", "", ""],
        *(
            [each["what"], f"{each['value']:.1f}", f"{each['budget']:.0f}", each["unit"],
             "" if Found(**each).kept else "missed"]
            for each in found["found"]
        ),
    ]  # fmt: skip
