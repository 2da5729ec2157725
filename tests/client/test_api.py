"""What a program reads through `heartline.Api`."""

import math
import struct
import threading
import time
import uuid
from pathlib import Path

import httpx
import pytest

import heartline
from heartline.cli.checks import all_findings
from heartline.client import credentials, errors
from heartline.client.events import News, listen
from heartline.client.run import RANKS_AWAITED_S
from heartline.wire.ingest import Block, Column, Line
from tests.server.writer import Speaker
from tests.server_process import ServerProcess, free_port
from tests.terminal import Terminal, until


@pytest.fixture
def api(terminal: Terminal) -> heartline.Api:
    return terminal.api


def path(run: Speaker) -> str:
    return f"{run.project}/{run.id}"


@pytest.fixture
def project(http: httpx.Client) -> str:
    """Seven runs in a project of their own, the third of them failed."""
    name = f"p{uuid.uuid4().hex[:8]}"
    for number in range(7):
        run = Speaker(http, project=name).opened(name=f"run {number}", config={"lr": number / 10})
        run.log(3)
        if number == 3:
            run.exit("failed", "exit_code", evidence={"exit_code": 3})
        else:
            run.exit()
    return name


def test_runs_can_be_counted_sliced_indexed_and_iterated_over_pages(
    api: heartline.Api, project: str
) -> None:
    runs = api.runs(project, per_page=3)
    assert len(runs) == 7
    assert [run.name for run in runs] == [f"run {n}" for n in reversed(range(7))]
    assert [run.name for run in runs[2:5]] == ["run 4", "run 3", "run 2"]
    assert runs[-1].name == runs[6].name == "run 0"
    assert [run.name for run in runs[::-3]] == ["run 0", "run 3", "run 6"]
    with pytest.raises(IndexError):
        runs[7]
    assert runs.states == {"finished": 6, "failed": 1}


def test_an_address_with_a_space_can_be_clicked(api: heartline.Api, http: httpx.Client) -> None:
    run = Speaker(http, project="my digits").opened()
    assert run.reply is not None
    address = f"/{run.reply.entity}/my%20digits/runs/{run.id}"
    assert run.reply.path == address
    assert api.run(f"my digits/{run.id}").url == api.base_url + address
    here = heartline.init("my digits", mode="disabled", settings={"base_url": api.base_url})
    assert "/my%20digits/runs/" in here.url


def test_a_login_link_leads_to_the_server_by_the_name_one_knows(
    api: heartline.Api, server: ServerProcess
) -> None:
    """It may listen elsewhere than where it is reached: behind a proxy, or everywhere."""
    there = f"http://localhost:{server.port}"
    known = heartline.Api(there, api_key=server.api_key)
    assert known.login_link().startswith(f"{there}/login?token=")
    assert api.login_link().startswith(f"{server.base_url}/login?token=")


def test_a_short_slice_asks_for_one_page_only(api: heartline.Api, project: str) -> None:
    runs = api.runs(project, per_page=3)
    assert len(runs[:3]) == 3
    assert list(runs._pages) == [0]


@pytest.mark.parametrize("filters", [
    {"$and": [{"state": "failed"}, {"config.lr": {"$gt": 0.1}}]},
    "state = failed and config.lr > 0.1",
])  # fmt: skip
def test_a_filter_is_a_document_or_the_same_as_text(
    api: heartline.Api, project: str, filters: str | dict[str, object]
) -> None:
    found = list(api.runs(project, filters=filters))
    assert [run.name for run in found] == ["run 3"]


def test_an_unknown_field_or_operator_is_an_error_that_names_it(
    api: heartline.Api, project: str
) -> None:
    with pytest.raises(errors.InvalidRequest, match=r"`stat`.*did you mean `state`"):
        len(api.runs(project, filters={"stat": "failed"}))
    with pytest.raises(errors.InvalidRequest, match=r"\$near"):
        len(api.runs(project, filters={"name": {"$near": 3}}))


def test_order_is_the_servers(api: heartline.Api, project: str) -> None:
    assert [run.config["lr"] for run in api.runs(project, order="config.lr")[:2]] == [0, 0.1]


def test_a_run_tells_its_state_with_cause_sentence_and_evidence(
    api: heartline.Api, run: Speaker
) -> None:
    run.log(5)
    run.exit("failed", "exit_code", evidence={"exit_code": 3, "last_lines": ["bye"]})
    found = api.run(path(run))
    assert (found.state, found.cause, found.confidence) == ("failed", "exit_code", "proven")
    assert found.sentence == "Exited with code 3"
    assert found.evidence["exit_code"] == 3
    assert [entry.after for entry in found.ledger][-2:] == ["running", "failed"]
    assert [attempt.state for attempt in found.attempts] == ["failed"]
    assert [rank.state for rank in found.ranks] == ["failed"]
    assert found.summary["loss"] == pytest.approx(4 / 7)


