"""Look for a broken law of sweeps in whatever `heartline` is on the path: promises, then worlds.

Run as `python -m tests.mutants.hunt_sweeps`; exits 0 if everything holds, 3 with what broke.
"""

import sys

from tests.simulation.sweep_promises import PROMISES
from tests.simulation.sweep_world import play

from .hunt import FOUND

WORLDS = 60


def main() -> int:
    try:
        for promise in PROMISES:
            promise()
        for seed in range(WORLDS):
            play(seed)
    except Exception as broken:
        print(f"{type(broken).__name__}: {str(broken)[:200]}")
        return FOUND
    print("every law of sweeps holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
