"""The same runs in each app, from the address entered until rows and lines are there.

A table of 1,000 runs and a chart of 20 runs of 100,000 points; each app with a server of its own,
in the same chromium. A peer that is not installed, or does not show them in time, is said so. With
HEARTLINE_BENCH_STORES the filled stores are kept there, since filling takes minutes.
"""

import base64
import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Error, Page
from playwright.sync_api import TimeoutError as TooLate

from benchmarks.app import LINES, PAINTED, POINTS, chromium, keys_of, log_lines
from benchmarks.limited import end, limited
from tests.browser import crowd
from tests.browser.app import WIDE
from tests.server_process import ServerProcess, free_port

RUNS, ROUNDS, ROUNDS_S = 1_000, 3, 10
"""So many rounds, but none begins when the former took so long together."""
UP_S, SHOWN_MS, FILL_S = 60, 60_000, 270
ROOT = Path(__file__).parents[1]
STORES = Path(kept) if (kept := os.environ.get("HEARTLINE_BENCH_STORES")) else None


@dataclass(frozen=True, slots=True)
class Shown:
    """Where an app shows the table and the chart, and how the page looks when it does."""

    table: str
    rows: str
    chart: str
    lines: str


@contextlib.contextmanager
def serving(home: Path, environment: dict[str, str], *command: str) -> Iterator[str]:
    """A peer's server; its address."""
    port = free_port()
    said = [each.replace("PORT", str(port)) for each in command]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, *said], stdout=log, stderr=log, env={**os.environ, **environment}
        )
    try:
        base, until = f"http://127.0.0.1:{port}", time.monotonic() + UP_S
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(base).status_code < 500:
                    break
            assert process.poll() is None, (home / "log").read_text()
            assert time.monotonic() < until, f"{command} was not up in {UP_S} s"
            time.sleep(0.2)
        yield base
    finally:
        end(process)


def filled(kind: str, home: Path) -> list[str]:
    """The peer's store with the runs in it."""
    kept = home / "projects.json"
    if kept.exists():
        projects: list[str] = json.loads(kept.read_text(encoding="utf-8"))
        return projects
    print(f"  filling {kind}", flush=True)
    sizes = [str(n) for n in (RUNS, LINES, POINTS)]
    words = [sys.executable, "-m", "benchmarks.app_fill", kind, str(home), *sizes]
    ended = limited(words, FILL_S, cwd=ROOT)
    assert not ended.fault, f"filling its store {ended.fault}"
    kept.write_text(ended.last, encoding="utf-8")
    return filled(kind, home)


@contextlib.contextmanager
def heartline(home: Path, page: Page) -> Iterator[Shown]:
    """Ours, signed in."""
    server = ServerProcess(home)
    if not (home / "data").exists():
        crowd.fill(home / "data/heartline", RUNS)
        server.start()
        log_lines(server)
    else:
        server.start()
    try:
        base = server.base_url
        said = page.context.request.post(f"{base}/api/v1/login", data={"api_key": server.api_key})
        assert said.ok, said.text()
        drawn = ",".join(str(key) for key in keys_of(page, base, server.entity))
        yield Shown(
            f"{base}/{crowd.ENTITY}/{crowd.PROJECT}/runs",
            "document.querySelector('.body-row a')",
            f"{base}/{server.entity}/long/workspace?d={drawn}",
            PAINTED.format(1),
        )
    finally:
        server.stop()


@contextlib.contextmanager
def aim(home: Path, _page: Page) -> Iterator[Shown]:
    """Its explorers of runs and of metrics, asked by address; it draws 50 points of each line."""
    table, long = filled("aim", home)
    start = "from aim.cli.cli import cli_entry_point as go; go()"
    command = (
        "-c",
        start,
        "up",
        "--repo",
        str(home),
        "--host",
        "127.0.0.1",
        "--port",
        "PORT",
        "-y",
    )
    with serving(home, {}, *command) as base:
        runs = aims({"query": f'run.experiment == "{table}"'})
        lines = aims({
            "options": [], "query": "", "advancedMode": True,
            "advancedQuery": f'metric.name == "loss" and run.experiment == "{long}"',
        })  # fmt: skip
        yield Shown(
            f"{base}/runs?search={runs}",
            "document.querySelector('a[href*=\"/runs/\"]')",
            f"{base}/metrics?select={lines}",
            f"document.querySelectorAll('path.Line').length >= {LINES}",
        )


