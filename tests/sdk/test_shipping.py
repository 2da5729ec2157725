"""What the internal process sends, when the network and the server do what they do."""

import os
import signal
import subprocess
import time
from math import ceil
from pathlib import Path

import pytest

from heartline.sdk import uploads
from heartline.sdk.sending import SLICE_S
from heartline.wire.ingest import OpenReply
from tests.client.test_transport import plain
from tests.sdk.stub import Stub, rows
from tests.sdk.training import START, Training, until
from tests.server_process import free_port

OPENED = OpenReply(
    run=1, entity="ada", project="p", id="r", name="r", path="/ada/p/runs/r", epoch=1, durable=0,
    resumed=False,
)  # fmt: skip
LOGS = """
for n in range(200):
    run.log({'loss': 1 / (n + 1), 'nested': {'a': {'b': n}}})
"""


def steps(stub: Stub) -> list[int]:
    return [step for step, _ in rows(stub.only)]


def test_every_row_arrives_once_and_nested_keys_have_dots(training: Training) -> None:
    training.run(LOGS + "run.finish()")
    kept = training.ended()
    assert steps(training.stub) == list(range(200))
    assert rows(kept)[7][1] == {"loss": 1 / 8, "nested.a.b": 7.0}
    assert [(e.state, e.cause, e.confidence) for e in kept.exits] == [("finished", "finished", 3)]


def test_lost_replies_neither_lose_nor_double_a_row(training: Training) -> None:
    training.stub.lose_replies = 3
    training.run(LOGS + "time.sleep(0.6)" + LOGS + "run.finish()")
    training.ended()
    assert steps(training.stub) == list(range(400))


def test_a_busy_server_is_asked_again(training: Training) -> None:
    training.stub.busy = 4
    training.run(LOGS + "run.finish()")
    training.ended()
    assert steps(training.stub) == list(range(200))


def test_what_a_proxy_says_is_not_the_servers_word(training: Training) -> None:
    page = b"<html>We are deploying</html>"
    training.stub.foreign = [(status, page) for status in (404, 403, 302, 200, 502, 400)]
    training.run(LOGS + "run.finish()")
    training.ended()
    assert steps(training.stub) == list(range(200))


def test_a_notice_of_preemption_outlives_the_internal_process(training: Training) -> None:
    process = training.start("run.mark_preempting()\ninput()", stdin=-1)
    until(lambda: training.stub.runs and training.stub.only.batches)
    before = training.internal
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: training.internal not in {None, before})
    heard: list[bool] = []
    stub, plain = training.stub, training.stub.ingest
    stub.ingest = lambda batch: (heard.append(batch.preempting), plain(batch))[1]  # type: ignore[method-assign]
    until(lambda: len(heard) > 3)
    assert all(heard)
    process.kill()


def test_a_server_restored_from_an_older_backup_is_told_again(training: Training) -> None:
    process = training.start(LOGS + "input(); run.log({'loss': 0.0}); run.finish()",
                             stdin=-1)  # fmt: skip
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    kept = training.stub.only
    with training.stub.lock:
        # As the backup had it: the first batch only.
        first = kept.batches[0]
        kept.batches = [first] if first.count < 200 else []
        kept.durable[first.spool] = first.count if kept.batches else 0
    process.communicate("\n", timeout=60)
    training.ended()
    assert steps(training.stub) == list(range(201))


def test_a_server_that_has_forgotten_the_run_gets_it_anew(training: Training) -> None:
    process = training.start(LOGS + "input(); run.finish()", stdin=-1)
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    with training.stub.lock:
        training.stub.runs.clear()
    process.communicate("\n", timeout=60)
    training.ended()
    assert steps(training.stub) == list(range(200))


def test_a_record_that_the_server_cannot_read_costs_only_itself(training: Training) -> None:
    training.stub.poison = b"poison"
    done = training.run(LOGS + "run.log({'text': 'poison'})" + LOGS + "run.finish()")
    training.ended()
    assert steps(training.stub) == [n for n in range(401) if n != 200]
    assert done.stderr.count("the server could not take it") == 1


def test_a_killed_internal_process_is_replaced_and_goes_on(training: Training) -> None:
    process = training.start(LOGS + "input()" + LOGS + "run.finish()", stdin=-1)
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    before = training.internal
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until(lambda: training.internal not in {None, before})
    process.communicate("\n", timeout=60)
    training.ended()
    assert steps(training.stub) == list(range(400))