def test_numbers_that_json_cannot_say_come_back_as_floats(api: heartline.Api, run: Speaker) -> None:
    values = struct.pack("<3d", math.nan, math.inf, -math.inf)
    steps, times = struct.pack("<3q", 0, 1, 2), struct.pack("<3q", 1, 2, 3)
    run.say(count=3, history=[Block(steps, times, [Column("loss", b"", values)])])
    rows = [row["loss"] for row in api.run(path(run)).scan_history()]
    assert math.isnan(rows[0])
    assert rows[1:] == [math.inf, -math.inf]
    assert [row["loss"] for row in api.run(path(run)).history()][1:] == [math.inf, -math.inf]


def test_scanning_gives_every_row_once_across_pages(api: heartline.Api, run: Speaker) -> None:
    run.log(250, ("loss", "accuracy"))
    found = api.run(path(run))
    assert [row["_step"] for row in found.scan_history(page_size=64)] == list(range(250))
    some = list(found.scan_history(keys=["loss"], min_step=10, max_step=20, page_size=3))
    assert [row["_step"] for row in some] == list(range(10, 20))
    assert all("accuracy" not in row for row in some)


def test_sampled_history_holds_the_first_and_the_last_row(api: heartline.Api, run: Speaker) -> None:
    run.log(1000)
    rows = api.run(path(run)).history(samples=50)
    assert (rows[0]["_step"], rows[-1]["_step"]) == (0, 999)
    assert len(rows) <= 100


def test_history_by_another_axis_is_sorted_by_it(api: heartline.Api, run: Speaker) -> None:
    run.log(20, ("loss", "epoch"))
    rows = api.run(path(run)).history(keys=["loss"], x_axis="epoch")
    assert [row["epoch"] for row in rows] == sorted(row["epoch"] for row in rows)
    assert set(rows[0]) == {"_step", "_timestamp", "loss", "epoch"}


def test_history_comes_as_pandas_and_arrow_where_they_are_installed(
    api: heartline.Api, run: Speaker
) -> None:
    run.log(10)
    found = api.run(path(run))
    pytest.importorskip("pandas")
    frame = found.history(pandas=True)
    assert list(frame.columns) == ["_step", "_timestamp", "loss"]
    assert len(frame) == 10
    pytest.importorskip("pyarrow")
    assert found.history(format="arrow").num_rows == 10
    with pytest.raises(errors.InvalidRequest, match="parquet"):
        found.history(format="parquet")


def test_console_lines_come_in_order_however_many_pages(api: heartline.Api, run: Speaker) -> None:
    lines = [
        Line("stdout", number, 1_790_000_000_000 + number, f"line {number}")
        for number in range(2_500)
    ]
    run.say(count=len(lines), lines=lines)
    found = api.run(path(run))
    assert [line.text for line in found.console_logs()] == [f"line {n}" for n in range(2_500)]
    assert [line.text for line in found.console_logs(last=2)] == ["line 2498", "line 2499"]


def test_files_are_downloaded_whole_and_never_outside(
    api: heartline.Api, run: Speaker, tmp_path: Path
) -> None:
    run.client.put(f"{run.path}/files/plots/a.txt", content=b"x" * 100_000)
    file = api.run(path(run)).file("plots/a.txt")
    saved = file.download(tmp_path)
    assert saved.read_bytes() == b"x" * 100_000
    with pytest.raises(errors.Conflict):
        file.download(tmp_path)
    file.path = "../../escape"
    with pytest.raises(errors.InvalidRequest):
        file.download(tmp_path)
    with pytest.raises(errors.NotFound):
        api.run(path(run)).file("nope")


def test_edits_overrides_and_stops_are_on_the_server_at_once(
    api: heartline.Api, run: Speaker
) -> None:
    found = api.run(path(run)).update(name="renamed", tags=["a"], config={"lr": 3})
    assert (found.name, found.tags, found.config) == ("renamed", ["a"], {"lr": 3})
    with pytest.raises(errors.InvalidRequest, match="stat"):
        found.update(stat="x")
    assert found.stop("too slow").view.stop is not None
    found.override_state("failed", "the data was wrong")
    assert api.run(path(run)).state == "failed"
    assert "the data was wrong" in found.sentence
    found.delete()
    with pytest.raises(errors.NotFound):
        api.run(path(run))


def test_waiting_returns_for_every_end_and_gives_up_when_told(
    api: heartline.Api, run: Speaker
) -> None:
    found = api.run(path(run))
    with pytest.raises(errors.WaitedTooLong):
        found.wait(timeout=0.2)
    for never in (float("nan"), -1.0, 1e30):
        with pytest.raises(errors.InvalidRequest, match="a number of seconds from 0 to"):
            found.wait(timeout=never)
        with pytest.raises(errors.InvalidRequest, match="timeout: a number of seconds"):
            heartline.Api(timeout=never)
    ends = threading.Timer(
        0.3, lambda: run.exit("killed", "signal", evidence={"signal": "SIGKILL"})
    )
    ends.start()
    assert found.wait(timeout=30) == "killed"
    ends.join()


