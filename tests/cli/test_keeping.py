"""Projects, files, exports, edits and deletions, as a person at a terminal asks for them."""

import csv
import io
import json
import math
import os
import uuid
from pathlib import Path

import httpx
import pandas as pd
import pytest

from heartline.cli import exits
from heartline.wire.ingest import Column
from tests.server.writer import Speaker, block
from tests.terminal import HEARTLINE, Terminal

SHORT = "state = failed and duration < 600 and ran < 10m"


@pytest.fixture
def project() -> str:
    return f"p{uuid.uuid4().hex[:8]}"


@pytest.fixture
def runs(http: httpx.Client, project: str) -> list[Speaker]:
    """Two that finished and one that failed."""
    made = [
        Speaker(http, project=project).opened(name=f"r{n}", config={"lr": 0.1 * n})
        for n in range(3)
    ]
    for run in made:
        run.log(5)
    for run in made[:2]:
        run.exit()
    made[2].exit("failed", "exit_code", evidence={"exit_code": 2})
    return made


def ids(terminal: Terminal, project: str) -> set[str]:
    return {run["name"] for run in terminal.json("runs", project)}


def test_projects_are_listed_with_their_runs_by_state(
    terminal: Terminal, http: httpx.Client, runs: list[Speaker], project: str
) -> None:
    terminal.extra["COLUMNS"] = "300"
    Speaker(http, project="a-project-with-a-very-long-name-" * 4).opened().exit()
    shown = terminal.heartline("projects").stdout
    line = next(line for line in shown.splitlines() if f"/{project} " in line)
    assert "2 finished" in line and "1 failed" in line
    found = {each["name"]: each for each in terminal.json("projects")}
    assert found[project]["runs"] == len(runs)
    assert terminal.heartline("projects", "nobody-here").stdout.startswith("No projects of nobody")


def test_files_are_listed_and_fetched_and_never_overwritten_unasked(
    terminal: Terminal, http: httpx.Client, runs: list[Speaker]
) -> None:
    for path in ("media/a.png", "media/b.png", "model.pt"):
        http.put(f"{runs[0].path}/files/{path}", content=path.encode())
    assert [each["path"] for each in terminal.json("files", runs[0].id, "media/*")] == [
        "media/a.png", "media/b.png",
    ]  # fmt: skip
    assert "model.pt" in terminal.heartline("files", runs[0].id).stdout
    fetch = ("files", runs[0].id, "*.png", "model.pt", "--download", "got")
    assert "3 files" in terminal.heartline(*fetch).stdout
    assert (terminal.home / "got/media/b.png").read_text() == "media/b.png"
    (terminal.home / "got/model.pt").write_text("mine")
    again = terminal.heartline(*fetch)
    assert again.returncode == exits.ERROR and "--replace" in again.stderr
    assert (terminal.home / "got/model.pt").read_text() == "mine"
    assert terminal.heartline(*fetch, "--replace").returncode == 0
    assert (terminal.home / "got/model.pt").read_text() == "model.pt"
    assert terminal.heartline("files", runs[0].id, "*.bin").returncode == exits.NOT_FOUND


