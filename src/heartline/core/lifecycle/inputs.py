"""What was said or measured about a run. Never a conclusion: the machine draws those."""

from dataclasses import dataclass

from heartline.core.lifecycle.evidence import Actor, CauseKind, Evidence, Verdict
from heartline.core.lifecycle.run import Attempt
from heartline.core.lifecycle.states import State
from heartline.core.lifecycle.time import Instant, Millis


@dataclass(frozen=True, slots=True)
class Created:
    """The run was made by a sweep, a queue or the API; no process has started.

    `lease` is how long its scheduler promises to take at most; None waits without an end.
    """

    by: Actor
    lease: Millis | None = None
    evidence: Evidence = Evidence()


@dataclass(frozen=True, slots=True)
class Started:
    """A process opened an attempt, or joined it as one more writer (a rank).

    `seq` is any number that never goes back within a writer; ours is the boot clock in ms.
    """

    attempt: Attempt
    writer: str
    seq: int
    lease: Millis
    by: Actor
    rank: int | None = None
    host: str = ""
    evidence: Evidence = Evidence()


@dataclass(frozen=True, slots=True)
class Heard:
    """A writer was heard; `preempting` is what it says of itself, now."""

    attempt: Attempt
    writer: str
    seq: int
    preempting: bool = False


@dataclass(frozen=True, slots=True)
class Exited:
    """A witness says that a writer's process ended; confidence and evidence are in the verdict."""

    attempt: Attempt
    writer: str
    seq: int
    verdict: Verdict
    by: Actor


@dataclass(frozen=True, slots=True)
class StopAsked:
    """Someone asks the run to stop: an annotation until the process's end confirms it."""

    by: Actor
    cause: CauseKind = CauseKind.STOP_REQUESTED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StopAcknowledged:
    """The process has received the stop request and is saving its work."""

    attempt: Attempt
    writer: str


@dataclass(frozen=True, slots=True)
class DeadlinePassed:
    """The sleeper woke. Proves nothing: the machine looks at the leases again.

    `healthy_since` is the instant since which the server itself has been healthy.
    """

    healthy_since: Instant


@dataclass(frozen=True, slots=True)
class Overridden:
    """A person sets the state by hand, with a reason."""

    by: Actor
    state: State
    reason: str


Input = (
    Created | Started | Heard | Exited | StopAsked | StopAcknowledged | DeadlinePassed | Overridden
)
