"""Login, users, keys, teams and organisations over HTTP."""

import asyncio
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from litestar import Response, delete, get, patch, post
from litestar.datastructures import Cookie

from heartline.core.records import ApiKey, Team, User
from heartline.server import replicas, sessions
from heartline.server.auth import by_key
from heartline.server.guesses import TOO_MANY, address_of
from heartline.server.house import House
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import ProblemError, granted
from heartline.usecases.access import Principal
from heartline.usecases.accounts import (
    ADMINS_ONLY,
    add_key,
    create_organisation,
    create_team,
    create_user,
    delete_user,
    may_edit_user,
    remove_member,
    set_role,
)
from heartline.usecases.accounts import update_user as change_user
from heartline.usecases.refusal import Refused
from heartline.wire import api

PASSWORD_CHARS_MIN = 8
WRONG = "wrong user or password"
_HASHER = PasswordHasher()
# What a password is compared with where there is none: nobody can tell by the time it takes.
_NOBODY = _HASHER.hash("nobody has this password")


def user_view(tx: Any, user: User) -> api.UserView:
    """A user with teams."""
    mine = [each.entity for each in tx.accounts.memberships(user=user.name)]
    return api.UserView(
        name=user.name,
        admin=user.admin,
        disabled=user.disabled,
        teams=mine,
        default_entity=user.default_entity or user.name,
        email=user.email,
    )


@post("/api/v1/login", status_code=200)
async def login(request: Req, data: api.LoginBody) -> Response[api.UserView]:
    """A session for the app, from a password, an API key or the token of a login link."""
    house = house_of(request)
    name = await _proven(house, data, address_of(request))

    def look(tx: Any) -> tuple[str, api.UserView] | Refused:
        user = tx.accounts.user(name)
        if user is None:
            return Refused("unauthorized", WRONG)
        return sessions.begun(house, user, tx.accounts.password(name)), user_view(tx, user)

    return _signed_in(request, *granted(await house.db.read(look)))


def _signed_in(request: Req, value: str, view: api.UserView) -> Response[api.UserView]:
    cookie = Cookie(
        sessions.COOKIE, value=value, max_age=sessions.SESSION_S, httponly=True, samesite="lax",
        path="/", secure=sessions.scheme_of(request) == "https",
    )  # fmt: skip
    return Response(view, cookies=[cookie])


@post("/api/v1/login/link", status_code=201)
async def make_link(request: Req, who: Principal) -> api.LoginLink:
    """For whoever holds a key: an address that signs a browser in, once."""
    house = house_of(request)
    path = await sessions.link(house, who.user.name)
    return api.LoginLink(path=path, good_ms=sessions.LINK_MS)


async def _proven(house: House, data: api.LoginBody, address: str) -> str:
    """The name of the user who proved it."""
    if data.token:
        name = await sessions.follow(house, data.token)
        if name is None:
            raise ProblemError("unauthorized", "this login link is used or too old")
        return name
    if data.api_key:
        return (await by_key(house, data.api_key)).user.name
    now = house.clock.now().alive
    if house.guesses.too_many(data.user, address, now):
        raise ProblemError("too_many", TOO_MANY)
    house.guesses.count(data.user, address, now)
    try:
        right = await _right(house, data)
    except Exception:
        house.guesses.take_back(data.user, address, now)
        raise
    if not right:
        raise ProblemError("unauthorized", WRONG)
    house.guesses.take_back(data.user, address, now)
    house.guesses.proved(data.user, address)
    return data.user


async def _right(house: House, data: api.LoginBody) -> bool:
    """Whether it is the password of a user who may come in; as slow where there is no such user."""

    def load(tx: Any) -> str | None:
        user = tx.accounts.user(data.user)
        stored: str | None = tx.accounts.password(data.user)
        return None if user is None or user.disabled else stored

    async with house.guesses.turn():
        stored = await house.db.read(load)
        try:
            await asyncio.to_thread(_HASHER.verify, stored or _NOBODY, data.password)
        except Argon2Error:
            return False
    return bool(stored)


@post("/api/v1/logout", status_code=200)
async def logout(request: Req) -> Response[dict[str, bool]]:
    """End the session of this browser, here and on every server."""
    house = house_of(request)
    session = sessions.read(house, request.cookies.get(sessions.COOKIE, ""))
    if session is not None:
        now = house.clock.now().wall
        await house.db.write(lambda tx: sessions.end(tx, session, now))
        await replicas.accounts_changed(house)
    gone = Cookie(sessions.COOKIE, value="", max_age=0, path="/")
    return Response({"done": True}, cookies=[gone])


