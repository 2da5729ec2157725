"""Make a sweep, or change what may be changed of one. Never makes a run."""

from dataclasses import replace
from typing import Any

from heartline.core.lifecycle import LIVE, Instant, Now
from heartline.core.records import Project, RunPath, RunRecord
from heartline.core.sweep.config import Faults, SweepConfig, read
from heartline.core.sweep.space import Args, assembled, taken_apart
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Stage, Sweep, SweepKey, Trial, Turn
from heartline.ports import Ids, Transaction
from heartline.usecases.access import Principal, known_entity
from heartline.usecases.find_sweeps import find_sweep, measured
from heartline.usecases.names import check_name, check_values, check_words
from heartline.usecases.refusal import Refused
from heartline.wire.names import DEFAULT_PROJECT, DISPLAY_CHARS_MAX
from heartline.wire.sweeps import SweepCreate, SweepUpdate

PRIOR_RUNS_MAX = 10_000


def create_sweep(
    tx: Transaction, who: Principal, said: SweepCreate, ids: Ids, now: Now, door: str = ""
) -> Sweep | Refused:
    """A pending sweep; runs from before are told to its searcher."""
    config = checked(said.config)
    if isinstance(config, Refused):
        return config
    given = dict(config.given)
    entity = who.meant(said.entity or str(given.get("entity") or ""))
    project = said.project or str(given.get("project") or "") or DEFAULT_PROJECT
    sweep_id = said.id or ids.run_id()
    refused = _refused(tx, who, (entity, project, sweep_id), said)
    if refused is not None:
        return refused
    # All of them before anything is written: a refusal that is returned undoes nothing.
    found = _all_prior(tx, config, [RunPath(entity, project, each) for each in said.prior_runs])
    if isinstance(found, Refused):
        return found
    if tx.accounts.project(entity, project) is None:
        tx.accounts.put_project(Project(entity, project, now.wall))
    told = f"made by {who.user.name}; waiting for an agent"
    made = tx.sweeps.create(
        Sweep(
            key=SweepKey(0), entity=entity, project=project, id=sweep_id,
            name=(said.name or config.name or config.program or sweep_id)[:DISPLAY_CHARS_MAX],
            user=who.user.name, given=given, status=Status.PENDING, since=now.wall, sentence=told,
            turns=(Turn(now.wall, Status.PENDING, f"user {who.user.name}", told, door),),
            created_at=now.wall, description=config.description, prior=len(found),
        )
    )  # fmt: skip
    for at, (record, args) in enumerate(found):
        _adopt(tx, made, config, record, args, at, now)
    return made


def checked(given: Any) -> SweepConfig | Refused:
    """The configuration, or every fault in one sentence."""
    wrong = check_values("config", given) if isinstance(given, dict) else None
    if wrong is not None:
        return Refused("unprocessable", wrong)
    config = read(given)
    return Refused("unprocessable", config.told) if isinstance(config, Faults) else config


def _refused(
    tx: Transaction, who: Principal, path: tuple[str, str, str], said: SweepCreate
) -> Refused | None:
    entity, project, sweep_id = path
    for name, what in ((project, "project"), (sweep_id, "sweep id")):
        if problem := check_name(name, what):
            return Refused("unprocessable", problem)
    if not known_entity(tx, entity) or not who.may_see(entity):
        return Refused("not_found", f"no user or team `{entity}`; leave entity out to use yours")
    if not who.may_write(entity):
        return Refused("forbidden", f"you may not write to `{entity}`")
    if tx.sweeps.find(entity, project, sweep_id) is not None:
        return Refused("conflict", f"sweep {'/'.join(path)} exists already; choose another id")
    if len(said.prior_runs) > PRIOR_RUNS_MAX or len(set(said.prior_runs)) < len(said.prior_runs):
        return Refused("unprocessable", f"prior_runs: at most {PRIOR_RUNS_MAX}, each once")
    return None


def _all_prior(
    tx: Transaction, config: SweepConfig, paths: list[RunPath]
) -> list[tuple[RunRecord, Args]] | Refused:
    """All runs from before, or what is wrong with the first bad one."""
    found = []
    for path in paths:
        one = _prior(tx, config, path)
        if isinstance(one, Refused):
            return one
        found.append(one)
    return found


def _prior(tx: Transaction, config: SweepConfig, path: RunPath) -> tuple[RunRecord, Args] | Refused:
    """A run from before that has ended, with its own values of the sweep's parameters."""
    record = tx.runs.find(path)
    if record is None:
        place = f"{path.entity}/{path.project}"
        return Refused("not_found", f"prior run `{path.id}`: no such run in {place}")
    if record.state in LIVE:
        told = f"prior run `{path.id}` is {record.state}: wait for its end, or leave it out"
        return Refused("conflict", told)
    if tx.sweeps.trial_of(record.key) is not None:
        told = f"prior run `{path.id}` is a trial of sweep `{record.sweep}`: leave it out"
        return Refused("conflict", told)
    values = taken_apart(config.space, record.config)
    if len(values) < len(config.space):
        missing = next(each.name for each in config.space if each.name not in values)
        return Refused("unprocessable", f"prior run `{path.id}` has no `{missing}` in its config")
    return record, assembled(config.space, values)


def _adopt(
    tx: Transaction, sweep: Sweep, config: SweepConfig, record: RunRecord, args: Args,
    at: int, now: Now,
) -> None:  # fmt: skip
    """The run counts as tried."""
    tx.sweeps.put_trial(
        Trial(
            sweep=sweep.key,
            number=-1 - at,
            run=record.key,
            run_id=record.path.id,
            args=args,
            stage=Stage.ENDED,
            created_at=now.wall,
            handed_at=Instant(0),
            ended_at=record.ended_at,
            value=measured(tx, record, config),
        )
    )
    tx.runs.save(replace(record, sweep=sweep.id))


def rename_sweep(
    tx: Transaction, who: Principal, path: tuple[str, str, str], said: SweepUpdate
) -> Sweep | Refused:
    """New words; absent ones leave what stands."""
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    if wrong := check_words(name=said.name, notes=said.description):
        return Refused("unprocessable", wrong.replace("notes", "description"))
    description = sweep.description if said.description is None else said.description
    return tx.sweeps.save(replace(sweep, name=said.name or sweep.name, description=description))
