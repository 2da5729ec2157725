"""Groups and hosts as places of their own: from a run to its group, to a host, and what changes."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.app import NARROW, WIDE, App
from tests.browser.fleet import Fleet
from tests.browser.silence import SELDOM_MS, fall_silent
from tests.server_process import ServerProcess

GROUP = "/ada-lab/places/groups/ddp%2F5"
OOM = {"source": "launcher", "signal": "SIGKILL", "oom_kills_before": 0, "oom_kills_after": 1}


@pytest.fixture(scope="module")
def places(server: ServerProcess) -> Iterator[Fleet]:
    """Four of five ranks on two hosts, one of them lost its memory; and two runs that fell silent."""
    with server.client() as client:
        lab = Fleet(client, project="places").found()
        for n in range(2):
            lab.trainer(f"lost-{n}", n, host="rack-2", heartbeat_ms=SELDOM_MS).train(20)
        # Together is within one heartbeat, and so are these on the slowest machine.
        fall_silent(server, "lost-0-0", "lost-1-1")
        for rank in range(4):
            made = lab.trainer(
                f"ddp-{rank}", rank, group="ddp/5", host=f"rack-{rank // 2}",
                config={"rank": rank, "world_size": 5, "lr": 3e-4, "seed": 10 * rank},
            )  # fmt: skip
            made.train(50)
            made.measure(30)
        lab.trainers["ddp-3"].exit("crashed", "out_of_memory", by="launcher", evidence=OOM)
        for rank in range(3):
            lab.alive(lab.trainers[f"ddp-{rank}"])
        yield lab
        lab.stop()


def test_a_group_stands_as_its_members_do_and_follows_them(app: App, places: Fleet) -> None:
    app.page.set_viewport_size(WIDE)
    app.go("/ada-lab/places/runs/ddp-3-3/overview")
    app.link("ddp/5").click()
    expect(app.page).to_have_url(re.compile(re.escape(GROUP)))
    expect(app.heading("ddp/5")).to_be_visible()
    states = app.page.get_by_role("region", name="Members by state")
    expect(states).to_contain_text(re.compile(r"Crashed\s*1\s*of 4\s*\(out of memory\)"))
    expect(states).to_contain_text(re.compile(r"Running\s*3\s*of 4"))
    expect(states.get_by_role("listitem").first).to_contain_text("Crashed")
    places.beating.remove(places.trainers["ddp-1"])
    places.trainers["ddp-1"].exit()
    expect(states).to_contain_text(re.compile(r"Finished\s*1\s*of 4"))
    expect(app.page.locator("main")).to_contain_text("2 of 4 members live")


def test_ranks_are_shown_in_order_with_the_one_that_never_began(app: App, places: Fleet) -> None:
    app.go(GROUP)
    main = app.page.get_by_role("main")
    expect(main).to_contain_text("of 5 live, 1 never began")
    expect(main).to_contain_text(re.compile(r"Rank 3, ddp-3 on rack-1: Out of memory"))
    app.page.get_by_role("button", name="4", exact=True).click()
    expect(main).to_contain_text("no member of the group says that it is this rank")


def test_members_differ_and_their_charts_have_mean_and_lines(app: App, places: Fleet) -> None:
    app.go(GROUP)
    members = app.page.get_by_role("group", name="Members")
    expect(members.get_by_role("row")).to_have_count(5)
    expect(members.get_by_role("row").nth(1)).to_contain_text("ddp-3")
    members.get_by_role("button", name="seed").click()
    expect(members.get_by_role("row").nth(1)).to_contain_text("ddp-0")
    members.get_by_role("button", name=re.compile("seed")).click()
    expect(members.get_by_role("row").nth(1)).to_contain_text("ddp-3")
    differing = app.page.locator(".card", has=app.heading("Config that differs"))
    expect(differing).to_contain_text(re.compile(r"seed\s*0, 10, 20, 30|seed\s*30, 20, 10, 0"))
    expect(differing).not_to_contain_text("lr")
    drawn = app.page.get_by_role("img", name="train/loss: 5 lines")
    app.chart("train/loss").scroll_into_view_if_needed()
    expect(drawn).to_be_attached()
    app.page.get_by_label("members too").uncheck()
    expect(app.page.get_by_role("img", name="train/loss: 1 line")).to_be_attached()
    app.page.get_by_label("members too").check()


def test_a_group_that_nobody_is_in_says_so(app: App, places: Fleet) -> None:
    app.go("/ada-lab/places/groups/none")
    expect(app.heading("No run is in group “none”")).to_be_visible()
    app.link("The groups of places").click()
    app.page.get_by_role("region", name="Groups").get_by_role("link", name="ddp/5").click()
    expect(app.heading("ddp/5")).to_be_visible()


def test_a_host_shows_what_runs_there_and_what_ended(app: App, places: Fleet) -> None:
    app.go(GROUP)
    app.page.get_by_role("group", name="Members").get_by_role("link", name="rack-1").first.click()
    expect(app.page).to_have_url(re.compile("/hosts/rack-1$"))
    runs = app.page.get_by_role("group", name="Runs on rack-1")
    expect(runs.first.get_by_role("row")).to_have_count(2)
    expect(runs.first).to_contain_text("ddp-2")
    expect(runs.nth(1)).to_contain_text(re.compile(r"ddp-3\s*Crashed\s*out of memory"))
    expect(app.chart("process.memory_bytes")).to_be_visible()
    app.page.set_viewport_size(NARROW)
    app.settled()
    assert app.overflow() <= 0
    app.page.set_viewport_size(WIDE)


def test_a_place_that_is_not_there_names_no_other(app: App, places: Fleet) -> None:
    app.go("/hosts/rack-99")
    expect(app.heading("Nothing is at this address")).to_be_visible()
    expect(app.page.get_by_role("main")).to_contain_text("host rack-99")
    app.go("/ada-lab/places/runs/dpd-3-3")
    app.page.get_by_role("main").get_by_role("link", name="ddp-3").click()
    expect(app.heading("ddp-3")).to_be_visible()


def test_runs_that_fell_silent_together_point_at_their_host(app: App, places: Fleet) -> None:
    app.go("/ada-lab/places/runs/lost-0-0/overview")
    expect(app.page.get_by_role("main")).to_contain_text("2 runs on rack-2 fell silent within")
    app.page.get_by_role("main").get_by_role("link", name="rack-2").first.click()
    expect(app.page.get_by_role("main")).to_contain_text("likely the host or its network was lost")
