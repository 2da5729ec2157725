"""Look at a sweep's open trials and settle what has ended. Never hands anything out."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from heartline.core.lifecycle import (
    Actor,
    CauseKind,
    Confidence,
    Evidence,
    Exited,
    Instant,
    Now,
    State,
    Verdict,
)
from heartline.core.lifecycle.view import sentence
from heartline.core.records import RunKey, RunRecord
from heartline.core.sweep.breaker import counted, tripped
from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.statuses import OVER, Event, Status, after
from heartline.core.sweep.trials import (
    ASKED,
    NOBODY,
    Agent,
    Holder,
    Stage,
    Standing,
    Sweep,
    Trial,
    Turn,
    found,
    turned,
)
from heartline.ports import Transaction
from heartline.usecases.find_sweeps import TRIALS_MAX, config_of, measured, planned
from heartline.usecases.keep import apply
from heartline.usecases.prune_trials import climb

PLAIN = frozenset({CauseKind.OUT_OF_MEMORY, CauseKind.LOST_HEARTBEAT, CauseKind.NEVER_STARTED,
                   CauseKind.VANISHED})  # fmt: skip
CLOSED = OVER - {Status.FAILED}


@dataclass
class Tended:
    """A sweep after a look: its open trials, their runs, and the runs that were changed.

    `settled`: some trial is in another stage than before. `climbed`: one that ended had come
    further than was known. `think`: the next trial must be thought out first, outside of the
    database.
    """

    sweep: Sweep
    config: SweepConfig
    open: list[Trial] = field(default_factory=list)
    standings: Mapping[RunKey, Standing] = field(default_factory=dict)
    touched: list[RunRecord] = field(default_factory=list)
    settled: bool = False
    climbed: bool = False
    think: bool = False


def tend(tx: Transaction, sweep: Sweep, now: Now, healthy_since: Instant) -> Tended:
    """Settle what has ended, queue what came back, and say what became of the sweep."""
    seen = sweep
    done = Tended(sweep, config_of(sweep))
    trials = tx.sweeps.open_trials(sweep.key)
    agents = {each.id: each for each in tx.sweeps.agents(sweep.key)} if trials else {}
    done.standings = tx.sweeps.standings([each.run for each in trials])
    for trial in trials:
        agent = agents.get(trial.agent) or tx.sweeps.agent(trial.agent)
        _look(tx, done, trial, _holder(trial, agent, now, healthy_since), now)
    _conclude(tx, done, agents, now, healthy_since)
    if done.sweep != seen:
        done.sweep = tx.sweeps.save(done.sweep)
    return done


def _holder(trial: Trial, agent: Agent | None, now: Now, healthy_since: Instant) -> Holder:
    if agent is None:
        return NOBODY
    lost = agent.lost(now.alive, healthy_since)
    unheard = agent.beats <= trial.given_beat
    return Holder(lost, agent.left, trial.run_id in agent.running, unheard)


def _look(tx: Transaction, done: Tended, trial: Trial, holder: Holder, now: Now) -> None:
    run = done.standings.get(trial.run)
    now_is = found(trial, run, holder, now.alive)
    stage = now_is.stage
    if stage is Stage.QUEUED and done.sweep.status in CLOSED:
        # Nobody will hand it out again; a run that never started says so.
        stage, never = Stage.ENDED, run is not None and not run.epoch and run.live
    else:
        never = now_is.never
    claimed = trial.claimed or (holder.lists and not holder.gone)
    if stage is Stage.ENDED:
        _settle(tx, done, trial, now, never=never)
        return
    if stage is not trial.stage or claimed != trial.claimed:
        done.settled |= stage is not trial.stage
        trial = replace(trial, stage=stage, claimed=claimed)
        tx.sweeps.put_trial(trial)
    done.open.append(trial)


def _settle(tx: Transaction, done: Tended, trial: Trial, now: Now, *, never: bool) -> None:
    done.settled = True
    record = tx.runs.get(trial.run)
    if record is not None and never:
        record = never_started(tx, record, now)
        done.touched.append(record)
    value = None if record is None else _worth(tx, record, done.config)
    trial = replace(trial, stage=Stage.ENDED, ended_at=now.wall, value=value)
    if record is not None:
        higher = climb(tx, done.config, trial)
        done.climbed |= higher != trial
        trial = higher
        cause = record.told.cause
        told = cause.value.replace("_", " ") if cause in PLAIN else sentence(record.told)
        done.sweep = counted(
            done.sweep, record.state, cause, told,
            measured=value is not None or done.config.metric is None,
        )  # fmt: skip
    tx.sweeps.put_trial(trial)


def _worth(tx: Transaction, record: RunRecord, config: SweepConfig) -> float | None:
    """What the metric came to; a run that failed or died says nothing of its parameters."""
    told = record.state is State.FINISHED or record.told.cause in ASKED
    return measured(tx, record, config) if told else None


def never_started(tx: Transaction, record: RunRecord, now: Now) -> RunRecord:
    """A pending run that nobody will start any more."""
    if record.state is not State.PENDING:
        return record
    verdict = Verdict(
        State.CRASHED, CauseKind.NEVER_STARTED, Confidence.PRESUMED, Evidence(source="sweep")
    )
    by = Actor("sweep", record.sweep)
    return apply(tx, record, Exited(record.life.attempt, "", 0, verdict, by), now)[0]


def _conclude(
    tx: Transaction, done: Tended, agents: Mapping[str, Agent], now: Now, healthy_since: Instant
) -> None:
    """What the trials say about the sweep as a whole."""
    sweep, config = done.sweep, done.config
    if why := tripped(sweep, config.breaker_runs):
        done.sweep = moved(sweep, Event.TRIPPED, f"stopped itself: {why}", now)
        return
    if not done.open:
        total = planned(tx, sweep, config)
        if sweep.made >= (TRIALS_MAX if total is None else total):
            limit = ", the most that one sweep makes" if sweep.made == TRIALS_MAX else ""
            told = f"all {sweep.made} trials have ended{limit}"
            done.sweep = moved(sweep, Event.EXHAUSTED, told, now)
            return
    silent = [each.lost(now.alive, healthy_since) for each in agents.values() if not each.left]
    if done.open and silent and all(silent):
        count = len(done.open)
        told = f"every agent fell silent with {count} trials out; start an agent to go on"
        done.sweep = moved(sweep, Event.ABANDONED, told, now)


def moved(sweep: Sweep, event: Event, told: str, now: Now) -> Sweep:
    """The sweep after an event, if the event moves it."""
    status = after(sweep.status, event)
    if status is None:
        return sweep
    by = "agent" if event is Event.AGENT else "server"
    return turned(sweep, Turn(now.wall, status, by, told))
