"""Resolvers that change something: runs, files' places, stops, states. All through use cases."""

import base64
import binascii
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from ariadne import MutationType
from graphql import GraphQLError

from heartline.core.lifecycle import LIVE, Actor
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.server.wandb import internals, translate
from heartline.server.wandb.context import Context, granted, run_id, run_path
from heartline.server.wandb.filestream import CLIENT
from heartline.usecases import launches, second_door
from heartline.usecases.access import changed, keyed, known_entity
from heartline.usecases.alerts import raise_alert
from heartline.usecases.control_run import ask_stop, delete_run, override_state
from heartline.usecases.deleted import was_at
from heartline.usecases.moved import standing
from heartline.usecases.names import check_name, check_words
from heartline.usecases.offsets import inherit
from heartline.usecases.open_run import create_run
from heartline.usecases.refusal import Refused
from heartline.wire.names import DEFAULT_PROJECT

FILES_MAX = 10_000
PROCESS = "wandb-core"
"""How the client of a run names itself; its public API, in whatever process, does otherwise."""

mutation = MutationType()


def _json(text: str | None, what: str) -> Any:
    try:
        return None if text is None else translate.parse(text)
    except (ValueError, RecursionError) as error:
        raise GraphQLError(f"{what} is not JSON: {error}") from None


def _path(ctx: Context, said: dict[str, Any]) -> RunPath:
    if said.get("id"):
        return run_path(said["id"])
    owner = said.get("entityName") or ctx.known().default_entity
    return RunPath(
        owner, said.get("modelName") or DEFAULT_PROJECT, said.get("name") or ctx.ids.run_id()
    )


