"""Judge runs whose lease may have ended. Waking proves nothing: the machine looks again."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from heartline.core.lifecycle import (
    Changed,
    DeadlinePassed,
    Entry,
    Heard,
    Instant,
    Now,
    deadline,
    step,
)
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.keep import keep
from heartline.usecases.last_lines import last_lines, texts

RUNS_PER_WAKE_MAX = 200


Unsaved = Callable[[RunKey], Iterable[tuple[Heard, Now]]]


def _none(_: RunKey) -> tuple[()]:
    return ()


def expire_leases(
    tx: Transaction, healthy_since: Instant, now: Now, unsaved: Unsaved = _none
) -> tuple[list[RunRecord], bool]:
    """The runs that ended now for want of a heartbeat, and whether more wait to be judged.

    `unsaved` tells the beats of a run that were heard but not stored: they count.
    """
    keys = tx.runs.overdue(now.alive, RUNS_PER_WAKE_MAX)
    judged = [_judge(tx, key, healthy_since, now, unsaved) for key in keys]
    return [each for each in judged if each is not None], len(keys) == RUNS_PER_WAKE_MAX


def _judge(
    tx: Transaction, key: RunKey, healthy_since: Instant, now: Now, unsaved: Unsaved
) -> RunRecord | None:
    record = tx.runs.get(key)
    if record is None:
        return None
    life = record.life
    for heard, at in unsaved(key):
        life, _ = step(life, heard, at)
    life, outcome = step(life, DeadlinePassed(healthy_since), now)
    if isinstance(outcome, Changed):
        return keep(tx, record, life, _with_last_lines(tx, key, outcome.entries), now)
    later = deadline(life, healthy_since)
    tx.runs.defer(record, None if later is None else Instant(max(later, now.alive + 1)))
    return None


def _with_last_lines(tx: Transaction, key: RunKey, entries: Iterable[Entry]) -> list[Entry]:
    """Silence tells nothing of itself; what was printed before it may."""
    said = texts(last_lines(tx, key))
    return [replace(entry, evidence=replace(entry.evidence, last_lines=said)) for entry in entries]
