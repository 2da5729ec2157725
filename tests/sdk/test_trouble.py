"""Training goes on, whatever happens around it; what is lost or wrong is said once."""

import json
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import msgspec
import pytest

import heartline
from heartline.sdk import birth as born
from heartline.sdk import sending
from heartline.sdk.sending import Shipper
from heartline.wire.ingest import StopOrder
from tests.sdk.stub import rows
from tests.sdk.training import START, Training, until

LOGS = "\nfor n in range(50): run.log({'loss': n})\n"
DONE = "\nprint('trained')\n"


def test_a_wrong_key_is_one_line_and_training_goes_on(training: Training) -> None:
    training.extra = {"HEARTLINE_API_KEY": "bad-key"}
    done = training.run(LOGS + "run.finish()" + DONE)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.count("unknown API key") == 1
    assert "heartline sync" in done.stderr
    assert "the key is that of HEARTLINE_API_KEY" in done.stderr
    assert len(training.spools) == 1


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"HEARTLINE_API_KEY": "bad-key"}, "unknown API key"),
        ({"HEARTLINE_BASE_URL": "http://127.0.0.1:9"}, "still trying"),
    ],
)
def test_a_script_too_short_for_an_answer_still_hears_it(
    training: Training, extra: dict[str, str], told: str
) -> None:
    training.extra = extra
    done = training.run("run.log({'loss': 1})")
    assert done.returncode == 0
    assert done.stderr.count(told) == done.stderr.count("heartline sync") == 1


def test_a_run_that_never_got_through_says_so_at_its_end(training: Training) -> None:
    training.extra = {"HEARTLINE_BASE_URL": "http://127.0.0.1:9"}
    done = training.run("run.news.heard.wait(20)")
    (spool,) = training.spools
    assert f"is not on the server yet; send it with: heartline sync {spool}" in done.stderr


def test_a_server_that_answers_again_is_said_once(training: Training) -> None:
    training.stub.busy = 2
    done = training.run(LOGS + "run.news.opened.wait(20)\nrun.finish()")
    assert done.stderr.count("still trying") == 1
    assert done.stderr.count("what was kept is sent now") == 1
    assert "is not on the server" not in done.stderr


def test_a_refusal_after_an_outage_is_said_as_well(training: Training) -> None:
    training.stub.busy = 10**6
    process = training.start(LOGS + "input()\nrun.finish()", stdin=subprocess.PIPE)
    assert process.stderr is not None
    heard: list[str] = []

    def told(text: str) -> int:
        assert process.stderr is not None
        heard.append(process.stderr.readline())
        return text in heard[-1]

    until(lambda: told("the server is busy (503); still trying"))
    training.stub.keys.clear()
    until(lambda: told("unknown API key"))
    _, err = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    assert "".join((*heard, err)).count("Training goes on") == 2


def test_a_key_that_is_replaced_while_training_lives_costs_nothing(training: Training) -> None:
    process = training.start(LOGS + "run.news.opened.wait(20)\ninput()\nrun.finish()",
                             stdin=subprocess.PIPE)  # fmt: skip
    said = process.stderr
    assert said is not None
    until(lambda: training.stub.runs and training.stub.only.batches)
    training.stub.keys = {"new-key"}
    until(lambda: "asked again every 30 s" in said.readline())
    place = training.home / "config" / "heartline" / "credentials"
    place.parent.mkdir(parents=True)
    place.touch(mode=0o600)
    place.write_text(json.dumps({training.stub.url: {"api_key": "new-key"}}))
    _, err = process.communicate("\n", timeout=60)
    assert process.returncode == 0
    assert (training.ended().exits[0].state, err.count("was kept is sent now")) == ("finished", 1)


