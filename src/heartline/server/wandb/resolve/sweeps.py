"""Sweeps and agents as read, in their words. Never changes one: see `steering` and `agents`."""

import json
from typing import Any

import yaml
from ariadne import ObjectType

from heartline.core.records import Project, RunKey, User
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Agent, Sweep, SweepKey
from heartline.server.wandb.context import Context, opaque, stamp
from heartline.server.wandb.resolve.paging import connection, count_of, page, start_of
from heartline.server.wandb.resolve.projects import question
from heartline.usecases.find_sweeps import TRIALS_MAX, config_of, planned

project, sweep, agent = (ObjectType(name) for name in ("Project", "Sweep", "Agent"))
TYPES = (project, sweep, agent)
RUNS = 1_000

# Their client knows PENDING, RUNNING, PAUSED, FINISHED and CANCELED, and shows others as they are.
STATES = {
    Status.PENDING: "PENDING", Status.RUNNING: "RUNNING", Status.PAUSED: "PAUSED",
    Status.STOPPED: "FINISHED", Status.CANCELLED: "CANCELED", Status.FINISHED: "FINISHED",
    Status.FAILED: "FAILED", Status.CRASHED: "CRASHED",
}  # fmt: skip

project.set_field(
    "totalSweeps", lambda it, info: len(info.context.tx.sweeps.of_projects([(it.entity, it.name)]))
)
project.set_field(
    "sweep", lambda it, info, sweepName: info.context.tx.sweeps.find(it.entity, it.name, sweepName)
)


@project.field("sweeps")
def _sweeps(
    it: Project, info: Any, after: str | None = None, first: int | None = None,
    filters: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    return page(ctx.tx.sweeps.of_projects([(it.entity, it.name)]), first, after)


sweep.set_field("id", lambda it, _: opaque("Sweep", it.id, it.project, it.entity))
sweep.set_field("name", lambda it, _: it.id)
sweep.set_field("displayName", lambda it, _: it.name)
sweep.set_field("state", lambda it, _: STATES[it.status])
sweep.set_field("method", lambda it, _: config_of(it).method)
sweep.set_field("config", lambda it, _: yaml.safe_dump(dict(it.given)))
sweep.set_field("createdAt", lambda it, _: stamp(it.created_at))
sweep.set_field("updatedAt", lambda it, _: stamp(it.since))
sweep.set_field("runCount", lambda it, _: it.made + it.prior)
sweep.set_field("runCountExpected", lambda it, info: planned(info.context.tx, it, config_of(it)))
sweep.set_field("earlyStopJobRunning", lambda *_: False)
sweep.set_field("controller", lambda it, _: it.controller or None)
sweep.set_field("scheduler", lambda it, _: it.scheduler or None)


@sweep.field("bestLoss")
def _best(it: Sweep, info: Any) -> float | None:
    ctx: Context = info.context
    metric = config_of(it).metric
    if metric is None:
        return None
    best = ctx.tx.sweeps.best(it.key, TRIALS_MAX, largest=metric.goal == "maximize")
    return None if best is None else best.value


@sweep.field("heartbeatAt")
def _heartbeat_at(it: Sweep, info: Any) -> str | None:
    ctx: Context = info.context
    heard = [each.heard_wall for each in ctx.tx.sweeps.agents(it.key)]
    return stamp(max(heard, default=it.created_at))


@sweep.field("user")
def _user(it: Sweep, info: Any) -> User:
    ctx: Context = info.context
    return ctx.user(it.user)


@sweep.field("project")
def _project(it: Sweep, info: Any) -> Project | None:
    ctx: Context = info.context
    return ctx.tx.accounts.project(it.entity, it.project)


@sweep.field("runs")
def _runs(
    it: Sweep, info: Any, first: int | None = None, after: str | None = None,
    order: str | None = None, filters: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    start = start_of(after)
    only = json.dumps({"$and": [{"sweep": it.id}, *([json.loads(filters)] if filters else [])]})
    place = Project(it.entity, it.project, 0)
    found = question(
        place, info.context, only, order or "+created_at", count_of(first, RUNS), start
    )
    info.context.listed.page(found.runs)
    return connection(found.runs, start=start, total=found.total)


@sweep.field("agents")
def _agents(it: Sweep, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    return connection(ctx.tx.sweeps.agents(it.key))


@sweep.field("agent")
def _agent(it: Sweep, info: Any, agentName: str) -> Agent | None:
    ctx: Context = info.context
    found = ctx.tx.sweeps.agent(agentName)
    return found if found is not None and found.sweep == it.key else None


agent.set_field("name", lambda it, _: it.id)
agent.set_field("totalRuns", lambda it, _: it.total)
agent.set_field("createdAt", lambda it, _: stamp(it.created_at))
agent.set_field("heartbeatAt", lambda it, _: stamp(it.heard_wall))


@agent.field("state")
def _agent_state(it: Agent, info: Any) -> str:
    ctx: Context = info.context
    if it.left:
        return "FINISHED"
    lost = it.lost(ctx.now.alive, ctx.tools.healthy_since)
    return "CRASHED" if lost else "RUNNING"


@agent.field("runs")
def _agent_runs(
    it: Agent, info: Any, after: str | None = None, before: str | None = None,
    first: int | None = None, last: int | None = None, order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The runs that were handed to this agent last, oldest first or newest first."""
    ctx: Context = info.context
    keys = _handed(ctx, it.sweep).get(it.id, [])
    found = page(keys[::-1] if (order or "").startswith("-") else keys, first, after)
    asked = [edge["node"] for edge in found["edges"]]
    known = {each.key: each for each in ctx.tx.runs.get_many(asked)}
    # A deleted run leaves its place empty: the cursors count trials.
    edges = [{**edge, "node": known.get(edge["node"])} for edge in found["edges"]]
    return {**found, "edges": [edge for edge in edges if edge["node"] is not None]}


def _handed(ctx: Context, sweep: SweepKey) -> dict[str, list[RunKey]]:
    """The runs of a sweep by agent, read once in an operation: lists of agents ask for each."""
    if sweep not in ctx.handed:
        ctx.handed[sweep] = {}
        for each in ctx.tx.sweeps.trials(sweep, 0, TRIALS_MAX):
            ctx.handed[sweep].setdefault(each.agent, []).append(each.run)
    return ctx.handed[sweep]
