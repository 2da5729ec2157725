"""What a run is, in their words. Never its history or its files, and never a judgement of ours."""

import json
from typing import Any

from ariadne import ObjectType

from heartline.core.lifecycle import LIVE, State
from heartline.core.records import Project, RunRecord, User
from heartline.server.wandb import translate
from heartline.server.wandb.context import Context, run_id, stamp
from heartline.usecases.summary import summary_of

run = ObjectType("Run")
TYPES = (run,)

# Their `wait_until_finished` knows only finished, crashed and failed, and would wait for ever for
# a run that was killed or preempted. To that one question the nearest word is answered.
WAITED_FOR = {State.KILLED: State.FAILED, State.PREEMPTED: State.CRASHED}

run.set_field("id", lambda it, _: run_id(it.path))
run.set_field("projectId", lambda it, _: it.key)
run.set_field("name", lambda it, _: it.path.id)
run.set_field("displayName", lambda it, _: it.name)
run.set_field("description", lambda it, _: it.notes)
run.set_field("tags", lambda it, _: list(it.tags))
run.set_field("jobType", lambda it, _: it.job_type or None)
run.set_field("group", lambda it, _: it.group or None)
run.set_field("groupName", lambda it, _: it.group or None)
run.set_field("host", lambda it, _: it.host or None)
run.set_field("commit", lambda it, _: it.environment.get("commit"))
run.set_field("repo", lambda it, _: it.environment.get("repo"))
run.set_field("program", lambda it, _: it.environment.get("program"))
run.set_field("readOnly", lambda it, info: not info.context.known().may_write(it.path.entity))
run.set_field("createdAt", lambda it, _: stamp(it.created_at))
run.set_field("sweepName", lambda it, _: it.sweep or None)
run.set_field("exitcode", lambda it, _: it.told.evidence.exit_code)
run.set_field("config", lambda it, _: translate.config_text(it.config))
run.set_field("running", lambda it, _: it.state in {State.RUNNING, State.PREEMPTING})
run.set_field("failed", lambda it, _: it.state in {State.FAILED, State.CRASHED})


@run.field("state")
def _state(it: RunRecord, info: Any) -> str:
    said = info.operation
    asked = {each.variable.name.value for each in said.variable_definitions or ()}
    if said.name is not None and said.name.value == "RunState" and "name" in asked:
        return WAITED_FOR.get(it.state, it.state).value
    return it.state.value


@run.field("stopped")
@run.field("shouldStop")
def _stopped(it: RunRecord, _: Any) -> bool:
    return it.life.stop is not None and it.state in LIVE


@run.field("heartbeatAt")
@run.field("updatedAt")
def _heartbeat_at(it: RunRecord, _: Any) -> str | None:
    heard = max((writer.heard_wall for writer in it.life.writers if writer.id), default=None)
    return stamp(heard or it.created_at)


@run.field("computeSeconds")
def _compute_seconds(it: RunRecord, info: Any) -> int:
    ctx: Context = info.context
    if it.started_at is None:
        return 0
    return max(0, (it.ended_at or ctx.now.wall) - it.started_at) // 1000


@run.field("user")
def _user(it: RunRecord, info: Any) -> User:
    ctx: Context = info.context
    return ctx.user(it.user)


@run.field("project")
def _project(it: RunRecord, info: Any) -> Project | None:
    ctx: Context = info.context
    return ctx.tx.accounts.project(it.path.entity, it.path.project)


@run.field("summaryMetrics")
def _summary(it: RunRecord, info: Any) -> str:
    """Their client says the whole summary of its runs itself; for others it is computed."""
    ctx: Context = info.context
    if it.summary and translate.INTERNAL in it.config:
        return json.dumps(dict(it.summary))
    return json.dumps(summary_of(it, ctx.listed.keys(ctx.tx.series, it.key)))


@run.field("systemMetrics")
def _system(it: RunRecord, info: Any) -> str:
    ctx: Context = info.context
    stats = ctx.listed.keys(ctx.tx.series, it.key, system=True)
    return json.dumps({each.key: each.last for each in stats if each.kind == "number"})


@run.field("wandbConfig")
def _wandb_config(it: RunRecord, _: Any, keys: list[str] | None = None) -> str | None:
    """A run that has started bears their telemetry `t`; so the client knows that it exists."""
    inner = it.config.get(translate.INTERNAL)
    if not isinstance(inner, dict):
        return json.dumps({}) if it.life.attempt.epoch == 0 else json.dumps({"t": {}})
    return json.dumps({key: inner[key] for key in keys or inner if key in inner})


@run.field("historyLineCount")
def _line_count(it: RunRecord, info: Any) -> int:
    """Where a resumed run goes on writing: only asked for runs that have history already."""
    ctx: Context = info.context
    if info.operation.operation.value == "mutation" and not ctx.resumed:
        return 0
    return it.last_step + 1
