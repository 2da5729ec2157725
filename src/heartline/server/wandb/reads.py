"""Resolvers that only read: viewer, projects, runs, history, console, files."""

import fnmatch
import json
from typing import Any

import msgspec
from ariadne import ObjectType, QueryType
from graphql import GraphQLError

from heartline.core.filters import And, FilterError, parse, parse_order
from heartline.core.lifecycle import LIVE
from heartline.core.records import FileRecord, Project, RunPath, RunRecord, User
from heartline.ports import Question
from heartline.server.wandb import translate
from heartline.server.wandb.context import (
    UNCATEGORIZED,
    Context,
    opaque,
    run_id,
    stamp,
)
from heartline.server.wandb.words import renamed, renamed_order
from heartline.usecases.access import seen
from heartline.usecases.summary import shown_summary

FEATURES = ("FILESTREAM_GZIP", "STRUCTURED_CONSOLE_LOGS", "LARGE_FILENAMES", "CLIENT_IDS",
            "TOTAL_COUNT_IN_FILE_CONNECTION")  # fmt: skip
PAGE_MAX = 1_000
ROWS_MAX = 100_000
LINES_MAX = 10_000

query = QueryType()
project, run, user, entity, file = (
    ObjectType(name) for name in ("Project", "Run", "User", "Entity", "File")
)
TYPES = (query, project, run, user, entity, file)


def _connection(nodes: list[Any], *, offset: int = 0, more: bool = False) -> dict[str, Any]:
    edges = [{"node": node, "cursor": str(offset + n + 1)} for n, node in enumerate(nodes)]
    end = edges[-1]["cursor"] if edges else None
    return {
        "edges": edges,
        "pageInfo": {"endCursor": end, "hasNextPage": more},
        "totalCount": len(nodes),
    }


def _offset(after: str | None) -> int:
    return int(after) if after and after.isdigit() else 0


@query.field("viewer")
def _viewer(_: Any, info: Any) -> User | None:
    ctx: Context = info.context
    return None if ctx.who is None else ctx.who.user


@query.field("serverInfo")
def _server_info(*_: Any) -> dict[str, Any]:
    versions = {"max_cli_version": "1.0.0", "min_cli_version": "0.17.0"}
    features = [{"name": name, "isEnabled": True} for name in FEATURES]
    return {"features": features, "cliVersionInfo": versions}


@query.field("entity")
def _entity(_: Any, info: Any, name: str) -> dict[str, Any]:
    ctx: Context = info.context
    return {"id": opaque("Entity", name), "name": name, "isTeam": ctx.tx.accounts.team(name) is not None,
            "available": ctx.tx.accounts.user(name) is None, "organization": None}  # fmt: skip


@query.field("project")
def _project(_: Any, info: Any, name: str, entityName: str | None = None) -> Project | None:
    ctx: Context = info.context
    owner = entityName or ctx.known().default_entity
    return ctx.tx.accounts.project(owner, name) if ctx.known().may_see(owner) else None


@query.field("model")
def _model(_: Any, info: Any, name: str | None = None, entityName: str | None = None) -> Any:
    return _project(_, info, name or UNCATEGORIZED, entityName)


