"""Charts as people read them: many, as tables, as density, with what programs drew themselves."""

import json
import math
import re
import struct

import pytest
from playwright.sync_api import expect

from heartline.wire.ingest import Block, Column, ObjectValue
from tests.browser.app import App
from tests.server.writer import Speaker
from tests.server_process import ServerProcess

KEYS = 200
ROWS = 40
CROWD = 201


def block(columns: dict[str, list[float]], objects: list[ObjectValue] | None = None) -> Block:
    rows = max((len(values) for values in columns.values()), default=1)
    steps = struct.pack(f"<{rows}q", *range(rows))
    told = [Column(key, b"", struct.pack(f"<{rows}d", *v)) for key, v in columns.items()]
    return Block(steps, steps, told, objects or [])


def put(run: Speaker, path: str, body: object) -> None:
    answer = run.client.put(f"{run.path}/files/{path}", content=json.dumps(body).encode())
    assert answer.status_code == 200, answer.text


def said(key: str, value: object, row: int = 0) -> ObjectValue:
    return ObjectValue(key, row, json.dumps(value).encode())


@pytest.fixture(scope="module")
def wide(server: ServerProcess) -> str:
    """A run of 200 metrics, one of them all NaN, one with words among its numbers."""
    columns = {
        f"part{n % 10}/metric{n:03}": [math.sin(n + step / 9) for step in range(ROWS)]
        for n in range(KEYS - 2)
    }
    columns["part0/broken"] = [math.nan] * ROWS
    columns["part0/words"] = [float(step) for step in range(ROWS)]
    with server.client() as client:
        run = Speaker(client, project="wide").opened(name="wide")
        words = [said("part0/words", "the rate was lowered", 7), said("part0/words", "resumed", 9)]
        kept = [step for step in range(ROWS) if step not in (7, 9)]
        values = [columns["part0/words"][step] for step in kept]
        part = block({key: v for key, v in columns.items() if key != "part0/words"}, words)
        part.columns.append(
            Column("part0/words", struct.pack(f"<{len(kept)}I", *kept),
                   struct.pack(f"<{len(kept)}d", *values))
        )  # fmt: skip
        run.say(count=ROWS, history=[part])
        run.exit()
    return f"/{server.entity}/wide/runs/{run.id}/charts"


def test_of_two_hundred_panels_those_in_view_are_drawn(app: App, wide: str) -> None:
    app.go(wide)
    expect(app.chart("part0/metric000").locator("canvas")).to_be_visible()
    canvases = app.page.locator(".chart-card canvas")
    assert 0 < canvases.count() < KEYS / 2
    last = app.chart("part9/metric189")
    expect(last.locator("canvas")).to_have_count(0)
    last.scroll_into_view_if_needed()
    expect(last.locator("canvas")).to_be_visible()
    expect(app.chart("part0/metric000").locator("canvas")).to_have_count(0)
    app.page.get_by_label("Find chart").fill("metric(000|189)$")
    expect(app.page.get_by_role("article")).to_have_count(2)
    expect(app.chart("part9/metric189").locator("canvas")).to_be_visible()


def test_only_the_chart_under_the_pointer_tells_its_values(app: App, wide: str) -> None:
    """The cursor is in all of them, and stays there when what they draw changes."""
    app.go(f"{wide}?p=metric(000|010)$")
    chart = app.chart("part0/metric000")
    chart.locator(".u-over").hover()
    tips = app.page.locator(".chart-tip")
    expect(tips).to_have_count(1)
    expect(chart.locator(".chart-tip")).to_contain_text("wide")
    app.page.get_by_label("no outliers").check()
    expect(app.page.get_by_text("clipped")).to_have_count(2)
    expect(tips).to_have_count(0)


def test_a_chart_without_a_number_says_why_it_is_empty(app: App, wide: str) -> None:
    app.go(f"{wide}?p=broken")
    broken = app.chart("part0/broken")
    expect(broken).to_contain_text("Every value here is NaN or infinite.")
    expect(broken).to_contain_text(f"{ROWS} NaN")


def test_a_chart_is_read_as_a_table(app: App, wide: str) -> None:
    app.go(f"{wide}?p=words")
    chart = app.chart("part0/words")
    chart.hover()
    chart.get_by_role("button", name="Show part0/words as a table").click()
    table = chart.get_by_role("table", name="part0/words")
    expect(table.get_by_role("row")).to_have_count(ROWS - 2 + 1)
    expect(table.get_by_role("row", name="39 39")).to_be_visible()
    assert app.violations() == []
    chart.get_by_role("button", name="Show part0/words as a table").click()
    expect(chart.locator("canvas")).to_be_visible()


def test_words_among_numbers_are_on_the_chart(app: App, wide: str) -> None:
    app.go(f"{wide}?p=words")
    app.chart("part0/words").get_by_role("button", name="2 texts").click()
    texts = app.page.get_by_role("region", name="Texts of part0/words")
    expect(texts).to_contain_text("the rate was lowered")
    expect(texts).to_contain_text("step 9")


