"""Judge runs whose lease may have ended. Waking proves nothing: the machine looks again."""

from heartline.core.lifecycle import Changed, DeadlinePassed, Instant, Now, deadline, step
from heartline.core.lifecycle.time import AMNESTY_MS, TICK_MS
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.keep import keep
from heartline.usecases.summary import index_summary

RUNS_PER_WAKE_MAX = 200


def expire_leases(tx: Transaction, healthy_since: Instant, now: Now) -> list[RunRecord]:
    """The runs that ended now for want of a heartbeat."""
    if now.alive < healthy_since + AMNESTY_MS:
        return []
    ended = []
    for key in tx.runs.overdue(now.alive, RUNS_PER_WAKE_MAX):
        record = tx.runs.get(key)
        if record is None:
            continue
        life, outcome = step(record.life, DeadlinePassed(healthy_since), now)
        if isinstance(outcome, Changed):
            ended.append(keep(tx, record, life, outcome.entries, now))
            index_summary(tx, RunKey(key))
        else:
            later = deadline(record.life) or now.alive
            tx.runs.defer(key, Instant(max(later, now.alive + TICK_MS)))
    return ended
