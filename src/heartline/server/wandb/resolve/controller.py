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
from heartline.server.wandb.context import Context
from heartline.usecases.hear_agent import Beat, Order
from heartline.usecases.keep import apply
from heartline.usecases.next_trial import hand_out
from heartline.usecases.tend_sweep import tend


class Planned(msgspec.Struct):
    """One run that the controller wants."""

    id: int | str
    data: dict[str, Any] = {}


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


def order(
    ctx: Context, sweep: Sweep, agent: Agent, beat: Beat
) -> tuple[Sweep, Order | None, list[RunRecord]]:
    """What the agent shall do by the controller's plan, and the runs that were changed."""
    try:
        plan = msgspec.json.decode(sweep.controller or "{}", type=Plan)
    except msgspec.MsgspecError:
        return sweep, None, []
    stopped = [name for name in beat.running if name in plan.earlystop]
    if stopped:
        touched = _stop(ctx, sweep, stopped[0])
        return sweep, Order("stop", run_id=stopped[0], reason="stopped early"), touched
    book = msgspec.json.decode(sweep.scheduler or "{}", type=Book)
    known = {each.id for each in book.scheduled}
    wanted = next((each for each in plan.schedule if each.id not in known), None)
    if wanted is None or not beat.wants or sweep.status not in OPEN:
        return sweep, None, []
    return _hand_out(ctx, sweep, agent, book, wanted)


def _hand_out(
    ctx: Context, sweep: Sweep, agent: Agent, book: Book, wanted: Planned
) -> tuple[Sweep, Order | None, list[RunRecord]]:
    given = wanted.data.get("args", {})
    args = {key: it["value"] if isinstance(it, dict) and "value" in it else it
            for key, it in given.items()}  # fmt: skip
    done = tend(ctx.tx, sweep, ctx.now, ctx.tools.healthy_since)
    trial = hand_out(ctx.tx, done, agent, args, ctx.ids, ctx.now)
    book.scheduled.append(Done(wanted.id, trial.run_id))
    written = msgspec.json.encode(book).decode()
    kept = ctx.tx.sweeps.save(replace(done.sweep, scheduler=written))
    return kept, Order("run", trial, trial.run_id), done.touched


def _stop(ctx: Context, sweep: Sweep, run_id: str) -> list[RunRecord]:
    record = ctx.tx.runs.find(RunPath(sweep.entity, sweep.project, run_id))
    if record is None or record.state not in LIVE:
        return []
    said = StopAsked(Actor("sweep", sweep.id), CauseKind.EARLY_STOPPING, "by the controller")
    return [apply(ctx.tx, record, said, ctx.now)[0]]
