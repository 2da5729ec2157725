"""The attempts of a run, told from its ledger alone. Never looks at anything else."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from heartline.core.lifecycle import LIVE, Attempt, Entry, State
from heartline.core.lifecycle.ledger import shown
from heartline.core.lifecycle.recall import RECALLED
from heartline.core.lifecycle.run import NO_ATTEMPT
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
    entries: dict[Attempt, list[Entry]] = {}
    for entry in ledger:
        if entry.attempt != NO_ATTEMPT:
            entries.setdefault(entry.attempt, []).append(entry)
    found = [_story(attempt.epoch, lines) for attempt, lines in entries.items()]
    return sorted(found, key=lambda each: (each.epoch, each.started_at))


def _story(epoch: int, entries: list[Entry]) -> AttemptStory:
    if entries[0].input == RECALLED:
        entries = _apart(entries)
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


def _apart(entries: list[Entry]) -> list[Entry]:
    """The lines of an attempt that was told of later, as if it alone had moved the run."""
    states: dict[str, State] = {}
    found: list[Entry] = []
    for entry in entries:
        before = shown(tuple(states.values())) if states else None
        states[entry.writer] = entry.writer_state or entry.after
        found.append(replace(entry, before=before, after=shown(tuple(states.values()))))
    return found
