"""Hand out a trial: one that came back first, else a new one. Never two of the same, never one too many."""

from dataclasses import dataclass, replace

from heartline.core.lifecycle import Actor, Created, Instant, Now, create
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.search import Known, Trials
from heartline.core.sweep.space import Args
from heartline.core.sweep.statuses import OPEN
from heartline.core.sweep.trials import Agent, Stage, Sweep, SweepKey, Trial
from heartline.ports import Ids, Search, Transaction
from heartline.usecases.find_sweeps import TRIALS_MAX, History, config_of
from heartline.usecases.tend_sweep import Tended

THOUGHT_OUT = frozenset({"bayes"})
"""Methods that may compute for seconds: never while the database waits."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was thought out for the trial with this number; None if there is nothing left."""

    number: int
    args: Args | None


@dataclass(frozen=True, slots=True)
class Tools:
    """What handing out needs of the world."""

    search: Search
    ids: Ids
    now: Now
    healthy_since: Instant = Instant(0)
    proposal: Proposal | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What a searcher is asked, free of the database."""

    config: SweepConfig
    trials: Trials
    seed: str

    def solve(self, search: Search) -> Proposal:
        """Think; may take seconds."""
        return Proposal(self.trials.made, search.next(self.config, self.trials, self.seed))


def problem(tx: Transaction, key: SweepKey) -> Problem | None:
    """What is to be thought out for a sweep's next trial; None if it is gone."""
    sweep = tx.sweeps.get(key)
    if sweep is None:
        return None
    history = History(tx, sweep)
    return Problem(config_of(sweep), Known(sweep.made, history.prior, history.all()), seed(sweep))


def seed(sweep: Sweep) -> str:
    """The same for the same trial; a sweep without a seed of its own differs from every other."""
    return f"{config_of(sweep).seed or sweep.id}/{sweep.made}"


def next_trial(tx: Transaction, done: Tended, agent: Agent, tools: Tools) -> Trial | None:
    """The trial that this agent shall run; None if there is none now, or `done.think`."""
    if done.sweep.status not in OPEN:
        return None
    if (unheard := _unheard(done, agent)) is not None:
        given = replace(unheard, given_beat=agent.beats)
        tx.sweeps.put_trial(given)
        return given
    waiting = next((each for each in done.open if each.stage is Stage.QUEUED), None)
    if waiting is not None:
        return _again(tx, done, waiting, agent, tools.now)
    return _new(tx, done, agent, tools)


def _unheard(done: Tended, agent: Agent) -> Trial | None:
    """A trial that was handed to this very agent, whose answer was lost on the way."""
    return next(
        (
            each
            for each in done.open
            if each.stage is Stage.HANDED
            and each.agent == agent.id
            and not each.claimed
            and each.run_id not in agent.running
        ),
        None,
    )


def _again(tx: Transaction, done: Tended, trial: Trial, agent: Agent, now: Now) -> Trial:
    standing = done.standings[trial.run]
    handed = replace(
        trial,
        stage=Stage.HANDED,
        agent=agent.id,
        epoch=standing.epoch,
        handed_at=now.alive,
        given_beat=agent.beats,
        handouts=trial.handouts + 1,
        claimed=False,
    )
    tx.sweeps.put_trial(handed)
    done.open = [handed if each.number == handed.number else each for each in done.open]
    return handed


def _new(tx: Transaction, done: Tended, agent: Agent, tools: Tools) -> Trial | None:
    sweep, config = done.sweep, done.config
    if config.local or full(sweep):
        return None
    if config.method not in THOUGHT_OUT:
        args = tools.search.next(config, History(tx, sweep), seed(sweep))
    elif tools.proposal is not None and tools.proposal.number == sweep.made:
        args = tools.proposal.args
    else:
        done.think = True
        return None
    return None if args is None else hand_out(tx, done, agent, args, tools.ids, tools.now)


def full(sweep: Sweep) -> bool:
    """Whether it has made as many trials as it may."""
    return config_of(sweep).capped(sweep.made) or sweep.made >= TRIALS_MAX


def hand_out(
    tx: Transaction, done: Tended, agent: Agent, args: dict[str, object], ids: Ids, now: Now
) -> Trial:
    """A pending run with these arguments, as the sweep's next trial.

    The sweep is saved with its new count, so that of two who took the same number one is run again.
    """
    sweep = done.sweep
    record = _pending(tx, sweep, args, ids, now)
    trial = Trial(
        sweep=sweep.key,
        number=sweep.made,
        run=record.key,
        run_id=record.path.id,
        args=args,
        stage=Stage.HANDED,
        created_at=now.wall,
        agent=agent.id,
        handed_at=now.alive,
        given_beat=agent.beats,
        handouts=1,
    )
    tx.sweeps.put_trial(trial)
    tx.sweeps.put_agent(replace(agent, total=agent.total + 1))
    done.sweep = tx.sweeps.save(replace(sweep, made=sweep.made + 1))
    done.open.append(trial)
    done.touched.append(record)
    return trial


def _pending(
    tx: Transaction, sweep: Sweep, args: dict[str, object], ids: Ids, now: Now
) -> RunRecord:
    life, made = create(Created(Actor("sweep", sweep.id)), now)
    path = RunPath(sweep.entity, sweep.project, ids.run_id())
    return tx.runs.create(
        RunRecord(
            RunKey(0), path, ids.run_name(), sweep.user, life, made.entries[0], now.wall,
            sweep=sweep.id, config=args,
        ),
        made.entries,
    )  # fmt: skip
