"""Projects and the lists of their runs. Never shows what the asker may not see."""

from typing import Any

import msgspec
from ariadne import MutationType, ObjectType, QueryType
from graphql import GraphQLError

from heartline.core.filters import And, FilterError, parse, parse_order
from heartline.core.records import Project, RunPath, RunRecord
from heartline.ports import Answer, Question
from heartline.server.wandb.context import Context, opaque, stamp
from heartline.server.wandb.resolve.paging import connection, count_of, page, start_of
from heartline.server.wandb.words import renamed, renamed_order
from heartline.usecases.access import known_entity, seen
from heartline.usecases.names import check_name, check_words
from heartline.wire.names import DEFAULT_PROJECT

query, mutation, project = QueryType(), MutationType(), ObjectType("Project")
TYPES = (query, mutation, project)


@query.field("project")
def _project(
    _: Any, info: Any, name: str | None = None, entityName: str | None = None
) -> Project | None:
    ctx: Context = info.context
    owner = entityName or ctx.known().default_entity
    if not ctx.known().may_see(owner):
        return None
    return ctx.tx.accounts.project(owner, name or DEFAULT_PROJECT)


query.set_field("model", _project)


@query.field("models")
def _models(
    _: Any, info: Any, entityName: str | None = None, after: str | None = None,
    first: int | None = None, order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    return listed(ctx, entityName or ctx.known().default_entity, after, first)


def listed(ctx: Context, owner: str, after: str | None, first: int | None) -> dict[str, Any]:
    """A page of the projects of an entity."""
    found = ctx.tx.accounts.projects([owner]) if ctx.known().may_see(owner) else ()
    return page(found, first, after)


@mutation.field("upsertModel")
def _upsert_model(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    owner = input.get("entityName") or ctx.known().default_entity
    name = input.get("name") or DEFAULT_PROJECT
    said = input.get("description")
    if problem := check_name(name, "project") or check_words(notes=said):
        raise GraphQLError(problem)
    if not known_entity(ctx.tx, owner):
        raise GraphQLError(f"no user or team `{owner}`")
    ctx.may_write(owner)
    old = ctx.tx.accounts.project(owner, name)
    if old is None or (said is not None and said != old.description):
        created = ctx.now.wall if old is None else old.created_at
        ctx.tx.accounts.put_project(Project(owner, name, created, said or ""))
    made = ctx.tx.accounts.project(owner, name)
    return {"project": made, "model": made, "inserted": old is None}


project.set_field("id", lambda it, _: opaque("Project", it.name, it.entity))
project.set_field("internalId", lambda it, _: opaque("ProjectInternalId", it.name, it.entity))
project.set_field("entityName", lambda it, _: it.entity)
project.set_field("createdAt", lambda it, _: stamp(it.created_at))
project.set_field("isBenchmark", lambda *_: False)
project.set_field("access", lambda *_: "PRIVATE")
project.set_field("views", lambda *_: "{}")
project.set_field("readOnly", lambda it, info: not info.context.known().may_write(it.entity))
project.set_field("user", lambda it, info: info.context.tx.accounts.user(it.entity))
project.set_field("entity", lambda it, info: info.context.named(it.entity))


@project.field("lastActive")
@project.field("updatedAt")
def _last_active(it: Project, info: Any) -> str | None:
    """When its newest run was made, or the project itself."""
    newest = question(it, info.context, None, "-created_at", 1, 0, counted=False).runs
    return stamp(newest[0].created_at if newest else it.created_at)


def question(
    it: Project, ctx: Context, filters: str | None, order: str | None, first: int, offset: int,
    *, counted: bool = True,
) -> Answer:  # fmt: skip
    """The runs of a project by a filter in their words."""
    try:
        document = renamed(msgspec.json.decode(filters or "{}"))
        tree = parse(document, ctx.now.wall) if document else And()
        orders = parse_order(renamed_order(order or "-created_at"))
    except (FilterError, msgspec.MsgspecError) as error:
        raise GraphQLError(f"filters: {error}") from None
    pairs = [(it.entity, it.name)]
    return ctx.tx.runs.query(Question(pairs, tree, orders, ctx.now, first, offset, counted))


@project.field("runCount")
def _run_count(it: Project, info: Any, filters: str | None = None) -> int:
    ctx: Context = info.context
    ctx.counted[it, filters] = total = question(it, ctx, filters, None, 0, 0).total
    return total


@project.field("runs")
def _runs(
    it: Project, info: Any, filters: str | None = None, after: str | None = None,
    first: int | None = None, order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    start, total = start_of(after), ctx.counted.get((it, filters))
    answer = question(it, ctx, filters, order, count_of(first), start, counted=total is None)
    ctx.listed.page(answer.runs)
    return connection(answer.runs, start=start, total=answer.total if total is None else total)


@project.field("run")
def _run(it: Project, info: Any, name: str, desc: str | None = None) -> RunRecord | None:
    ctx: Context = info.context
    found = seen(ctx.tx, ctx.known(), RunPath(it.entity, it.name, name))
    return found if isinstance(found, RunRecord) else None


@project.field("bucket")
def _bucket(it: Project, info: Any, name: str, missingOk: bool | None = None) -> RunRecord | None:
    found: RunRecord | None = _run(it, info, name)
    if found is None and not missingOk:
        raise GraphQLError(f"no run `{name}` in {it.entity}/{it.name}")
    return found
