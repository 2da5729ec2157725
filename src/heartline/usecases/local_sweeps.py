"""Sweeps whose parameters are chosen by a program of the user's: `wandb controller`.

It writes what to run into the sweep and reads there what was handed out. Never chooses anything.
"""

from dataclasses import replace
from typing import Any

import msgspec

from heartline.core.lifecycle import LIVE, Actor, CauseKind, StopAsked
from heartline.core.records import RunPath, RunRecord
from heartline.core.sweep.statuses import OPEN
from heartline.core.sweep.trials import Agent, Sweep
from heartline.ports import Transaction
from heartline.usecases.find_sweeps import config_of
from heartline.usecases.hear_agent import Beat, Order, Reply
from heartline.usecases.keep import apply
from heartline.usecases.next_trial import Tools, full, hand_out
from heartline.usecases.tend_sweep import tend


class Arguments(msgspec.Struct):
    """What a wanted run is started with; a value may stand alone or as `{value: …}`."""

    args: dict[str, Any] = {}


class Planned(msgspec.Struct):
    """One run that the controller wants."""

    id: int | str
    data: Arguments = msgspec.field(default_factory=Arguments)


class Plan(msgspec.Struct):
    """What a controller has written: runs to make, and names of runs to stop early."""

    schedule: list[Planned] = []
    earlystop: list[str] = []


class Done(msgspec.Struct):
    """One run that was handed out."""

    id: int | str
    runid: str


class Book(msgspec.Struct):
    """What was handed out, for the controller to read."""

    scheduled: list[Done] = []


def planned_order(
    tx: Transaction, reply: Reply, agent_id: str, beat: Beat, tools: Tools
) -> Order | None:
    """What an agent that was heard shall do by the controller's plan; the reply is brought on."""
    sweep, agent = reply.sweep, tx.sweeps.agent(agent_id)
    if agent is None or not config_of(sweep).local:
        return None
    try:
        plan = msgspec.json.decode(sweep.controller or "{}", type=Plan)
    except msgspec.MsgspecError:
        return None
    stopped = next((name for name in beat.running if name in plan.earlystop), None)
    if stopped is not None:
        reply.touched += _stop(tx, sweep, stopped, tools)
        return Order("stop", run_id=stopped, reason="stopped early")
    book = msgspec.json.decode(sweep.scheduler or "{}", type=Book)
    known = {each.id for each in book.scheduled}
    wanted = next((each for each in plan.schedule if each.id not in known), None)
    if wanted is None or not beat.wants or sweep.status not in OPEN or full(sweep):
        return None
    return _hand_out(tx, reply, agent, book, wanted, tools)


def _hand_out(
    tx: Transaction, reply: Reply, agent: Agent, book: Book, wanted: Planned, tools: Tools
) -> Order:
    args = {key: it["value"] if isinstance(it, dict) and "value" in it else it
            for key, it in wanted.data.args.items()}  # fmt: skip
    done = tend(tx, reply.sweep, tools.now, tools.healthy_since)
    trial = hand_out(tx, done, agent, args, tools.ids, tools.now)
    book.scheduled.append(Done(wanted.id, trial.run_id))
    written = msgspec.json.encode(book).decode()
    reply.sweep = tx.sweeps.save(replace(done.sweep, scheduler=written))
    reply.touched += done.touched
    return Order("run", trial, trial.run_id)


def _stop(tx: Transaction, sweep: Sweep, run_id: str, tools: Tools) -> list[RunRecord]:
    record = tx.runs.find(RunPath(sweep.entity, sweep.project, run_id))
    if record is None or record.state not in LIVE:
        return []
    said = StopAsked(Actor("sweep", sweep.id), CauseKind.EARLY_STOPPING, "by the controller")
    return [apply(tx, record, said, tools.now)[0]]
