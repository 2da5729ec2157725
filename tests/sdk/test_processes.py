"""Forks, execs, ranks, threads, several runs, launchers and schedulers: one truth per run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sdk.stub import rows
from tests.sdk.training import START, Training, until

LOGS = "\nfor n in range(20): run.log({'loss': n})\n"


def verdicts(training: Training) -> list[tuple[str, str, int]]:
    return [(e.state, e.cause, e.confidence) for e in training.stub.only.exits]


def lines(training: Training) -> list[tuple[str, str]]:
    found: dict[tuple[str, str, int], str] = {}
    for batch in training.stub.only.batches:
        for line in batch.lines:
            found[batch.spool, line.stream, line.number] = line.text
    return [(stream, text) for (_, stream, _), text in found.items()]


def test_an_exec_goes_on_as_the_same_run(training: Training) -> None:
    process = training.start(LOGS + "os.execvp('sleep', ['sleep', '60'])")
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 20)
    until(lambda: b"sleep" in Path(f"/proc/{process.pid}/cmdline").read_bytes())
    beats = training.stub.only.beats
    until(lambda: training.stub.only.beats > beats + 3)
    assert not training.stub.only.exits
    process.terminate()
    training.ended()
    assert verdicts(training) == [("killed", "signal", 3)]


def test_a_short_run_has_a_course_of_its_machine(training: Training) -> None:
    training.extra["HEARTLINE_SYSTEM_METRICS"] = "1"
    training.start("time.sleep(60)")
    first, *later = until(
        lambda: (
            len(found := training.stub.runs and rows(training.stub.only, system=True)) > 2
            and [values for _, values in found]
        )
    )
    assert first["process.memory_bytes"] > 0
    assert "cpu.percent" not in first, "a share of no time is not 0"
    assert all({"cpu.percent", "process.cpu_percent"} <= values.keys() for values in later)


def test_a_program_that_closes_every_descriptor_has_its_files_to_itself(training: Training) -> None:
    done = training.run(
        LOGS
        + """
os.closerange(3, 4096)
files = [open(f'file-{n}', 'w') for n in range(20)]
run.log({'loss': 20})
run.mark_preempting(False)
run.finish()
print([each.name for each in files if os.path.getsize(each.name)])
"""
    )
    assert done.stdout == "[]\n", done.stderr
    assert len(rows(training.ended())) == 21
    # Its internal process could not be heard any more: another one was started, and told it too.
    assert set(verdicts(training)) == {("finished", "finished", 3)}


def test_forked_workers_log_and_print_into_streams_of_their_own(training: Training) -> None:
    training.run(
        LOGS
        + """
print('from the parent')
for worker in range(3):
    if os.fork() == 0:
        for n in range(10): run.log({f'worker_{worker}': n}, step=n)
        print('from worker', worker)
        os._exit(7)
for _ in range(3): os.wait()
run.finish()
"""
    )
    kept = training.ended()
    assert verdicts(training) == [("finished", "finished", 3)]
    for worker in range(3):
        key = f"worker_{worker}"
        assert [row[key] for _, row in rows(kept) if key in row] == list(range(10))
    told = [text for _, text in lines(training)]
    assert sorted(t for t in told if t.startswith("from")) == [
        "from the parent", "from worker 0", "from worker 1", "from worker 2",
    ]  # fmt: skip
    assert {batch.writer for batch in kept.batches} == {kept.request.writer}


def test_a_forked_child_may_have_a_run_of_its_own(training: Training) -> None:
    done = training.run(
        LOGS
        + """
child = os.fork()
if child == 0:
    own = heartline.init(project='p', id='of-the-child')
    own.log({'own': 1})
    os._exit(3)
