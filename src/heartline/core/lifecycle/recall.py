"""Attempts that are told of when a newer one has begun: lines in the ledger. Never moves a run."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from heartline.core.lifecycle.evidence import Actor, CauseKind, Verdict
from heartline.core.lifecycle.ledger import Entry
from heartline.core.lifecycle.run import Attempt, Run
from heartline.core.lifecycle.states import Confidence, State
from heartline.core.lifecycle.time import Now

RECALLED = "Recalled"
STARTED = Verdict(State.RUNNING, CauseKind.STARTED, Confidence.PROVEN)


@dataclass(frozen=True, slots=True)
class Recalled:
    """What became of a writer of an attempt that was over before the newest began."""

    attempt: Attempt
    writer: str
    told: Verdict
    by: Actor
    rank: int | None = None
    host: str = ""


def recall(run: Run, said: Recalled, now: Now) -> tuple[Run, Entry]:
    """One line more; the run is shown as before."""
    entry = Entry(
        seq=run.entries + 1,
        at=now.wall,
        input=RECALLED,
        attempt=said.attempt,
        before=run.state,
        after=run.state,
        cause=said.told.cause,
        by=said.by,
        confidence=said.told.confidence,
        evidence=said.told.evidence,
        writer=said.writer,
        writer_state=said.told.state,
        rank=said.rank,
        host=said.host,
    )
    return replace(run, entries=run.entries + 1), entry


def place(ledger: Iterable[Entry], began: int) -> int | None:
    """The epoch of what started then: that of the newest attempt that had started before it.

    0 if none had; None if it is the newest itself. An epoch may thus hold several launches.
    """
    starts: dict[int, int] = {}
    for entry in ledger:
        if entry.attempt.epoch and entry.input != RECALLED:
            starts.setdefault(entry.attempt.epoch, entry.evidence.happened_at or entry.at)
    newest = max(starts, default=0)
    if not newest or began >= starts[newest]:
        return None
    return max((epoch for epoch, at in starts.items() if at <= began), default=0)
