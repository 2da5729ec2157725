"""Move runs that have ended to another project. Never moves what still writes, nor a sweep's trial.

The old address goes on to lead to the run, until another run is made there.
"""

from dataclasses import replace

from heartline.core.lifecycle import TERMINAL
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, changed, read_only
from heartline.usecases.cares import carry
from heartline.usecases.moved import remember
from heartline.usecases.refusal import Refused


def move_run(
    tx: Transaction, who: Principal, record: RunRecord, entity: str, project: str
) -> RunRecord | Refused:
    """The run, with all that is its own, in the other project."""
    found = changed(tx, who, record.path)
    if isinstance(found, Refused):
        return found
    to = RunPath(who.meant(entity), project, found.path.id)
    if to == found.path:
        return found
    refused = _stays(found) or _closed(tx, who, to, found.key)
    if refused is not None:
        return refused
    remember(tx, found)
    moved = tx.runs.save(replace(found, path=to))
    carry(tx, found, moved)
    return moved


def _stays(record: RunRecord) -> Refused | None:
    if record.state not in TERMINAL:
        return Refused("conflict", f"{record.path} is {record.state}: move it when it has ended")
    if record.sweep:
        told = f"{record.path} is a trial of sweep {record.sweep}, and stays with it"
        return Refused("conflict", told)
    return None


def _closed(tx: Transaction, who: Principal, to: RunPath, key: RunKey) -> Refused | None:
    if not who.may_see(to.entity) or tx.accounts.project(to.entity, to.project) is None:
        told = f"no project {to.entity}/{to.project}, or it is not yours to see"
        return Refused("not_found", told)
    if not who.may_write(to.entity):
        return read_only(tx, to.entity)
    there = tx.runs.find(to)
    if there is not None and there.key != key:
        return Refused("conflict", f"{to} exists already")
    return None