os.waitpid(child, 0)
print(run.finished)
run.finish()
"""
    )
    assert done.stdout == "False\n"
    until(lambda: [len(kept.exits) for kept in training.stub.runs.values()] == [1, 1])
    kept = training.stub.runs
    assert (kept["r"].exits[0].state, kept["of-the-child"].exits[0].state) == ("finished", "failed")
    assert kept["of-the-child"].exits[0].evidence["exit_code"] == 3
    assert rows(kept["of-the-child"]) == [(0, {"own": 1.0})]


def test_a_terminated_worker_leaves_no_mark_on_its_parent(training: Training) -> None:
    training.run(
        LOGS
        + """
import multiprocessing
context = multiprocessing.get_context('fork')
workers = [context.Process(target=time.sleep, args=(60,)) for _ in range(2)]
for each in workers: each.start()
for each in workers: each.terminate(); each.join()
sys.exit(3)
"""
    )
    end = training.ended().exits[0]
    assert (end.state, end.cause) == ("failed", "exit_code")
    assert "signal" not in end.evidence


@pytest.mark.parametrize("logged", [1, 0])
def test_a_worker_that_outlives_its_parent_loses_nothing(training: Training, logged: int) -> None:
    process = training.start(LOGS + f"logged = {logged}" + """
if os.fork() == 0:
    for n in range(logged): run.log({'worker': n}, step=n)
    while not os.path.exists('go'): time.sleep(0.01)
    for n in range(logged, 10): run.log({'worker': n}, step=n)
    os._exit(0)
os._exit(0)
""", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    process.wait(30)
    until(lambda: training.stub.runs and training.stub.only.exits)
    (training.home / "go").touch()
    kept = training.ended()
    assert [row["worker"] for _, row in rows(kept) if "worker" in row] == list(range(10))


def test_a_program_that_becomes_a_daemon_goes_on_as_the_same_run(training: Training) -> None:
    process = training.start(LOGS + """
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
for n in range(20, 40): run.log({'loss': n})
with open('.pid', 'w') as out: out.write(str(os.getpid()))
os.rename('.pid', 'pid')
time.sleep(60)
""", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
    assert process.wait(30) == 0
    until(lambda: training.stub.runs and len(rows(training.stub.only)) == 40)
    until((training.home / "pid").is_file)
    daemon = int((training.home / "pid").read_text())
    beats = training.stub.only.beats
    until(lambda: training.stub.only.beats > beats + 3)
    assert not training.stub.only.exits
    os.kill(daemon, 15)
    training.ended()
    assert verdicts(training) == [("killed", "signal", 3)]


def test_the_beats_go_on_while_the_program_holds_the_interpreter(training: Training) -> None:
    process = training.start("import ctypes\nctypes.PyDLL(None).sleep(60)")
    until(lambda: training.stub.runs)
    beats = training.stub.only.beats
    until(lambda: training.stub.only.beats > beats + 5)
    assert not training.stub.only.exits
    process.kill()
    training.ended()
    assert verdicts(training) == [("killed", "signal", 3)]


def test_threads_log_into_one_run(training: Training) -> None:
    training.run("""
import threading
def work(name):
    for n in range(500): run.log({name: n}, step=n)
threads = [threading.Thread(target=work, args=(f't{n}',)) for n in range(4)]
for each in threads: each.start()
for each in threads: each.join()
run.finish()
""")
    found = rows(training.ended())
    for n in range(4):
        assert [row[f"t{n}"] for _, row in found if f"t{n}" in row] == list(range(500))


def test_a_run_is_one_thing_that_is_not_copied_and_not_sent(training: Training) -> None:
    done = training.run("""
import copy, pickle
print(copy.copy(run) is run, copy.deepcopy({'run': run})['run'] is run)
try:
    pickle.dumps(run)
except TypeError as error:
    print(error)
run.finish()
""")
    copies, told = done.stdout.splitlines()
    assert copies == "True True"
    assert "a run belongs to the process that opened it" in told


def test_an_error_in_a_cell_is_not_the_end(training: Training) -> None:
    training.run(
        LOGS
        + """