@get("/api/v1/viewer")
async def viewer(request: Req, who: Principal) -> api.UserView:
    """Who am I?"""
    return await house_of(request).db.read(lambda tx: user_view(tx, who.user))


@get("/api/v1/users")
async def users(request: Req, who: Principal) -> list[api.UserView]:
    """All users, for admins."""
    _admins_only(who)
    return await house_of(request).db.read(
        lambda tx: [user_view(tx, user) for user in tx.accounts.users()]
    )


def _admins_only(who: Principal) -> None:
    if not who.user.admin:
        raise ProblemError("forbidden", ADMINS_ONLY)


@post("/api/v1/users", status_code=201)
async def make_user(request: Req, who: Principal, data: api.NewUser) -> api.UserMade:
    """Create a user or service account, with a given key or a new one."""
    _admins_only(who)
    house = house_of(request)
    hashed = await _hashed(data.password) if data.password else None
    said = User(data.name, data.admin, service=data.service, email=data.email)

    def unit(tx: Any) -> Any:
        made = create_user(tx, said, data.api_key, house.ids, house.clock.now().wall)
        if isinstance(made, Refused):
            return made
        if hashed:
            tx.accounts.set_password(said.name, hashed)
        return api.UserMade(user=user_view(tx, made[0]), api_key=made[1])

    return granted(await house.db.write(unit))  # type: ignore[no-any-return]


async def _hashed(password: str) -> str:
    if len(password) < PASSWORD_CHARS_MIN:
        raise ProblemError(
            "unprocessable", f"a password has {PASSWORD_CHARS_MIN} or more characters"
        )
    return await asyncio.to_thread(_HASHER.hash, password)


@patch("/api/v1/users/{name:str}")
async def update_user(
    request: Req, who: Principal, name: str, data: api.UserUpdate
) -> Response[api.UserView]:
    """Change a user; people may change their own password, email and default entity.

    A new password ends every session of the user but the one that gave it.
    """
    house = house_of(request)
    hashed = await _hashed(data.password) if data.password else None

    def unit(tx: Any) -> Any:
        words = {
            word: value
            for word in ("disabled", "admin", "default_entity", "email")
            if (value := getattr(data, word)) is not None
        }
        made = change_user(tx, who, name, words)
        if isinstance(made, Refused):
            return made
        if hashed:
            tx.accounts.set_password(name, hashed)
        return sessions.begun(house, made, hashed), user_view(tx, made)

    value, view = granted(await house.db.write(unit))
    await replicas.accounts_changed(house_of(request))
    mine = hashed and who.user.name == name
    return _signed_in(request, value, view) if mine else Response(view)


@delete("/api/v1/users/{name:str}", status_code=200)
async def drop_user(request: Req, who: Principal, name: str) -> dict[str, bool]:
    """Forget a user who owns no project; keys and memberships go along."""
    granted(await house_of(request).db.write(lambda tx: delete_user(tx, who, name)))
    await replicas.accounts_changed(house_of(request))
    return {"deleted": True}


def _key_view(key: ApiKey, secret: str | None = None) -> api.KeyMade:
    return api.KeyMade(
        id=key.id,
        hint=key.hint,
        description=key.description,
        created_at=key.created_at,
        api_key=secret,
    )


@get("/api/v1/users/{name:str}/keys")
async def keys(request: Req, who: Principal, name: str) -> list[api.KeyMade]:
    """A user's keys, without the keys themselves."""

    def unit(tx: Any) -> Any:
        return may_edit_user(who, name) or [_key_view(key) for key in tx.accounts.keys(name)]

    return granted(await house_of(request).db.read(unit))


@post("/api/v1/users/{name:str}/keys", status_code=201)
async def make_key(request: Req, who: Principal, name: str, data: api.NewKey) -> api.KeyMade:
    """Add a key; it is told once."""
    house = house_of(request)

    def unit(tx: Any) -> Any:
        refused = may_edit_user(who, name)
        if refused is not None or tx.accounts.user(name) is None:
            return refused or Refused("not_found", f"no user `{name}`")
        wall = house.clock.now().wall
        return add_key(tx, name, data.api_key, data.description, house.ids, wall)

    key, secret = granted(await house.db.write(unit))
    return _key_view(key, secret)