def aims(said: dict[str, Any]) -> str:
    """As its pages keep what they were asked in their address."""
    told = quote(json.dumps(said, separators=(",", ":")), safe=";,/?:@&=+$-_.!~*'()#")
    return "O-" + base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


@contextlib.contextmanager
def mlflow(home: Path, _page: Page) -> Iterator[Shown]:
    """Its chart view draws the first ten runs of the twenty."""
    table, long = filled("mlflow", home)
    store = f"sqlite:///{home}/mlflow.db"
    command = ("-m", "mlflow", "ui", "--backend-store-uri", store, "--port", "PORT")
    with serving(home, {}, *command) as base:
        yield Shown(
            f"{base}/#/experiments/{table}/runs",
            "document.querySelector('.ag-row a')",
            f"{base}/#/experiments/{long}/runs?compareRunsMode=CHART",
            "document.querySelectorAll('.scatterlayer path.js-line').length >= 10",
        )


@contextlib.contextmanager
def trackio(home: Path, _page: Page) -> Iterator[Shown]:
    """Its pages of a project."""
    table, long = filled("trackio", home)
    show = "import trackio; trackio.show(open_browser=False, block_thread=True, server_port=PORT)"
    with serving(home, {"TRACKIO_DIR": str(home)}, "-c", show) as base:
        yield Shown(
            f"{base}/runs?project={table}",
            "document.querySelectorAll('tr').length > 1",
            f"{base}/?project={long}",
            "document.querySelector('canvas')",
        )


def shown(page: Page, address: str, ready: str) -> float:
    """Seconds from the address entered until the page is ready, the median of a few rounds."""
    found = list[float]()
    while len(found) < ROUNDS and sum(found) < ROUNDS_S:
        page.goto("about:blank")
        page.goto(address)
        try:
            page.wait_for_function(f"() => Boolean({ready})", timeout=SHOWN_MS)
        except TooLate as error:
            raise AssertionError(f"not shown in {SHOWN_MS / 1_000:.0f} s") from error
        found.append(float(page.evaluate("() => performance.now()")) / 1_000)
    return statistics.median(found)


# What takes longest to fill is the last.
APPS = {"heartline": heartline, "mlflow": mlflow, "trackio": trackio, "aim": aim}


def measured(page: Page, name: str, home: Path) -> dict[str, Any]:
    """Seconds, and what could not be shown."""
    if name != "heartline" and importlib.util.find_spec(name) is None:
        return {"fault": "not installed"}
    found: dict[str, Any] = {}
    try:
        with APPS[name](home, page) as app:
            for what, address, ready in (
                ("table", app.table, app.rows),
                ("chart", app.chart, app.lines),
            ):
                found[what] = shown(page, address, ready)
    except (OSError, AssertionError, subprocess.SubprocessError, Error) as error:
        found["fault"] = str(error).splitlines()[0] or type(error).__name__
    return found


def run() -> dict[str, Any]:
    """Each app after the other."""
    apps = {}
    with contextlib.ExitStack() as stack:
        stores = STORES or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(chromium())
        for name in APPS:
            home = stores / name
            home.mkdir(parents=True, exist_ok=True)
            with browser.new_context(viewport=WIDE) as context:
                apps[name] = measured(context.new_page(), name, home)
            print(f"  {name}: {apps[name]}", flush=True)
    return {"table": f"{RUNS:,} runs", "chart": f"{LINES} x {POINTS:,} points", "apps": apps}


def table(found: dict[str, Any]) -> list[list[str]]:
    """One line for each app."""
    return [
        ["seconds until shown", found["table"], found["chart"], ""],
        *(
            [name, *(f"{each[what]:.2f}" if what in each else "-" for what in ("table", "chart")),
             each.get("fault", "")]
            for name, each in found["apps"].items()
        ),
    ]  # fmt: skip
