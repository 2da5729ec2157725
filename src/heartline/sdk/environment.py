"""Where a process runs: ranks, launchers and schedulers, read from its environment. No commands."""

import hashlib
import os
import secrets
import socket
import string
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ID_ALPHABET = string.ascii_lowercase + string.digits
ID_CHARS = 8
_RANKS = (
    ("RANK", "WORLD_SIZE"),
    ("SLURM_PROCID", "SLURM_NTASKS"),
    ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("PMI_RANK", "PMI_SIZE"),
)
_KEPT = (
    "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_PARTITION", "SLURM_NODELIST",
    "SLURM_RESTART_COUNT", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_JOB_ID", "KUBERNETES_SERVICE_HOST",
    "POD_NAME", "POD_NAMESPACE", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT",
    "RAY_JOB_ID", "CUDA_VISIBLE_DEVICES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One process among those of its job; `launch` is shared by the ranks of one start."""

    launch: str
    rank: int | None
    world_size: int | None

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
        if rank.isdigit() and size.isdigit() and int(size) > 1:
            return Place(_launch(environ), int(rank), int(size))
    return Place(random_id(16), None, None)


def _launch(environ: Mapping[str, str]) -> str:
    """The same for all ranks of one start, another after a restart or requeue."""
    parts = [
        environ.get(name, "")
        for name in (
            "HEARTLINE_LAUNCH", "TORCHELASTIC_RUN_ID", "TORCHELASTIC_RESTART_COUNT",
            "SLURM_JOB_ID", "SLURM_STEP_ID", "SLURM_RESTART_COUNT", "OMPI_MCA_ess_base_jobid",
            "PMIX_NAMESPACE", "MASTER_ADDR", "MASTER_PORT",
        )
    ]  # fmt: skip
    if not any(parts):
        # Nothing names the job: ranks started by one parent at least share that parent.
        parts = [socket.gethostname(), str(os.getppid())]
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def shared_id(where: Place, project: str) -> str:
    """The run id that all ranks of a launch agree upon without talking."""
    return hashlib.sha256(f"{where.launch}|{project}".encode()).hexdigest()[:ID_CHARS]


def describe(environ: Mapping[str, str]) -> dict[str, Any]:
    """What the run's environment says of host, Python, command and scheduler."""
    kept = {name: environ[name] for name in _KEPT if name in environ}
    found: dict[str, Any] = {
        "host": socket.gethostname(),
        "os": " ".join(os.uname()[i] for i in (0, 2, 4)),
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "command": list(getattr(sys, "orig_argv", sys.argv)),
        "directory": os.getcwd(),
        "pid": os.getpid(),
    }
    if kept:
        found["scheduler"] = kept
    return found


def program() -> str:
    """The script being run, empty in a notebook or shell."""
    main = sys.modules.get("__main__")
    return os.path.abspath(getattr(main, "__file__", "") or "") if main is not None else ""
