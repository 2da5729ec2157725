"""Where runs went that were moved. Never holds a run, only its number."""

from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Transaction

MOVED = "moved_run"


def remember(tx: Transaction, record: RunRecord) -> None:
    """So that the address where the run is now leads to it when it is elsewhere."""
    tx.accounts.put_document(MOVED, _scope(record.path), record.path.id, {"key": record.key})


def standing(tx: Transaction, path: RunPath) -> RunRecord | None:
    """The run at this path, or the one that was moved from there; it knows where it is."""
    found = tx.runs.find(path)
    if found is None and (told := tx.accounts.document(MOVED, _scope(path), path.id)):
        found = tx.runs.get(RunKey(int(told["key"])))
    return found


def _scope(path: RunPath) -> str:
    return f"{path.entity}/{path.project}"
