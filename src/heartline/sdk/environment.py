"""Where a process runs: ranks, launchers and schedulers, read from its environment. No commands."""

import hashlib
import os
import secrets
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heartline.sdk import witness

ID_ALPHABET = string.ascii_lowercase + string.digits
ID_CHARS = 8
LAUNCH_CHARS = 16
_RANKS = (
    ("RANK", "WORLD_SIZE"),
    ("SLURM_PROCID", "SLURM_NTASKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
)
_JOB = (
    "HEARTLINE_LAUNCH", "TORCHELASTIC_RUN_ID", "SLURM_JOB_ID", "SLURM_STEP_ID",
    "OMPI_MCA_ess_base_jobid", "PMIX_NAMESPACE", "RAY_JOB_ID",
)  # fmt: skip
"""What names a job among all jobs; `none` is what torchrun says when nobody named one."""
_START = ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT")
"""What tells one start of a job from the next: another attempt of the same run."""
_KEPT = (
    "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_PARTITION", "SLURM_NODELIST",
    "SLURM_RESTART_COUNT", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_JOB_ID", "KUBERNETES_SERVICE_HOST",
    "POD_NAME", "POD_NAMESPACE", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT",
    "RAY_JOB_ID", "CUDA_VISIBLE_DEVICES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One process among those of its job: `launch` is shared by the ranks of one start.

    `job` also by the starts that follow it, so that a restart is an attempt of the same run.
    """

    launch: str
    rank: int | None
    world_size: int | None
    job: str = ""

    @property
    def distributed(self) -> bool:
        """Whether there are several ranks."""
        return (self.world_size or 1) > 1


def random_id(chars: int = ID_CHARS) -> str:
    """A short id of a-z0-9."""
    return "".join(secrets.choice(ID_ALPHABET) for _ in range(chars))


def place(environ: Mapping[str, str]) -> Place:
    """Rank and launch identity; a process on its own is a launch of its own."""
    for rank_name, size_name in _RANKS:
        rank, size = environ.get(rank_name, ""), environ.get(size_name, "")
        if rank_name == "SLURM_PROCID" and "SLURM_STEP_ID" not in environ:
            # A batch script's own process: it was given many tasks, but is none of them.
            continue
        if rank.isdigit() and size.isdigit() and int(size) > 1:
            job = _job(environ)
            parts = [job, *(environ.get(name, "0") for name in _START)]
            return Place(_hash(parts, LAUNCH_CHARS), int(rank), int(size), job)
    return Place(random_id(LAUNCH_CHARS), None, None)


def _job(environ: Mapping[str, str]) -> str:
    """The same for all ranks and all starts of one job, another for every other job."""
    parts = [environ.get(name, "") for name in _JOB]
    named = [part for part in parts if part not in {"", "none"}]
    if not named and _on_one_host(environ):
        # Nothing names the job, but its ranks are children of one launcher, also after a restart.
        parts = [os.uname().nodename, str(os.getppid()), witness.started(os.getppid())]
    elif not named:
        parts = [environ.get(name, "") for name in ("MASTER_ADDR", "MASTER_PORT")]
    return _hash(parts, LAUNCH_CHARS)


def _on_one_host(environ: Mapping[str, str]) -> bool:
    local = environ.get("LOCAL_WORLD_SIZE", "")
    if local:
        return local == environ.get("WORLD_SIZE")
    return environ.get("MASTER_ADDR", "localhost") in {"", "localhost", "127.0.0.1", "::1"}


def _hash(parts: list[str], chars: int) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:chars]


def shared_id(where: Place, project: str) -> str:
    """The run id that all ranks of a job agree upon without talking."""
    return _hash([where.job, project], ID_CHARS)


def describe(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the run's environment says of host, Python, command and scheduler."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    found: dict[str, Any] = {
        "host": os.uname().nodename,
        "os": " ".join(os.uname()[i] for i in (0, 2, 4)),
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "command": list(getattr(sys, "orig_argv", sys.argv)),
        "directory": directory(),
        "pid": os.getpid(),
    }
    if kept:
        found["scheduler"] = kept
    return found


def directory() -> str:
    """Where the process works; empty if that is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def program() -> str:
    """The script being run, empty in a notebook or shell."""
    main = sys.modules.get("__main__")
    file = getattr(main, "__file__", None)
    return os.path.join(directory(), file) if file else ""
