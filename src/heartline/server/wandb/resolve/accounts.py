"""Users, keys, teams and organisations as read: what somebody may see of them, and no more.

Never a key in the clear, but one that was made a moment ago, to whom it was made for.
"""

from typing import Any

from ariadne import ObjectType, QueryType

from heartline.core.records import ApiKey, Membership, User
from heartline.server.wandb.context import Context, Named, opaque, stamp
from heartline.server.wandb.resolve.newkeys import NEW_KEYS
from heartline.server.wandb.resolve.paging import page
from heartline.server.wandb.resolve.projects import listed
from heartline.usecases.access import Principal

query = QueryType()
user, entity, member, key, organisation = (
    ObjectType(name) for name in ("User", "Entity", "Member", "ApiKey", "Organization")
)
TYPES = (query, user, entity, member, key, organisation)
ACCESS = "PRIVATE"


@query.field("viewer")
def _viewer(_: Any, info: Any) -> User | None:
    ctx: Context = info.context
    # As stored, not as cached with the key: what was changed a moment ago is shown.
    return None if ctx.who is None else ctx.tx.accounts.user(ctx.who.user.name)


@query.field("user")
def _user(
    _: Any, info: Any, userName: str | None = None, username: str | None = None
) -> User | None:
    ctx: Context = info.context
    return _seen(ctx, userName or username or ctx.known().user.name)


def _seen(ctx: Context, name: str) -> User | None:
    """The user, for those who know each other; strangers cannot tell that there is one."""
    return ctx.tx.accounts.user(name) if _knows(ctx, name) else None