def test_waiting_goes_on_while_ranks_of_a_run_that_logs_from_several_may_come(
    api: heartline.Api, http: httpx.Client
) -> None:
    first = Speaker(http).opened(rank=0, world_size=3)
    ranks = [first, *(Speaker(http, first.id, launch=first.launch, writer=f"w{n}") for n in (1, 2))]
    ranks[1].opened(rank=1, world_size=3)
    found = api.run(path(first))
    seen: list[str] = []
    waits = threading.Thread(target=lambda: seen.append(found.wait(timeout=30)))
    for rank in ranks[:2]:
        rank.exit()
    waits.start()
    until(lambda: not found.live)
    ranks[2].opened(rank=2, world_size=3)
    until(lambda: found.live)
    ranks[2].exit("failed", "exit_code", evidence={"exit_code": 3})
    waits.join()
    assert seen == ["failed"]


def test_waiting_for_a_script_that_logs_from_its_first_rank_alone_returns_at_its_end(
    api: heartline.Api, http: httpx.Client
) -> None:
    alone = Speaker(http).opened(rank=0, world_size=3)
    alone.exit()
    begun = time.monotonic()
    assert api.run(path(alone)).wait() == "finished"
    assert time.monotonic() - begun < RANKS_AWAITED_S


def test_a_run_is_found_by_path_id_name_or_first_letters(
    api: heartline.Api, http: httpx.Client
) -> None:
    name = f"name-{uuid.uuid4().hex[:6]}"
    run = Speaker(http, id=f"q{uuid.uuid4().hex[:10]}").opened(name=name)
    for said in (
        run.id,
        name,
        run.id[:6],
        f"digits/{run.id}",
        f"{api.default_entity}/digits/{run.id}",
    ):
        assert api.find(said).id == run.id, said
    Speaker(http).opened(name=name)
    with pytest.raises(errors.Ambiguous, match="several"):
        api.find(name)
    with pytest.raises(errors.NotFound, match="heartline runs"):
        api.find("no.such*run")


def test_errors_say_what_to_do(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("HEARTLINE_API_KEY", raising=False)
    with pytest.raises(errors.AuthenticationError, match="heartline login"):
        _ = heartline.Api(server.base_url, "hl-wrong").viewer
    with pytest.raises(errors.NoKey, match="heartline login"):
        _ = heartline.Api(server.base_url, patience=0).viewer
    with pytest.raises(errors.Unreachable, match="heartline server"):
        _ = heartline.Api(f"http://127.0.0.1:{free_port()}", "k", patience=0.1).viewer
    with pytest.raises(errors.InvalidRequest, match="http://host:port"):
        heartline.Api("ftp://nowhere", "k")
    for kind in errors.OF_STATUS.values():
        assert str(kind()) == kind.__doc__


def test_where_nobody_answers_and_none_is_named_the_one_known_server_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, other, third = (f"http://127.0.0.1:{port}" for port in (free_port(), 8799, 8798))
    monkeypatch.setattr(credentials, "DEFAULT_BASE_URL", usual)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("HEARTLINE_BASE_URL", raising=False)

    def told(base_url: str | None = None) -> bool:
        fixes = [each.fix for each in all_findings(base_url) if each.name == "server"]
        with pytest.raises(errors.Unreachable) as refused:
            _ = heartline.Api(base_url, patience=0).viewer
        said = [f"a key is known for {other}: export HEARTLINE_BASE_URL={other}" in text
                for text in (str(refused.value), *fixes)]  # fmt: skip
        assert len(set(said)) == 1 and len(said) == 2
        return said[0]

    assert not told()
    for address in (usual, other):
        credentials.store(credentials.Credentials(address, "hl-key", "me"))
    assert told() and not told(usual)
    credentials.store(credentials.Credentials(third, "hl-key", "me"))
    assert not told()


def test_projects_and_viewer_are_those_of_the_key(
    api: heartline.Api, server: ServerProcess, project: str
) -> None:
    assert api.viewer.name == server.entity
    found = {each.name: each.states for each in api.projects()}
    assert found[project]["finished"] == 6


def test_news_of_a_project_with_an_odd_name_are_heard(
    api: heartline.Api, http: httpx.Client
) -> None:
    run = Speaker(http, project="odd & unruly ü").opened()
    assert run.reply is not None
    heard: list[News] = []

    def more(news: News | None) -> bool:
        if news is None:
            assert not heard, "the stream broke off"
            return False
        heard.append(news)
        return True

    done = threading.Event()

    def speak() -> None:
        while not done.wait(0.05):
            run.log(1)

    speaking = threading.Thread(target=speak)
    speaking.start()
    until = time.monotonic() + 30
    listen(api.calls, f"{run.reply.entity}/{run.project}", more, until)
    done.set()
    speaking.join()
    assert [news.run for news in heard] == [run.reply.run]
