"""Spools that are sent later, from the command line."""

import json
import time

from heartline.cli import exits
from heartline.usecases.told_late import LATE_MS
from tests.server.writer import Speaker
from tests.server_process import free_port
from tests.terminal import Terminal, until

SCRIPT = """
import sys, heartline
run = heartline.init(project="offline", id=sys.argv[0].rpartition("/")[2].removesuffix(".py") + "-{}")
for step in range(500):
    run.log({{"loss": 1 / (step + 1)}})
print("logged")
{}
"""

WAITS = "import os, time\nwhile not os.path.exists('go'): time.sleep(0.05)"


def offline(terminal: Terminal, tag: str, then: str = "", mode: str = "offline") -> int:
    terminal.extra["HEARTLINE_MODE"] = mode
    try:
        return terminal.python(SCRIPT.format(tag, then)).wait(60)
    finally:
        del terminal.extra["HEARTLINE_MODE"]


def test_what_was_logged_offline_is_sent_once_with_its_end(terminal: Terminal) -> None:
    tag = terminal.home.name
    assert offline(terminal, tag, "raise ValueError('bad luck')") == 1
    assert len(terminal.json("sync", "--dry-run")) == 1
    first = terminal.json("sync")
    assert [each["state"] for each in first] == ["failed"]
    run = terminal.api.run(f"offline/train-{tag}")
    assert (run.state, run.cause) == ("failed", "exception")
    assert run.sentence == "ValueError: bad luck"
    assert [row["_step"] for row in run.scan_history()] == list(range(500))
    assert not list((terminal.home / "heartline").glob("*/"))
    assert terminal.heartline("sync").stdout == "Nothing to send: no runs in heartline.\n"
    assert len(list(terminal.api.run(f"offline/train-{tag}").scan_history())) == 500


def test_a_run_that_is_told_late_keeps_the_times_of_its_life(terminal: Terminal) -> None:
    tag, began = terminal.home.name, time.time() * 1000
    terminal.extra["HEARTLINE_API_KEY"] = "bad-key"
    assert offline(terminal, tag, "sys.exit(3)", mode="online") == 3
    ended = time.time() * 1000
    del terminal.extra["HEARTLINE_API_KEY"]
    until(lambda: time.time() * 1000 > ended + LATE_MS + 100)
    synced = time.time() * 1000
    assert [each["state"] for each in terminal.json("sync")] == ["failed"]
    run = terminal.api.run(f"offline/train-{tag}")
    assert began < (run.view.started_at or 0) < (run.view.ended_at or 0) < ended + 100
    told = run.ledger
    assert all(entry.at > synced - 100 for entry in told), "the ledger keeps the server's times"
    assert all(began < entry.evidence["happened_at"] < ended + 100 for entry in told)
    terminal.extra["COLUMNS"] = "400"
    shown = terminal.heartline("show", run.path).stdout
    assert shown.count("told later, at") == len(told) == 3


def test_what_is_sent_later_takes_nobodys_place(terminal: Terminal) -> None:
    tag = terminal.home.name
    terminal.extra["HEARTLINE_API_KEY"] = "bad-key"
    assert offline(terminal, tag, mode="online") == 0
    began = time.time() * 1000
    del terminal.extra["HEARTLINE_API_KEY"]
    with terminal.server.client() as client:
        lives = Speaker(client, id=f"train-{tag}", project="offline").opened()
        until(lambda: time.time() * 1000 > began + LATE_MS)
        assert [each["state"] for each in terminal.json("sync")] == ["finished"]
        lives.log(1)
        run = terminal.api.run(f"offline/train-{tag}")
        assert {entry.after for entry in run.ledger[1:]} == {run.state} == {"running"}
        lives.exit("killed", "signal", evidence={"signal": "SIGKILL"})
    assert run.refresh().state == "killed"
    assert [(each.epoch, each.state) for each in run.attempts] == [(0, "finished"), (1, "killed")]
    assert len(list(run.scan_history())) == 1, "the newest attempt began at this step"


def test_files_of_an_older_attempt_replace_none_of_the_newest(terminal: Terminal) -> None:
    tag = terminal.home.name
    saves = "open('model.pt', 'w').write('old'); run.save('model.pt'); run.save(sys.argv[0], 'me')"
    terminal.extra["HEARTLINE_API_KEY"] = "bad-key"
    assert offline(terminal, tag, saves, mode="online") == 0
    began = time.time() * 1000
    del terminal.extra["HEARTLINE_API_KEY"]
    with terminal.server.client() as client:
        newest = Speaker(client, id=f"train-{tag}", project="offline").opened()
        client.put(f"{newest.path}/files/model.pt", content=b"new").raise_for_status()
        until(lambda: time.time() * 1000 > began + LATE_MS)
        done = terminal.heartline("sync", "--json")
        (sent,) = json.loads(done.stdout)
        paths = [each["path"] for each in client.get(f"{newest.path}/files").json()]
        (aside,) = (path for path in paths if path.startswith("attempts/"))
        assert aside.startswith("attempts/0-") and aside.endswith("/model.pt")
        assert {"me", "model.pt"} <= set(paths), "a name that is free is not changed"
        told = f"model.pt is kept as {aside}: a newer attempt of this run has a file of that name"
        assert sent["files"] == [told] and told in done.stderr
        for path, content in (("model.pt", b"new"), (aside, b"old")):
            assert client.get(f"{newest.path}/files/{path}").content == content


def test_a_server_that_is_away_leaves_the_spool_for_the_next_time(terminal: Terminal) -> None:
    tag = terminal.home.name
    offline(terminal, tag)
    done = terminal.heartline("sync", "--base-url", f"http://127.0.0.1:{free_port()}", "--json")
    assert done.returncode == exits.ERROR
    assert "heartline login" in json.loads(done.stdout)[0]["error"]
    assert [each["state"] for each in terminal.json("sync")] == ["finished"]


def test_a_spool_whose_server_has_no_key_goes_to_the_one_that_is_named(terminal: Terminal) -> None:
    tag, here = terminal.home.name, terminal.server.base_url
    terminal.extra["HEARTLINE_BASE_URL"] = f"http://127.0.0.1:{free_port()}"
    offline(terminal, tag)
    refused = terminal.heartline("sync")
    assert refused.returncode == exits.ERROR
    assert f"export HEARTLINE_BASE_URL={here}" in refused.stderr
    terminal.extra["HEARTLINE_BASE_URL"] = here
    assert [each["url"].startswith(here) for each in terminal.json("sync")] == [True]


def test_a_live_spool_is_left_alone_unless_followed(terminal: Terminal) -> None:
    tag = terminal.home.name
    terminal.extra["HEARTLINE_MODE"] = "offline"
    script = terminal.python(SCRIPT.format(tag, WAITS))
    del terminal.extra["HEARTLINE_MODE"]
    assert script.stdout is not None
    assert script.stdout.readline() == "logged\n"
    assert "still runs" in terminal.json("sync")[0]["skipped"]
    following = terminal.start("sync", "--live", "--json")
    (terminal.home / "go").touch()
    out, err = following.communicate(timeout=60)
    assert following.returncode == 0, err
    assert json.loads(out)[0]["state"] == "finished"
    assert script.wait(10) == 0
    assert terminal.api.run(f"offline/train-{tag}").state == "finished"


def test_a_path_that_holds_no_run_is_named(terminal: Terminal) -> None:
    done = terminal.heartline("sync", "nowhere")
    assert done.returncode == exits.NOT_FOUND
    assert "nowhere holds no run" in done.stderr
    assert "Nothing to send" in terminal.heartline("sync").stdout