@query.field("models")
def _models(
    _: Any, info: Any, entityName: str | None = None, after: str | None = None,
    first: int | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    owner = entityName or ctx.known().default_entity
    found = list(ctx.tx.accounts.projects([owner])) if ctx.known().may_see(owner) else []
    start, count = _offset(after), min(first or PAGE_MAX, PAGE_MAX)
    page = found[start : start + count]
    return _connection(page, offset=start, more=start + count < len(found))


user.set_field("id", lambda who, _: opaque("User", who.name))
user.set_field("username", lambda who, _: who.name)
user.set_field("email", lambda who, _: who.email)
user.set_field("flags", lambda *_: "{}")
user.set_field("entity", lambda who, _: who.default_entity or who.name)
user.set_field("deletedAt", lambda *_: None)


@user.field("apiKeys")
def _api_keys(who: User, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    if ctx.known().user.name != who.name and not ctx.known().user.admin:
        return {"edges": []}
    keys = ctx.tx.accounts.keys(who.name)
    nodes = [{"id": k.id, "name": f"…{k.hint}", "description": k.description} for k in keys]
    return {"edges": [{"node": node} for node in nodes]}


@user.field("teams")
def _teams(who: User, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    names = [who.name, *(m.entity for m in ctx.tx.accounts.memberships(user=who.name))]
    return {"edges": [{"node": {"name": name}} for name in names]}


project.set_field("id", lambda it, _: opaque("Project", it.name, it.entity))
project.set_field("internalId", lambda it, _: opaque("ProjectInternalId", it.name, it.entity))
project.set_field("entityName", lambda it, _: it.entity)
project.set_field("createdAt", lambda it, _: stamp(it.created_at))
project.set_field("isBenchmark", lambda *_: False)
project.set_field("access", lambda *_: "PRIVATE")
project.set_field("views", lambda *_: {})
project.set_field("entity", lambda it, info: _entity(None, info, it.entity))
project.set_field("readOnly", lambda it, info: not info.context.known().may_write(it.entity))
project.set_field("user", lambda it, info: info.context.tx.accounts.user(it.entity))


def _question(
    it: Project, ctx: Context, filters: str | None, order: str | None, first: int, offset: int
) -> Any:
    try:
        document = renamed(msgspec.json.decode(filters or "{}"))
        tree = parse(document, ctx.now.wall) if document else And()
        orders = parse_order(renamed_order(order or "-created_at"))
    except (FilterError, msgspec.MsgspecError) as error:
        raise GraphQLError(f"filters: {error}") from None
    pairs = [(it.entity, it.name)]
    return ctx.tx.runs.query(Question(pairs, tree, orders, ctx.now, first, offset))


@project.field("runCount")
def _run_count(it: Project, info: Any, filters: str | None = None) -> int:
    return int(_question(it, info.context, filters, None, 0, 0).total)


@project.field("runs")
def _runs(
    it: Project, info: Any, filters: str | None = None, after: str | None = None,
    first: int | None = None, order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    count, start = min(first or 50, PAGE_MAX), _offset(after)
    answer = _question(it, info.context, filters, order, count, start)
    made = _connection(list(answer.runs), offset=start, more=start + count < answer.total)
    return {**made, "totalCount": answer.total}


@project.field("run")
def _run(it: Project, info: Any, name: str, desc: str | None = None) -> RunRecord | None:
    ctx: Context = info.context
    found = seen(ctx.tx, ctx.known(), RunPath(it.entity, it.name, name))
    return found if isinstance(found, RunRecord) else None


@project.field("bucket")
def _bucket(it: Project, info: Any, name: str, missingOk: bool | None = None) -> Any:
    found = _run(it, info, name)
    if found is None and not missingOk:
        raise GraphQLError(f"no run {name}")
    return found


run.set_field("id", lambda it, _: run_id(it.path))
run.set_field("projectId", lambda it, _: it.key)
run.set_field("name", lambda it, _: it.path.id)
run.set_field("displayName", lambda it, _: it.name)
run.set_field("description", lambda it, _: it.notes)
run.set_field("tags", lambda it, _: list(it.tags))
run.set_field("state", lambda it, _: it.state.value)
run.set_field("jobType", lambda it, _: it.job_type or None)
run.set_field("group", lambda it, _: it.group or None)
run.set_field("commit", lambda it, _: it.environment.get("commit"))
run.set_field("readOnly", lambda it, info: not info.context.known().may_write(it.path.entity))
run.set_field("createdAt", lambda it, _: stamp(it.created_at))
run.set_field("sweepName", lambda it, _: it.sweep or None)
run.set_field("stopped", lambda it, _: it.life.stop is not None and it.state in LIVE)
run.set_field("exitcode", lambda it, _: it.told.evidence.exit_code)
run.set_field("config", lambda it, _: translate.config_text(it.config))
run.set_field("eventsTail", lambda *_: "[]")
run.set_field("eventsLineCount", lambda *_: 0)


@run.field("heartbeatAt")
def _heartbeat_at(it: RunRecord, _: Any) -> str | None:
    heard = max((writer.heard_wall for writer in it.life.writers if writer.id), default=None)
    return stamp(heard or it.created_at)


@run.field("user")
def _user(it: RunRecord, info: Any) -> User:
    return info.context.tx.accounts.user(it.user) or User(it.user)


@run.field("project")
def _project_of(it: RunRecord, info: Any) -> Project:
    found: Project = info.context.tx.accounts.project(it.path.entity, it.path.project)
    return found


@run.field("summaryMetrics")
def _summary(it: RunRecord, info: Any) -> str:
    return json.dumps(shown_summary(info.context.tx, it))


@run.field("systemMetrics")
def _system(it: RunRecord, info: Any) -> str:
    stats = info.context.tx.series.keys(it.key, system=True)
    return json.dumps({each.key: each.last for each in stats if each.kind == "number"})


@run.field("historyKeys")
def _history_keys(it: RunRecord, info: Any) -> dict[str, Any]:
    return translate.history_keys(info.context.tx.series.keys(it.key), it.last_step)


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


@run.field("logLineCount")
def _log_line_count(it: RunRecord, info: Any) -> int:
    return int(info.context.tx.series.console(it.key, limit=1)[1])


@run.field("historyTail")
def _tail(it: RunRecord, info: Any) -> str:
    rows = info.context.tx.series.scan(it.key, None, min_step=it.last_step, limit=1)
    return json.dumps([translate.row_text(row) for row in rows])


@run.field("history")
def _history(
    it: RunRecord, info: Any, minStep: int | None = None, maxStep: int | None = None,
    samples: int | None = None,
) -> list[str]:  # fmt: skip
    series = info.context.tx.series
    if minStep is None and maxStep is None:
        rows = series.sample(it.key, None, min(samples or 500, ROWS_MAX))
    else:
        rows = series.scan(it.key, None, min_step=minStep or 0, max_step=maxStep, limit=ROWS_MAX)
    return [translate.row_text(row) for row in rows]


@run.field("events")
def _events(it: RunRecord, info: Any, samples: int | None = None) -> list[str]:
    rows = info.context.tx.series.sample(it.key, None, min(samples or 500, ROWS_MAX), system=True)
    return [translate.row_text(row) for row in rows]


@run.field("sampledHistory")
def _sampled(it: RunRecord, info: Any, specs: list[str]) -> list[list[dict[str, Any]]]:
    return [_rows_of(it, info.context, msgspec.json.decode(spec)) for spec in specs]


def _rows_of(it: RunRecord, ctx: Context, spec: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows that have all keys of a spec; with a range every row of it, `maxStep` included."""
    keys = [key for key in spec.get("keys", []) if key not in {translate.STEP, translate.TIME}]
    if "minStep" in spec or "maxStep" in spec:
        end = spec.get("maxStep")
        rows = ctx.tx.series.scan(
            it.key, keys or None, min_step=int(spec.get("minStep", 0)),
            max_step=None if end is None else int(end) + 1, limit=ROWS_MAX,
        )  # fmt: skip
    else:
        rows = ctx.tx.series.sample(
            it.key, keys or None, min(int(spec.get("samples", 500)), ROWS_MAX)
        )
    wanted = set(keys)
    return [
        {key: value for key, value in translate.row_object(row).items()
         if key in wanted or key in spec.get("keys", [])}
        for row in rows if wanted <= set(row.values)
    ]  # fmt: skip


@run.field("parquetHistory")
def _parquet(it: RunRecord, info: Any, liveKeys: list[str]) -> dict[str, Any]:
    rows = info.context.tx.series.scan(it.key, None, limit=ROWS_MAX)
    live = [
        {key: value for key, value in translate.row_object(row).items() if key in liveKeys}
        for row in rows
    ]
    return {"parquetUrls": [], "liveData": live}


@run.field("logLines")
def _log_lines(
    it: RunRecord, info: Any, first: int | None = None, after: str | None = None,
    last: int | None = None, useImprovedPagination: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    start, count = _offset(after), min(first or 1_000, LINES_MAX)
    series = info.context.tx.series
    lines, total = series.console(it.key, first=start, limit=count, last=last)
    nodes = [
        {
            "number": line.number,
            "timestamp": stamp(line.at),
            "level": "error" if line.stream == "stderr" else None,
            "label": None,
            "line": line.text,
        }
        for line in lines
    ]
    more = last is None and start + len(nodes) < total
    return _connection(nodes, offset=start, more=more)


@run.field("fileCount")
def _file_count(it: RunRecord, info: Any) -> int:
    return len(info.context.tx.files.list(it.key))


@run.field("files")
def _files(
    it: RunRecord, info: Any, names: list[str] | None = None, after: str | None = None,
    first: int | None = None, pattern: str | None = None, upload: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    like = None if pattern is None else pattern.replace("%", "*").replace("_", "?")
    found = [
        (it, each) for each in info.context.tx.files.list(it.key)
        if (not names or each.path in names)
        and (like is None or fnmatch.fnmatchcase(each.path, like))
    ]  # fmt: skip
    start, count = _offset(after), min(first or 50, PAGE_MAX)
    page = found[start : start + count]
    made = _connection(page, offset=start, more=start + count < len(found))
    return {**made, "totalCount": len(found)}


Place = tuple[RunRecord, FileRecord]
file.set_field("id", lambda it, _: opaque("File", str(it[0].key), it[1].path))
file.set_field("name", lambda it, _: it[1].path)
file.set_field("sizeBytes", lambda it, _: it[1].size_bytes)
file.set_field("mimetype", lambda it, _: it[1].mimetype)
file.set_field("updatedAt", lambda it, _: stamp(it[1].updated_at))
file.set_field("md5", lambda it, _: it[1].md5 or None)
file.set_field("storagePath", lambda it, _: it[1].path)
file.set_field("directUrl", lambda it, info: info.context.link(it[0].key, it[1].path))
file.set_field("url", lambda it, info, upload=None: info.context.link(it[0].key, it[1].path))
