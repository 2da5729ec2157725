"""What sweep agents say, and one command for each word of theirs. Never decides what is handed out.

Their agent lists what it runs and nothing else: what is no longer listed has ended somehow, and a
run that it was told to stop is then gone without a word of its own.
"""

from typing import Any

import msgspec
from ariadne import MutationType

from heartline.core.sweep.trials import Sweep
from heartline.server.problems import ProblemError
from heartline.server.wandb.context import Context, Unthought, granted
from heartline.usecases.find_sweeps import config_of
from heartline.usecases.hear_agent import Beat, Order, Reply, hear, join
from heartline.usecases.local_sweeps import planned_order
from heartline.usecases.refusal import Refused
from heartline.wire.names import DEFAULT_PROJECT

mutation = MutationType()
TYPES = (mutation,)
KIND, BEAT_MS = "wandb", 5_000
GONE = "no such agent, or its sweep was deleted"


@mutation.field("createAgent")
def _create_agent(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    entity = input.get("entityName") or ctx.known().default_entity
    path = (entity, input.get("projectName") or DEFAULT_PROJECT, input["sweep"])
    made = granted(join(ctx.tx, ctx.known(), path, input["host"], KIND, BEAT_MS, ctx.tools))
    ctx.tell_sweep(made[0], "agents", "status")
    return {"agent": made[1]}


@mutation.field("agentHeartbeat")
def _heartbeat(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    """With 404 their agent knows that the sweep is gone; any other error it ignores."""
    ctx: Context = info.context
    agent = ctx.tx.sweeps.agent(input["id"])
    sweep = None if agent is None else ctx.tx.sweeps.get(agent.sweep)
    if agent is None or sweep is None:
        raise ProblemError("not_found", GONE)
    running = _running(input.get("runState"))
    beat = Beat(running=running, wants=not running)
    path = (sweep.entity, sweep.project, sweep.id)
    reply = hear(ctx.tx, ctx.known(), path, agent.id, beat, ctx.tools)
    if isinstance(reply, Refused):
        raise ProblemError("not_found", reply.reason)
    if reply.think and ctx.may_think:
        raise Unthought(sweep.key)
    order = next(iter(reply.orders), None)
    if order is None:
        order = planned_order(ctx.tx, reply, agent.id, beat, ctx.tools)
    _tell(ctx, reply, order)
    return {"agent": agent, "commands": _encoded(order, reply.sweep)}


def _running(text: str | None) -> tuple[str, ...]:
    try:
        said = msgspec.json.decode(text or "{}", type=dict[str, bool | None])
    except msgspec.MsgspecError:
        return ()
    return tuple(name for name, going in said.items() if going)


def _tell(ctx: Context, reply: Reply, order: Order | None) -> None:
    for record in reply.touched:
        ctx.tell(record, "state")
    handed = order is not None and order.trial is not None
    topics = ["status"] * reply.moved
    topics += ["trials"] * (handed or reply.settled)
    topics += ["agents"] * (handed or reply.changed)
    if topics:
        ctx.tell_sweep(reply.sweep, *topics)


def _encoded(order: Order | None, sweep: Sweep) -> str:
    if order is None:
        return "[]"
    command: dict[str, Any] = {"type": order.kind}
    if order.run_id:
        command["run_id"] = order.run_id
    if order.trial is not None:
        # Without `program` their command line agent starts nothing, and says so only in its log.
        command["program"] = config_of(sweep).program
        command["args"] = {key: {"value": value} for key, value in order.trial.args.items()}
    return msgspec.json.encode([command]).decode()