@mutation.field("upsertBucket")
def _upsert(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    """Create a run, let a process say hello to it, or change what is said of it."""
    ctx: Context = info.context
    path = _path(ctx, input)
    ctx.may_write(path.entity)
    found = _standing(ctx, path)
    if found is None and input.get("id"):
        raise GraphQLError(f"no run {path}; it may have been deleted")
    if found is None and was_at(ctx.tx, path) and not (_says_hello(input) or input.get("state")):
        raise GraphQLError(f"run {path} was deleted")
    record = found or _create(ctx, path, input)
    again = _is_sync(input)
    record = _described(ctx, record, input, again=again)
    if _says_hello(input) or (found is None and input.get("state") != "pending"):
        record = _greeted(ctx, record, again=again)
    elif ctx.client == PROCESS:
        record = second_door.lives(ctx.tx, record, ctx.writer or CLIENT, ctx.now)
    record = _named(ctx, record)
    if found is None:
        record = _forked(ctx, record)
    ctx.tell(record, "state")
    ctx.resumed = found is not None and bool(input.get("id"))
    return {"bucket": record, "inserted": found is None}


def _standing(ctx: Context, path: RunPath) -> RunRecord | None:
    # A run that was moved goes on where it is now, for those who may write there.
    found = standing(ctx.tx, path)
    if found is None or found.path == path:
        return found
    return found if ctx.known().may_write(found.path.entity) else None


def _says_hello(said: dict[str, Any]) -> bool:
    """Only the first of a process's calls tells where it runs."""
    return bool(said.get("host") or said.get("jobProgram"))


def _is_sync(said: dict[str, Any]) -> bool:
    """Whether this is their `wandb sync`, which sends the log of a process that is over."""
    program = said.get("jobProgram") or ""
    return _says_hello(said) and (
        program.startswith("-m wandb") or PurePath(program).stem == "wandb"
    )


def _greeted(ctx: Context, record: RunRecord, *, again: bool) -> RunRecord:
    who = second_door.Speaker(
        ctx.writer or CLIENT,
        internals.client(record.config) or ctx.client,
        ctx.heartbeat_ms,
        bool(ctx.writer),
    )
    leaders = internals.tellers(record.config) if who.shared else ()
    record = second_door.hello(
        ctx.tx, record, who, ctx.ids, ctx.now, again=again, primaries=leaders
    )
    if ctx.launch and not again:
        launches.remember(ctx.tx, ctx.launch, record, who.client)
    return record


def _named(ctx: Context, record: RunRecord) -> RunRecord:
    """The process describes itself a few seconds after its hello."""
    teller = internals.teller(record.config) if record.life.attempt.epoch else None
    if teller is None:
        return record
    again = teller.key != teller.id
    second_door.told_of(ctx.tx, record, teller.id, again=again)
    facts = {**record.environment, **teller.environment}
    if again and record.life.attempt.epoch == 1 and record.state in LIVE:
        facts["offline"] = True
        if teller.started_at and teller.started_at < (record.started_at or ctx.now.wall):
            record = replace(record, started_at=teller.started_at)
    return (
        record
        if facts == record.environment
        else ctx.tx.runs.save(replace(record, environment=facts))
    )


def _forked(ctx: Context, record: RunRecord) -> RunRecord:
    """A fork names its parent and step in its config, and nowhere else."""
    branch = internals.inner(record.config).get("branch_point")
    if not isinstance(branch, dict) or not isinstance(branch.get("step"), int | float):
        return record
    path = RunPath(record.path.entity, record.path.project, str(branch.get("run_id")))
    parent = ctx.tx.runs.find(path)
    if parent is None:
        raise GraphQLError(f"no run {path} to fork from")
    return inherit(ctx.tx, record, parent, int(branch["step"]))


def _create(ctx: Context, path: RunPath, said: dict[str, Any]) -> RunRecord:
    for name, what in ((path.project, "project"), (path.id, "run id")):
        if problem := check_name(name, what):
            raise GraphQLError(problem)
    if not known_entity(ctx.tx, path.entity):
        raise GraphQLError(f"no user or team `{path.entity}`")
    name = said.get("displayName") or ctx.ids.run_name()
    user = ctx.known().user.name
    return create_run(ctx.tx, path, name, user, ctx.now, Actor("user", user))


def _described(ctx: Context, record: RunRecord, said: dict[str, Any], *, again: bool) -> RunRecord:
    """A null leaves what stands; config is always the whole of it, but where several write."""
    words: dict[str, Any] = {
        ours: said[theirs]
        for theirs, ours in (
            ("description", "notes"), ("notes", "notes"), ("displayName", "name"),
            ("groupName", "group"), ("jobType", "job_type"), ("host", "host"), ("sweep", "sweep"),
        )
        if said.get(theirs) is not None
    }  # fmt: skip
    if said.get("tags") is not None:
        words["tags"] = tuple(dict.fromkeys(said["tags"]))
    if problem := check_words(**words):
        raise GraphQLError(problem)
    config = _json(said.get("config"), "config")
    if isinstance(config, dict):
        whole = not again and not ctx.writer
        words["config"] = internals.merged(record.config, translate.config(config), whole=whole)
        words["metrics"] = internals.rules(words["config"]) or record.metrics
    summary = _json(said.get("summaryMetrics"), "summaryMetrics")
    if isinstance(summary, dict):
        words["summary"] = translate.stored(summary)
    words["environment"] = {**record.environment, **_facts(said, again=again)}
    return ctx.tx.runs.save(replace(record, **words))


def _facts(said: dict[str, Any], *, again: bool) -> dict[str, Any]:
    names = (("commit", "commit"), ("program", "jobProgram"), ("repo", "jobRepo"))
    return {
        key: said[theirs]
        for key, theirs in names
        if said.get(theirs) and not (again and key == "program")
    }


@mutation.field("rewindRun")
def _rewind(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    owner = input.get("entityName") or ctx.known().default_entity
    path = RunPath(owner, input.get("projectName") or DEFAULT_PROJECT, input["runName"])
    record = granted(changed(ctx.tx, ctx.known(), path))
    if input["metricName"] != translate.STEP:
        raise GraphQLError("a run is rewound to a _step")
    step = int(input["metricValue"])
    ctx.tx.series.truncate(record.key, step)
    record = ctx.tx.runs.save(replace(record, last_step=min(record.last_step, step)))
    info.context.resumed = True
    return {"rewoundRun": record}


@mutation.field("createRunFiles")
def _create_files(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    path = RunPath(input["entityName"], input["projectName"], input["runName"])
    record = granted(changed(ctx.tx, ctx.known(), path))
    names = input["files"][:FILES_MAX]
    places = [{"name": name, "uploadUrl": ctx.link(record.key, name, write=True)} for name in names]
    return {"runID": run_id(path), "uploadHeaders": [], "files": places}


@mutation.field("markRunFilesUploaded")
def _mark_uploaded(*_: Any, **__: Any) -> dict[str, bool]:
    return {"success": True}


@mutation.field("deleteRun")
def _delete_run(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    record = granted(delete_run(ctx.tx, ctx.known(), run_path(input["id"]), ctx.now))
    ctx.tell(record, "state")
    return {"clientMutationId": None}


@mutation.field("deleteFiles")
def _delete_files(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002
    ctx: Context = info.context
    for each in input["files"][:FILES_MAX]:
        try:
            _kind, _version, key, path = base64.b64decode(each).decode().split(":", 3)
            record = granted(keyed(ctx.tx, ctx.known(), RunKey(int(key))))
        except (binascii.Error, ValueError):
            raise GraphQLError(f"not a file id: {each[:40]}") from None
        granted(changed(ctx.tx, ctx.known(), record.path))
        gone = ctx.tx.files.delete(record.key, path)
        if gone is not None:
            ctx.dropped.append(gone.blob)
    return {"success": True}


@mutation.field("stopRun")
def _stop(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002
    ctx: Context = info.context
    told = ask_stop(ctx.tx, ctx.known(), run_path(input["id"]), "", ctx.now)
    if isinstance(told, Refused) and told.code == "conflict":
        return {"success": True}  # it has ended: the client documents that this has no effect
    ctx.tell(granted(told), "state")
    return {"success": True}


@mutation.field("updateRunState")
def _update_state(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002
    """To pending from running, failed, crashed, preempted; to failed from pending, running."""
    ctx: Context = info.context
    path, state = run_path(input["id"]), input["state"]
    record = granted(changed(ctx.tx, ctx.known(), path))
    allowed = {
        "pending": {"running", "failed", "crashed", "preempted"},
        "failed": {"pending", "running"},
    }.get(state, set())
    if record.state.value not in allowed or record.sweep:
        return {"success": False}
    reason = "set by the client"
    told = granted(override_state(ctx.tx, ctx.known(), path, state, reason, ctx.now))
    ctx.tell(told, "state")
    return {"success": True}


@mutation.field("notifyScriptableRunAlert")
def _alert(_: Any, info: Any, input: dict[str, Any]) -> dict[str, bool]:  # noqa: A002
    """Kept with the run, newest last, so that people and later automations find it."""
    ctx: Context = info.context
    path = RunPath(input["entityName"], input["projectName"], input["runName"])
    record = granted(changed(ctx.tx, ctx.known(), path))
    level = input.get("severity") or "INFO"
    raise_alert(ctx.tx, record.key, input["title"], input["text"], level, ctx.now.wall)
    return {"success": True}
