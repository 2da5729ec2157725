"""Make a sweep, or change what may be changed of one. Never makes a run."""

from dataclasses import replace
from typing import Any

from heartline.core.lifecycle import Instant, Now
from heartline.core.records import Project, RunPath
from heartline.core.sweep.config import Faults, SweepConfig, read
from heartline.core.sweep.space import assembled, taken_apart
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Stage, Sweep, SweepKey, Trial
from heartline.ports import Ids, Transaction
from heartline.usecases.access import Principal, known_entity
from heartline.usecases.find_sweeps import find_sweep, measured
from heartline.usecases.names import check_name, check_values, check_words
from heartline.usecases.refusal import Refused
from heartline.wire.names import DEFAULT_PROJECT, DISPLAY_CHARS_MAX
from heartline.wire.sweeps import SweepCreate, SweepUpdate

PRIOR_RUNS_MAX = 10_000


def create_sweep(
    tx: Transaction, who: Principal, said: SweepCreate, ids: Ids, now: Now
) -> Sweep | Refused:
    """A pending sweep; runs from before are told to its searcher."""
    config = checked(said.config)
    if isinstance(config, Refused):
        return config
    given = dict(config.given)
    entity = said.entity or str(given.get("entity") or "") or who.default_entity
    project = said.project or str(given.get("project") or "") or DEFAULT_PROJECT
    sweep_id = said.id or ids.run_id()
    refused = _refused(tx, who, (entity, project, sweep_id), said)
    if refused is not None:
        return refused
    if tx.accounts.project(entity, project) is None:
        tx.accounts.put_project(Project(entity, project, now.wall))
    made = tx.sweeps.create(
        Sweep(
            key=SweepKey(0),
            entity=entity,
            project=project,
            id=sweep_id,
            name=(said.name or config.name or config.program or sweep_id)[:DISPLAY_CHARS_MAX],
            user=who.user.name,
            given=given,
            status=Status.PENDING,
            since=now.wall,
            sentence=f"made by {who.user.name}; waiting for an agent",
            created_at=now.wall,
            description=config.description,
            prior=len(said.prior_runs),
        )
    )
    for at, run_id in enumerate(said.prior_runs):
        if (refused := _adopt(tx, made, config, run_id, at, now)) is not None:
            return refused
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


def _adopt(
    tx: Transaction, sweep: Sweep, config: SweepConfig, run_id: str, at: int, now: Now
) -> Refused | None:
    """A run from before counts as tried, with its own values of the sweep's parameters."""
    record = tx.runs.find(RunPath(sweep.entity, sweep.project, run_id))
    if record is None:
        place = f"{sweep.entity}/{sweep.project}"
        return Refused("not_found", f"prior run `{run_id}`: no such run in {place}")
    values = taken_apart(config.space, record.config)
    if len(values) < len(config.space):
        missing = next(each.name for each in config.space if each.name not in values)
        return Refused("unprocessable", f"prior run `{run_id}` has no `{missing}` in its config")
    tx.sweeps.put_trial(
        Trial(
            sweep=sweep.key,
            number=-1 - at,
            run=record.key,
            run_id=run_id,
            args=assembled(config.space, values),
            stage=Stage.ENDED,
            created_at=now.wall,
            handed_at=Instant(0),
            ended_at=record.ended_at,
            value=measured(tx, record, config),
        )
    )
    tx.runs.save(replace(record, sweep=sweep.id))
    return None


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


def delete_sweep(tx: Transaction, who: Principal, path: tuple[str, str, str]) -> Sweep | Refused:
    """Forget the sweep; its runs stay, and its agents are told with their next beat."""
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    tx.sweeps.delete(sweep.key)
    return sweep
