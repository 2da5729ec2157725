"""Every state is shown with its word and its cause, and changes while one looks."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.fleet import Fleet

# The run of the fleet, the badge's state, words beside it in the table, and on its page.
SHOWN = [
    ("calm-helix", "running", "", "is alive|Running|started"),
    ("swift-strand", "finished", "", "inished"),
    ("quiet-loop", "failed", "ValueError", "ValueError: loss is nan"),
    ("brave-fold", "crashed", "out of memory", "memory"),
    ("calm-strand", "killed", "time limit", "time limit"),
    ("brave-helix", "preempted", "signal|SIGTERM", "SIGTERM"),
    ("amber-loop", "preempting", "notice received", "preempt"),
    ("pale-motif", "stopping", "", "stop"),
    ("swift-fold", "unreachable", "silent", "heard"),
    ("still-sheet", "crashed", "lost heartbeat", "heard"),
    ("pale-strand", "pending", "set by hand", "requeued|Pending|hand"),
]


@pytest.mark.parametrize(("name", "state", "cause", "sentence"), SHOWN)
def test_each_state_has_its_badge_and_its_cause(
    app: App, fleet: Fleet, name: str, state: str, cause: str, sentence: str
) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/runs")
    badge = app.row(name).locator("[data-state]")
    expect(badge).to_have_attribute("data-state", state, timeout=60_000)
    expect(badge).to_contain_text(state.capitalize())
    if cause:
        expect(app.row(name)).to_contain_text(re.compile(cause))
    app.row(name).get_by_role("link", name=name, exact=True).click()
    expect(app.badge).to_have_attribute("data-state", state)
    expect(app.page.get_by_role("main")).to_contain_text(re.compile(sentence))


def test_a_presumed_end_looks_presumed(app: App, fleet: Fleet) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/runs/still-sheet-10")
    expect(app.badge).to_have_attribute("data-state", "crashed", timeout=60_000)
    expect(app.badge).to_contain_text("presumed")
    expect(app.page.get_by_role("main")).to_contain_text("the verdict is taken back")


def test_the_why_card_shows_the_evidence_and_the_last_lines(app: App, fleet: Fleet) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/runs/quiet-loop-3")
    expect(app.heading("Why it failed")).to_be_visible()
    main = app.page.get_by_role("main")
    expect(main).to_contain_text('raise ValueError(f"loss is {loss} at step {step}")')
    expect(app.page.get_by_label("Last lines of the log")).to_contain_text("step 40111 loss nan")
    app.go(f"/{fleet.entity}/{fleet.project}/runs/brave-fold-4")
    expect(app.heading("Why it crashed")).to_be_visible()
    expect(main).to_contain_text("SIGKILL")
    expect(app.page.get_by_label("Last lines of the log")).to_contain_text("prefetch queue grew")


def test_a_killed_process_is_seen_as_killed_without_a_reload(
    app: App, train: Callable[..., Any]
) -> None:
    training = train("will-be-killed")
    training.tell("log 20")
    app.go(training.path)
    expect(app.badge).to_have_attribute("data-state", "running")
    app.page.evaluate("() => { window.sameDocument = true }")
    training.process.kill()
    expect(app.badge).to_have_attribute("data-state", "killed")
    expect(app.heading("Why it was killed")).to_be_visible()
    expect(app.page.get_by_role("main")).to_contain_text("SIGKILL")
    assert app.page.evaluate("() => window.sameDocument") is True


def test_a_list_and_a_chart_follow_a_training(app: App, train: Callable[..., Any]) -> None:
    training = train("followed", "following")
    app.go(training.path.partition("/runs/")[0] + "/runs")
    expect(app.row("followed").locator("[data-state]")).to_have_attribute("data-state", "running")
    other = app.page.context.new_page()
    other.goto(f"{app.base}{training.path}/charts")
    training.tell("log 40")
    expect(app.chart("train/loss", other)).to_be_visible()
    training.tell("raise the data is gone")
    row = app.row("followed")
    expect(row.locator("[data-state]")).to_have_attribute("data-state", "failed")
    expect(row).to_contain_text("ValueError")
    other.close()


def test_a_stop_asked_in_the_app_is_shown_and_heard(app: App, train: Callable[..., Any]) -> None:
    training = train("to-be-stopped")
    app.go(training.path)
    app.page.get_by_role("button", name=re.compile("^Stop")).first.click()
    dialog = app.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("enough")
    dialog.get_by_role("button", name=re.compile("stop", re.IGNORECASE)).last.click()
    expect(app.badge).to_have_attribute("data-state", re.compile("stopping|killed"))
    expect(app.badge).to_have_attribute("data-state", "killed", timeout=60_000)
    expect(app.page.get_by_role("main")).to_contain_text("enough")
