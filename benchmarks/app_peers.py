"""`python -m benchmarks.app_peers [heartline] [mlflow] [trackio]`: the same runs in each app.

A table of 1,000 runs and a chart of 20 runs of 100,000 points, from the address entered until
rows and lines are there; each with a server of its own, in the same chromium. A peer that is not
installed is named as not run; Aim is not among them yet. With
HEARTLINE_BENCH_STORES the filled stores are kept there, since filling takes minutes.
"""

import contextlib
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

import httpx
from playwright.sync_api import Page

from benchmarks.app import LINES, PAINTED, POINTS, keys_of, log_lines
from tests.browser import crowd
from tests.browser.app import WIDE, open_browser
from tests.server_process import ServerProcess, free_port

RUNS, ROUNDS = 1_000, 3
UP_S, SHOWN_MS, FILL_S = 60, 120_000, 900
ROOT = Path(__file__).parents[1]
STORES = Path(kept) if (kept := os.environ.get("HEARTLINE_BENCH_STORES")) else None
PYTHON = Path(os.environ.get("HEARTLINE_BENCH_PEERS", ROOT / ".venv/peers/bin/python"))


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
            [str(PYTHON), *said], stdout=log, stderr=log, env={**os.environ, **environment}
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
        process.terminate()
        process.wait(20)


def filled(kind: str, home: Path) -> list[str]:
    """The peer's store with the runs in it."""
    kept = home / "projects.json"
    if kept.exists():
        projects: list[str] = json.loads(kept.read_text(encoding="utf-8"))
        return projects
    sizes = [str(n) for n in (RUNS, LINES, POINTS)]
    said = subprocess.run(
        [str(PYTHON), "-m", "benchmarks.app_fill", kind, str(home), *sizes],
        check=True, cwd=ROOT, capture_output=True, text=True, timeout=FILL_S,
    ).stdout  # fmt: skip
    kept.write_text(said.splitlines()[-1], encoding="utf-8")
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
    found = []
    for _ in range(ROUNDS):
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_function(f"() => Boolean({ready})", timeout=SHOWN_MS)
        found.append(float(page.evaluate("() => performance.now()")) / 1_000)
    return statistics.median(found)


APPS = {"heartline": heartline, "mlflow": mlflow, "trackio": trackio}


def measure(page: Page, name: str, home: Path) -> list[str]:
    """One line of the table."""
    with APPS[name](home, page) as app:
        rows, lines = shown(page, app.table, app.rows), shown(page, app.chart, app.lines)
    return [f"{rows:.2f} s", f"{lines:.2f} s"]


def main() -> None:
    """Measure what is installed, and name what is not."""
    print(f"{'':12}{f'{RUNS:,} runs':>14}{f'{LINES} x {POINTS:,}':>16}")
    with contextlib.ExitStack() as stack:
        stores = STORES or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(open_browser())
        for name in sys.argv[1:] or APPS:
            home = stores / name
            home.mkdir(parents=True, exist_ok=True)
            try:
                with browser.new_context(viewport=WIDE) as context:
                    rows, lines = measure(context.new_page(), name, home)
            except (OSError, AssertionError, subprocess.SubprocessError) as error:
                rows, lines = "not run", type(error).__name__
            print(f"{name:12}{rows:>14}{lines:>16}", flush=True)


if __name__ == "__main__":
    main()
