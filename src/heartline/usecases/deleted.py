"""What is remembered of deleted runs: that they were, and whose launches they were.

Never holds what a run held; `forget_deleted` sweeps the series and files later.
"""

from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Transaction

BY_PATH, BY_KEY, TO_SWEEP = "deleted_run", "deleted_key", "to_sweep"
LAUNCHES_MAX = 1_000
"""So many launches of runs that were deleted here earlier are remembered."""


def remember(tx: Transaction, record: RunRecord, by: str, at: int) -> None:
    """So that its writers are told for ever, and cannot open it again by themselves."""
    launches = sorted({entry.attempt.nonce for entry in tx.runs.ledger(record.key)})
    told = {"key": record.key, "by": by, "at": at, "launches": launches}
    before = tx.accounts.document(BY_PATH, _scope(record.path), record.path.id)
    older = before["launches"][-LAUNCHES_MAX:] if before else []
    here = {**told, "launches": [*older, *launches]}
    tx.accounts.put_document(BY_PATH, _scope(record.path), record.path.id, here)
    tx.accounts.put_document(BY_KEY, "", str(record.key), told)
    tx.accounts.put_document(TO_SWEEP, "", str(record.key), {"at": at})


def was_deleted(tx: Transaction, key: RunKey, launch: str) -> bool:
    """Whether a run of this number once was, and this launch wrote to it."""
    told = tx.accounts.document(BY_KEY, "", str(key))
    return told is not None and launch in told.get("launches", (launch,))


def was_at(tx: Transaction, path: RunPath) -> bool:
    """Whether a run at this path was deleted, and none was made there since."""
    return tx.accounts.document(BY_PATH, _scope(path), path.id) is not None


def launched(tx: Transaction, path: RunPath, launch: str) -> bool:
    """Whether this very launch wrote to a run that was deleted here, whatever stands here now."""
    told = tx.accounts.document(BY_PATH, _scope(path), path.id)
    return told is not None and launch in told["launches"]


def _scope(path: RunPath) -> str:
    return f"{path.entity}/{path.project}"
