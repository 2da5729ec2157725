"""What a scheduler says about the end of a job. Bounded, and silent where there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from heartline.sdk import kubernetes

ASK_S = 3.0
_SLURM = {
    "TIMEOUT": "time_limit",
    "DEADLINE": "time_limit",
    "PREEMPTED": "preempted",
    "REQUEUED": "preempted",
    "CANCELLED": "cancelled",
    "OUT_OF_MEMORY": "oom",
}


@dataclass(frozen=True, slots=True)
class Word:
    """`kind` is time_limit, preempted, cancelled, oom or empty; `text` is as the scheduler said."""

    kind: str = ""
    text: str = ""


def known(environ: Mapping[str, str], host: str, *, offline: bool = False) -> dict[str, str]:
    """What it takes to ask the scheduler that started this process; empty if there is none.

    Offline only by Slurm's own command: we open no connection.
    """
    job = environ.get("SLURM_JOB_ID")
    if job:
        return {"SLURM_JOB_ID": job}
    return {} if offline else kubernetes.known(environ, host)


def ask(how: Mapping[str, str]) -> Word:
    """The scheduler that started this process, if there is one and it answers."""
    job = how.get("SLURM_JOB_ID")
    if not job:
        return Word(*kubernetes.ask(how)) if how else Word()
    said = _run("scontrol", "show", "job", "-o", job) or _run(
        "sacct", "-n", "-X", "-P", "-j", job, "-o", "State"
    )
    return from_slurm(said)


def from_slurm(said: str) -> Word:
    """The job state in what scontrol or sacct printed."""
    words = dict(word.partition("=")[::2] for word in said.split() if "=" in word)
    state = words.get("JobState", said)
    if words.get("Reason") == "TimeLimit":
        # The job is still completing, since we who ask are part of it.
        state = "TIMEOUT"
    for name, kind in _SLURM.items():
        if state.strip().startswith(name):
            return Word(kind, f"Slurm: {state.strip()}")
    return Word()


def _run(*command: str) -> str:
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, timeout=ASK_S, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace").strip()
