"""Four processes, one run: every rank is a writer, and the run lives as long as one of them does.

torchrun, Slurm and MPI set RANK and WORLD_SIZE (or their own names for them); here we do.

    python examples/multirank.py
    heartline show multirank-example
"""

import os
import subprocess
import sys
import time

import heartline

WORLD_SIZE = 4


def rank() -> None:
    """What each rank runs: `init` joins the run of its launch."""
    number = int(os.environ["RANK"])
    run = heartline.init(project="examples", id="multirank-example", resume="allow")
    for step in range(100):
        run.log({f"loss/rank{number}": 1 / (step + 1 + number)})
        time.sleep(0.01)
    run.finish()


def launch() -> int:
    """Start all ranks, as torchrun would."""
    shared = {"WORLD_SIZE": str(WORLD_SIZE), "HEARTLINE_LAUNCH": f"{os.getpid()}-{time.time()}"}
    ranks = [
        subprocess.Popen(
            [sys.executable, __file__], env={**os.environ, **shared, "RANK": str(number)}
        )
        for number in range(WORLD_SIZE)
    ]
    return max(process.wait() for process in ranks)


if __name__ == "__main__":
    if "RANK" in os.environ:
        rank()
    else:
        sys.exit(launch())