import code
cell = code.InteractiveInterpreter({'run': run})
cell.runsource('1 / 0')
cell.runsource("run.log({'after': 1})")
run.finish()
"""
    )
    kept = training.ended()
    assert verdicts(training) == [("finished", "finished", 3)]
    assert any("after" in row for _, row in rows(kept))


@pytest.mark.parametrize(
    ("reinit", "told"),
    [("create_new", "True True"), ("finish_previous", "False True"), ("return_previous", "same")],
)
def test_several_runs_in_one_process(training: Training, reinit: str, told: str) -> None:
    done = training.run(f"""
other = heartline.init(project='p', id='r2', reinit={reinit!r})
print('same' if other is run else f'{{not run.finished}} {{not other.finished}}')
run.log({{'first': 1}})
other.log({{'second': 2}})
os.kill(os.getpid(), signal.SIGKILL)
""")
    assert done.stdout == f"{told}\n"
    finishes = "because a new one is opened" in done.stderr
    assert finishes is (reinit == "finish_previous")
    ends = {"create_new": ["killed"] * 2, "finish_previous": ["finished", "killed"],
            "return_previous": ["killed"]}[reinit]  # fmt: skip
    until(lambda: [e.state for kept in training.stub.runs.values() for e in kept.exits] == ends)


def test_every_run_of_a_process_hears_the_signal(training: Training) -> None:
    process = training.start("other = heartline.init(project='p', id='r2', reinit='create_new')\n"
                             "print('up')\ntime.sleep(60)")  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    spools = training.spools
    assert len(spools) == 2
    process.terminate()
    process.wait()
    until(lambda: len([e for kept in training.stub.runs.values() for e in kept.exits]) == 2)
    for kept in training.stub.runs.values():
        assert (kept.exits[0].cause, kept.exits[0].evidence["signal"]) == ("signal", "SIGTERM")


TORCHRUN = {
    "WORLD_SIZE": "3", "LOCAL_WORLD_SIZE": "3", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500",
    "TORCHELASTIC_RUN_ID": "none",
}  # fmt: skip
RANKED = "import heartline, os, sys, time\nrun = heartline.init(project='p')\nprint(run.id)\n"


def test_ranks_of_one_launch_are_writers_of_one_run(training: Training) -> None:
    processes = []
    for rank in range(3):
        training.extra = {**TORCHRUN, "RANK": str(rank), "TORCHELASTIC_RESTART_COUNT": "0"}
        processes.append(training.start(LOGS + "run.finish()", begin=RANKED))
    ids = {process.communicate(timeout=60)[0] for process in processes}
    assert len(ids) == 1
    until(lambda: len(training.stub.only.exits) == 3)
    kept = training.stub.only
    assert (kept.epoch, kept.request.world_size) == (1, 3)
    assert sorted({batch.writer.split("-")[0] for batch in kept.batches}) == ["r0", "r1", "r2"]
    assert sorted({batch.rank for batch in kept.batches if batch.rank is not None}) == [0, 1, 2]
    training.extra = {**TORCHRUN, "RANK": "0", "TORCHELASTIC_RESTART_COUNT": "1"}
    training.run("run.finish()", begin=RANKED)
    until(lambda: len(training.stub.only.exits) == 4)
    assert training.stub.only.epoch == 2


def test_the_launchers_word_is_waited_for_and_counts(training: Training) -> None:
    place = training.home / "launcher"
    place.mkdir()
    training.extra = {"HEARTLINE_LAUNCHER_DIR": str(place)}
    process = training.start(LOGS + "print('up'); time.sleep(60)")
    assert process.stdout is not None
    process.stdout.readline()
    told = json.loads(until(lambda: list(place.glob("*.json")))[0].read_text())
    assert (told["pid"], Path(told["spool"])) == (process.pid, training.spools[0])
    process.kill()
    said = {"signal": "SIGKILL", "oom": True, "memory_bytes": 7, "memory_limit_bytes": 8}
    (Path(told["spool"]) / "launcher-exit.json").write_text(json.dumps(said))
    end = training.ended().exits[0]
    assert (end.state, end.cause, end.by) == ("crashed", "out_of_memory", "launcher")
    assert (end.evidence["memory_bytes"], end.evidence["memory_limit_bytes"]) == (7, 8)


@pytest.mark.parametrize(
    ("word", "state", "cause"),
    [("TIMEOUT", "killed", "time_limit"), ("PREEMPTED", "preempted", "scheduler"),
     ("CANCELLED", "killed", "scheduler"), ("OUT_OF_MEMORY", "crashed", "out_of_memory"),
     ("COMPLETING", "killed", "signal")],
)  # fmt: skip
def test_slurm_says_why_it_killed(training: Training, word: str, state: str, cause: str) -> None:
    tools = training.home / "bin"
    tools.mkdir()
    (tools / "scontrol").write_text(f"#!/bin/sh\necho JobId=77 JobState={word} Reason=None\n")
    (tools / "scontrol").chmod(0o755)
    training.extra = {"SLURM_JOB_ID": "77", "PATH": f"{tools}:{os.environ['PATH']}"}
    training.run(LOGS + "os.kill(os.getpid(), signal.SIGKILL)")
    end = training.ended().exits[0]
    assert (end.state, end.cause) == (state, cause)
    assert (end.evidence.get("scheduler") or "") == (
        "" if word == "COMPLETING" else f"Slurm: {word}"
    )


def test_slurm_is_asked_before_a_program_that_it_told_to_leave_has_left(
    training: Training,
) -> None:
    tools = training.home / "bin"
    tools.mkdir()
    (tools / "scontrol").write_text("#!/bin/sh\necho JobId=77 JobState=TIMEOUT Reason=None\n")
    (tools / "scontrol").chmod(0o755)
    training.extra = {"SLURM_JOB_ID": "77", "PATH": f"{tools}:{os.environ['PATH']}"}
    assert training.run(LOGS + "sys.exit(1)").returncode == 1
    (end,) = training.stub.only.exits
    assert (end.state, end.cause, end.evidence["exit_code"]) == ("killed", "time_limit", 1)
    assert len(rows(training.stub.only)) == 20


def test_progress_bars_are_one_line_each(training: Training) -> None:
    training.run("""
