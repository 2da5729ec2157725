"""Sweeps as people see and steer them, their agents played over the real protocol."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app import NARROW, App, signed_in
from tests.browser.fleet import Fleet
from tests.browser.searching import BAYES, Player, Sweeps
from tests.server_process import ServerProcess
from tests.terminal import until

STATUSES = {
    "bayes-lr": "running",
    "seeds": "finished",
    "out-of-memory": "failed",
    "paused": "paused",
    "stopped": "stopped",
    "cancelled": "cancelled",
    "waiting": "pending",
}
TABS = ("", "/charts", "/trials", "/agents", "/config", "/timeline")


@pytest.fixture(scope="module")
def sweeps(server: ServerProcess) -> Iterator[Sweeps]:
    """A project of its own: the other tests count the runs of theirs."""
    with server.client() as client:
        lab = Sweeps(client, Fleet(client).found().entity, "searches")
        yield lab.everything().alive()
        lab.stop()


def steered(sweeps: Sweeps, name: str) -> Player:
    """A small sweep with one trial ended and one running."""
    sweeps.make(name, {**BAYES, "run_cap": 5})
    player = sweeps.player(name)
    for _ in range(2):
        run = player.take()
        assert run is not None
        player.learn(run, 1.9)
    player.end(next(iter(player.running)))
    return player


def badge(app: App) -> Any:
    return app.page.locator("header [data-sweep]").first


def control(app: App, word: str, does: str) -> Any:
    """The dialog that a control opens; it has told what will happen before anything does."""
    app.page.get_by_role("button", name=word, exact=True).click()
    dialog = app.page.get_by_role("dialog")
    expect(dialog).to_contain_text("does not change")
    return dialog.get_by_role("button", name=does, exact=True)


def test_the_list_shows_each_sweep_with_its_status(app: App, sweeps: Sweeps) -> None:
    app.go(f"/{sweeps.entity}/{sweeps.project}/sweeps")
    for name, status in STATUSES.items():
        expect(app.row(name).locator("[data-sweep]")).to_have_attribute("data-sweep", status)
    row = app.row("bayes-lr")
    expect(row).to_contain_text("/ 60")
    expect(row).to_contain_text(re.compile(r"1\.6\d"))
    expect(app.link("Sweeps", within="Places")).to_contain_text(str(len(sweeps.ids)))
    app.page.get_by_role("button", name=re.compile("^Paused")).click()
    expect(app.row("paused")).to_be_visible()
    expect(app.row("seeds")).to_have_count(0)


def test_a_sweep_tells_how_far_it_is_what_is_best_and_what_failed(app: App, sweeps: Sweeps) -> None:
    app.go(sweeps.page("bayes-lr"))
    expect(badge(app)).to_have_attribute("data-sweep", "running")
    progress = app.page.get_by_label("Progress")
    best = sweeps.view("bayes-lr")["sweep"]["best"]["value"]
    for words in ("32 of 60 trials", f"{best:.4f}", "target 1.7 met", "28 not made yet"):
        expect(progress).to_contain_text(words)
    expect(progress).to_contain_text("3 trials ended badly: 2 exception, 1 out of memory")
    expect(progress).to_contain_text("Hyperband: only the best of every 3")
    expect(app.page.get_by_role("group", name=re.compile("27 trials over"))).to_be_visible()
    expect(app.page.get_by_role("img", name=re.compile("the best so far is"))).to_be_visible()
    weights = app.page.get_by_role("table").filter(has_text="Share of what is explained")
    expect(weights.get_by_role("row").nth(1)).to_contain_text("lr")
    app.page.get_by_role("link", name="out of memory").click()
    expect(app.rows).to_have_count(1)


def test_a_sweep_that_stopped_itself_says_why(app: App, sweeps: Sweeps) -> None:
    app.go(sweeps.page("out-of-memory"))
    expect(badge(app)).to_have_attribute("data-sweep", "failed")
    expect(app.page.get_by_role("main")).to_contain_text(re.compile("[Ff]irst 3 runs all ended"))
    expect(app.page.get_by_role("button", name="Pause", exact=True)).to_be_disabled()
    expect(app.page.get_by_role("button", name="Resume", exact=True)).to_be_enabled()


def test_pausing_leaves_runs_alone_and_only_cancelling_kills_them(app: App, sweeps: Sweeps) -> None:
    player = steered(sweeps, "steered")
    app.go(sweeps.page("steered"))
    states = app.page.get_by_role("list", name="Trials by state")
    expect(states).to_contain_text("Running1")
    pause = control(app, "Pause", "Pause sweep")
    expect(app.page.get_by_role("dialog")).to_contain_text("the one that is live goes on")
    pause.click()
    expect(badge(app)).to_have_attribute("data-sweep", "paused")
    expect(states).to_contain_text("Running1")
    assert player.take() is None
    control(app, "Resume", "Resume sweep").click()
    expect(badge(app)).to_have_attribute("data-sweep", "running")
    cancel = control(app, "Cancel…", "Cancel sweep")
    expect(app.page.get_by_role("dialog")).to_contain_text("the one that is live becomes Killed")
    cancel.click()
    expect(badge(app)).to_have_attribute("data-sweep", "cancelled")
    until(lambda: any(each["type"] == "stop" for each in player.beat()["commands"]))
    run = next(iter(player.running))
    player.end(run, "killed", "sweep_cancelled", exit_code=143)
    expect(states).to_contain_text("Killed1")
    expect(states).to_contain_text("Finished1")


def test_the_first_trial_appears_by_itself(app: App, sweeps: Sweeps) -> None:
    sweeps.make("fresh", BAYES)
    app.go(sweeps.page("fresh"))
    expect(app.page.get_by_role("main")).to_contain_text(f"heartline agent {sweeps.entity}/")
    app.page.get_by_role("button", name="wandb", exact=True).click()
    expect(app.page.get_by_role("main")).to_contain_text(f"wandb agent {sweeps.entity}/")
    player = sweeps.player("fresh", host="gpu-21")
    run = player.take()
    assert run is not None
    expect(badge(app)).to_have_attribute("data-sweep", "running")
    agents = app.page.get_by_role("group", name="Agents")
    expect(agents).to_contain_text("gpu-21")
    expect(agents.get_by_role("link")).to_have_attribute("href", re.compile(run))
    player.learn(run, 1.7)
    player.end(run)
    expect(app.page.get_by_label("Progress")).to_contain_text("1.7")


def test_a_range_of_an_axis_selects_and_is_kept_in_the_address(app: App, sweeps: Sweeps) -> None:
    app.go(sweeps.page("bayes-lr"))
    axis = app.page.get_by_role("slider", name="Range of dropout")
    axis.focus()
    for _ in range(8):
        axis.press("Shift+ArrowDown")
    expect(app.page).to_have_url(re.compile(r"b=dropout"))
    left = app.page.get_by_text(re.compile(r"^\d+ of 27 trials$"))
    expect(left).not_to_contain_text("27 of 27")
    app.link("Trials", within="Parts of the sweep").click()
    kept = app.page.get_by_text("pass the ranges")
    expect(kept).to_be_visible()
    rows = int((kept.inner_text()).split()[0])
    grid = app.page.get_by_role("grid", name="Trials")
    expect(grid).to_have_attribute("aria-rowcount", str(rows + 1))
    app.page.get_by_role("button", name="Clear").click()
    expect(grid).to_have_attribute("aria-rowcount", "33")
    app.page.get_by_role("button", name="val/loss").click()
    expect(grid.get_by_role("row").nth(1)).to_contain_text("best")


def test_a_run_and_its_sweep_lead_to_each_other(app: App, sweeps: Sweeps) -> None:
    best = sweeps.view("seeds")["sweep"]["best"]["run"]
    app.go(f"/{sweeps.entity}/{sweeps.project}/runs/{best}/overview")
    app.page.get_by_role("main").get_by_role("link", name="seeds").click()
    expect(badge(app)).to_have_attribute("data-sweep", "finished")
    app.page.get_by_role("button", name="More").click()
    app.page.get_by_role("link", name="Its runs in the table").click()
    expect(app.rows).to_have_count(3)


def test_a_sweep_deleted_under_ones_eyes_keeps_what_was_known(app: App, sweeps: Sweeps) -> None:
    steered(sweeps, "gone")
    app.go(sweeps.page("gone"))
    expect(badge(app)).to_be_visible()
    assert sweeps.client.delete(sweeps.path("gone")).is_success
    del sweeps.ids["gone"]
    expect(app.page.get_by_role("alert")).to_contain_text("its runs are kept")
    expect(app.page.get_by_role("button", name="Pause", exact=True)).to_have_count(0)
    app.page.get_by_role("link", name="Show its runs").click()
    expect(app.rows).to_have_count(2)
    app.page.reload()
    expect(app.rows).to_have_count(2)


def test_odd_sweeps_are_shown_as_they_are(app: App, sweeps: Sweeps) -> None:
    wide = {f"p{n:03}": {"min": 0.0, "max": 1.0} for n in range(300)}
    long = {"text": {"values": ["x" * 5_000, "y"]}}
    sweeps.make("wide", {"method": "random", "run_cap": 9, "parameters": {**wide, **long}})
    player = sweeps.player("wide")
    for _ in range(3):
        run = player.take()
        assert run is not None
        player.learn(run, float("nan"))
        player.end(run)
    app.go(sweeps.page("wide"))
    expect(app.page.get_by_label("Progress")).to_contain_text("no metric")
    expect(app.page.get_by_role("button", name=re.compile("of 301 parameters"))).to_be_visible()
    app.go(sweeps.page("wide") + "/trials?c=text,p299")
    expect(app.page.get_by_role("grid", name="Trials")).to_contain_text("p299")
    wide_by = "() => document.documentElement.scrollWidth - innerWidth"
    assert app.page.evaluate(wide_by) <= 0


@pytest.fixture(scope="module")
def narrow(browser: Any, server: ServerProcess) -> Iterator[App]:
    with signed_in(browser, server, viewport=NARROW, has_touch=True) as context:
        with App.opened(context, server.base_url) as found:
            yield found


def pages(sweeps: Sweeps, tabs: tuple[str, ...]) -> list[str]:
    """The list, and parts of a sweep that has everything."""
    whole = f"/{sweeps.entity}/{sweeps.project}/sweeps"
    return [whole, *(sweeps.page("bayes-lr") + tab for tab in tabs)]


def opened(app: App, page: str) -> App:
    app.go(page)
    expect(app.page.get_by_role("main")).to_contain_text("bayes-lr")
    app.settled()
    return app


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_sweep(app: App, sweeps: Sweeps, theme: str) -> None:
    app.go("/login").theme(theme)
    # Each thing that is drawn is seen once in either theme, the rest in one.
    for page in pages(sweeps, TABS if theme == "light" else TABS[:3:2]):
        assert opened(app, page).violations() == [], page


def test_a_narrow_page_of_a_sweep_does_not_overflow(narrow: App, sweeps: Sweeps) -> None:
    wide_by = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for page in pages(sweeps, TABS):
        assert opened(narrow, page).page.evaluate(wide_by) <= 0, page
        if page.endswith(("bayes-lr", "sweeps")):
            assert narrow.violations() == [], page


def test_a_project_without_sweeps_tells_how_one_is_made(
    app: App, sweeps: Sweeps, fleet: Fleet
) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/sweeps")
    main = app.page.get_by_role("main")
    expect(main).to_contain_text("heartline sweep create sweep.yaml")
    app.page.get_by_role("button", name="wandb, unchanged").click()
    expect(main).to_contain_text(f"wandb sweep --entity {fleet.entity} --project {fleet.project}")
    app.page.get_by_role("button", name="Python").click()
    expect(main).to_contain_text("heartline.sweep(")
