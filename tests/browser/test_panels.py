"""Panels, groups, exports and what can be taken back; all of it by people's own ways."""

import json
import re
import struct

from playwright.sync_api import expect

from heartline.wire.ingest import Block, ObjectValue
from tests.browser.app import App
from tests.browser.fleet import Fleet
from tests.server.test_charts import picture
from tests.server.writer import Speaker
from tests.server_process import ServerProcess


def lab(fleet: Fleet) -> str:
    return f"/{fleet.entity}/{fleet.project}"


def test_charts_are_joined_over_all_runs_of_a_group(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/workspace")
    app.page.get_by_label("join by").select_option("group")
    chart = app.chart("train/loss")
    chart.hover()
    chart.get_by_role("button", name="Expand train/loss").click()
    legend = app.page.get_by_role("group", name="Values of train/loss")
    expect(legend.get_by_role("row")).to_have_count(4)
    expect(legend).to_contain_text(re.compile(r"sweep-1 \(\d+( of \d+)?\)"))
    app.page.get_by_label("band").select_option("deviation")
    expect(app.page).to_have_url(re.compile("j=group.*jb=deviation"))


def test_a_panel_has_settings_of_its_own(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/runs/swift-strand-2/charts")
    chart = app.chart("train/loss")
    chart.hover()
    chart.get_by_role("button", name="Settings of train/loss").click()
    app.page.get_by_label("Logarithmic y").click()
    expect(app.page.get_by_label("Logarithmic y")).to_be_checked()
    marks = app.page.get_by_label("Lines at")
    marks.fill("2.5")
    marks.press("Enter")
    expect(app.page).to_have_url(re.compile(r"o=train%2Floss%7Cyl%3D1%7Cr%3D2\.5"))
    expect(app.page.get_by_role("toolbar").get_by_label("log y")).not_to_be_checked()
    app.page.get_by_role("button", name="As all charts").click()
    expect(app.page).not_to_have_url(re.compile("o=train"))


def test_importance_says_how_sure_it_is(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/workspace?pn=importance%7Csummary.val/loss,bar%7Csummary.val/loss")
    panel = app.page.get_by_role("article", name="What moves val/loss")
    expect(panel).to_contain_text("read this as a hint")
    expect(panel).to_contain_text("prefetch")
    expect(app.page.get_by_role("article", name="val/loss").first).to_be_visible()


def test_runs_are_grouped_with_the_mean_of_their_values(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/runs")
    app.page.get_by_role("button", name="Group", exact=True).click()
    app.page.get_by_label("group", exact=True).click()
    groups = app.page.get_by_role("region", name="Groups")
    expect(groups.get_by_role("row")).to_have_count(4)
    expect(groups).to_contain_text("±")
    app.page.keyboard.press("Escape")
    groups.get_by_role("button", name="sweep-1").click()
    expect(app.row("calm-helix")).to_be_visible()
    expect(app.row("swift-strand")).to_have_count(0)


def test_what_matches_is_exported(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/runs?st=failed")
    expect(app.rows).to_have_count(1)
    app.page.get_by_role("button", name="Export").click()
    with app.page.expect_download() as waiting:
        app.page.get_by_role("link", name="CSV").click()
    lines = waiting.value.path().read_text().splitlines()
    assert len(lines) == 2
    assert "quiet-loop" in lines[1]


def test_a_tag_and_a_deletion_can_be_taken_back(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        run = Speaker(client, project="undone").opened(name="keep-me")
        run.exit()
        app.go(f"/{server.entity}/undone/runs")
        app.row("keep-me").get_by_role("checkbox").check()
        app.page.get_by_role("button", name="Tag…").click()
        dialog = app.page.get_by_role("dialog")
        dialog.get_by_role("textbox").fill("wrong")
        dialog.get_by_role("button", name="Add the tag").click()
        expect(app.row("keep-me")).to_contain_text("wrong")
        app.page.get_by_role("button", name="Undo").click()
        expect(app.row("keep-me")).not_to_contain_text("wrong")
        app.page.get_by_role("button", name="Delete…").click()
        dialog.get_by_role("button", name="Delete").click()
        expect(app.row("keep-me")).to_have_count(0)
        app.page.get_by_role("button", name="Undo").click()
        expect(app.row("keep-me")).to_be_visible()
        assert run.view()["tags"] == []


def test_a_deleted_run_is_brought_back_from_the_overview_of_its_project(
    app: App, server: ServerProcess
) -> None:
    with server.client() as client:
        for name in ("stays", "comes-back", "goes"):
            run = Speaker(client, project="aside").opened(name=name)
            run.exit()
            if name != "stays":
                client.delete(run.path)
        app.go(f"/{server.entity}/aside/overview")
        card = app.page.locator("section", has=app.heading("Deleted runs"))
        row = card.get_by_role("listitem")
        row.filter(has_text="comes-back").get_by_role("button", name="Bring back").click()
        expect(row).to_have_count(1)
        card.get_by_role("button", name="Delete goes for good…").click()
        app.page.get_by_role("dialog").get_by_role("button", name="Delete for good").click()
        expect(card).to_have_count(0)
        found = client.post("/api/v1/runs/query", json={"project": "aside"}).json()["runs"]
        assert {each["name"] for each in found} == {"stays", "comes-back"}


def test_a_pinned_column_stands_beside_the_name(app: App, fleet: Fleet) -> None:
    app.go(f"{lab(fleet)}/runs")
    app.page.get_by_role("button", name="Columns").click()
    app.page.get_by_role("button", name="Pin user").click()
    expect(app.page.get_by_role("columnheader").nth(2)).to_contain_text("User")
    expect(app.page).to_have_url(re.compile("pc=user"))


def test_pictures_are_shown_small_and_step_by_step(app: App, server: ServerProcess) -> None:
    steps = struct.pack("<2q", 0, 10)
    with server.client() as client:
        run = Speaker(client, project="seen").opened(name="pictures")
        objects = []
        for n in range(2):
            path = f"media/images/{n}.png"
            client.put(f"{run.path}/files/{path}", content=picture(40 + n, 30))
            said = {"_type": "image-file", "path": path, "caption": f"picture {n}"}
            objects.append(ObjectValue("samples", n, json.dumps(said).encode()))
            said = {"_type": "histogram", "values": [n, 2, 1], "bins": [0, 1, 2, 3]}
            objects.append(ObjectValue("weights", n, json.dumps(said).encode()))
        run.say(count=2, history=[Block(steps, steps, [], objects)])
        run.exit()
    app.go(f"/{server.entity}/seen/runs/{run.id}/charts")
    samples = app.chart("samples")
    image = samples.get_by_role("img", name="picture 1")
    expect(image).to_have_js_property("naturalWidth", 41)
    samples.get_by_label("Step of samples").press("ArrowLeft")
    expect(samples.get_by_role("img", name="picture 0")).to_be_visible()
    expect(app.chart("weights").get_by_role("img", name=re.compile("2 histograms"))).to_be_visible()


def test_many_files_are_listed_a_part_at_a_time_and_found_by_their_path(
    app: App, server: ServerProcess
) -> None:
    with server.client() as client:
        run = Speaker(client, project="seen").opened(name="files")
        for n in range(203):
            client.put(f"{run.path}/files/parts/p{n:03}.txt", content=b"x")
        run.exit()
    app.go(f"/{server.entity}/seen/runs/{run.id}/files")
    links = app.page.get_by_role("link", name=re.compile(r"^parts.p\d+\.txt$"))
    expect(links).to_have_count(200)
    expect(app.page.get_by_text("The first 200 of 203.")).to_be_visible()
    app.page.get_by_label("Search the files").fill("P202")
    expect(links).to_have_count(1)
    app.page.get_by_label("Search the files").fill("")
    app.page.get_by_role("button", name="Show more").click()
    expect(links).to_have_count(203)
