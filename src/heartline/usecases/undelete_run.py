"""Bring a deleted run back, or let it go for good. Never revives what was told that it is gone."""

from collections.abc import Sequence
from dataclasses import replace

from heartline.core.lifecycle import Actor, Now
from heartline.core.lifecycle.undelete import Undeleted, undelete
from heartline.core.records import Deleted, Project, RunKey, RunRecord
from heartline.core.sweep.trials import Stage
from heartline.ports import Transaction
from heartline.usecases.access import Principal, keyed, read_only
from heartline.usecases.deleted import unsay
from heartline.usecases.find_runs import visible_projects
from heartline.usecases.forget_deleted import let_go
from heartline.usecases.refusal import Refused

NOT_ASIDE = "no deleted run with key {key}: it was deleted for good, or is not yours to see"
TAKEN = (
    "another run is at {path} now: move it to another project, or delete it, then bring this back"
)


def deleted_runs(
    tx: Transaction, who: Principal, entity: str, project: str, limit: int
) -> tuple[Sequence[Deleted], int] | Refused:
    """The last deleted of a project and how many there are, also if the project was deleted."""
    entity = who.meant(entity)
    found = tx.deleted.newest(entity, project, limit) if who.may_see(entity) else ((), 0)
    seen = found[1] or visible_projects(tx, who, entity, project)
    return seen if isinstance(seen, Refused) else found


def undelete_run(tx: Transaction, who: Principal, key: RunKey, now: Now) -> RunRecord | Refused:
    """The run where it was, with all that was its own; one that is there already is left alone.

    A project that was deleted meanwhile is made again.
    """
    there = keyed(tx, who, key)
    if isinstance(there, RunRecord):
        return there
    found = aside(tx, who, key)
    if isinstance(found, Refused):
        return found
    if tx.runs.find(found.path) is not None:
        return Refused("conflict", TAKEN.format(path=found.path))
    if tx.accounts.project(found.path.entity, found.path.project) is None:
        tx.accounts.put_project(Project(found.path.entity, found.path.project, now.wall))
    record = tx.deleted.bring_back(key)
    unsay(tx, record)
    _reopen(tx, record, found.at)
    said = Undeleted(Actor("user", who.user.name), f"it was deleted by {found.by}")
    life, line = undelete(record.life, said, now)
    return tx.runs.save(replace(record, life=life), [line])


def discard_run(tx: Transaction, who: Principal, key: RunKey) -> Deleted | Refused:
    """A deleted run is let go before its time, so that its space is freed."""
    found = aside(tx, who, key)
    if isinstance(found, Deleted):
        let_go(tx, key)
    return found


def aside(tx: Transaction, who: Principal, key: RunKey) -> Deleted | Refused:
    """A deleted run that is kept, for those who may change it; strangers learn nothing."""
    found = tx.deleted.get(key)
    if found is None or not who.may_see(found.path.entity):
        return Refused("not_found", NOT_ASIDE.format(key=key))
    return found if who.may_write(found.path.entity) else read_only(tx, found.path.entity)


def _reopen(tx: Transaction, record: RunRecord, deleted_at: int) -> None:
    """A trial that was settled as lost while its run was away is looked at again."""
    trial = tx.sweeps.trial_of(record.key)
    if trial is not None and trial.stage is Stage.ENDED and (trial.ended_at or 0) >= deleted_at:
        tx.sweeps.put_trial(replace(trial, stage=Stage.RUNNING, ended_at=None))