@query.field("users")
def _users(
    _: Any, info: Any, query: str | None = None, first: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """Those whose name or email holds the text, an exact one first."""
    ctx: Context = info.context
    text = (query or "").lower()
    found = [
        each
        for each in ctx.tx.accounts.users()
        if (text in each.name.lower() or text in each.email.lower()) and _knows(ctx, each.name)
    ]
    found.sort(key=lambda each: (text not in {each.name.lower(), each.email.lower()}, each.name))
    return page(found, first, after, usual=1_000)


def _knows(ctx: Context, name: str) -> bool:
    """People see themselves and who shares a team or organisation with them; admins everyone."""
    who = ctx.known()
    if who.user.admin or who.user.name == name:
        return True
    theirs = {each.entity for each in ctx.tx.accounts.memberships(user=name)}
    return bool(theirs & set(who.roles))


user.set_field("id", lambda it, _: opaque("User", it.name))
user.set_field("username", lambda it, _: it.name)
user.set_field("email", lambda it, _: it.email or None)
user.set_field("flags", lambda *_: "{}")
user.set_field("entity", lambda it, _: it.default_entity or it.name)
user.set_field("defaultEntity", lambda it, info: info.context.named(it.default_entity or it.name))
user.set_field("deletedAt", lambda it, _: stamp(it.created_at) if it.disabled else None)
user.set_field("createdAt", lambda it, _: stamp(it.created_at))
user.set_field("accountType", lambda it, _: "SERVICE" if it.service else "USER")


@user.field("apiKeys")
def _api_keys(it: User, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    mine = ctx.known().user.name == it.name or ctx.known().user.admin
    keys = ctx.tx.accounts.keys(it.name) if mine else ()
    return {"edges": [{"node": each} for each in keys]}


key.set_field("createdAt", lambda it, _: stamp(it.created_at))
key.set_field("description", lambda it, _: it.description or None)


@key.field("name")
def _key_name(it: ApiKey, info: Any) -> str:
    """The whole key in the answer that makes it; ever after its last letters."""
    ctx: Context = info.context
    making = info.operation.operation.value == "mutation"
    told = NEW_KEYS.told(it.id, ctx.who, ctx.now.wall) if making else None
    return told or f"...{it.hint}"


@user.field("teams")
def _teams(it: User, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    teams = [
        each.entity
        for each in ctx.tx.accounts.memberships(user=it.name)
        if ctx.tx.accounts.team(each.entity) is not None and ctx.known().may_see(each.entity)
    ]
    return {"edges": [{"node": ctx.named(name)} for name in (it.name, *teams)]}


@user.field("organizations")
def _organisations(it: User, info: Any) -> list[Named]:
    ctx: Context = info.context
    mine = {each.entity for each in ctx.tx.accounts.memberships(user=it.name)}
    return [
        Named(name, "organization")
        for name in ctx.tx.accounts.organisations()
        if name in mine and ctx.known().may_see(name)
    ]


@query.field("entity")
def _entity(_: Any, info: Any, name: str) -> Named:
    ctx: Context = info.context
    ctx.known()
    return ctx.named(name)


entity.set_field("id", lambda it, _: opaque("Entity", it.name))
entity.set_field("available", lambda it, _: not it.kind)
entity.set_field("isTeam", lambda it, _: it.kind == "team")
entity.set_field("entityType", lambda it, _: it.kind or None)
entity.set_field("readOnly", lambda it, info: not info.context.known().may_write(it.name))
entity.set_field("storageBytes", lambda *_: 0)
entity.set_field("codeSavingEnabled", lambda *_: True)
entity.set_field("defaultAccess", lambda *_: ACCESS)
for _name in ("readOnlyAdmin", "privateOnly", "isPaid", "xxhashDigestsEnabled"):
    entity.set_field(_name, lambda *_: False)
entity.set_field("user", lambda it, info: _seen(info.context, it.name))
entity.set_field("projects", lambda it, info, after=None, first=None: listed(
    info.context, it.name, after, first))  # fmt: skip


@entity.field("organization")
def _organisation_of(it: Named, info: Any) -> Named | None:
    ctx: Context = info.context
    team = ctx.tx.accounts.team(it.name)
    if team is None or not team.org or not ctx.known().may_see(it.name):
        return None
    return Named(team.org, "organization")


@entity.field("members")
@organisation.field("members")
def _members(it: Named, info: Any) -> list[Membership]:
    """Service accounts come last, and the newest of them at the very end, where they look."""
    ctx: Context = info.context
    if not ctx.known().may_see(it.name):
        return []
    found = list(ctx.tx.accounts.memberships(entity=it.name))
    users = {each.name: each for each in ctx.tx.accounts.users()}
    known = [each for each in found if each.user in users]
    return sorted(known, key=lambda m: _rank(users[m.user]))


def _rank(it: User) -> tuple[bool, int, str]:
    return it.service, it.created_at if it.service else 0, it.name


def _of(it: Membership, info: Any) -> User:
    return info.context.tx.accounts.user(it.user) or User(it.user)


member.set_field("id", lambda it, _: opaque("User", it.user))
member.set_field("admin", lambda it, _: it.role == "admin")
member.set_field("pending", lambda *_: False)
member.set_field("name", lambda it, _: it.user)
member.set_field("username", lambda it, _: it.user)
member.set_field("email", lambda it, info: _of(it, info).email or None)


@member.field("accountType")
def _account_type(it: Membership, info: Any) -> str:
    return "SERVICE" if _of(it, info).service else it.role.upper()


@member.field("apiKey")
def _member_key(it: Membership, info: Any) -> str | None:
    """A service account's key, to who made it just now: their client has no other way to it."""
    ctx: Context = info.context
    who: Principal = ctx.known()
    told = (NEW_KEYS.told(each.id, who, ctx.now.wall) for each in ctx.tx.accounts.keys(it.user))
    return next((secret for secret in told if secret is not None), None)


@query.field("organization")
def _organisation(_: Any, info: Any, name: str) -> Named | None:
    ctx: Context = info.context
    known = name in ctx.tx.accounts.organisations() and ctx.known().may_see(name)
    return Named(name, "organization") if known else None


organisation.set_field("id", lambda it, _: opaque("Organization", it.name))
organisation.set_field("orgEntity", lambda it, _: it)
organisation.set_field("featureFlags", lambda *_, **__: [])
organisation.set_field("teams", lambda it, info: [
    Named(team.name, "team") for team in info.context.tx.accounts.teams(it.name)
    if info.context.known().may_see(team.name)
])  # fmt: skip
