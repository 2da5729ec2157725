"""Sweeps with real agents, real programs and a real server: counts, controls, deaths."""

import os
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from heartline.client import errors
from tests.e2e.sweeping import Sweeping
from tests.server_process import running
from tests.terminal import Terminal, until

LONG = ("a", "b")


@pytest.fixture
def sweeping(terminal: Terminal) -> Iterator[Sweeping]:
    made = Sweeping(terminal, "s" + terminal.home.name.encode().hex()[-18:])
    yield made
    made.close()


def test_three_agents_make_a_grid_with_one_finished_run_for_each_point(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["ends"], parameters={
        "act": {"value": "ends"}, "x": {"values": [1, 2, 3]}, "y": {"values": ["u", "v", "w"]},
    })  # fmt: skip
    agents = [sweeping.agent() for _ in range(3)]
    assert [sweeping.ended(each) for each in agents] == [0, 0, 0]
    points = Counter((each.args["x"], each.args["y"]) for each in sweeping.trials)
    assert points == {(x, y): 1 for x in (1, 2, 3) for y in "uvw"}
    assert {each.state for each in sweeping.trials} == {"finished"}
    assert {each.handouts for each in sweeping.trials} == {1}
    sweep.refresh()
    assert (sweep.status, sweep.made, len(sweep.runs)) == ("finished", 9, 9)
    assert sum(each.total_runs for each in sweep.agents) == 9
    assert sweep.runs[0].config == sweeping.trials[0].args
    assert "the sweep is finished: all 9 trials have ended" in sweeping.said(agents[0])


def test_only_cancelling_reaches_a_run(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["ends", "fails", "a", "b", "c"])
    agent = sweeping.agent("--parallel", "2")
    ended = {"ends": "finished", "fails": "failed"}
    sweeping.wait(**ended, a="running", b="running")
    before = sweeping.table
    told = sweeping.terminal.heartline("sweep", "pause", sweep.path, "-r", "lunch")
    assert told.stdout == f"{sweep.path} paused: paused by {sweep.entity}: lunch\n"
    until(lambda: "the sweep is paused" in sweeping.said(agent))
    assert sweeping.table == before
    sweep.resume()
    assert sweeping.table == before
    sweep.stop()
    until(lambda: "the sweep is stopped" in sweeping.said(agent))
    assert sweeping.table == before
    with pytest.raises(errors.Conflict, match="stopped sweep cannot be resumed"):
        sweep.resume()
    pids = [sweeping.pid(each.run_id) for each in sweeping.trials if each.state == "running"]
    sweep.cancel("wrong data")
    assert sweeping.ended(agent) == 0
    killed = ("killed", "sweep_cancelled")
    until(lambda: sweeping.table == {**before, "a": killed, "b": killed})
    assert [sweeping.alive(pid) for pid in pids] == [False, False]
    assert sweep.refresh().made == 4


def test_a_trial_stopped_before_its_program_opens_it_never_runs(sweeping: Sweeping) -> None:
    (sweeping.terminal.home / "dawdle").touch()
    sweep = sweeping.make(["a", "ends"])
    agent = sweeping.agent()
    first = until(lambda: sweeping.trials)[0]
    pid = sweeping.pid(first.run_id)
    run = sweep.runs[0].stop("too dear")
    assert run.state == "killed"
    until(lambda: not sweeping.alive(pid))
    (sweeping.terminal.home / "dawdle").unlink()
    assert sweeping.ended(agent) == 0
    assert [entry.after for entry in run.ledger] == ["pending", "pending", "killed"]
    assert sweeping.table == {
        "a": ("killed", "stop_requested"), "ends": ("finished", "finished"),
    }  # fmt: skip


