"""The attempts of a run, told from its ledger alone. Never looks at anything else."""

from collections.abc import Sequence
from dataclasses import dataclass

from heartline.core.lifecycle import LIVE, Entry, State
from heartline.core.lifecycle.view import explaining, explains, sentence


@dataclass(frozen=True, slots=True)
class AttemptStory:
    """One start of a run, from its first line in the ledger to its last."""

    epoch: int
    started_at: int
    ended_at: int | None
    state: State
    cause: str
    sentence: str
    writers: int
    hosts: tuple[str, ...]


def attempts(ledger: Sequence[Entry]) -> list[AttemptStory]:
    """Oldest first; a run that never started has none."""
    epochs = sorted({entry.attempt.epoch for entry in ledger if entry.attempt.epoch})
    return [_story(epoch, [e for e in ledger if e.attempt.epoch == epoch]) for epoch in epochs]


def _story(epoch: int, entries: list[Entry]) -> AttemptStory:
    last = ([entry for entry in entries if explains(entry)] or entries)[-1]
    why = explaining(entries)
    writers = {entry.writer for entry in entries if entry.writer}
    hosts = sorted({entry.host for entry in entries if entry.host})
    return AttemptStory(
        epoch,
        entries[0].evidence.happened_at or entries[0].at,
        None if last.after in LIVE else last.evidence.happened_at or last.at,
        last.after,
        why.cause.value,
        sentence(why),
        len(writers),
        tuple(hosts),
    )
