"""What admins do to users, keys, teams and service accounts. Always through the use cases."""

import re
from typing import Any

from ariadne import MutationType, ObjectType
from graphql import GraphQLError

from heartline.core.records import ApiKey, Team, User
from heartline.server.wandb.context import Context, granted, opaque, parts_of, stamp
from heartline.server.wandb.resolve.newkeys import NEW_KEYS
from heartline.usecases.accounts import (
    ADMINS_ONLY,
    add_key,
    create_service_account,
    create_team,
    create_user,
    remove_member,
    update_user,
)
from heartline.usecases.accounts import invite as invite_user

mutation = MutationType()
invite = ObjectType("Invite")
TYPES = (mutation, invite)
Said = dict[str, Any]


@mutation.field("createTeam")
def _create_team(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    admin = input.get("teamAdminUserName") or ctx.known().user.name
    team = Team(input["teamName"], input.get("organizationName") or "")
    made = granted(create_team(ctx.tx, ctx.known(), team, admin, ctx.now.wall))
    ctx.accounts_changed = True
    return {"entity": ctx.named(made.name)}


@mutation.field("createInvite")
def _create_invite(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    said, entity = input.get("username") or input.get("email") or "", input["entityName"]
    role = "admin" if input.get("admin") else "member"
    user = granted(invite_user(ctx.tx, ctx.known(), entity, said, role))
    ctx.accounts_changed = True
    return {"invite": {"user": user, "entity": ctx.named(entity)}}


invite.set_field("id", lambda it, _: opaque("User", it["user"].name))
invite.set_field("name", lambda it, _: it["user"].name)
invite.set_field("email", lambda it, _: it["user"].email or None)
invite.set_field("createdAt", lambda _, info: stamp(info.context.now.wall))
invite.set_field("toUser", lambda it, _: it["user"])


@mutation.field("deleteInvite")
def _delete_invite(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    (name,) = parts_of("User", input.get("id") or "", 1)
    granted(remove_member(ctx.tx, ctx.known(), input.get("entityName") or "", name))
    ctx.accounts_changed = True
    return {"success": True}


@mutation.field("createServiceAccount")
def _create_service_account(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    team, said = input["entityName"], input["description"]
    name = _free_name(ctx, f"{team}-{_slug(said)}")
    user, key, secret = granted(
        create_service_account(ctx.tx, ctx.known(), team, name, said, ctx.ids, ctx.now.wall)
    )
    _tell(ctx, key, secret)
    return {"user": user}


@mutation.field("createUser")
def _create_user(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    """Named by the first part of the email; who makes users gives them their keys."""
    ctx: Context = info.context
    if not ctx.known().user.admin:
        raise GraphQLError(ADMINS_ONLY)
    email = input["email"]
    name = input.get("username") or _free_name(ctx, _slug(email.partition("@")[0]))
    said = User(name, bool(input.get("admin")), email=email)
    user, secret = granted(create_user(ctx.tx, said, None, ctx.ids, ctx.now.wall))
    _tell(ctx, ctx.tx.accounts.keys(name)[0], secret)
    return {"user": user}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9_.-]+", "-", text.lower()).strip("-.")[:100] or "account"


def _free_name(ctx: Context, name: str) -> str:
    tried = (name, *(f"{name}-{n}" for n in range(2, 1_000)))
    return next(each for each in tried if not ctx.named(each).kind)


@mutation.field("generateApiKey")
def _generate_key(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    name, said = ctx.known().user.name, input.get("description") or ""
    key, secret = granted(add_key(ctx.tx, name, None, said, ctx.ids, ctx.now.wall))
    _tell(ctx, key, secret)
    return {"apiKey": key}


def _tell(ctx: Context, key: ApiKey, secret: str) -> None:
    NEW_KEYS.keep(key.id, secret, ctx.known().user.name, ctx.now.wall)
    ctx.accounts_changed = True


@mutation.field("deleteApiKey")
def _delete_key(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    owner = _owner(ctx, input["id"])
    if owner is None:
        raise GraphQLError(f"no API key {input['id'][:40]}, or it is not yours")
    ctx.tx.accounts.delete_key(input["id"])
    ctx.accounts_changed = True
    return {"success": True}


def _owner(ctx: Context, key_id: str) -> User | None:
    """Whose key this is, if the asker may delete it."""
    who = ctx.known()
    users = ctx.tx.accounts.users() if who.user.admin else [who.user]
    held = (u for u in users if key_id in {key.id for key in ctx.tx.accounts.keys(u.name)})
    return next(held, None)


@mutation.field("updateUser")
def _update_user(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    """People may change their own default entity and email."""
    ctx: Context = info.context
    asked = {"default_entity": input.get("defaultEntity"), "email": input.get("email")}
    words = {word: value for word, value in asked.items() if value is not None}
    made = granted(update_user(ctx.tx, ctx.known(), ctx.known().user.name, words))
    ctx.accounts_changed = True
    return {"user": made}
