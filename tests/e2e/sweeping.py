"""A sweep with real agents: its program, its agents, and the table of what became of its trials."""

import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heartline.client.sweeps import Sweep
from heartline.wire.sweeps import TrialView
from tests.terminal import Terminal, until

QUICK = {
    "HEARTLINE_HEARTBEAT": "0.3", "HEARTLINE_GIT": "0", "HEARTLINE_PACKAGES": "0",
    "HEARTLINE_CODE": "0", "HEARTLINE_SYSTEM_METRICS": "0",
}  # fmt: skip
PROGRAM = """
import os, pathlib, signal, sys, time
import heartline

here = pathlib.Path(__file__).parent
(here / f"pid-{os.environ['HEARTLINE_RUN_ID']}").write_text(str(os.getpid()))
while (here / "dawdle").exists():
    time.sleep(0.02)
run = heartline.init()
act = run.config["act"]
if act == "fails":
    raise ValueError("the loss is a banana")
if act == "leaks":
    kept = []
    while True:
        kept.append(bytearray(1 << 20))
if act == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run.on_stop(print)
for step in range(run.step, 1_000_000):
    run.log({"loss": run.config.get("level", 1.0) - step / 1e6, "resumed": run.resumed})
    if act == "ends" or (here / "go").exists():
        break
    if act == "ten rows if good" and step >= 9 and run.config["level"] < 50:
        break
    time.sleep(0.02)
"""


@dataclass
class Sweeping:
    """One sweep whose program does what its parameter `act` says."""

    terminal: Terminal
    project: str
    agents: "list[Any]" = field(default_factory=list)

    def make(self, acts: list[str], **more: Any) -> Sweep:
        """A grid over what the program does, or what `more` says instead."""
        self.terminal.extra.update(QUICK)
        self.terminal.script(PROGRAM)
        config = {
            "program": "train.py",
            "method": "grid",
            "metric": {"name": "loss", "goal": "minimize"},
            "parameters": {"act": {"values": acts}},
            **more,
        }
        (self.terminal.home / "sweep.json").write_text(json.dumps(config))
        made = self.terminal.json("sweep", "create", "sweep.json", "-p", self.project)
        self.sweep = self.terminal.api.sweep(f"{self.project}/{made['id']}")
        return self.sweep

    def agent(self, *options: str) -> Any:
        """One more agent, at work; what it says is in `said`."""
        log = self.terminal.home / f"agent-{len(self.agents)}.log"
        with log.open("w") as out:
            process = self.terminal.start(
                "agent", self.sweep.path, *options, stdout=out, stderr=out, stdin=-3
            )
        process.log = log  # type: ignore[attr-defined]
        self.agents.append(process)
        return process

    @staticmethod
    def said(agent: Any) -> str:
        return Path(agent.log).read_text()

    def ended(self, agent: Any) -> int:
        """The exit code of an agent that goes home by itself."""
        return until(lambda: agent.poll() is not None and [agent.returncode])[0]  # type: ignore[no-any-return]

    @property
    def trials(self) -> list[TrialView]:
        return list(self.sweep.trials())

    @property
    def table(self) -> dict[str, tuple[str, str]]:
        """State and cause of every run of the sweep, by what its program does."""
        return {str(each.args["act"]): (each.state, each.cause) for each in self.trials}

    def wait(self, **states: str) -> None:
        """Until the runs are in these states."""
        until(lambda: {act: state for act, (state, _) in self.table.items()} == states)

    def pid(self, run: str) -> int:
        """The process of a trial, once its program has begun."""
        path = self.terminal.home / f"pid-{run}"
        return int(until(lambda: path.exists() and path.read_text()))

    def alive(self, pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        return True

    def go(self) -> None:
        """Let all that run come to their end."""
        (self.terminal.home / "go").touch()

    def close(self) -> None:
        """No agent is left behind; they leave none of theirs."""
        for each in self.agents:
            if each.poll() is None:
                each.send_signal(signal.SIGTERM)
        for each in self.agents:
            each.wait(30)