@delete("/api/v1/users/{name:str}/keys/{key_id:str}", status_code=200)
async def drop_key(request: Req, who: Principal, name: str, key_id: str) -> dict[str, bool]:
    """Revoke a key."""

    def unit(tx: Any) -> Any:
        refused = may_edit_user(who, name)
        if refused is not None or key_id not in {key.id for key in tx.accounts.keys(name)}:
            return refused or Refused("not_found", f"no key `{key_id}`")
        tx.accounts.delete_key(key_id)
        return {"deleted": True}

    answer = granted(await house_of(request).db.write(unit))
    await replicas.accounts_changed(house_of(request))
    return answer  # type: ignore[no-any-return]


@get("/api/v1/orgs")
async def orgs(request: Req, who: Principal) -> list[str]:
    """The organisations somebody belongs to; all for admins."""

    def unit(tx: Any) -> list[str]:
        return [name for name in tx.accounts.organisations() if who.may_see(name)]

    return await house_of(request).db.read(unit)


@post("/api/v1/orgs", status_code=201)
async def make_org(request: Req, who: Principal, data: api.NewOrganisation) -> dict[str, str]:
    """Create an organisation."""
    house = house_of(request)
    wall = house.clock.now().wall
    name = granted(
        await house.db.write(lambda tx: create_organisation(tx, who, data.name, data.admin, wall))
    )
    await replicas.accounts_changed(house_of(request))
    return {"name": name}


@get("/api/v1/teams")
async def teams(request: Req, who: Principal) -> list[dict[str, str]]:
    """The teams somebody may see."""

    def unit(tx: Any) -> list[dict[str, str]]:
        found = [team for team in tx.accounts.teams() if who.may_see(team.name)]
        return [{"name": team.name, "org": team.org} for team in found]

    return await house_of(request).db.read(unit)


@post("/api/v1/teams", status_code=201)
async def make_team(request: Req, who: Principal, data: api.NewTeam) -> dict[str, str]:
    """Create a team."""
    house = house_of(request)
    wall = house.clock.now().wall
    team = Team(data.name, data.org)
    made = granted(await house.db.write(lambda tx: create_team(tx, who, team, data.admin, wall)))
    await replicas.accounts_changed(house_of(request))
    return {"name": made.name, "org": made.org}


@get(["/api/v1/teams/{entity:str}/members", "/api/v1/orgs/{entity:str}/members"])
async def members(request: Req, who: Principal, entity: str) -> list[dict[str, str]]:
    """Who belongs to a team or organisation, with roles."""

    def unit(tx: Any) -> Any:
        if not who.may_see(entity):
            return Refused("not_found", f"no team or organisation `{entity}`")
        found = tx.accounts.memberships(entity=entity)
        return [{"user": each.user, "role": each.role} for each in found]

    return granted(await house_of(request).db.read(unit))


@post(["/api/v1/teams/{entity:str}/members", "/api/v1/orgs/{entity:str}/members"], status_code=201)
async def add_member(
    request: Req, who: Principal, entity: str, data: api.MemberBody
) -> dict[str, str]:
    """Add somebody, or change a role."""
    made = granted(
        await house_of(request).db.write(lambda tx: set_role(tx, who, entity, data.user, data.role))
    )
    await replicas.accounts_changed(house_of(request))
    return {"entity": made.entity, "user": made.user, "role": made.role}


@delete(
    [
        "/api/v1/teams/{entity:str}/members/{name:str}",
        "/api/v1/orgs/{entity:str}/members/{name:str}",
    ],
    status_code=200,
)
async def drop_member(request: Req, who: Principal, entity: str, name: str) -> dict[str, bool]:
    """Take somebody out of a team or organisation; people may leave by themselves."""
    granted(await house_of(request).db.write(lambda tx: remove_member(tx, who, entity, name)))
    await replicas.accounts_changed(house_of(request))
    return {"deleted": True}


ROUTES = [
    login, make_link, logout, viewer, users, make_user, update_user, drop_user, keys, make_key, drop_key, orgs,
    make_org, teams, make_team, members, add_member, drop_member,
]  # fmt: skip
