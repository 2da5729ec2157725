"""Where runs went that were moved. Never holds a run, only its number."""

from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Transaction

MOVED = "moved_run"


def remember(tx: Transaction, record: RunRecord) -> None:
    """So that the address where the run is now leads to it when it is elsewhere."""
    tx.accounts.put_document(MOVED, _scope(record.path), record.path.id, {"key": record.key})


def moved_key(tx: Transaction, path: RunPath) -> RunKey | None:
    """The number of the run that was last moved away from this path, whatever became of it."""
    told = tx.accounts.document(MOVED, _scope(path), path.id)
    return None if told is None else RunKey(int(told["key"]))


def forget_lead(tx: Transaction, path: RunPath) -> None:
    """Let this path lead nowhere any more: a newer run stood there, and is deleted."""
    key = moved_key(tx, path)
    if key is not None:
        told = {"key": key, "over": True}
        tx.accounts.put_document(MOVED, _scope(path), path.id, told)


def standing(tx: Transaction, path: RunPath) -> RunRecord | None:
    """The run at this path, or the one that was moved from there; it knows where it is."""
    found = tx.runs.find(path)
    if found is not None:
        return found
    told = tx.accounts.document(MOVED, _scope(path), path.id)
    return None if told is None or "over" in told else tx.runs.get(RunKey(int(told["key"])))


def _scope(path: RunPath) -> str:
    return f"{path.entity}/{path.project}"
