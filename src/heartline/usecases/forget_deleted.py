"""Forget what deleted runs have left behind, a few at a time. Never touches a run that is there."""

from collections.abc import Sequence

from heartline.core.records import RunKey
from heartline.ports import Transaction
from heartline.usecases import alerts, launches, offsets, second_door
from heartline.usecases.deleted import TO_SWEEP

SWEEPS_PER_UNIT_MAX = 5
DOCUMENTS = (alerts.HOME, offsets.OFFSETS, second_door.AGAIN, second_door.TOLD_OF)


def forget_deleted(tx: Transaction) -> Sequence[str]:
    """Series, file index and documents of a few deleted runs; the blobs that are nobody's now."""
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
