"""Find sweeps, and what is known of them at a glance. Never changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec

from heartline.core.lifecycle import Instant, Now
from heartline.core.records import RunKey, RunRecord
from heartline.core.sweep.config import Faults, SweepConfig, read
from heartline.core.sweep.search import Told
from heartline.core.sweep.space import number
from heartline.core.sweep.trials import Agent, Stage, Sweep, Trial
from heartline.ports import Transaction
from heartline.usecases.access import Principal, read_only
from heartline.usecases.find_runs import visible_projects
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import shown_summary

TRIALS_MAX = 100_000
PAGE_MAX = 1_000
SWEEPS_LISTED_MAX = 500
PRIOR_FIRST = -1_000_000
CONFIGS_KNOWN_MAX = 512


def find_sweep(
    tx: Transaction, who: Principal, path: tuple[str, str, str], *, write: bool = False
) -> Sweep | Refused:
    """The sweep, for those who may see (or change) it; strangers cannot tell that it exists.

    Who may change it holds it: what they then read of its trials and agents stays so.
    """
    entity, project, sweep_id = path
    found = tx.sweeps.find(entity, project, sweep_id) if who.may_see(entity) else None
    if found is not None and write and who.may_write(entity):
        found = tx.sweeps.get(found.key, hold=True)
    if found is None:
        told = f"no sweep {entity}/{project}/{sweep_id}: it was deleted, or is not yours to see"
        return Refused("not_found", told)
    if write and not who.may_write(entity):
        return read_only(tx, entity)
    return found


def find_sweeps(
    tx: Transaction, who: Principal, entity: str, project: str
) -> list[Sweep] | Refused:
    """Those that the caller may see, newest first."""
    projects = visible_projects(tx, who, entity, project)
    if isinstance(projects, Refused):
        return projects
    found = tx.sweeps.of_projects([(each.entity, each.name) for each in projects])
    return list(found[:SWEEPS_LISTED_MAX])


def config_of(sweep: Sweep) -> SweepConfig:
    """The configuration as it was checked when the sweep was made."""
    return _config(msgspec.msgpack.encode(sweep.given))


@lru_cache(maxsize=CONFIGS_KNOWN_MAX)
def _config(given: bytes) -> SweepConfig:
    found = read(msgspec.msgpack.decode(given))
    assert not isinstance(found, Faults), "a sweep is stored only after its check"
    return found


@dataclass(frozen=True, slots=True)
class History:
    """`Trials` of a sweep, read only as far as a searcher asks."""

    tx: Transaction
    sweep: Sweep

    @property
    def made(self) -> int:
        """Trials of the sweep's own."""
        return self.sweep.made

    @property
    def prior(self) -> list[Told]:
        """Runs taken over from before."""
        if not self.sweep.prior:
            return []
        found = self.tx.sweeps.trials(self.sweep.key, PRIOR_FIRST, self.sweep.prior)
        return [_told(each) for each in found if each.prior]

    def all(self) -> list[Told]:
        """Prior and own, oldest first."""
        found = self.tx.sweeps.trials(self.sweep.key, PRIOR_FIRST, TRIALS_MAX)
        return [_told(each) for each in found]


def _told(trial: Trial) -> Told:
    return Told(dict(trial.args), trial.value, trial.stage is not Stage.ENDED)


def planned(tx: Transaction, sweep: Sweep, config: SweepConfig) -> int | None:
    """How many trials there will be; points that prior runs have tried are not tried again."""
    total = config.planned
    if total is None or config.method != "grid" or not sweep.prior:
        return None if total is None else min(total, TRIALS_MAX)
    known = {number(config.space, each.args) for each in History(tx, sweep).prior} - {None}
    points = replace(config, run_cap=None).planned or 0
    return min(points - len(known), total, TRIALS_MAX)


def measured(tx: Transaction, record: RunRecord, config: SweepConfig) -> float | None:
    """What the metric of a run came to; None if it has none, or is not a finite number."""
    if config.metric is None:
        return None
    values = shown_summary(tx, record)
    found = values.get(config.metric.name)
    if found is None:
        found = _nested(values, config.metric.name)
    good = isinstance(found, int | float) and not isinstance(found, bool)
    return float(found) if good and abs(found) < float("inf") else None


def _nested(values: dict[str, Any], name: str) -> Any:
    """`val.loss` of a nested summary, or `val/loss` of a flat one."""
    if (flat := values.get(name.replace(".", "/"))) is not None:
        return flat
    inner: Any = values
    for part in name.split("."):
        inner = inner.get(part) if isinstance(inner, dict) else None
    return inner


@dataclass(frozen=True, slots=True)
class Glance:
    """A sweep with what is counted of it; `agents` with running, lost or ended."""

    sweep: Sweep
    config: SweepConfig
    planned: int | None
    waiting: int
    states: Mapping[str, int]
    best: Trial | None
    best_run: RunRecord | None
    agents: Sequence[tuple[Agent, str]]


def glance(tx: Transaction, sweep: Sweep, now: Now, healthy_since: Instant) -> Glance:
    """What a list of sweeps shows."""
    config = config_of(sweep)
    largest = config.metric is not None and config.metric.goal == "maximize"
    best = tx.sweeps.best(sweep.key, TRIALS_MAX, largest=largest) if config.metric else None
    return Glance(
        sweep=sweep,
        config=config,
        planned=planned(tx, sweep, config),
        waiting=sum(e.stage is Stage.QUEUED for e in tx.sweeps.open_trials(sweep.key)),
        states=tx.sweeps.states(sweep.key),
        best=best,
        best_run=None if best is None else tx.runs.get(best.run),
        agents=[
            (each, _agent_state(each, now, healthy_since)) for each in tx.sweeps.agents(sweep.key)
        ],
    )


def _agent_state(agent: Agent, now: Now, healthy_since: Instant) -> str:
    if agent.left:
        return "ended"
    return "lost" if agent.lost(now.alive, healthy_since) else "running"


def told_trials(
    tx: Transaction, who: Principal, path: tuple[str, str, str]
) -> tuple[SweepConfig, list[Told]] | Refused:
    """What a searcher knows of a sweep."""
    sweep = find_sweep(tx, who, path)
    return sweep if isinstance(sweep, Refused) else (config_of(sweep), History(tx, sweep).all())


@dataclass(frozen=True, slots=True)
class Page:
    """Trials in order of their numbers with their runs; `best` is the best value before them."""

    trials: Sequence[Trial]
    runs: Mapping[RunKey, RunRecord]
    best: float | None
    total: int


def find_trials(
    tx: Transaction, who: Principal, path: tuple[str, str, str], first: int, limit: int
) -> tuple[SweepConfig, Page] | Refused:
    """A page of trials; those of prior runs have numbers below 0."""
    sweep = find_sweep(tx, who, path)
    if isinstance(sweep, Refused):
        return sweep
    if not 1 <= limit <= PAGE_MAX or not PRIOR_FIRST <= first <= TRIALS_MAX:
        told = f"limit: 1 to {PAGE_MAX}; first: {PRIOR_FIRST} to {TRIALS_MAX}"
        return Refused("unprocessable", told)
    config = config_of(sweep)
    found = tx.sweeps.trials(sweep.key, first, limit)
    runs = {each.key: each for each in tx.runs.get_many([each.run for each in found])}
    largest = config.metric is not None and config.metric.goal == "maximize"
    best = tx.sweeps.best(sweep.key, first, largest=largest)
    worth = None if best is None else best.value
    return config, Page(found, runs, worth, sweep.made + sweep.prior)
