"""Sweeps, trials and agents in three tables; what runs are shown as is read from theirs. Never decides."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import runs, sweep_agents, sweeps, trials
from heartline.adapters.sql.upsert import upsert
from heartline.core.lifecycle import CauseKind, State
from heartline.core.records import RunKey
from heartline.core.sweep.trials import (
    AGENTS_MAX,
    Agent,
    Stage,
    Standing,
    Sweep,
    SweepKey,
    Trial,
)
from heartline.ports import Conflict

ALIVE = 0
_SWEEP = msgspec.msgpack.Decoder(Sweep)
_TRIAL = msgspec.msgpack.Decoder(Trial)
_AGENT = msgspec.msgpack.Decoder(Agent)
_OPEN = [stage.value for stage in Stage if stage is not Stage.ENDED]


def _sweep(row: Any) -> Sweep:
    return replace(_SWEEP.decode(row.body), key=SweepKey(row.key), version=row.version)


class SqlSweeps:
    """`SweepStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def create(self, sweep: Sweep) -> Sweep:
        """Store a new sweep; Conflict if the id is taken."""
        made = replace(sweep, version=1)
        try:
            done = self._db.execute(
                sa.insert(sweeps).values(deleted_at=ALIVE, version=1, **_columns(made))
            )
        except sa.exc.IntegrityError as error:
            raise Conflict(str(sweep)) from error
        return replace(made, key=SweepKey(done.inserted_primary_key[0]))  # type: ignore[index]

    def find(self, entity: str, project: str, sweep_id: str) -> Sweep | None:
        """The sweep at this path, unless deleted."""
        here = (sweeps.c.entity == entity) & (sweeps.c.project == project)
        return self._one(here & (sweeps.c.id == sweep_id))

    def get(self, key: SweepKey, *, hold: bool = False) -> Sweep | None:
        """The sweep with this key, unless deleted; SQLite has one writer, who holds everything."""
        return self._one(sweeps.c.key == key, hold=hold)

    def _one(self, condition: sa.ColumnElement[bool], *, hold: bool = False) -> Sweep | None:
        asked = sa.select(sweeps).where(condition, sweeps.c.deleted_at == ALIVE)
        row = self._db.execute(asked.with_for_update() if hold else asked).first()
        return None if row is None else _sweep(row)

    def of_projects(self, projects: Sequence[tuple[str, str]]) -> Sequence[Sweep]:
        """The sweeps of these projects, newest first."""
        asked = (
            sa.select(sweeps)
            .where(sa.tuple_(sweeps.c.entity, sweeps.c.project).in_(list(projects)))
            .where(sweeps.c.deleted_at == ALIVE)
            .order_by(sweeps.c.key.desc())
        )
        return [_sweep(row) for row in self._db.execute(asked)]

    def count(self, project: tuple[str, str]) -> int:
        """How many sweeps this project has."""
        here = (sweeps.c.entity == project[0]) & (sweeps.c.project == project[1])
        asked = sa.select(sa.func.count()).select_from(sweeps)
        return self._db.execute(asked.where(here, sweeps.c.deleted_at == ALIVE)).scalar() or 0

    def save(self, sweep: Sweep) -> Sweep:
        """Compare-and-set on the version."""
        made = replace(sweep, version=sweep.version + 1)
        done = self._db.execute(
            sa.update(sweeps)
            .where(sweeps.c.key == sweep.key, sweeps.c.version == sweep.version)
            .where(sweeps.c.deleted_at == ALIVE)
            .values(version=made.version, **_columns(made))
        )
        if done.rowcount != 1:
            raise Conflict(f"sweep {sweep} was changed meanwhile")
        return made

    def delete(self, key: SweepKey) -> None:
        """Hide the sweep and free its path; its trials and agents go."""
        gone = sa.update(sweeps).where(sweeps.c.key == key).values(deleted_at=sweeps.c.key)
        self._db.execute(gone)
        for table in (trials, sweep_agents):
            self._db.execute(sa.delete(table).where(table.c.sweep == key))

    def unsettled(self) -> Sequence[SweepKey]:
        """Sweeps with trials that have not ended."""
        asked = sa.select(trials.c.sweep).where(trials.c.stage.in_(_OPEN)).distinct()
        return sorted(SweepKey(key) for key in self._db.execute(asked).scalars())

    def put_trial(self, trial: Trial) -> None:
        """Add or replace."""
        values = {
            "sweep": trial.sweep,
            "number": trial.number,
            "run": trial.run,
            "stage": trial.stage.value,
            "value": trial.value,
            "body": msgspec.msgpack.encode(trial),
        }
        upsert(self._db, trials, values)

    def trial_of(self, run: RunKey) -> Trial | None:
        """The trial that a run is."""
        body = self._db.execute(sa.select(trials.c.body).where(trials.c.run == run)).scalar()
        return None if body is None else _TRIAL.decode(body)

    def open_trials(self, sweep: SweepKey) -> Sequence[Trial]:
        """Those that have not ended, by number."""
        asked = sa.select(trials.c.body).where(trials.c.sweep == sweep, trials.c.stage.in_(_OPEN))
        return self._decoded(asked.order_by(trials.c.number))

    def trials(self, sweep: SweepKey, first: int, limit: int) -> Sequence[Trial]:
        """Those numbered from `first` on, by number."""
        asked = sa.select(trials.c.body).where(trials.c.sweep == sweep, trials.c.number >= first)
        return self._decoded(asked.order_by(trials.c.number).limit(limit))

    def _decoded(self, asked: sa.Select[Any]) -> list[Trial]:
        return [_TRIAL.decode(body) for body in self._db.execute(asked).scalars()]

    def standings(self, keys: Sequence[RunKey]) -> Mapping[RunKey, Standing]:
        """What these runs are shown as."""
        if not keys:
            return {}
        asked = sa.select(runs.c.key, runs.c.state, runs.c.attempt, runs.c.cause)
        asked = asked.where(runs.c.key.in_(list(keys)), runs.c.deleted_at == ALIVE)
        return {
            RunKey(row.key): Standing(State(row.state), row.attempt, CauseKind(row.cause))
            for row in self._db.execute(asked)
        }

    def states(self, sweep: SweepKey) -> Mapping[str, int]:
        """Count of the runs of all trials by state."""
        asked = (
            sa.select(runs.c.state, sa.func.count())
            .join(trials, trials.c.run == runs.c.key)
            .where(trials.c.sweep == sweep, runs.c.deleted_at == ALIVE)
            .group_by(runs.c.state)
        )
        return {row[0]: row[1] for row in self._db.execute(asked)}

    def best(self, sweep: SweepKey, before: int, *, largest: bool) -> Trial | None:
        """Of those numbered below `before` the one whose value is best; the earliest of equals."""
        order = trials.c.value.desc() if largest else trials.c.value.asc()
        asked = sa.select(trials.c.body).where(trials.c.sweep == sweep, trials.c.number < before)
        asked = asked.where(trials.c.value.is_not(None))
        found = self._decoded(asked.order_by(order, trials.c.number).limit(1))
        return found[0] if found else None

    def put_agent(self, agent: Agent) -> None:
        """Add or replace."""
        values = {"id": agent.id, "sweep": agent.sweep, "created_at": agent.created_at}
        upsert(self._db, sweep_agents, {**values, "body": msgspec.msgpack.encode(agent)})

    def agent(self, agent_id: str) -> Agent | None:
        """By id."""
        asked = sa.select(sweep_agents.c.body).where(sweep_agents.c.id == agent_id)
        body = self._db.execute(asked).scalar()
        return None if body is None else _AGENT.decode(body)

    def agents(self, sweep: SweepKey) -> Sequence[Agent]:
        """The newest `AGENTS_MAX`, oldest first."""
        asked = sa.select(sweep_agents.c.body).where(sweep_agents.c.sweep == sweep)
        newest = asked.order_by(sweep_agents.c.created_at.desc(), sweep_agents.c.id.desc())
        found = self._db.execute(newest.limit(AGENTS_MAX)).scalars().all()
        return [_AGENT.decode(body) for body in reversed(found)]


def _columns(sweep: Sweep) -> dict[str, Any]:
    return {
        "entity": sweep.entity,
        "project": sweep.project,
        "id": sweep.id,
        "status": sweep.status.value,
        "created_at": sweep.created_at,
        "body": msgspec.msgpack.encode(sweep),
    }
