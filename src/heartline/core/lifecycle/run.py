"""A run as the lifecycle sees it: attempts and writers. Never assigns a state; `machine` does."""

from dataclasses import dataclass

from heartline.core.lifecycle.evidence import Actor, CauseKind, Evidence
from heartline.core.lifecycle.states import Confidence, State
from heartline.core.lifecycle.time import Instant, Millis, Wall


@dataclass(frozen=True, slots=True)
class Attempt:
    """The fencing token of one start of a run.

    The epoch alone is not enough after a restore from backup: two starts may then bear the same
    one, and only the nonce (the identity of the launch, shared by its ranks) tells them apart.
    """

    epoch: int
    nonce: str


NO_ATTEMPT = Attempt(0, "")


@dataclass(frozen=True, slots=True)
class Writer:
    """One process that writes to the run, usually a rank. `lease` None waits without an end."""

    id: str
    state: State
    seq: int
    heard_at: Instant
    heard_wall: Wall
    lease: Millis | None
    confidence: Confidence
    cause: CauseKind
    evidence: Evidence = Evidence()
    by: Actor = Actor("process")
    rank: int | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop request on its way: asked, perhaps acknowledged, not yet confirmed by an end."""

    by: Actor
    cause: CauseKind
    reason: str
    asked_at: Wall
    acknowledged_at: Wall | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Everything the machine needs to judge: the newest attempt, its writers and what is shown."""

    attempt: Attempt
    writers: tuple[Writer, ...]
    state: State
    since: Wall
    stop: Stop | None = None
    overridden: bool = False
    entries: int = 0

    def writer(self, writer_id: str) -> Writer | None:
        """The writer of the newest attempt with this id, if it ever opened."""
        return next((writer for writer in self.writers if writer.id == writer_id), None)