for n in range(101):
    sys.stderr.write(f'\\r{n}%')
sys.stderr.write('\\n')
print('done', 'é \\udc80'.encode('utf-8', 'replace').decode())
sys.stdout.write('no end of line')
run.finish()
""")
    training.ended()
    told = [each for each in lines(training) if not each[1].startswith("Heartline")]
    assert told == [("stderr", "100%"), ("stdout", "done é ?"), ("stdout", "no end of line")]


def test_a_notebook_that_puts_back_its_streams_after_each_cell_is_heard(
    training: Training,
) -> None:
    notebook = """
import sys, types
calls = []
events = types.SimpleNamespace(
    register=lambda _, call: calls.append(call), unregister=lambda _, call: calls.remove(call))
sys.modules['IPython'] = types.SimpleNamespace(
    get_ipython=lambda: types.SimpleNamespace(events=events))

def cell(work, early):
    for call in calls if early else ():
        call()
    before = sys.stdout.write
    sys.stdout.write = lambda text: before(text)
    for call in () if early else calls:
        call()
    work()
    sys.stdout.write = before

def begin():
    global run
    import heartline
    run = heartline.init(project='p', id='r')
    print('one')

cell(begin, early=True)
"""
    training.run(
        "for n in range(4): cell(lambda: print('cell', n), early=n % 2)\n"
        "cell(run.finish, early=False)\nprint('not heard', calls)",
        begin=notebook,
    )
    training.ended()
    told = [text for stream, text in lines(training) if stream == "stdout"]
    assert told == ["one", "cell 0", "cell 1", "cell 2", "cell 3"]


def test_config_and_summary_tell_changes_at_any_depth(training: Training) -> None:
    training.run("""