@pytest.mark.parametrize("status", [401, 403])
def test_who_is_not_let_in_asks_again_while_the_program_lives(
    training: Training, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """Else a run whose key is replaced or whose role is given back looked dead for ever."""
    shipper = living(training, monkeypatch)
    training.stub.foreign = 2 * [(status, b'{"error": "you may not write to `ada`"}')]
    assert not shipper.ship()
    assert shipper.offline
    until(shipper.ship)
    assert (shipper.offline, shipper.why_offline) == (False, "")
    assert [step for step, _ in rows(training.stub.only)] == list(range(50))


def test_a_run_that_was_deleted_is_never_asked_for_again(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipper = living(training, monkeypatch)
    training.stub.foreign = [(410, b'{"error": "this run was deleted"}')]
    assert not shipper.ship()
    assert shipper.why_offline == "this run was deleted"
    assert not shipper.ship(force=True)
    assert not training.stub.runs


def living(training: Training, monkeypatch: pytest.MonkeyPatch) -> Shipper:
    """Of a program that is taken to be alive, and that asks again soon."""
    monkeypatch.setattr(sending, "DENIED_S", 0.01)
    training.extra = {"HEARTLINE_MODE": "offline"}
    training.run(LOGS)
    (spool,) = training.spools
    until((spool / born.VERDICT).is_file)
    until(lambda: not training.internals)
    born.store(spool, born.FILE, msgspec.structs.replace(born.load(spool), mode="online"))
    (spool / born.VERDICT).unlink()
    return Shipper(spool, key="good-key")


def test_no_key_at_all_is_one_line_and_training_goes_on(training: Training) -> None:
    training.extra = {"HEARTLINE_API_KEY": ""}
    done = training.run(LOGS + "run.finish()" + DONE)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.count("heartline login") == 1


def test_an_unreachable_server_bounds_the_wait_and_keeps_everything(training: Training) -> None:
    training.extra = {"HEARTLINE_BASE_URL": "http://127.0.0.1:9", "HEARTLINE_FINISH_TIMEOUT": "1.5"}
    began = time.monotonic()
    done = training.run(LOGS + "run.finish()" + DONE)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert 1.5 <= time.monotonic() - began < 15
    assert done.stderr.count("still trying") == 1
    assert "still sending" not in done.stderr, "it is over before anybody wonders"
    assert "after 2 s" in done.stderr and "heartline sync" in done.stderr
    assert len(training.spools) == 1


def test_credentials_that_others_can_read_are_refused_in_one_line(training: Training) -> None:
    file = training.home / "config" / "heartline" / "credentials"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    file.chmod(0o644)
    done = training.run("")
    assert done.returncode == 1
    assert "can be read by others" in done.stderr.splitlines()[-1]


def test_a_machine_that_cannot_be_measured_costs_nobody_the_witness(training: Training) -> None:
    """Copies without psutil: what is only nice to have fails in the internal process."""
    place = training.home / "packages"
    place.mkdir()
    for module in (heartline, msgspec):
        (place / module.__name__).symlink_to(Path(str(module.__file__)).parent)
    training.extra = {
        "PYTHONPATH": str(place), "HEARTLINE_SYSTEM_METRICS": "1", "HEARTLINE_CODE": "1",
    }  # fmt: skip
    process = training.start(
        LOGS + "input()\nsys.exit(3)", begin="import sys; sys.modules['psutil'] = None\n" + START,
        stdin=subprocess.PIPE,
    )  # fmt: skip
    assert process.stderr is not None and process.stdin is not None
    while (
        "system metrics are not sampled: No module named 'psutil'" not in process.stderr.readline()
    ):
        assert process.poll() is None
    process.stdin.write("\n")
    process.stdin.close()
    (end,) = training.ended().exits
    assert (end.state, end.cause, end.confidence) == ("failed", "exit_code", 3)
    assert len(rows(training.stub.only)) == 50
    assert list(training.stub.only.files) == ["code/train-0.py"]


def test_a_directory_that_cannot_be_written_is_said_loudly(training: Training) -> None:
    training.extra = {"HEARTLINE_DIR": "/proc/nowhere"}
    done = training.run(LOGS + "run.finish()" + DONE)
    assert (done.returncode, done.stdout) == (0, "trained\n")
    assert done.stderr.count("NOTHING of this run is recorded") == 1


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_fills_up_is_said_once_and_counted(training: Training) -> None:
    disk = training.home / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=9m tmpfs {disk} 2>/dev/null") != 0:
        pytest.skip("no right to mount here")
    try:
        training.extra = {"HEARTLINE_DIR": str(disk)}
        done = training.run(
            "for n in range(4000): run.log({'text': 'x' * 8000}, step=n)\nprint(run.lost)\n"
            "run.finish()"
        )
        assert done.returncode == 0
        lost = int(done.stdout)
        assert lost > 0
        assert done.stderr.count("the loss is counted") == 1
        assert f"{lost} records could not be kept" in done.stderr
        until(lambda: training.stub.only.exits)
        assert training.stub.only.exits[0].evidence["lost_records"] == lost
        assert len(rows(training.stub.only)) == 4000 - lost
    finally:
        os.system(f"umount -l {disk}")


@pytest.mark.skipif(os.getuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_is_full_at_the_start_stops_nobody(training: Training) -> None:
    disk = training.home / "disk"
    disk.mkdir()
    if os.system(f"mount -t tmpfs -o size=1m tmpfs {disk} 2>/dev/null") != 0:
        pytest.skip("no right to mount here")
    try:
        training.extra = {"HEARTLINE_DIR": str(disk)}
        done = training.run(LOGS + "run.finish()" + DONE)
        assert (done.returncode, done.stdout) == (0, "trained\n")
        assert done.stderr.count("NOTHING of this run is recorded") == 1
    finally:
        os.system(f"umount -l {disk}")


def test_what_cannot_be_kept_is_named_once_and_the_rest_is_logged(training: Training) -> None:
    done = training.run("""
        class Odd:
            def __float__(self): raise RuntimeError('no number')
        for n in range(3):
            run.log({'good': n, 'odd': Odd(), 'function': print, 7: 1.0, 'deep': {'f': print, 'g': 2},
                     'huge': 'x' * 5_000_000, 'torn\\udc80': 1, '': 3, 'n\\0l': 4, 'nan': float('nan')})
        run.log([1, 2])
        run.log({'loss': 1}, step='three')
        run.log({'negative': 1}, step=-4)
        run.config.update({'model': Odd(), 'lr': 0.1})
        run.finish()
        run.log({'late': 1})
        run.name = 'late'
        print('trained')
    """)
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    kept = training.ended()
    found = rows(kept)
    assert [values.get("good") for _, values in found] == [0, 1, 2]
    assert all(values["deep.g"] == 2 and values["nan"] != values["nan"] for _, values in found)
    assert set(found[0][1]) == {"good", "deep.g", "nan"}
    for name in ("odd", "function", "deep.f", "huge", "7", "list", "three", "the run has ended"):
        assert done.stderr.count(name) >= 1, (name, done.stderr)
    assert done.stderr.count("function: a builtin") == 1
    assert sum(len(batch.changes) for batch in kept.batches) == 1


def test_a_step_that_goes_back_is_refused_per_key(training: Training) -> None:
    done = training.run("""
        run.log({'a': 1, 'b': 1}, step=10)
        run.log({'a': 2}, step=11)
        run.log({'a': 3, 'b': 3, 'c': 3}, step=10)
        run.log({'a': 4}, step=12)
        run.finish()
    """)
    kept = training.ended()
    assert rows(kept) == [
        (10, {"a": 1.0, "b": 1.0}), (11, {"a": 2.0}), (10, {"b": 3.0, "c": 3.0}), (12, {"a": 4.0}),
    ]  # fmt: skip
    assert done.stderr.count("a: its step went back") == 1


def test_a_program_that_waits_for_all_its_children_does_not_wait_for_ours(
    training: Training,
) -> None:
    done = training.run("""
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                os.wait()
            except ChildProcessError:
                print('alone')
                break
        run.finish()
    """)
    assert done.stdout == "alone\n"


def test_a_stop_request_reaches_a_sleeping_main_thread(training: Training) -> None:
    process = training.start("time.sleep(60)")
    until(lambda: training.stub.runs)
    training.stub.stop = StopOrder("user ada", "too slow")
    _, said = process.communicate(timeout=30)
    kept = training.ended()
    assert "stop requested by user ada: too slow" in said and "KeyboardInterrupt" in said
    assert any(batch.stop_acknowledged for batch in kept.batches)
    assert (kept.exits[0].state, kept.exits[0].cause) == ("killed", "interrupted")


def test_a_stop_request_reaches_who_ignores_interrupts(training: Training) -> None:
    process = training.start("signal.signal(signal.SIGINT, signal.SIG_IGN)\nprint('deaf')\n"
                             "until = time.monotonic() + 30\n"
                             "while time.monotonic() < until: pass\nprint('never')")  # fmt: skip
    assert process.stdout is not None and process.stdout.readline() == "deaf\n"
    training.stub.stop = StopOrder("user ada")
    out, _ = process.communicate(timeout=60)
    assert "never" not in out
    assert training.ended().exits[0].cause == "interrupted"


def test_a_stop_request_may_go_to_a_callback_instead(training: Training) -> None:
    process = training.start("""
        asked = []
        run.on_stop(asked.append)
        print('ready')
        until = time.monotonic() + 30
        while not asked and time.monotonic() < until: time.sleep(0.01)
        print(asked, run.stop_requested)
        run.finish()
    """)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    training.stub.stop = StopOrder("sweep s1")
    out, _ = process.communicate(timeout=60)
    assert out == "['sweep s1'] sweep s1\n"


def test_a_stopped_process_is_seen_as_stopped(training: Training) -> None:
    process = training.start("time.sleep(60)")
    until(lambda: training.stub.runs and training.stub.only.beats)
    states: list[str] = []
    stub, plain = training.stub, training.stub.ingest
    stub.ingest = lambda batch: (states.append(batch.process_state), plain(batch))[1]  # type: ignore[method-assign]
    os.kill(process.pid, signal.SIGSTOP)
    until(lambda: "T" in states)
    os.kill(process.pid, signal.SIGCONT)
    until(lambda: states[-1] in {"S", "R"})
    assert not training.stub.only.exits


def test_the_spool_is_for_this_account_alone(training: Training) -> None:
    training.start("time.sleep(60)")
    spool = until(lambda: training.spools)[0]
    assert stat.S_IMODE(spool.stat().st_mode) == 0o700
    text = b"".join(each.read_bytes() for each in spool.iterdir() if each.is_file())
    assert b"good-key" not in text


def test_a_refused_resume_is_an_error_and_leaves_nothing_behind(training: Training) -> None:
    begin = START.replace("id='r'", "id='other', resume='must'")
    done = training.run("", begin=begin)
    assert done.returncode == 1
    assert "InitError: no run other to resume" in done.stderr
    assert "Training goes on" not in done.stderr
    until(lambda: not training.spools)


def test_a_resume_that_gets_no_answer_is_an_error_within_its_bound(training: Training) -> None:
    training.extra = {"HEARTLINE_BASE_URL": "http://127.0.0.1:9", "HEARTLINE_INIT_TIMEOUT": "1"}
    done = training.run("", begin=START.replace("id='r'", "id='r', resume='allow'"))
    assert done.returncode == 1
    assert "did not answer within 1 s" in done.stderr


def test_a_resumed_run_goes_on_from_its_last_step(training: Training) -> None:
    training.run(LOGS + "run.finish(1)")
    training.ended()
    begin = START.replace("id='r'", "id='r', resume='must'")
    done = training.run(
        "print(run.resumed, run.step)\nrun.log({'loss': 1})\nrun.finish()", begin=begin
    )
    assert done.stdout == "True 50\n"


def test_an_id_that_is_used_again_without_resume_counts_for_itself(training: Training) -> None:
    logs = "for i in range(5):\n    run.log({'i': i})\n    run.news.opened.wait(20)\nrun.finish()"
    for _ in range(2):
        assert training.run(logs).returncode == 0
        training.ended()
    assert [step for step, _ in rows(training.stub.only)] == [*range(5), *range(5)]


def test_resume_auto_goes_on_with_what_did_not_end_well(training: Training) -> None:
    begin = START.replace("id='r'", "resume='auto'")
    first = training.run("print(run.id)\nos._exit(1)", begin=begin).stdout
    training.ended()
    again = training.run("print(run.id)\nrun.finish()", begin=begin).stdout
    assert again == first
    until(lambda: not training.spools)
    third = training.run("print(run.id)\nrun.finish()", begin=begin).stdout
    assert third != first


def test_a_bad_word_is_refused_where_it_was_said(training: Training) -> None:
    for said, named in (("id='a/b'", "run id `a/b`"), ("mode='of'", "mode `of`"),
                        ("resume='yes'", "resume `yes`"),
                        ("settings={'colour': 1}", "unknown setting `colour`")):  # fmt: skip
        done = training.run("", begin=f"import heartline\nheartline.init(project='p', {said})\n")
        assert done.returncode == 1
        assert named in done.stderr
    assert not training.spools


def test_a_run_that_was_stopped_before_it_began_is_told_so_at_once(training: Training) -> None:
    training.extra = {"HEARTLINE_HEARTBEAT": "600", "HEARTLINE_CONSOLE": "0"}
    training.stub.stop = StopOrder("user ada", "too dear")
    done = training.run("time.sleep(50)")
    assert done.stderr.count("stop requested by user ada: too dear") == 1
    assert "KeyboardInterrupt" in done.stderr


def test_where_there_is_no_linux_init_says_so_and_a_disabled_run_works(training: Training) -> None:
    elsewhere = """
import logging, os, random, sys, time
sys.modules["fcntl"] = None
sys.platform = "darwin"
del os.posix_fallocate, os.pidfd_open, os.fdatasync, os.register_at_fork, time.CLOCK_BOOTTIME
import heartline
try:
    heartline.init("p")
except heartline.InitError as error:
    print(error)
with heartline.init("p", mode="disabled") as run:
    run.log({"loss": 1.0})
print("trained")
"""
    done = training.run("", begin=elsewhere)
    assert done.returncode == 0, done.stderr
    told, trained = done.stdout.splitlines()
    assert "on Linux only" in told
    assert "darwin" in told
    assert "HEARTLINE_MODE=disabled" in told
    assert trained == "trained"
    assert training.spools == []


def test_silent_prints_nothing(training: Training) -> None:
    training.extra = {"HEARTLINE_SILENT": "1"}
    done = training.run(LOGS + "run.finish()")
    assert done.stderr == ""


def test_disabled_records_nothing_at_all(training: Training) -> None:
    training.extra = {"HEARTLINE_MODE": "disabled"}
    done = training.run(LOGS + "run.summary['best'] = 1; run.config.lr = 2\n"
                        "print(run.config, run.summary)\nrun.finish()")  # fmt: skip
    assert done.stdout == "{'lr': 2} {'best': 1}\n"
    assert not training.spools and not training.stub.runs


def spool_of(home: Path) -> Path:
    return next(each for each in (home / "heartline").iterdir() if each.is_dir())


def test_an_offline_run_touches_no_network_and_is_sent_later_as_it_was(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heartline.sdk.sync import sync

    (training.home / "notes.txt").write_text("as it was")
    training.extra = {"HEARTLINE_MODE": "offline"}
    training.run(LOGS + "run.save('notes.txt')\nopen('notes.txt', 'w').write('later')\nsys.exit(3)")
    assert not training.stub.runs
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    spool = spool_of(training.home)
    until((spool / "verdict.json").is_file)
    until(lambda: not training.internals)
    for place in (shutil.copytree(spool, training.home / "copy"), spool):
        told = sync(place)
        assert not place.exists(), "it has done its duty"
        assert (told.state, told.records) == ("failed", sum(training.stub.only.durable.values()))
    kept = training.stub.only
    assert [step for step, _ in rows(kept)] == list(range(50))
    assert kept.files == {"notes.txt": b"as it was"}
    assert (kept.exits[0].cause, kept.exits[0].evidence["exit_code"]) == ("exit_code", 3)


def test_an_offline_spool_without_an_end_is_presumed_crashed_at_its_last_record(
    training: Training, monkeypatch: pytest.MonkeyPatch
) -> None:
    from heartline.sdk.sync import sync

    training.extra = {"HEARTLINE_MODE": "offline"}
    process = training.start(LOGS + "print('logged', time.time())\ntime.sleep(60)")
    assert process.stdout is not None
    logged = float(process.stdout.readline().split()[1])
    internal = until(lambda: training.internal)
    os.kill(process.pid, signal.SIGSTOP)
    os.kill(internal, signal.SIGKILL)
    process.kill()
    process.wait()
    for name, value in training.environment.items():
        monkeypatch.setenv(name, value)
    sync(spool_of(training.home))
    end = training.stub.only.exits[0]
    assert (end.state, end.cause, end.confidence) == ("crashed", "vanished", 1)
    assert abs(end.at / 1000 - logged) < 1
    assert "exit_code" not in end.evidence