def test_the_trial_of_a_killed_agent_is_ended_and_run_again(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["a", "ends"])
    agent = sweeping.agent("--grace", "5")
    sweeping.wait(a="running")
    first = sweeping.trials[0]
    pid = sweeping.pid(first.run_id)
    agent.send_signal(signal.SIGKILL)
    until(lambda: not sweeping.alive(pid))
    run = sweep.runs[0]
    assert run.wait(10) == "preempted"
    assert run.sentence == "Given back: its agent was killed"
    assert run.evidence["signal"] == "SIGTERM"
    other = sweeping.agent()
    until(lambda: sweeping.table["a"][0] == "running")
    # Nobody waited for the lease of an agent that was seen to die: nothing new was made before.
    assert len(sweeping.trials) == 1
    sweeping.go()
    assert sweeping.ended(other) == 0
    assert sweeping.table == {act: ("finished", "finished") for act in ("a", "ends")}
    again = sweeping.trials[0]
    assert (again.run_id, again.handouts) == (first.run_id, 2)
    run.refresh()
    assert [each.state for each in run.attempts] == ["preempted", "finished"]
    assert run.summary["resumed"] == 1
    steps = [row["_step"] for row in run.scan_history(keys=["loss"])]
    assert steps == sorted(set(steps))
    assert (sweep.refresh().status, sweep.made, len(sweep.runs)) == ("finished", 2, 2)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_agent_that_must_leave_gives_its_trial_back(
    sweeping: Sweeping, number: signal.Signals
) -> None:
    sweep = sweeping.make(["a"])
    agent = sweeping.agent()
    sweeping.wait(a="running")
    pid = sweeping.pid(sweeping.trials[0].run_id)
    agent.send_signal(number)
    assert sweeping.ended(agent) == 128 + number
    assert not sweeping.alive(pid)
    run = sweep.runs[0]
    assert run.wait(10) == "preempted"
    assert run.sentence == "Given back: its agent was told to leave"
    sweeping.go()
    assert sweeping.ended(sweeping.agent()) == 0
    assert [(each.state, each.handouts) for each in sweeping.trials] == [("finished", 2)]


def test_a_trial_that_does_not_hear_is_killed_after_the_grace(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["deaf"])
    agent = sweeping.agent("--grace", "0.5")
    sweeping.wait(deaf="running")
    sweep.cancel()
    assert sweeping.ended(agent) == 0
    run = sweep.runs[0]
    assert (run.wait(10), run.cause) == ("killed", "sweep_cancelled")
    assert run.evidence["signal"] == "SIGKILL"


def test_a_bad_trial_is_stopped_early_with_the_rule_as_its_cause(sweeping: Sweeping) -> None:
    sweep = sweeping.make([], parameters={
        "act": {"value": "ten rows if good"}, "level": {"values": [1, 2, 3, 50]},
    }, early_terminate={"type": "median", "min_iter": 5})  # fmt: skip
    agent = sweeping.agent()
    assert sweeping.ended(agent) == 0
    *good, bad = sweeping.trials
    assert {each.state for each in good} == {"finished"}
    assert (bad.state, bad.cause) == ("killed", "early_stopping")
    rule = "median: worse than the middle of 3 runs after 5 rows"
    assert bad.sentence == f"Stopped early by its sweep: {rule}"
    # The script may have heard of it before its agent did.
    assert f"trial {bad.run_id} " in sweeping.said(agent)
    sweep.refresh()
    assert (sweep.status, sweep.made) == ("finished", 4)
    assert sweep.best is not None
    assert sweep.best.args["level"] == 1


def test_a_sweep_whose_program_always_fails_stops_itself_and_says_why(sweeping: Sweeping) -> None:
    sweep = sweeping.make([], parameters={"act": {"value": "fails"}, "n": {"values": [*range(9)]}},
                          stop_after_failures=3)  # fmt: skip
    agent = sweeping.agent()
    assert sweeping.ended(agent) == 7
    sweep.refresh()
    assert (sweep.status, sweep.made) == ("failed", 3)
    assert "the first 3 runs all ended the same way" in sweep.sentence
    assert "the loss is a banana" in sweep.sentence
    assert sweep.sentence in sweeping.said(agent)


def test_a_sweep_whose_program_always_runs_out_of_memory_stops_itself_and_says_why(
    sweeping: Sweeping,
) -> None:
    sweep = sweeping.make([], parameters={"act": {"value": "leaks"}, "n": {"values": [*range(9)]}},
                          stop_after_failures=3)  # fmt: skip
    agent = sweeping.agent("--memory", "120M")
    assert sweeping.ended(agent) == 7
    assert {(each.state, each.cause) for each in sweeping.trials} == {("crashed", "out_of_memory")}
    assert (sweep.refresh().status, sweep.made) == ("failed", 3)
    assert "out of memory" in sweep.sentence


