"""What is remembered of deleted runs: that they were, and whose launches they were.

Never holds what a run held: `DeletedStore` keeps that for a time, and `forget_deleted` sweeps it.
"""

from heartline.core.records import Deleted, RunKey, RunPath, RunRecord
from heartline.ports import Transaction
from heartline.usecases.moved import forget_lead, moved_key

BY_PATH, BY_KEY = "deleted_run", "deleted_key"
LAUNCHES_MAX = 1_000
"""So many launches of runs that were deleted here earlier are remembered."""


def remember(tx: Transaction, record: RunRecord, by: str, at: int) -> None:
    """So that its writers are told, and cannot open it again by themselves."""
    launches = sorted({entry.attempt.nonce for entry in tx.runs.ledger(record.key)})
    told = {"key": record.key, "by": by, "at": at, "launches": launches}
    before = tx.accounts.document(BY_PATH, _scope(record.path), record.path.id)
    older = before["launches"][-LAUNCHES_MAX:] if before else []
    here = {**told, "launches": [*older, *launches]}
    tx.accounts.put_document(BY_PATH, _scope(record.path), record.path.id, here)
    tx.accounts.put_document(BY_KEY, "", str(record.key), told)
    forget_lead(tx, record.path)


def unsay(tx: Transaction, record: RunRecord) -> None:
    """It was brought back: its launches may write again; of others deleted here nothing changes."""
    mine = tx.accounts.document(BY_KEY, "", str(record.key)) or {}
    tx.accounts.delete_document(BY_KEY, "", str(record.key))
    here = tx.accounts.document(BY_PATH, _scope(record.path), record.path.id)
    if here is None:
        return
    others = [each for each in here["launches"] if each not in mine.get("launches", ())]
    if others:
        told = {**here, "launches": others}
        tx.accounts.put_document(BY_PATH, _scope(record.path), record.path.id, told)
    else:
        tx.accounts.delete_document(BY_PATH, _scope(record.path), record.path.id)


def aside_at(tx: Transaction, path: RunPath) -> Deleted | None:
    """The run that was deleted here last, if it can still be brought back."""
    told = tx.accounts.document(BY_PATH, _scope(path), path.id)
    return None if told is None else tx.deleted.get(RunKey(told["key"]))


def was_deleted(tx: Transaction, key: RunKey, launch: str) -> bool:
    """Whether a run of this number once was, and this launch wrote to it."""
    told = tx.accounts.document(BY_KEY, "", str(key))
    return told is not None and launch in told.get("launches", (launch,))


def was_at(tx: Transaction, path: RunPath) -> bool:
    """Whether a run at this path was deleted, here or where it was moved to."""
    if tx.accounts.document(BY_PATH, _scope(path), path.id) is not None:
        return True
    key = moved_key(tx, path)
    return key is not None and tx.accounts.document(BY_KEY, "", str(key)) is not None


def launched(tx: Transaction, path: RunPath, launch: str) -> bool:
    """Whether this very launch wrote to a run of this path that was deleted, whatever stands here now."""
    told = tx.accounts.document(BY_PATH, _scope(path), path.id)
    if told is not None and launch in told["launches"]:
        return True
    key = moved_key(tx, path)
    return key is not None and was_deleted(tx, key, launch)


def _scope(path: RunPath) -> str:
    return f"{path.entity}/{path.project}"
