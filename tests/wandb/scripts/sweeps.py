"""Sweeps by the real `wandb` client: its commands, both its agents, its public API."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import wandb
from wandb.apis.public.sweeps import _agent_heartbeat, _register_agent, _set_sweep_state

PROJECT = "tries"
TRIAL = Path(__file__).parent / "trial.py"
WAIT_S = 60.0
# Their command line as it is, but it asks every half second instead of every five.
AGENT = (
    "import wandb.wandb_agent as it; it.Agent.POLL_INTERVAL = 0.5;"
    "from wandb.cli import cli; cli.cli()"
)
GRID = {
    "program": str(TRIAL), "method": "grid", "metric": {"name": "loss", "goal": "minimize"},
    "parameters": {"lr": {"values": [0.1, 0.2]}, "net": {"parameters": {"depth": {"value": 3}}}},
    "command": [sys.executable, "${program}"],
}  # fmt: skip


def made(config: dict, **how: object) -> str:
    return wandb.sweep(config, project=PROJECT, **how)


def path(sweep: str) -> str:
    return f"{wandb.Api().default_entity}/{PROJECT}/{sweep}"


def agent(sweep: str, **more: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", AGENT, "agent", path(sweep)], env={**os.environ, **more}
    )


def states(sweep: str) -> list:
    return sorted(run.state for run in wandb.Api().sweep(path(sweep)).runs)


def until(sweep: str, wanted: list) -> None:
    give_up = time.monotonic() + WAIT_S
    while states(sweep) != wanted:
        assert time.monotonic() < give_up, (states(sweep), wanted)
        time.sleep(0.1)


def grid() -> dict:
    """Every point once, by the command line's agent, which then goes home."""
    sweep = made(GRID)
    told = {"before": wandb.Api().sweep(path(sweep)).state}
    told["code"] = agent(sweep).wait(WAIT_S)
    back = wandb.Api().sweep(path(sweep))
    (worker,) = back.agents()
    return {
        **told, "after": back.state, "expected": back.expected_run_count,
        "runs": sorted([run.config["lr"], run.config["net"], run.state] for run in back.runs),
        "best": back.best_run().config["lr"], "best_loss": back._attrs["bestLoss"] < 0.4,
        "agent": [worker.totalRuns, sorted(run.id for run in worker.runs())
                  == sorted(run.id for run in back.runs)],
        "config": back.config["method"],
        "listed": sweep in [each.id for each in wandb.Api().project(PROJECT, "").sweeps()],
    }  # fmt: skip


def function() -> dict:
    """The agent of one function: bayes after a prior run, no more than it was asked to make."""
    run = wandb.init(project=PROJECT, id="prior", config={"lr": 0.3})
    run.log({"loss": 0.01})
    run.finish()
    config = {
        "method": "bayes", "metric": {"name": "loss"}, "run_cap": 9,
        "parameters": {"lr": {"min": 0.0, "max": 1.0}},
    }  # fmt: skip
    sweep = made(config, prior_runs=["prior"])

    def train() -> None:
        with wandb.init() as run:
            run.log({"loss": (run.config["lr"] - 0.2) ** 2})

    wandb.agent(sweep, function=train, count=2, project=PROJECT)
    back = wandb.Api().sweep(path(sweep))
    return {
        "states": states(sweep), "state": back.state, "runs": back._attrs["runCount"],
        "within": all(0 <= run.config["lr"] <= 1 for run in back.runs),
    }  # fmt: skip


def control() -> dict:
    """Of all controls only cancel reaches a run."""
    table, done = [], Path("done").absolute()
    sweep = made(GRID)
    worker = agent(sweep, TRIAL_UNTIL=str(done))
    until(sweep, ["running"])
    for state in ("PAUSED", "RUNNING", "CANCELED"):
        before = states(sweep)
        _set_sweep_state(wandb.Api(), sweep, state, project=PROJECT)
        if state == "CANCELED":
            until(sweep, ["killed"])
        table.append([state, before, states(sweep), wandb.Api().sweep(path(sweep)).state])
    told = {"code": worker.wait(WAIT_S)}
    sweep = made(GRID)
    worker = agent(sweep, TRIAL_UNTIL=str(done))
    until(sweep, ["running"])
    _set_sweep_state(wandb.Api(), sweep, "FINISHED", project=PROJECT)
    table.append(["FINISHED", ["running"], states(sweep), wandb.Api().sweep(path(sweep)).state])
    done.touch()
    told["stopped"] = [worker.wait(WAIT_S), states(sweep)]
    try:
        _set_sweep_state(wandb.Api(), sweep, "PAUSED", project=PROJECT)
    except Exception as error:
        told["refused"] = str(error)
    return {**told, "table": table}


def wrong() -> dict:
    """What is wrong with a sweep is told by the name of the key."""
    told = {}
    for name, config in (
        ("method", {"method": "best", "parameters": {"a": {"value": 1}}}),
        ("empty", {"method": "grid", "parameters": {"a": {"values": []}}}),
    ):
        try:
            told[name] = made(config)
        except Exception as error:
            told[name] = str(error)
    try:
        wandb.Api().sweep(path("nothing"))
    except Exception as error:
        told["missing"] = str(error)
    return told


def deleted(command: str) -> str:
    """What an agent hears of a sweep that was deleted under it."""
    if command == "join":
        sweep = made(GRID)
        worker = _register_agent(wandb.Api(), "here", sweep_id=sweep, project=PROJECT)
        return f"{sweep} {worker['id']}"
    try:
        return str(_agent_heartbeat(wandb.Api(), command, {}, {}))
    except Exception as error:
        return type(error).__name__


if __name__ == "__main__":
    print("RESULT " + json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