def test_a_program_that_never_opens_a_run_has_a_true_end(sweeping: Sweeping) -> None:
    script = "case $1 in --act=0) true;; --act=1) exit 3;; --act=2) kill -9 $$;; esac"
    sweep = sweeping.make([0, 1, 2], command=["bash", "-c", script, "trial", "${args}"])  # type: ignore[list-item]
    assert sweeping.ended(sweeping.agent()) == 0
    assert sweeping.table == {
        "0": ("finished", "finished"), "1": ("failed", "exit_code"), "2": ("killed", "signal"),
    }  # fmt: skip
    assert sweep.refresh().status == "finished"


def test_an_agent_waits_for_a_server_that_is_away_and_counts_stay_exact(tmp_path: Path) -> None:
    with running(tmp_path / "server") as server, Terminal(server, tmp_path) as terminal:
        sweeping = Sweeping(terminal, "away")
        sweep = sweeping.make(["a", "b", "ends"])
        agent = sweeping.agent("--parallel", "2")
        sweeping.wait(a="running", b="running")
        pids = [sweeping.pid(each.run_id) for each in sweeping.trials]
        server.kill()
        until(lambda: "runs go on" in sweeping.said(agent))
        sweeping.go()
        until(lambda: not any(map(sweeping.alive, pids)))
        assert agent.poll() is None
        server.start()
        assert sweeping.ended(agent) == 0, sweeping.said(agent)
        assert "the server answers again" in sweeping.said(agent)
        assert sweeping.table == {act: ("finished", "finished") for act in ("a", "b", "ends")}
        assert [each.handouts for each in sweeping.trials] == [1, 1, 1]
        assert sweep.refresh().status == "finished"


def test_an_agent_without_the_program_says_so_and_takes_no_trial(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["a"], program="missing.py")
    agent = sweeping.agent()
    assert sweeping.ended(agent) == 1
    assert f"there is no program missing.py in {sweeping.terminal.home}" in sweeping.said(agent)
    sweep = sweeping.make(["a"], command=["no-such-tool", "${args}"])
    agent = sweeping.agent()
    assert sweeping.ended(agent) == 1
    assert "no-such-tool: command not found" in sweeping.said(agent)
    assert sweep.refresh().made == 0


def test_a_deleted_sweep_lets_its_runs_end_and_its_agents_go(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["a", "b"])
    agent = sweeping.agent()
    sweeping.wait(a="running")
    run = sweep.runs[0]
    done = sweeping.terminal.heartline("sweep", "delete", sweep.path, "--yes")
    assert done.stdout == f"{sweep.path} deleted; its runs stay\n"
    until(lambda: "it was deleted" in sweeping.said(agent))
    assert run.refresh().state == "running"
    sweeping.go()
    assert sweeping.ended(agent) == 3
    assert run.wait(10) == "finished"


def test_count_is_how_many_trials_an_agent_takes(sweeping: Sweeping) -> None:
    sweep = sweeping.make(["ends", "a", "b"])
    assert sweeping.ended(sweeping.agent("--count", "1")) == 0
    assert (sweep.refresh().status, sweep.made) == ("running", 1)


def test_gpus_are_shared_out_among_trials(sweeping: Sweeping) -> None:
    sweeping.terminal.extra["CUDA_VISIBLE_DEVICES"] = "4,5,6,7"
    script = "touch seen-$CUDA_VISIBLE_DEVICES; until [ $(ls -d seen-* | wc -l) = 2 ]; do :; done"
    sweeping.make(["a", "b"], command=["bash", "-c", script])
    assert sweeping.ended(sweeping.agent("--gpu-per-run", "2")) == 0
    assert sorted(each.name for each in sweeping.terminal.home.glob("seen-*")) == [
        "seen-4,5", "seen-6,7",
    ]  # fmt: skip
    refused = sweeping.terminal.heartline("agent", sweeping.sweep.path, "--gpu-per-run", "5")
    assert refused.returncode == 2
    assert "4 can be seen here" in re.sub(r"\s+", " ", refused.stderr)
    assert os.environ.get("CUDA_VISIBLE_DEVICES") != "4,5"