def test_a_run_that_diverged_is_outside_until_it_is_asked_for(
    app: App, server: ServerProcess
) -> None:
    with server.client() as client:
        for n in range(3):
            run = Speaker(client, project="diverging").opened(name=f"run-{n}")
            steep = [1.4**step if n == 2 else 2 / (step + 1) + n / 10 for step in range(ROWS)]
            run.say(count=ROWS, history=[block({"loss": steep})])
            run.exit()
    app.go(f"/{server.entity}/diverging/workspace")
    badge = app.chart("loss").get_by_role("button", name="1 outside")
    expect(badge).to_have_attribute("title", re.compile("^Outside: run-2 to 5"))
    badge.click()
    expect(badge).to_have_count(0)
    expect(app.page).to_have_url(re.compile(r"o=loss%7Cq%3D0"))


def test_a_crowd_is_drawn_as_density_and_says_of_how_many(app: App, server: ServerProcess) -> None:
    with server.client() as client:
        for n in range(CROWD):
            run = Speaker(client, project="crowded").opened(group=f"g{n % 2}")
            run.say(count=3, history=[block({"loss": [3.0, 2.0, 1.0 + n / 100]})])
    app.go(f"/{server.entity}/crowded/workspace")
    expect(app.page.get_by_text(f"10 of {CROWD} runs drawn")).to_be_visible()
    app.page.get_by_role("button", name="draw all").click()
    chart = app.chart("loss")
    expect(chart).to_contain_text(f"density of {CROWD} runs")
    chart.hover()
    chart.get_by_role("button", name="Show loss as a table").click()
    # The median of each group, between its extremes.
    for words in ("2 (1 to 3)", "2 (1.01 to 2.99)"):
        expect(chart.get_by_role("row").last.get_by_role("cell", name=words)).to_be_visible()


def test_ready_made_charts_are_drawn_from_their_tables(app: App, server: ServerProcess) -> None:
    names = {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"}
    drawn = {
        "seen": ("wandb/confusion_matrix/v1", names),
        "roc": ("wandb/area-under-curve/v0", {"x": "fpr", "y": "tpr", "class": "class"}),
    }
    visualize = {
        key: {"panel_config": {"panelDefId": preset, "fieldSettings": fields}}
        for key, (preset, fields) in drawn.items()
    }
    tables = {
        "seen": {"columns": list(names), "data": [["cat", "cat", 3], ["cat", "dog", 2]]},
        "roc": {"columns": ["class", "fpr", "tpr"], "data": [["cat", 0, 0], ["cat", 1, 1]]},
    }
    with server.client() as client:
        run = Speaker(client, project="ready").opened(config={"_wandb": {"visualize": visualize}})
        for key, body in tables.items():
            put(run, f"media/table/{key}.table.json", body)
        found = [
            said(f"{key}_table", {"_type": "table-file", "path": f"media/table/{key}.table.json"})
            for key in tables
        ]
        run.say(count=1, history=[block({}, found)])
        run.exit()
    app.go(f"/{server.entity}/ready/runs/{run.id}/charts")
    matrix = app.chart("seen_table")
    expect(matrix.get_by_role("row", name="cat 3 2")).to_be_visible()
    expect(
        app.chart("roc_table").get_by_role("img", name=re.compile("tpr over fpr"))
    ).to_be_visible()
    matrix.hover()
    matrix.get_by_role("button", name="Show seen_table as a table").click()
    expect(matrix.get_by_role("columnheader", name="nPredictions")).to_be_visible()


def test_a_figure_is_drawn_where_somebody_opens_it(app: App, server: ServerProcess) -> None:
    """By a library of its own, under a policy that forbids foreign scripts and `eval`."""
    with server.client() as client:
        run = Speaker(client, project="figures").opened()
        for name, kind in (("flat", "bar"), ("deep", "surface")):
            put(run, f"media/plotly/{name}.json", {"data": [{"type": kind, "y": [1, 3, 2]}]})
        found = [
            said(name, {"_type": "plotly-file", "path": f"media/plotly/{name}.json"})
            for name in ("flat", "deep")
        ]
        run.say(count=1, history=[block({}, found)])
        run.exit()
    app.go(f"/{server.entity}/figures/runs/{run.id}/charts")
    for name in ("flat", "deep"):
        app.chart(name).get_by_role("button", name="Draw the figure").click()
    expect(app.chart("flat").locator("svg .barlayer path")).to_have_count(3)
    expect(app.chart("deep")).to_contain_text("type surface are not drawn here")


def test_the_list_beside_the_charts_is_sized_and_closed(app: App, wide: str) -> None:
    app.go(wide.split("/runs/", maxsplit=1)[0] + "/workspace")
    edge = app.page.get_by_role("separator", name="Width of the list")
    first = int(edge.get_attribute("aria-valuenow") or 0)
    edge.press("ArrowLeft")
    expect(edge).to_have_attribute("aria-valuenow", str(first - 20))
    box = edge.bounding_box()
    assert box is not None
    app.page.mouse.move(box["x"] + 1, 500)
    app.page.mouse.down()
    app.page.mouse.move(10, 500, steps=4)
    app.page.mouse.up()
    expect(app.page.get_by_role("grid", name="Runs")).to_be_hidden()
    app.page.get_by_role("button", name="Open the list of runs").click()
    expect(app.page.get_by_role("grid", name="Runs")).to_be_visible()
    edge.dblclick(position={"x": 2, "y": 60})
    expect(edge).to_have_attribute("aria-valuenow", str(first))
