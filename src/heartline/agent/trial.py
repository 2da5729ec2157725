"""What a trial is started with: its command, its environment, its file of parameters. Never starts it."""

import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from heartline.agent import gpus, theirs
from heartline.core.sweep.command import DEFAULT, words
from heartline.wire.sweeps import AgentCreated, Command

RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "SLURM_LOCALID", "OMPI_COMM_WORLD_RANK", "PMI_RANK")
"""An agent may be one of several that a launcher has started; its trials are none of its ranks."""
NOT_OURS = ("HEARTLINE_RESUME", "HEARTLINE_NAME", "WANDB_RESUME", "WANDB_NAME")
"""What may be said of one run is not said of every trial."""
PARAMETERS_MODE = 0o600


class CannotWork(Exception):
    """An agent cannot start the sweep's program: the text says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Job:
    """A trial as it is started: the run, its words, its environment, its files, its bounds."""

    run: str
    command: tuple[str, ...]
    environ: Mapping[str, str]
    grace_s: float
    memory_bytes: int | None = None
    files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """Where an agent's trials are made ready: the sweep, the server, and a private directory."""

    sweep: AgentCreated
    base_url: str
    place: Path
    grace_s: float
    memory_bytes: int | None = None

    def job(self, said: Command, gpu_share: str | None) -> Job:
        """The job of a trial that the server hands out."""
        file = keep_parameters(self.place, said)
        command = words(
            self.sweep.command, self.sweep.program, said.args, sys.executable, os.environ,
            json_text=json.dumps(said.args), json_file=str(file),
        )  # fmt: skip
        environ = self._environ(said, file)
        if gpu_share is not None:
            environ[gpus.VARIABLE] = gpu_share
        files = self._files(said.run)
        return Job(said.run, tuple(command), environ, self.grace_s, self.memory_bytes, files)

    def _environ(self, said: Command, parameters: Path) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name not in RANKS}
        for name in NOT_OURS:
            kept.pop(name, None)
        return {
            **kept,
            **identity(self.sweep, said, parameters),
            **theirs.identity(kept, self.sweep, said, parameters.with_suffix(".yaml")),
            "HEARTLINE_BASE_URL": self.base_url,
            "HEARTLINE_LAUNCH": secrets.token_hex(8),
        }

    def done(self, run: str) -> None:
        """The trial's files of parameters go with it."""
        for each in self._files(run):
            each.unlink(missing_ok=True)

    def _files(self, run: str) -> tuple[Path, ...]:
        return tuple(self.place / f"{run}{suffix}" for suffix in (".json", ".yaml"))


def keep_parameters(place: Path, said: Command) -> Path:
    """The file of a trial's parameters, for nobody else to read."""
    file = place / f"{said.run}.json"
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PARAMETERS_MODE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        json.dump(said.args, out)
    return file


def identity(sweep: AgentCreated, said: Command, parameters: Path) -> dict[str, str]:
    """How the SDK knows that a run is this trial."""
    found = {
        "HEARTLINE_ENTITY": sweep.entity,
        "HEARTLINE_PROJECT": sweep.project,
        "HEARTLINE_SWEEP_ID": sweep.sweep,
        "HEARTLINE_RUN_ID": said.run,
        "HEARTLINE_SWEEP_PARAM_PATH": str(parameters),
    }
    if said.type == "resume":
        # A run that has rows already goes on after them, once the server has told where they end.
        return {**found, "HEARTLINE_RESUME": "allow"}
    return {**found, "HEARTLINE_NAME": said.name} if said.name else found


def check(sweep: AgentCreated) -> None:
    """CannotWork if what the sweep runs is not here: no trial is spent on finding that out."""
    template = tuple(sweep.command) or DEFAULT
    if not sweep.program and not sweep.command:
        raise CannotWork(
            "the sweep names no program: write `program: train.py` (or a `command`) in its "
            "configuration, or run it with heartline.agent(sweep, function=train)"
        )
    if "${program}" in template and not sweep.program:
        raise CannotWork("the sweep's command asks for ${program}, but it names no program")
    if _is_file(template) and not Path(sweep.program).is_file():
        raise CannotWork(
            f"there is no program {sweep.program} in {Path.cwd()}: start the agent in the "
            "directory that the sweep's `program` is written from"
        )
    first = [*words(template, sweep.program, {}, sys.executable, os.environ), ""][0]
    if first and shutil.which(first) is None:
        raise CannotWork(f"{first}: command not found; mend the sweep's `command`")


def _is_file(template: tuple[str, ...]) -> bool:
    """Whether the interpreter gets the program as a file, rather than after `-m` or in a shell."""
    return ("${interpreter}", "${program}") in pairwise(template)
