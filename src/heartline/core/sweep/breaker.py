"""The circuit breaker: a sweep whose first runs all fail stops itself and says why. Never counts twice."""

from collections import Counter
from dataclasses import replace

from heartline.core.lifecycle import CauseKind, State
from heartline.core.sweep.trials import ASKED, Sweep

BAD = frozenset({State.FAILED, State.CRASHED, State.KILLED})


def counted(sweep: Sweep, state: State, cause: CauseKind, told: str, *, measured: bool) -> Sweep:
    """The sweep after one more trial has ended, with what the breaker must remember."""
    if state is State.FINISHED:
        return replace(
            sweep,
            good=True,
            fails=(),
            finished=sweep.finished + 1,
            unmeasured=sweep.unmeasured + (not measured),
        )
    if sweep.good or state not in BAD or cause in ASKED:
        return sweep
    return replace(sweep, fails=(*sweep.fails, f"{state.value}: {told}"))


def tripped(sweep: Sweep, runs: int) -> str:
    """Why the sweep stops itself; empty if it goes on."""
    if not runs or sweep.good or len(sweep.fails) < runs:
        return ""
    (commonest, times), *others = Counter(sweep.fails).most_common()
    what = f"the first {len(sweep.fails)} runs all {'failed' if others else 'ended the same way'}"
    share = f", {times} of them" if others else ""
    return f"{what}{share} ({commonest}); mend the program, then resume the sweep"
