"""A deleted run that was brought back: one line in the ledger. Never moves a run."""

from dataclasses import dataclass, replace

from heartline.core.lifecycle.evidence import Actor, CauseKind
from heartline.core.lifecycle.ledger import Entry, note
from heartline.core.lifecycle.run import Run
from heartline.core.lifecycle.states import LIVE
from heartline.core.lifecycle.time import Now

UNDELETED = "Undeleted"


@dataclass(frozen=True, slots=True)
class Undeleted:
    """Who brought it back, and in words who had deleted it."""

    by: Actor
    reason: str


def undelete(run: Run, said: Undeleted, now: Now) -> tuple[Run, Entry]:
    """One line more; the run is shown as before, and a full lease of each live writer begins.

    What they sent meanwhile was refused, so that their silence says nothing of them.
    """
    writers = tuple(
        replace(writer, heard_at=now.alive) if writer.state in LIVE else writer
        for writer in run.writers
    )
    entry = note(run, UNDELETED, CauseKind.UNDELETED, said.by, now, said.reason)
    return replace(run, writers=writers, entries=run.entries + 1), entry
