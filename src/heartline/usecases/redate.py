"""Date live runs anew when the wall clock was set. Never changes a length, a state or a ledger."""

from collections.abc import Sequence
from dataclasses import replace

from heartline.core.lifecycle import LIVE, Now
from heartline.core.records import CLOCK_AHEAD_MS, RunKey, RunRecord
from heartline.ports import Transaction

JUST_MS = 5_000


def redate(tx: Transaction, keys: Sequence[RunKey], by: int, now: Now) -> None:
    """The starts of these runs, and how far their own clocks are ahead, by the clock as set."""
    for key in keys:
        record = tx.runs.get(key)
        if record is not None and record.state in LIVE and _is_of_before(record, by, now):
            tx.runs.save(_redated(record, by))


def _is_of_before(record: RunRecord, by: int, now: Now) -> bool:
    """Whether it started before the clock was set: what has just started is dated well."""
    at = record.started_at
    return at is not None and at + by <= now.wall and not 0 <= now.wall - at < JUST_MS


def _redated(record: RunRecord, by: int) -> RunRecord:
    progress = record.progress_at
    ahead = record.environment.get(CLOCK_AHEAD_MS)
    return replace(
        record,
        started_at=(record.started_at or 0) + by,
        progress_at=None if progress is None else progress + by,
        # Its rows are dated by its own clock, which nobody has set.
        environment={
            **record.environment,
            CLOCK_AHEAD_MS: (ahead if isinstance(ahead, int) else 0) - by,
        },
    )
