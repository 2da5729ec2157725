"""An agent's beat: what it runs and what has ended, and what it shall do. Never starts a process."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from heartline.core.lifecycle import (
    LIVE,
    Actor,
    CauseKind,
    Confidence,
    Evidence,
    Exited,
    Now,
    State,
    Verdict,
    lease_ms,
)
from heartline.core.records import RunPath, RunRecord
from heartline.core.sweep.statuses import OVER, Event
from heartline.core.sweep.trials import Agent, Sweep, Trial
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.deleted import was_at
from heartline.usecases.find_sweeps import find_sweep
from heartline.usecases.keep import apply
from heartline.usecases.next_trial import Tools, next_trial
from heartline.usecases.prune_trials import prune
from heartline.usecases.refusal import Refused
from heartline.usecases.tend_sweep import Tended, moved, tend
from heartline.wire.sweeps import TrialEnd

RUNS_PER_AGENT_MAX = 256
HOST_CHARS_MAX = 256
SIGNAL_CHARS_MAX, NOTE_CHARS_MAX = 64, 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """What an agent shall do: run, resume, stop or exit."""

    kind: str
    trial: Trial | None = None
    run_id: str = ""
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Beat:
    """What an agent says: what runs, what ended by the kernel's word, whether it wants a trial."""

    running: tuple[str, ...] = ()
    ended: Sequence[TrialEnd] = ()
    wants: bool = False
    leaving: bool = False
    seq: int = 0


@dataclass
class Reply:
    """The sweep as it stands, the orders, and the runs that were changed.

    `think`: a trial is wanted that must be thought out first; beat again with its proposal.
    `settled` and `changed` say that trials, or what the agent runs, are not as before.
    """

    sweep: Sweep
    orders: list[Order] = field(default_factory=list)
    touched: list[RunRecord] = field(default_factory=list)
    moved: bool = False
    think: bool = False
    settled: bool = False
    changed: bool = False


def join(
    tx: Transaction, who: Principal, path: tuple[str, str, str], host: str, kind: str,
    beat_ms: int, tools: Tools,
) -> tuple[Sweep, Agent] | Refused:  # fmt: skip
    """A new agent of a sweep; the first one sets it running."""
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    now = tools.now
    agent = Agent(
        id=f"{sweep.id}-{tools.ids.run_id()}",
        sweep=sweep.key,
        host=host[:HOST_CHARS_MAX],
        user=who.user.name,
        kind=kind[:HOST_CHARS_MAX],
        created_at=now.wall,
        heard_at=now.alive,
        heard_wall=now.wall,
        lease_ms=lease_ms(beat_ms),
    )
    tx.sweeps.put_agent(agent)
    started = moved(sweep, Event.AGENT, f"an agent on {host or 'some host'} is at work", now)
    if started != sweep:
        started = tx.sweeps.save(started)
    return started, agent


def hear(
    tx: Transaction, who: Principal, path: tuple[str, str, str], agent_id: str, said: Beat,
    tools: Tools,
) -> Reply | Refused:  # fmt: skip
    """Take a beat and answer with what to do."""
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    agent = tx.sweeps.agent(agent_id)
    if agent is None or agent.sweep != sweep.key:
        told = f"no agent {agent_id[:80]} works on sweep {sweep}: start one with `heartline agent`"
        return Refused("not_found", told)
    if len(said.running) > RUNS_PER_AGENT_MAX:
        return Refused("unprocessable", f"an agent runs at most {RUNS_PER_AGENT_MAX} trials")
    if said.seq < agent.seq:
        # Long on its way: what it says is over, and it is no sign of life.
        return Reply(sweep)
    now, was = tools.now, sweep.status
    before = agent
    vanished = [each for each in agent.running if each not in said.running]
    ended = _reported(tx, sweep, agent, said.ended, vanished, now)
    agent = replace(
        agent, heard_at=now.alive, heard_wall=now.wall, running=said.running, left=said.leaving,
        seq=said.seq, beats=agent.beats + 1,
    )  # fmt: skip
    tx.sweeps.put_agent(agent)
    if not said.leaving:
        sweep = _working(tx, sweep, agent, now)
    done = _tended(tx, sweep, tools)
    orders = _orders(tx, done, agent, said, tools)
    return Reply(
        sweep=done.sweep,
        orders=orders,
        touched=[*ended, *done.touched],
        moved=done.sweep.status is not was,
        think=done.think,
        settled=done.settled,
        changed=said.leaving or before.running != agent.running,
    )


def _tended(tx: Transaction, sweep: Sweep, tools: Tools) -> Tended:
    done = tend(tx, sweep, tools.now, tools.healthy_since)
    if done.climbed:
        done.touched += prune(tx, done.sweep, tools.now, ended=True)
    return done


def _working(tx: Transaction, sweep: Sweep, agent: Agent, now: Now) -> Sweep:
    """A sweep whose agents had all fallen silent goes on."""
    going = moved(sweep, Event.AGENT, f"an agent on {agent.host or 'some host'} is at work", now)
    return sweep if going == sweep else tx.sweeps.save(going)