def test_an_internal_process_that_dies_again_and_again_is_not_given_up(training: Training) -> None:
    process = training.start(
        "input()\nrun.log({'loss': 1})\nrun.finish()", stdin=subprocess.PIPE,
        begin="from heartline.sdk import internal\ninternal.RESTART_S_MAX = 0.3\n" + START,
    )  # fmt: skip
    gone = 0
    for _ in range(8):
        gone = until(lambda gone=gone: training.internal not in {None, gone} and training.internal)  # type: ignore[misc]
        os.kill(gone, 9)
    until(lambda: training.internal not in {None, gone})
    _, said = process.communicate("\n", timeout=60)
    assert said.count("died again and again") == 1
    assert training.ended().exits[0].state == "finished"
    assert len(rows(training.stub.only)) == 1


def test_signals_for_the_trainers_group_do_not_end_its_witness(training: Training) -> None:
    process = training.start(LOGS + "input()", stdin=-1, start_new_session=True)
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    internal = training.internal
    assert internal is not None
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(internal, number)
    os.killpg(process.pid, signal.SIGKILL)
    kept = training.ended()
    assert [(e.state, e.cause, e.confidence) for e in kept.exits] == [("killed", "signal", 3)]
    assert kept.exits[0].evidence["signal"] == "SIGKILL"


def test_a_death_is_judged_while_the_server_keeps_us_waiting(training: Training) -> None:
    process = training.start(LOGS + "input()", stdin=-1)
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    training.stub.hold_s = 3.0
    beats = training.stub.only.beats
    until(lambda: training.stub.only.beats > beats)
    process.kill()
    process.wait()
    until(lambda: any((each / "verdict.json").exists() for each in training.spools), 2.0)
    training.stub.hold_s = 0.0
    assert training.ended().exits[0].state == "killed"


def test_the_verdict_is_in_the_spool_before_it_is_sent(training: Training) -> None:
    process = training.start(LOGS + "input()", stdin=-1)
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 200)
    training.stub.busy = 10**9
    process.kill()
    process.wait()
    spool = training.spools[0]
    until((spool / "verdict.json").exists)
    assert not training.stub.only.exits
    internal = training.internal
    assert internal is not None
    os.kill(internal, signal.SIGKILL)
    until(lambda: training.internal is None)
    training.stub.busy = 0
    environment = dict(os.environ)
    os.environ.update(training.environment)
    try:
        from heartline.sdk.sync import sync

        told = sync(spool)
    finally:
        os.environ.clear()
        os.environ.update(environment)
    assert (told.state, training.stub.only.exits[0].cause) == ("killed", "signal")


def test_saved_files_arrive_while_the_run_goes_on(training: Training) -> None:
    (training.home / "model.bin").write_bytes(b"weights" * 1000)
    process = training.start(
        "run.save('model.bin', 'checkpoints/model.bin')\nrun.save('missing.txt')\ninput()\n"
        "run.finish()", stdin=-1,
    )  # fmt: skip
    until(lambda: training.stub.runs and training.stub.only.files)
    assert training.stub.only.files == {"checkpoints/model.bin": b"weights" * 1000}
    _, said = process.communicate("\n", timeout=60)
    assert "there is no file" in said


def test_a_pattern_saves_all_that_match_with_their_folders(training: Training) -> None:
    for name in ("ckpt/a/1.pt", "ckpt/2.pt", "ckpt/2.txt"):
        (training.home / name).parent.mkdir(parents=True, exist_ok=True)
        (training.home / name).write_text(name)
    done = training.run(
        "run.save('ckpt/**/*.pt')\nrun.save('ckpt/*.txt', 'notes')\nrun.save('*.gone')\nrun.finish()"
    )
    assert sorted(training.ended().files) == ["2.pt", "a/1.pt", "notes/2.txt"]
    assert "no file matches" in done.stderr


def test_every_capture_can_be_switched_off(training: Training) -> None:
    training.extra = {"HEARTLINE_ENVIRONMENT": "0", "HEARTLINE_CONSOLE": "0"}
    training.run("print('not heard')\nrun.finish()")
    kept = training.ended()
    assert (kept.request.host, kept.request.environment) == ("", {})
    assert not kept.files
    assert all(not (b.lines or b.system or b.changes) for b in kept.batches)


