"""Views (reports, workspaces) and custom charts: kept as they come. Never reads a spec.

A view's spec and description are kept apart from the words that views are listed by: a spec may
have megabytes, and counting or choosing must not read them.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from ariadne import MutationType, ObjectType, QueryType
from graphql import GraphQLError

from heartline.core.records import Project
from heartline.server.wandb.context import Context, opaque, parts_of, stamp
from heartline.server.wandb.resolve.paging import page
from heartline.usecases.delete_project import VIEW, VIEW_TEXT
from heartline.usecases.names import check_name, check_words

query, mutation = QueryType(), MutationType()
project, view, chart = (ObjectType(name) for name in ("Project", "View", "CustomChart"))
TYPES = (query, mutation, project, view, chart)

CHART = "wandb-chart"
SPEC_CHARS_MAX = 8_000_000
PER_PROJECT_MAX = 1_000
WORDS, TEXTS = ("type", "name", "displayName"), ("description", "spec")
BLANK = {"description": "", "spec": "{}"}

Kept = dict[str, Any]
"""A view as kept without its texts, with `entity`, `project` and `key` beside it."""


def _load(ctx: Context, entity: str, name: str, key: str) -> Kept | None:
    body = ctx.tx.accounts.document(VIEW, f"{entity}/{name}", key)
    return None if body is None else {**body, "entity": entity, "project": name, "key": key}


def _found(ctx: Context, view_id: str) -> Kept:
    # The client drops the padding of ids in addresses.
    entity, name, key = parts_of("View", view_id, 3)
    found = _load(ctx, entity, name, key) if ctx.known().may_see(entity) else None
    if found is None:
        raise GraphQLError(f"no view {view_id[:80]}, or it is not yours to see")
    return found


@query.field("view")
def _view(_: Any, info: Any, id: str) -> Kept:  # noqa: A002
    return _found(info.context, id)


@project.field("allViews")
def _all_views(
    it: Project, info: Any, viewType: str | None = None, viewName: str | None = None,
    userName: str | None = None, first: int | None = None, after: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    asked = (("type", viewType), ("name", viewName), ("user", userName))
    kept = ctx.tx.accounts.documents(VIEW, f"{it.entity}/{it.name}")
    found = [
        {**body, "entity": it.entity, "project": it.name, "key": key}
        for key, body in kept.items()
        if all(value is None or body.get(word) == value for word, value in asked)
    ]
    found.sort(key=lambda each: (each["created"], each["key"]))
    return page(found, first, after)


@mutation.field("upsertView")
def _upsert_view(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    said, texts = (
        {word: input[word] for word in words if input.get(word) is not None}
        for words in (WORDS, TEXTS)
    )
    _check_spec(texts.get("spec", "{}"))
    if problem := check_words(**said, notes=texts.get("description")):
        raise GraphQLError(problem)
    old = _found(ctx, input["id"]) if input.get("id") else None
    place = _place(ctx, input) if old is None else (old["entity"], old["project"])
    ctx.may_write(place[0])
    key = ctx.ids.run_id() if old is None else old["key"]
    blank = {"type": "runs", "name": key, "displayName": ""}
    first = {**blank, "user": ctx.known().user.name, "created": ctx.now.wall}
    body = {**(first if old is None else old), **said, "updated": ctx.now.wall}
    ctx.tx.accounts.put_document(VIEW, "/".join(place), key, body)
    ctx.tx.accounts.put_document(VIEW_TEXT, "/".join(place), key, {**_texts(ctx, old), **texts})
    return {"view": _load(ctx, place[0], place[1], key), "inserted": old is None}


def _texts(ctx: Context, it: Kept | None) -> Mapping[str, str]:
    if it is None:
        return BLANK
    return (
        ctx.tx.accounts.document(VIEW_TEXT, f"{it['entity']}/{it['project']}", it["key"]) or BLANK
    )


def _place(ctx: Context, said: dict[str, Any]) -> tuple[str, str]:
    owner = said.get("entityName") or ctx.known().default_entity
    name = said.get("projectName") or ""
    ctx.may_write(owner)
    if ctx.tx.accounts.project(owner, name) is None:
        raise GraphQLError(f"no project {owner}/{name}: create it first")
    if len(ctx.tx.accounts.documents(VIEW, f"{owner}/{name}")) >= PER_PROJECT_MAX:
        raise GraphQLError(f"a project has at most {PER_PROJECT_MAX} views: delete some")
    return owner, name


def _check_spec(spec: str) -> None:
    if len(spec) > SPEC_CHARS_MAX:
        raise GraphQLError(f"spec: at most {SPEC_CHARS_MAX} characters")
    try:
        msgspec.json.decode(spec)
    except msgspec.MsgspecError as error:
        raise GraphQLError(f"spec is not JSON: {error}") from None


@mutation.field("deleteView")
def _delete_view(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    found = _found(ctx, input["id"])
    ctx.may_write(found["entity"])
    for kind in (VIEW, VIEW_TEXT):
        place = f"{found['entity']}/{found['project']}"
        ctx.tx.accounts.delete_document(kind, place, found["key"])
    return {"success": True, "pendingDrafts": False}


view.set_field("id", lambda it, _: opaque("View", it["entity"], it["project"], it["key"]))
view.set_field("createdAt", lambda it, _: stamp(it["created"]))
view.set_field("updatedAt", lambda it, _: stamp(it["updated"]))
view.set_field("description", lambda it, info: _texts(info.context, it)["description"])
view.set_field("spec", lambda it, info: _texts(info.context, it)["spec"])
view.set_field("user", lambda it, info: info.context.tx.accounts.user(it["user"]))
view.set_field(
    "project", lambda it, info: info.context.tx.accounts.project(it["entity"], it["project"])
)


@mutation.field("createCustomChart")
def _create_chart(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002
    ctx: Context = info.context
    ctx.may_write(input["entity"])
    if problem := check_name(input["name"], "chart"):
        raise GraphQLError(problem)
    _check_spec(input["spec"])
    words = ("displayName", "type", "access", "spec")
    body = {**{word: input[word] for word in words}, "created": ctx.now.wall}
    ctx.tx.accounts.put_document(CHART, input["entity"], input["name"], body)
    return {"chart": {**body, "entity": input["entity"], "name": input["name"]}}


# What `wandb.plot_table(vega_spec_name=…)` takes.
chart.set_field("id", lambda it, _: f"{it['entity']}/{it['name']}")
