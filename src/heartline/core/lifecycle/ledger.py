"""The ledger: every change with its cause, and the fold that gives the state back.

Never edited and never shortened; what is shown about a run is read from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from heartline.core.lifecycle.evidence import Actor, CauseKind, Evidence
from heartline.core.lifecycle.run import NO_ATTEMPT, Attempt, Run
from heartline.core.lifecycle.states import LIVE, WORST_FIRST, Confidence, State
from heartline.core.lifecycle.time import Now, Wall


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger.

    `writer_state` is what the named writer became ("" and None for entries about the whole run);
    `before` and `after` are what the run was shown as. `seq` counts from 1 within the run.
    """

    seq: int
    at: Wall
    input: str
    attempt: Attempt
    before: State | None
    after: State
    cause: CauseKind
    by: Actor
    confidence: Confidence
    evidence: Evidence = Evidence()
    writer: str = ""
    writer_state: State | None = None
    rank: int | None = None
    host: str = ""
    reason: str = ""


def note(run: Run, said: str, cause: CauseKind, by: Actor, now: Now, reason: str) -> Entry:
    """A line about the whole run that moves no writer."""
    return Entry(
        seq=run.entries + 1,
        at=now.wall,
        input=said,
        attempt=run.attempt,
        before=run.state,
        after=run.state,
        cause=cause,
        by=by,
        confidence=Confidence.PROVEN,
        reason=reason,
    )


def shown(states: Sequence[State]) -> State:
    """The run's state from those of the newest attempt's writers: any live one, else the worst."""
    if State.PREEMPTING in states:
        return State.PREEMPTING
    if State.RUNNING in states:
        return State.RUNNING
    if State.PENDING in states:
        return State.PENDING
    return next(state for state in WORST_FIRST if state in states)


def fold(entries: Iterable[Entry]) -> State | None:
    """The state that the ledger alone tells; equal to the stored one, or something is broken."""
    attempt, writers = NO_ATTEMPT, dict[str, State]()
    pinned: State | None = None
    for entry in entries:
        if entry.cause is CauseKind.OVERRIDDEN:
            pinned = entry.after
        if entry.attempt.epoch > attempt.epoch:
            attempt, writers, pinned = entry.attempt, {}, None
        if entry.attempt == attempt and entry.writer_state is not None:
            writers[entry.writer] = entry.writer_state
    if pinned is not None:
        return pinned
    return shown(tuple(writers.values())) if writers else None


def is_live(state: State) -> bool:
    """Whether a run in this state may still do work."""
    return state in LIVE
