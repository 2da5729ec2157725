"""Which GPUs each of an agent's trials may use. Never opens a device, never starts a program."""

import re
from collections.abc import Mapping
from pathlib import Path

VARIABLE = "CUDA_VISIBLE_DEVICES"
DEVICES = Path("/dev")
_DEVICE = re.compile(r"^nvidia(\d+)$")


class NoGpus(ValueError):
    """Fewer GPUs can be seen here than one run shall have."""


def visible(environ: Mapping[str, str], devices: Path = DEVICES) -> list[str]:
    """The GPUs that this process may use: those it was given, else those of the machine."""
    given = environ.get(VARIABLE)
    if given is not None:
        return [each.strip() for each in given.split(",") if each.strip() not in {"", "-1"}]
    found = [match[1] for path in devices.glob("nvidia*") if (match := _DEVICE.match(path.name))]
    return sorted(found, key=int)


def shares(gpus: list[str], per_run: int) -> list[str]:
    """The value of CUDA_VISIBLE_DEVICES for each of the trials that fit beside each other."""
    if len(gpus) < per_run:
        seen = f"{len(gpus)} can be seen here" if gpus else "none can be seen here"
        raise NoGpus(
            f"each run shall have {per_run} GPUs, but {seen}: ask for fewer, or set {VARIABLE}"
        )
    return [",".join(gpus[at : at + per_run]) for at in range(0, len(gpus) - per_run + 1, per_run)]
