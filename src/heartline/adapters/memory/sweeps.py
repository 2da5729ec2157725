"""The reference `SweepStore`: what every other must agree with. Never quick."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from heartline.adapters.memory.state import State
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


class MemorySweeps:
    """`SweepStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, sweep: Sweep) -> Sweep:
        """Store a new sweep; Conflict if the id is taken."""
        if self.find(sweep.entity, sweep.project, sweep.id) is not None:
            raise Conflict(str(sweep))
        key = SweepKey(self._state.next_key)
        self._state.next_key += 1
        self._state.sweeps[key] = replace(sweep, key=key, version=1)
        return self._state.sweeps[key]

    def find(self, entity: str, project: str, sweep_id: str) -> Sweep | None:
        """The sweep at this path."""
        path = (entity, project, sweep_id)
        found = (each for each in self._state.sweeps.values()
                 if (each.entity, each.project, each.id) == path)  # fmt: skip
        return next(found, None)

    def get(self, key: SweepKey, *, hold: bool = False) -> Sweep | None:
        """The sweep with this key; one unit at a time writes, so that each holds everything."""
        return self._state.sweeps.get(key)

    def of_projects(self, projects: Sequence[tuple[str, str]]) -> Sequence[Sweep]:
        """The sweeps of these projects, newest first."""
        wanted = set(projects)
        found = [e for e in self._state.sweeps.values() if (e.entity, e.project) in wanted]
        return sorted(found, key=lambda each: -each.key)

    def count(self, project: tuple[str, str]) -> int:
        """How many sweeps this project has."""
        return len(self.of_projects([project]))

    def save(self, sweep: Sweep) -> Sweep:
        """Compare-and-set."""
        known = self.get(sweep.key)
        if known is None or known.version != sweep.version:
            raise Conflict(f"sweep {sweep} was changed meanwhile")
        self._state.sweeps[sweep.key] = replace(sweep, version=sweep.version + 1)
        return self._state.sweeps[sweep.key]

    def delete(self, key: SweepKey) -> None:
        """Forget the sweep, its trials and agents."""
        state = self._state
        state.sweeps.pop(key, None)
        state.trials = {at: each for at, each in state.trials.items() if at[0] != key}
        state.agents = {at: each for at, each in state.agents.items() if each.sweep != key}

    def unsettled(self) -> Sequence[SweepKey]:
        """Sweeps with trials that have not ended."""
        open_ = (each for each in self._state.trials.values() if each.stage is not Stage.ENDED)
        return sorted({each.sweep for each in open_})

    def put_trial(self, trial: Trial) -> None:
        """Add or replace."""
        self._state.trials[trial.sweep, trial.number] = trial

    def trial_of(self, run: RunKey) -> Trial | None:
        """The trial that a run is."""
        return next((each for each in self._state.trials.values() if each.run == run), None)

    def open_trials(self, sweep: SweepKey) -> Sequence[Trial]:
        """Those that have not ended, by number."""
        return [each for each in self._of(sweep) if each.stage is not Stage.ENDED]

    def trials(self, sweep: SweepKey, first: int, limit: int) -> Sequence[Trial]:
        """Those numbered from `first` on, by number."""
        return [each for each in self._of(sweep) if each.number >= first][:limit]

    def _of(self, sweep: SweepKey) -> list[Trial]:
        found = [each for each in self._state.trials.values() if each.sweep == sweep]
        return sorted(found, key=lambda each: each.number)

    def standings(self, keys: Sequence[RunKey]) -> Mapping[RunKey, Standing]:
        """What these runs are shown as."""
        return {
            key: Standing(run.state, run.life.attempt.epoch, run.told.cause)
            for key in keys
            if (run := self._state.runs.get(key)) is not None
        }

    def states(self, sweep: SweepKey) -> Mapping[str, int]:
        """Count of the runs of all trials by state."""
        known = self.standings([each.run for each in self._of(sweep)])
        return dict(Counter(each.state.value for each in known.values()))

    def best(self, sweep: SweepKey, before: int, *, largest: bool) -> Trial | None:
        """Of those numbered below `before` the one whose value is best; the earliest of equals."""
        found = [e for e in self._of(sweep) if e.value is not None and e.number < before]
        sign = -1 if largest else 1
        return min(found, key=lambda each: (sign * (each.value or 0.0), each.number), default=None)

    def put_agent(self, agent: Agent) -> None:
        """Add or replace."""
        self._state.agents[agent.id] = agent

    def agent(self, agent_id: str) -> Agent | None:
        """By id."""
        return self._state.agents.get(agent_id)

    def agents(self, sweep: SweepKey) -> Sequence[Agent]:
        """The newest `AGENTS_MAX`, oldest first."""
        found = [each for each in self._state.agents.values() if each.sweep == sweep]
        return sorted(found, key=lambda each: (each.created_at, each.id))[-AGENTS_MAX:]
