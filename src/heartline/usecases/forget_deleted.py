"""Forget what deleted runs have left behind, a few at a time. Never touches a run that is there."""

from collections.abc import Sequence

from heartline.core.records import RunKey
from heartline.ports import Transaction
from heartline.usecases import alerts, launches, offsets, second_door
from heartline.usecases.cares import forget_run

TO_SWEEP = "to_sweep"
SWEEPS_PER_UNIT_MAX = 5
DOCUMENTS = (alerts.HOME, offsets.OFFSETS, second_door.AGAIN, second_door.TOLD_OF)


def let_go(tx: Transaction, key: RunKey) -> None:
    """A deleted run can no longer be brought back; its space is freed soon."""
    found = tx.deleted.get(key)
    if found is not None and tx.deleted.drop(key):
        forget_run(tx, found.path, key)
        tx.accounts.put_document(TO_SWEEP, "", str(key), {})


def forget_entity(tx: Transaction, entity: str) -> None:
    """Whoever gets this name next finds no deleted run of somebody else's."""
    while found := tx.deleted.newest(entity, "", SWEEPS_PER_UNIT_MAX)[0]:
        for each in found:
            let_go(tx, each.key)


def is_left(tx: Transaction, before: int) -> bool:
    """Whether there is more to forget."""
    return bool(tx.deleted.before(before, 1) or tx.accounts.documents(TO_SWEEP, ""))


def forget_deleted(tx: Transaction, before: int) -> Sequence[str]:
    """Series, file index and documents of a few deleted runs; the blobs that are nobody's now.

    Those that were deleted at or before `before` have been kept for long enough.
    """
    for key in tx.deleted.before(before, SWEEPS_PER_UNIT_MAX):
        let_go(tx, key)
    blobs: list[str] = []
    for name in list(tx.accounts.documents(TO_SWEEP, ""))[:SWEEPS_PER_UNIT_MAX]:
        key = RunKey(int(name))
        for file in tx.files.list(key):
            tx.files.delete(key, file.path)
            blobs.append(file.blob)
        tx.series.drop(key)
        launches.forget(tx, key)
        for kind in DOCUMENTS:
            for each in list(tx.accounts.documents(kind, name)):
                tx.accounts.delete_document(kind, name, each)
        tx.accounts.delete_document(TO_SWEEP, "", name)
    return blobs
