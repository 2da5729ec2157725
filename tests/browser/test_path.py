"""The visitor's path: project, Runs, run, Overview, State; for both doors."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from tests.browser.app import App, signed_in
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, running


def test_a_visitor_walks_from_the_project_to_the_state_of_a_run(
    app: App, server: ServerProcess, train: Callable[..., Any]
) -> None:
    training = train("first-run")
    training.tell("log 30")
    training.tell("finish")
    training.until(lambda view: view["state"] == "finished")
    app.go(f"/{server.entity}")
    app.page.get_by_role("main").get_by_role("link", name="digits").first.click()
    app.link("Runs", within="Places").click()
    expect(app.row("first-run")).to_contain_text("Finished")
    app.row("first-run").get_by_role("link", name="first-run").click()
    expect(app.page).to_have_url(f"{server.base_url}{training.path}/overview")
    expect(app.heading("first-run")).to_be_visible()
    expect(app.badge).to_have_attribute("data-state", "finished")
    details = app.page.get_by_role("region", name="Details").or_(
        app.page.locator("section").filter(has=app.heading("Details"))
    )
    expect(details).to_contain_text("State")
    expect(details).to_contain_text("Finished")
    app.go(training.path.replace(f"/{server.entity}/", "/me/"))
    expect(app.page).to_have_url(f"{server.base_url}{training.path}/overview")


def test_a_run_of_the_wandb_client_is_found_the_same_way(
    app: App, server: ServerProcess, wandb_run: Callable[[str, str], None]
) -> None:
    pytest.importorskip("wandb")
    wandb_run("second-door", "wandb-digits")
    app.go(f"/{server.entity}/wandb-digits/table")
    app.row("second-door").get_by_role("link", name="second-door").click()
    expect(app.badge).to_have_attribute("data-state", "finished")
    # What the client notes for itself is there for those who open it.
    noted = app.page.get_by_role("cell", name="_runtime", exact=True)
    expect(noted).to_be_hidden()
    app.page.locator("section").filter(has=app.heading("Summary")).locator("summary").click()
    expect(noted).to_be_visible()
    app.link("Charts", within="Parts of the run").click()
    expect(app.chart("train/loss")).to_be_visible()
    expect(app.page.get_by_role("button", name=re.compile("^internal"))).to_have_attribute(
        "aria-expanded", "false"
    )
    app.link("Logs", within="Parts of the run").click()
    expect(app.page.get_by_role("log")).to_contain_text("said through the wandb client")


def test_the_addresses_that_the_wandb_client_prints_open(
    app: App, server: ServerProcess, fleet: Any
) -> None:
    lab = f"/{fleet.entity}/{fleet.project}"
    run = fleet.trainers["swift-strand"].id
    for said, opened in (
        (lab, f"{lab}/workspace"),
        (f"{lab}/table", f"{lab}/runs"),
        (f"{lab}/runs/{run}", f"{lab}/runs/{run}/overview"),
        (f"{lab}/runs/{run}/workspace", f"{lab}/runs/{run}/charts"),
    ):
        app.go(said)
        expect(app.page).to_have_url(f"{server.base_url}{opened}")
        expect(app.page.get_by_role("main")).to_be_visible()


def test_nobody_sees_anything_before_signing_in(
    browser: Any, server: ServerProcess, fleet: Any
) -> None:
    context = browser.new_context(base_url=server.base_url)
    page = context.new_page()
    page.goto(f"{server.base_url}/attention")
    expect(page.get_by_role("heading", name="Heartline")).to_be_visible()
    page.get_by_role("button", name="API key").click()
    page.get_by_label("API key", exact=True).fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("API key")
    page.get_by_label("API key", exact=True).fill(server.api_key)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name=re.compile("need|ended badly"))).to_be_visible()
    context.close()


def test_what_is_not_there_says_so(app: App, server: ServerProcess, fleet: Any) -> None:
    for path in (f"/{fleet.entity}/{fleet.project}/runs/no-such-run", "/a/b/c/d/e"):
        app.go(path)
        expect(app.heading("Nothing is at this address")).to_be_visible()
        expect(app.page.get_by_role("main").get_by_role("link", name="Home")).to_be_visible()


def test_a_tab_that_is_older_than_its_server_is_told_so(app: App, fleet: Any) -> None:
    app.go(f"/{fleet.entity}/{fleet.project}/runs")
    expect(app.row("brave-fold")).to_be_visible()

    def newer(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "version": "99.0"})

    app.page.route("**/api/v1/server", newer)
    # As when the tab is looked at again.
    app.page.wait_for_function(
        """() => {
            dispatchEvent(new Event('visibilitychange'));
            return document.body.innerText.includes('The server was updated to 99.0');
        }""",
        polling=200,
    )
    expect(app.row("brave-fold")).to_be_visible()
    app.page.unroute("**/api/v1/server")
    app.page.get_by_role("button", name="Reload").click()
    expect(app.row("brave-fold")).to_be_visible()
    expect(app.page.get_by_text("The server was updated")).to_have_count(0)


def test_a_page_that_listens_late_does_not_ask_twice(browser: Any, tmp_path: Path) -> None:
    with running(tmp_path) as quiet:
        with quiet.client() as client:
            Speaker(client, project="quiet").opened(name="done").exit()
        with signed_in(browser, quiet) as context, App.opened(context, quiet.base_url) as app:
            asked: list[str] = []
            app.page.on(
                "request", lambda each: asked.append(f"{each.method} {each.url} {each.post_data}")
            )
            app.go(f"/{quiet.entity}/quiet/runs")
            expect(app.row("done")).to_be_visible()
            expect(app.page.get_by_text("Live", exact=True)).to_be_visible()
            app.settled()
            calls = [each for each in asked if "/api/v1/" in each]
            assert sorted(set(calls)) == sorted(calls)