def test_a_project_is_exported_with_one_row_per_run_in_every_form(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    rows = list(csv.DictReader(io.StringIO(terminal.heartline("export", project).stdout)))
    assert {(row["name"], row["state"]) for row in rows} == {
        ("r0", "finished"), ("r1", "finished"), ("r2", "failed"),
    }  # fmt: skip
    some = ("export", project, "--filter", "state = finished", "-o")
    done = terminal.heartline(*some, "runs.parquet")
    assert "2 runs of" in done.stderr and done.stdout == ""
    assert set(pd.read_parquet(terminal.home / "runs.parquet")["config.lr"]) == {0.0, 0.1}
    terminal.heartline(*some, "runs.jsonl")
    lines = (terminal.home / "runs.jsonl").read_text().splitlines()
    assert {json.loads(line)["config"]["lr"] for line in lines} == {0.0, 0.1}


def test_a_table_holds_what_can_be_compared_and_json_lines_hold_everything(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    config = {"deep": {"on": True}, "long": "x" * 300, "sizes": [1, 2], "none": None}
    Speaker(http, project=project).opened(config=config).exit()
    (row,) = csv.DictReader(io.StringIO(terminal.heartline("export", project).stdout))
    assert {name: value for name, value in row.items() if name.startswith("config.")} == {
        "config.deep.on": "1.0", "config.long": "x" * 256,
    }  # fmt: skip
    whole = json.loads(terminal.heartline("export", project, "--format", "jsonl").stdout)
    assert whole["config"] == config


def test_runs_are_exported_by_their_ids_however_many_they_are(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    ids = "\n".join([runs[0].id, runs[2].id, *(f"none{n}" for n in range(5_000))])
    done = terminal.heartline("export", project, "--ids", "-", "-o", "some.csv", stdin=ids)
    assert "2 runs of" in done.stderr and "5000 of the ids are not there" in done.stderr
    rows = list(csv.DictReader((terminal.home / "some.csv").open()))
    assert {row["name"] for row in rows} == {"r0", "r2"}
    for words in ((project, "--ids", "-"), (project, "--ids", "-", "-f", "state = failed"),
                  (runs[0].id, "--ids", "-")):  # fmt: skip
        assert terminal.heartline("export", *words, stdin=" \n").returncode == exits.USAGE


def test_a_run_is_exported_unsampled_with_one_row_per_step_in_every_form(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    run = Speaker(http, project=project).opened(name="one")
    run.log(2000, ("loss", "other"))
    odd = block(2000, 1, ("loss",))
    odd.columns[0] = Column("loss", b"", b"\x00\x00\x00\x00\x00\x00\xf8\x7f")
    run.say(count=1, history=[odd])
    assert terminal.heartline("export", run.id, "-o", "h.csv").returncode == 0
    frame = pd.read_csv(terminal.home / "h.csv")
    assert list(frame["_step"]) == list(range(2001))
    assert set(frame.columns) == {"_step", "_timestamp", "loss", "other"}
    assert frame["loss"][700] == 100.0
    terminal.heartline("export", run.id, "-k", "loss", "-o", "h.parquet")
    kept = pd.read_parquet(terminal.home / "h.parquet")
    assert set(kept.columns) == {"_step", "_timestamp", "loss"}
    assert len(kept) == 2001 and math.isnan(kept["loss"][2000])
    lines = terminal.heartline("export", run.id, "--format", "jsonl").stdout.splitlines()
    assert json.loads(lines[-1])["loss"] == "NaN" and len(lines) == 2001
    wrong = terminal.heartline("export", run.id, "-k", "los")
    assert wrong.returncode == exits.NOT_FOUND and "`los`" in wrong.stderr


def test_an_export_that_cannot_be_written_leaves_what_was_there(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    there = terminal.home / "runs.csv"
    there.write_text("mine")
    for words, code in (
        (("export", project, "-f", "stat = failed", "-o", str(there)), exits.USAGE),
        (("export", project, "-o", "no/such/place.csv"), exits.ERROR),
        (("export", project, "-k", "loss", "-o", str(there)), exits.USAGE),
        (("export", runs[0].id, "-f", "state = failed", "-o", str(there)), exits.USAGE),
        (("export", "no-such-thing", "-o", str(there)), exits.NOT_FOUND),
    ):
        done = terminal.heartline(*words)
        assert (done.returncode, done.stdout) == (code, ""), (words, done.stderr)
        assert "Traceback" not in done.stderr
    assert there.read_text() == "mine"
    assert [path.name for path in Path(terminal.home).iterdir() if path.suffix == ".part"] == []


def test_an_export_follows_a_link_and_writes_to_what_is_no_file(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    (terminal.home / "real.csv").write_text("old")
    (terminal.home / "link.csv").symlink_to("real.csv")
    assert terminal.heartline("export", project, "-o", "link.csv").returncode == 0
    assert (terminal.home / "link.csv").is_symlink()
    assert (terminal.home / "real.csv").read_text().count("\n") == len(runs) + 1
    os.mkfifo(terminal.home / "pipe")
    reader = terminal.run(["cat", "pipe"])
    assert terminal.heartline("export", project, "-o", "pipe").returncode == 0
    assert reader.communicate(timeout=30)[0] == (terminal.home / "real.csv").read_text()
    assert (terminal.home / "pipe").is_fifo()


def test_a_reader_who_has_seen_enough_ends_an_export_and_a_page_well(
    terminal: Terminal, http: httpx.Client, project: str
) -> None:
    run = Speaker(http, project=project).opened(config={f"k{n}": "x" * 200 for n in range(400)})
    run.log(2000, tuple(f"m{n}" for n in range(20)))
    run.exit()
    said = " ".join(HEARTLINE)
    for words in (f"export {run.id}", f"export {project}", f"show {run.id}"):
        line = f"set -o pipefail; {said} {words} | head -c 1 > /dev/null"
        done = terminal.run(["bash", "-c", line])
        assert done.communicate(timeout=60)[1] == "", words
        assert done.returncode == 0, words


def test_words_of_runs_are_edited(terminal: Terminal, runs: list[Speaker]) -> None:
    both = [runs[0].id, runs[1].id]
    done = terminal.json("edit", *both, "--tag", "best", "--tag", "old", "--notes", "the one")
    assert {tuple(sorted(run["tags"])) for run in done} == {("best", "old")}
    done = terminal.json("edit", runs[0].id, "--untag", "old", "--name", "baseline", "--notes", "")
    assert (done[0]["tags"], done[0]["name"], done[0]["notes"]) == (["best"], "baseline", "")
    assert terminal.heartline("edit", runs[0].id).returncode == exits.USAGE


def test_nothing_is_deleted_before_somebody_is_sure(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    for words in (
        ("delete", runs[0].id),
        ("delete", project, "--filter", "state = failed"),
        ("delete", project, "--all"),
        ("delete", project, "--yes"),
        ("delete", project, "--all", "--filter", "state = failed", "--yes"),
    ):
        done = terminal.heartline(*words)
        assert done.returncode == exits.USAGE, (words, done.stdout)
    assert ids(terminal, project) == {"r0", "r1", "r2"}


def test_runs_are_deleted_by_name_by_filter_and_with_their_project(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    assert "deleted" in terminal.heartline("delete", runs[0].id, "-y").stdout
    assert ids(terminal, project) == {"r1", "r2"}
    done = terminal.json("delete", project, "-f", SHORT, "-y")
    assert [path.rpartition("/")[2] for path in done["deleted"]] == [runs[2].id]
    assert (done["runs"], done["refused"]) == (1, {})
    assert ids(terminal, project) == {"r1"}
    none = terminal.heartline("delete", project, "-f", SHORT, "-y")
    assert none.returncode == exits.NOT_FOUND
    assert terminal.heartline("delete", project, "--all", "-y").returncode == 0
    assert project not in {each["name"] for each in terminal.json("projects")}


def test_deleted_runs_are_listed_brought_back_or_let_go_for_good(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    gone = [f"{project}/{run.id}" for run in runs]
    assert terminal.heartline("delete", *gone[:2], "-y").returncode == 0
    shown = terminal.heartline("undelete", project, "--list").stdout
    assert runs[0].id in shown and runs[1].id in shown and runs[2].id not in shown
    assert "is back" in terminal.heartline("undelete", gone[0]).stdout
    assert "is back" in terminal.heartline("undelete", "r1", "-p", project).stdout
    assert ids(terminal, project) == {"r0", "r1", "r2"}
    assert terminal.heartline("undelete", gone[0]).returncode == exits.NOT_FOUND
    assert terminal.heartline("undelete", runs[0].id).returncode == exits.NOT_FOUND
    assert terminal.heartline("delete", gone[0], "--for-good", "-y").returncode == 0
    terminal.heartline("delete", *gone[1:], "-y")
    assert terminal.heartline("delete", gone[1], "--for-good", "-y").returncode == 0
    assert terminal.heartline("delete", project, "--deleted").returncode == exits.USAGE
    assert len(terminal.json("undelete", project, "--list")) == 1
    assert len(terminal.json("delete", project, "--deleted", "-y")["deleted"]) == 1
    assert terminal.json("undelete", project, "--list") == []
    assert ids(terminal, project) == set()


def test_a_deletion_says_how_it_is_undone_and_a_bare_id_undoes_it(
    terminal: Terminal, http: httpx.Client, runs: list[Speaker], project: str
) -> None:
    one = runs[0].id
    path = f"{terminal.server.entity}/{project}/{one}"
    told = terminal.heartline("delete", one, "-y").stdout
    assert told.endswith(f"bring it back within 7 days: heartline undelete {path}\n")
    for said in (one, path, f"{project}/{one}"):
        gone = terminal.heartline("show", said)
        assert gone.returncode == exits.NOT_FOUND and f"{path} (r0, finished)" in gone.stderr
        assert f"was deleted by {terminal.server.entity} at" in gone.stderr
        assert gone.stderr.endswith(f": heartline undelete {path}\n")
    assert terminal.heartline("undelete", one).stdout == f"{path} is back\n"
    other = Speaker(http, project=f"{project}-2", id=one).opened()
    told = terminal.heartline("delete", path, f"{other.project}/{one}", "-y").stdout
    assert "bring them back" in told
    several = terminal.heartline("undelete", one)
    assert several.returncode == exits.USAGE
    assert path in several.stderr and f"/{project}-2/{one}" in several.stderr
    assert "back" not in terminal.heartline("delete", runs[1].id, "--for-good", "-y").stdout
    assert "no run with" in terminal.heartline("show", runs[1].id).stderr


def test_a_project_comes_back_with_its_runs(
    terminal: Terminal, runs: list[Speaker], project: str
) -> None:
    assert terminal.heartline("delete", project, "--all", "-y").returncode == 0
    done = terminal.json("undelete", project, "--all")
    assert len(done["undeleted"]) == len(runs) and done["refused"] == {}
    assert ids(terminal, project) == {"r0", "r1", "r2"}


def test_open_leads_to_a_project_too(terminal: Terminal, runs: list[Speaker], project: str) -> None:
    link = terminal.json("open", project)["url"]
    assert link.endswith(f"%2F{project}") and len(runs) == 3
    none = terminal.heartline("open", "no-such-thing", "--print")
    assert none.returncode == exits.NOT_FOUND and "no project and no run" in none.stderr


def test_show_tells_a_traceback_once(terminal: Terminal, http: httpx.Client) -> None:
    run = Speaker(http).opened()
    trace = ["Traceback (most recent call last):", '  File "x.py", line 1', "KeyError: 'x'"]
    run.exit(
        "failed", "exception",
        evidence={"exception": "KeyError: 'x'", "traceback": "\n".join(trace),
                  "last_lines": ["step 4", *trace, "bye"]},
    )  # fmt: skip
    shown = terminal.heartline("show", run.id).stdout
    assert shown.count("most recent call last") == 1
    assert "step 4" in shown and "bye" in shown
