"""`python -m tests.browser.screenshots [dir]`: every page as the docs show it.

The same pages, in the same lab, are held to accessibility by test_accessible.py.
"""

import io
import re
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import expect

from tests.browser.app import NARROW, WIDE, App, open_browser, signed_in
from tests.browser.fleet import Fleet
from tests.browser.searching import Sweeps
from tests.browser.silence import fall_silent
from tests.server_process import running

IMAGES = Path(__file__).parents[2] / "docs/images"
BYTES_MAX = 200_000
LAB = "/ada-lab/protein-lm"
# Each page: its address, and words that are there when it is complete.
PAGES = {
    "home": ("/", "protein-lm"),
    "attention": ("/attention", "brave-fold"),
    "project": (f"{LAB}/overview", "protein-lm"),
    "workspace": (f"{LAB}/workspace", "train/loss"),
    "runs": (f"{LAB}/runs", "brave-fold"),
    "groups": (f"{LAB}/runs?g=group", "sweep-1"),
    "group": (f"{LAB}/groups/sweep-1", "Config that differs"),
    "host": ("/hosts/gpu-02", "Running here now"),
    "compare": (f"{LAB}/compare?runs=brave-fold-4,swift-strand-2,calm-helix-1", "prefetch"),
    "run": (f"{LAB}/runs/brave-fold-4/overview", "Why it crashed"),
    "failed": (f"{LAB}/runs/quiet-loop-3/overview", "Why it failed"),
    "charts": (f"{LAB}/runs/swift-strand-2/charts", "train/loss"),
    "system": (f"{LAB}/runs/brave-fold-4/system", "memory"),
    "logs": (f"{LAB}/runs/brave-fold-4/logs", "step 184210"),
    "files": (f"{LAB}/runs/brave-fold-4/files", "diff.patch"),
    "code": (f"{LAB}/runs/brave-fold-4/code", "prefetch"),
    "timeline": (f"{LAB}/runs/brave-fold-4/timeline", "Crashed"),
    "settings": ("/settings", "Settings"),
    "not-found": (f"{LAB}/runs/none", "Nothing is at this address"),
}
# Those of sweeps, which have a lab of their own in test_sweeps.py.
SWEEP_PAGES = {
    "sweeps": (f"{LAB}/sweeps", "bayes-lr"),
    "sweep": (f"{LAB}/sweeps/bayes-lr", "Share of what is explained"),
    "trials": (f"{LAB}/sweeps/bayes-lr/trials?s=value", "32 trials"),
}


def ready(app: App, fleet: Fleet, name: str) -> None:
    """The page is open and complete."""
    address, words = {**PAGES, **SWEEP_PAGES}[name]
    app.go(address)
    expect(app.page.get_by_role("main")).to_contain_text(re.compile(re.escape(words)))
    app.settled()


def shoot(app: App, fleet: Fleet, name: str, target: Path) -> None:
    """One picture, small enough for a repository."""
    ready(app, fleet, name)
    # Charts mount when they come into view, and fonts come once.
    app.page.evaluate("() => document.fonts.ready")
    app.page.evaluate("() => new Promise(done => requestIdleCallback(done, {timeout: 2000}))")
    body = app.page.screenshot(animations="disabled")
    target.write_bytes(smaller(body))
    print(f"{target.name}: {target.stat().st_size // 1000} kB")


def smaller(body: bytes) -> bytes:
    """The same picture, without loss, as WebP."""
    out = io.BytesIO()
    Image.open(io.BytesIO(body)).convert("RGB").save(out, "WEBP", lossless=True, method=6)
    assert out.tell() <= BYTES_MAX, f"{out.tell()} bytes"
    return out.getvalue()


def take(browser: Any, server: Any, fleet: Fleet, target: Path, pages: Iterable[str]) -> None:
    """Each page three times: light, dark, and light on a narrow screen."""
    for kind, scheme, viewport in (
        ("light", "light", WIDE), ("dark", "dark", WIDE), ("narrow", "light", NARROW)
    ):  # fmt: skip
        with signed_in(browser, server, viewport=viewport, color_scheme=scheme) as context:
            with App.opened(context, server.base_url) as app:
                for name in pages:
                    shoot(app, fleet, name, target / f"{name}-{kind}.webp")


def main() -> None:
    """A server, a lab, a browser; pictures into the docs."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGES
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, running(Path(home)) as server:
        with server.client() as client, open_browser() as browser:
            fleet = Fleet(client).found()
            fleet.every_state()
            fall_silent(server, "swift-fold-9")
            fleet.many(12)
            try:
                take(browser, server, fleet, target, PAGES)
                # Their runs come after the pictures of the others.
                sweeps = Sweeps(client).everything().alive()
                take(browser, server, fleet, target, SWEEP_PAGES)
                sweeps.stop()
            finally:
                fleet.stop()


if __name__ == "__main__":
    main()