def test_captures_are_sent_as_environment_and_files(training: Training, tmp_path: Path) -> None:
    training.extra = {f"HEARTLINE_{n}": "1" for n in ("SYSTEM_METRICS", "GIT", "PACKAGES", "CODE")}
    for command in ("init -q", "config user.email a@b.c", "config user.name ada",
                    "remote add origin https://user:secret@example.org/a/b.git"):  # fmt: skip
        assert os.system(f"git -C {training.home} {command}") == 0
    (training.home / "a.txt").write_text("one\n")
    assert (
        os.system(f"git -C {training.home} add a.txt && git -C {training.home} commit -qm x") == 0
    )
    (training.home / "a.txt").write_text("two\n")
    training.run("run.finish()")
    kept = training.ended()
    found: dict[str, object] = dict(kept.request.environment)
    for batch in kept.batches:
        for change in batch.changes:
            found |= change.environment or {}
    assert found["git"]["remote"] == "https://example.org/a/b.git"  # type: ignore[index]
    assert found["git"]["dirty"] is True  # type: ignore[index]
    assert found["machine"]["cpu_count"] == os.cpu_count()  # type: ignore[index]
    assert b"+two" in kept.files["diff.patch"]
    assert b"msgspec==" in kept.files["requirements.txt"]
    assert b"heartline.init" in kept.files["code/train-0.py"]


def test_a_hiccup_in_a_long_push_does_not_end_it(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heartline.sdk import sync

    training.extra = {"HEARTLINE_MODE": "offline"}
    training.run("for n in range(3 * 5_000): run.log({'loss': n})\nrun.finish()")
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    patience_s = 2.0
    monkeypatch.setattr(sync, "RETRY_S_MAX", patience_s)
    training.stub.hold_s = 2 * SLICE_S
    seen: list[int] = []

    def progress(done: int, _: int) -> None:
        """The push has taken longer than a server may be away, and now it is for a moment."""
        seen.append(done)
        if len(seen) == 1:
            late = time.monotonic() + patience_s
            until(lambda: time.monotonic() > late)
            training.stub.busy = 1

    (spool,) = training.spools
    until(lambda: not training.internals)
    sync.sync(spool, progress=progress)
    assert 0 < seen[0] < 15_000 <= seen[-1], "it had been reached, and was not through"
    assert steps(training.stub) == list(range(15_000))


def test_the_internal_process_goes_through_the_proxy_that_the_program_goes_through(
    training: Training,
) -> None:
    with plain() as proxy:
        training.extra = {"HEARTLINE_BASE_URL": "http://tracker.test:87", "HTTP_PROXY": proxy.url}
        training.extra |= {"http_proxy": "", "no_proxy": "", "NO_PROXY": ""}
        training.start("time.sleep(60)")
        until(lambda: proxy.heard)
        training.end()
    assert proxy.heard[0].first == "POST http://tracker.test:87/api/v1/runs/open HTTP/1.1"


@pytest.mark.parametrize("away", [True, False])
def test_a_file_waits_for_a_server_that_is_away_and_not_for_one_that_breaks_it_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, away: bool
) -> None:
    monkeypatch.setattr(uploads, "RETRY_S", 0.0)
    (tmp_path / "model.pt").write_bytes(b"weights")
    told: list[str] = []
    with plain() as server:
        # Of each try the upload and the look at the server, unanswered or answered.
        server.before += uploads.TRIES_MAX * [lambda _: False, lambda _: not away]
        files = uploads.Uploads(server.url, "good-key", told.append, apart=False)
        files.to(OPENED, 1, "launch")
        files.add([("model.pt", str(tmp_path / "model.pt"))])
        assert [files.turn() for _ in range(uploads.TRIES_MAX)][:-1] == [False] * 4
        assert (files.away_since is not None) == away
        assert files.turn(), "nothing is left to do"
    assert server.heard[-1].body == (b"weights" if away else b"")
    gone = f"model.pt was not stored: its upload broke off {uploads.TRIES_MAX} times"
    assert told == ([] if away else [gone])


def test_who_waits_with_a_file_for_a_server_that_is_away_asks_ever_less(tmp_path: Path) -> None:
    (tmp_path / "model.pt").write_bytes(b"weights")
    files = uploads.Uploads(f"http://127.0.0.1:{free_port()}", "key", print, apart=False)
    assert files.retry_in_s == 0, "nothing waits"
    files.to(OPENED, 1, "launch")
    files.add([("model.pt", str(tmp_path / "model.pt"))])
    waits = []
    for _ in range(6):
        assert not files.turn()
        waits.append(files.retry_in_s)
        files._retry_at = 0.0
    assert [ceil(wait) for wait in waits] == [1, 2, 4, 8, 15, 15]