def _orders(tx: Transaction, done: Tended, agent: Agent, said: Beat, tools: Tools) -> list[Order]:
    if said.leaving:
        return []
    mine = {each.run_id: each for each in done.open if each.agent == agent.id}
    orders = [
        order
        for run_id in said.running
        if (order := _stop(tx, done.sweep, mine.get(run_id), run_id)) is not None
    ]
    if not said.running and done.sweep.status in OVER:
        return [*orders, Order("exit", reason=done.sweep.sentence)]
    if not said.wants or orders:
        return orders
    trial = next_trial(tx, done, agent, tools)
    if trial is None:
        return orders
    made = done.touched[-1:]  # the run just made needs no second look
    record = made[0] if made and made[0].key == trial.run else tx.runs.get(trial.run)
    name = trial.run_id if record is None else record.name
    return [*orders, Order("resume" if trial.epoch else "run", trial, trial.run_id, name)]


def _stop(tx: Transaction, sweep: Sweep, trial: Trial | None, run_id: str) -> Order | None:
    """Why a listed run shall not go on: it was asked to stop, or it is somebody else's now."""
    if trial is None:
        found = tx.runs.find(_path(sweep, run_id))
        other = None if found is None else tx.sweeps.trial_of(found.key)
        if found is None:
            # One that was never deleted is newer than the backup that we were restored from.
            gone = was_at(tx, _path(sweep, run_id))
            return Order("stop", run_id=run_id, reason="the run was deleted") if gone else None
        asked, begun = found.life.stop, found.life.attempt.epoch > 0
        if asked is not None and (found.state in LIVE or not begun):
            return Order("stop", run_id=run_id, reason=asked.reason)
        if other is not None and other.stage != "ended":
            return Order("stop", run_id=run_id, reason="the trial was handed to another agent")
        return None
    life = tx.runs.life(trial.run)
    if life is None or life.run.stop is None:
        return None
    return Order("stop", run_id=run_id, reason=life.run.stop.reason or life.run.stop.cause.value)


def _path(sweep: Sweep, run_id: str) -> RunPath:
    return RunPath(sweep.entity, sweep.project, run_id)


def _reported(
    tx: Transaction, sweep: Sweep, agent: Agent, ended: Sequence[TrialEnd],
    vanished: Sequence[str], now: Now,
) -> list[RunRecord]:  # fmt: skip
    """Runs whose end the agent alone can tell: those that never started, and those told to stop."""
    told: list[RunRecord] = []
    by = Actor("agent", agent.host)
    ends = {each.run: each for each in ended}
    for run_id in dict.fromkeys([*ends, *vanished]):
        record = tx.runs.find(_path(sweep, run_id))
        trial = None if record is None else tx.sweeps.trial_of(record.key)
        if record is None or trial is None or trial.agent != agent.id or record.state not in LIVE:
            continue
        verdict = _verdict(record, ends.get(run_id))
        if verdict is None:
            continue
        for writer in record.life.writers:
            if writer.state in LIVE:
                said = Exited(record.life.attempt, writer.id, writer.seq + 1, verdict, by)
                record, _ = apply(tx, record, said, now)
        told.append(record)
    return told


def _verdict(record: RunRecord, end: TrialEnd | None) -> Verdict | None:
    """What the agent's word means for the run; None leaves it to the run's own witness."""
    stop = record.life.stop
    if end is None:
        # An agent that only lists its runs: one that it was told to stop is gone.
        evidence = Evidence(source="agent", notes=("its agent no longer runs it",))
        if stop is None:
            return None
        return Verdict(State.KILLED, stop.cause, Confidence.STRONG, evidence)
    evidence = Evidence(
        source="agent",
        exit_code=end.exit_code,
        signal=end.signal and end.signal[:SIGNAL_CHARS_MAX],
        core_dumped=end.core_dumped,
        memory_bytes=end.memory_bytes,
        memory_limit_bytes=end.memory_limit_bytes,
        notes=(end.note[:NOTE_CHARS_MAX],) if end.note else (),
    )
    if stop is not None and end.exit_code != 0:
        return Verdict(State.KILLED, stop.cause, Confidence.STRONG, evidence)
    return _never_opened(end, evidence) if record.life.attempt.epoch == 0 else None


def _never_opened(end: TrialEnd, evidence: Evidence) -> Verdict:
    """The process ended without ever opening its run: the kernel's word is all there is."""
    sure = Confidence.PROVEN
    if end.oom:
        return Verdict(State.CRASHED, CauseKind.OUT_OF_MEMORY, sure, evidence)
    if end.signal in {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"}:
        return Verdict(State.CRASHED, CauseKind.SIGNAL, sure, evidence)
    if end.signal is not None:
        return Verdict(State.KILLED, CauseKind.SIGNAL, sure, evidence)
    if end.exit_code == 0:
        return Verdict(State.FINISHED, CauseKind.FINISHED, sure, evidence)
    return Verdict(State.FAILED, CauseKind.EXIT_CODE, sure, evidence)
