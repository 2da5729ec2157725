"""The words of the lifecycle: states and how sure we are. Never decides a transition."""

from enum import IntEnum, StrEnum


class State(StrEnum):
    """What a run is shown as; the values are the words used in table, code, API, badge and docs."""

    PENDING = "pending"
    RUNNING = "running"
    PREEMPTING = "preempting"
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"
    CRASHED = "crashed"
    PREEMPTED = "preempted"


LIVE = frozenset({State.PENDING, State.RUNNING, State.PREEMPTING})
TERMINAL = frozenset(State) - LIVE

# When every writer of an attempt has ended, the run is shown as the worst of their ends.
WORST_FIRST = (State.CRASHED, State.FAILED, State.KILLED, State.PREEMPTED, State.FINISHED)


class Confidence(IntEnum):
    """How sure a verdict is: a lease that ended, a witness's word, or the kernel's own record."""

    PRESUMED = 1
    STRONG = 2
    PROVEN = 3