import argparse
heartline.config.update(argparse.Namespace(lr=0.1, model={'depth': 3, 'heads': [1, 2]}))
heartline.config.model.depth = 4
heartline.config['model']['width'] = 5
del heartline.config.lr
run.summary['best'] = 0.5
run.summary.update({'final': {'f1': 0.7}})
run.name, run.notes, run.tags = 'new name', 'why', ['a', 'b']
heartline.define_metric('val/*', step_metric='epoch', summary='min,last', goal='minimize')
run.finish(reason='good enough')
""")
    config: dict[str, object] = {}
    summary: dict[str, object] = {}
    words: dict[str, object] = {}
    rules = []
    for batch in training.ended().batches:
        for change in batch.changes:
            config |= change.config or {}
            for name in change.config_removed:
                del config[name]
            summary |= change.summary or {}
            rules += change.metrics
            for name in ("name", "notes", "tags"):
                if getattr(change, name) is not None:
                    words[name] = getattr(change, name)
    assert config == {"model": {"depth": 4, "heads": [1, 2], "width": 5}}
    assert summary == {"best": 0.5, "final": {"f1": 0.7}}
    assert words == {"name": "new name", "notes": "why", "tags": ["a", "b"]}
    assert (rules[0].name, rules[0].summary, rules[0].goal) == (
        "val/*",
        ["min", "last"],
        "minimize",
    )


@pytest.mark.parametrize(
    ("end", "told"),
    [("pass", ("finished", "finished", 2)), ("sys.exit(3)", ("failed", "exit_code", 2)),
     ("os._exit(4)", ("failed", "exit_code", 2)), ("1 / 0", ("failed", "exception", 2)),
     ("raise KeyboardInterrupt", ("killed", "interrupted", 2)),
     ("os.kill(os.getpid(), 15)", ("killed", "signal", 2)),
     ("import ctypes; ctypes.string_at(0)", ("crashed", "signal", 2)),
     ("signal.signal(15, lambda *_: sys.exit(0)); os.kill(os.getpid(), 15); time.sleep(9)",
      ("finished", "finished", 2)),
     ("os.kill(os.getpid(), 9)", ("crashed", "vanished", 1))],
)  # fmt: skip
def test_where_only_the_parent_is_told_the_process_speaks_for_itself(
    training: Training, end: str, told: tuple[str, str, int]
) -> None:
    """As on kernels before 6.15: no exit status for others, and the parent has reaped already."""
    from heartline.sdk import birth, deathbed
    from heartline.sdk.tail import Tail
    from heartline.wire import spool

    training.extra = {"HEARTLINE_MODE": "offline"}
    begin = START.replace("run =", (
        "from heartline.sdk import exits\nexits.kernel_tells = lambda release: False\nrun ="
    ))  # fmt: skip
    training.run(LOGS + end, begin=begin)
    place = training.spools[0]
    until((place / birth.VERDICT).exists)
    notes = [spool.decode(each)[1] for each in Tail(place, "notes").read(100, 1 << 20)]
    watch = deathbed.Watch(birth.load(place), -1)
    found = deathbed.died(place, notes, watch, ())
    assert (found.state, found.cause, found.confidence) == told


def test_importing_is_light(tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); import heartline; "
        "print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("heartline") <= 3, done.stdout
    assert "msgspec" not in done.stdout


def test_opening_a_run_brings_in_nothing_heavy(training: Training) -> None:
    done = training.run("print(*sys.modules)\nrun.finish()")
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"asyncio", "ssl", "psutil", "numpy", "click", "rich", "email", "http",
                         "litestar", "sqlalchemy", "logging"}  # fmt: skip
    assert "heartline.sdk.shipper" not in done.stdout
