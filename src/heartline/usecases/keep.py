"""Save what the machine decided: the run, its ledger lines, and what is told of it."""

from collections.abc import Sequence
from dataclasses import replace

from heartline.core.lifecycle import LIVE, Changed, Entry, Ignored, Input, Now, Run, step
from heartline.core.lifecycle.view import explaining, explains
from heartline.core.records import RunRecord
from heartline.ports import Transaction


def keep(
    tx: Transaction, record: RunRecord, life: Run, entries: Sequence[Entry], now: Now
) -> RunRecord:
    """The record with a newer life; `told` is the newest entry that explains the state."""
    told = _told(tx, record, life, entries)
    ended = record.ended_at
    if life.state in LIVE:
        ended = None
    elif record.life.state in LIVE or ended is None or any(e.after in LIVE for e in entries):
        ended = _last_heard(entries) or now.wall
    return tx.runs.save(replace(record, life=life, told=told, ended_at=ended), entries)


def _told(tx: Transaction, record: RunRecord, life: Run, entries: Sequence[Entry]) -> Entry:
    """What explains the state now; of several writers only the whole ledger tells who is to blame."""
    if life.state not in LIVE and len(life.writers) > 1:
        return explaining([*tx.runs.ledger(record.key), *entries])
    return next((entry for entry in reversed(entries) if explains(entry)), record.told)


def _last_heard(entries: Sequence[Entry]) -> int | None:
    """A run that fell silent is over since it was last heard, not since we noticed."""
    lapsed = entries and entries[-1].input == "DeadlinePassed"
    return entries[-1].evidence.heartbeat_at if lapsed else None


def apply(
    tx: Transaction, record: RunRecord, said: Input, now: Now
) -> tuple[RunRecord, Changed | Ignored]:
    """One input to one run, saved if it was accepted."""
    life, outcome = step(record.life, said, now)
    if isinstance(outcome, Changed):
        record = keep(tx, record, life, outcome.entries, now)
    return record, outcome
