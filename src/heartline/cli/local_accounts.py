"""Accounts in a server's own database, for whoever owns its data directory. Never over a network."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from heartline.adapters.sql.database import SqlDatabase
from heartline.adapters.system import SystemIds
from heartline.client import errors
from heartline.core.records import ApiKey, Team, User
from heartline.server.house import ServerClock
from heartline.server.wiring import Settings, open_database
from heartline.usecases.access import Principal, principal
from heartline.usecases.accounts import (
    add_key,
    create_organisation,
    create_team,
    create_user,
    delete_user,
    set_role,
    update_user,
)
from heartline.usecases.refusal import Refused
from heartline.wire import api

OWNER = Principal(User("owner of the data directory", admin=True), {})
KINDS = {"not_found": errors.NotFound, "conflict": errors.Conflict, "forbidden": errors.Forbidden}


class LocalAccounts:
    """The same verbs as `client.accounts.Accounts`, on the data directory of a server."""

    def __init__(self, data_dir: Path, database_url: str = "") -> None:
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = Settings(data_dir=data_dir.resolve(), database_url=database_url)
        self._db: SqlDatabase = open_database(settings)
        self._ids, self._clock = SystemIds(), ServerClock()

    def _write(self, unit: Callable[[Any], Any]) -> Any:
        found = self._db.submit(unit).result()
        if isinstance(found, Refused):
            raise KINDS.get(found.code, errors.InvalidRequest)(found.reason)
        return found

    def close(self) -> None:
        """Finish what was written."""
        asyncio.run(self._db.close())

    def users(self) -> list[api.UserView]:
        """All users."""
        found: list[api.UserView] = self._write(
            lambda tx: [_view(tx, user) for user in tx.accounts.users()]
        )
        return found

    def create_user(self, user: api.NewUser) -> api.UserMade:
        """Make a user with a first key."""
        said = User(user.name, user.admin, service=user.service, email=user.email)

        def unit(tx: Any) -> Any:
            made = create_user(tx, said, user.api_key, self._ids, self._clock.now().wall)
            if isinstance(made, Refused):
                return made
            return api.UserMade(user=_view(tx, made[0]), api_key=made[1])

        done: api.UserMade = self._write(unit)
        return done

    def update_user(self, name: str, changes: api.UserUpdate) -> api.UserView:
        """Disable, make admin, set the default entity or the address."""
        words = {
            word: value
            for word in ("disabled", "admin", "default_entity", "email")
            if (value := getattr(changes, word)) is not None
        }

        def unit(tx: Any) -> Any:
            made = update_user(tx, OWNER, name, words)
            return made if isinstance(made, Refused) else _view(tx, made)

        done: api.UserView = self._write(unit)
        return done

    def delete_user(self, name: str) -> None:
        """Forget a user who owns no project."""
        self._write(lambda tx: delete_user(tx, OWNER, name))

    def keys(self, name: str) -> list[api.KeyMade]:
        """A user's keys, by id and last letters."""

        def unit(tx: Any) -> Any:
            if tx.accounts.user(name) is None:
                return Refused("not_found", f"no user `{name}`")
            return [_key(key, None) for key in tx.accounts.keys(name)]

        done: list[api.KeyMade] = self._write(unit)
        return done

    def create_key(self, name: str, key: api.NewKey) -> api.KeyMade:
        """Add a key."""

        def unit(tx: Any) -> Any:
            if tx.accounts.user(name) is None:
                return Refused("not_found", f"no user `{name}`")
            wall = self._clock.now().wall
            made = add_key(tx, name, key.api_key, key.description, self._ids, wall)
            return made if isinstance(made, Refused) else _key(*made)

        done: api.KeyMade = self._write(unit)
        return done

    def delete_key(self, name: str, key_id: str) -> None:
        """Revoke a key; a running server notices within seconds."""

        def unit(tx: Any) -> Any:
            if key_id not in {key.id for key in tx.accounts.keys(name)}:
                return Refused("not_found", f"no key `{key_id}` of `{name}`")
            tx.accounts.delete_key(key_id)
            return None

        self._write(unit)

    def create_organisation(self, name: str, admin: str) -> None:
        """Make an organisation."""
        wall = self._clock.now().wall
        self._write(lambda tx: create_organisation(tx, OWNER, name, admin, wall))

    def organisations(self) -> list[str]:
        """All of them."""
        found: list[str] = self._write(lambda tx: list(tx.accounts.organisations()))
        return found

    def create_team(self, team: api.NewTeam) -> None:
        """Make a team."""
        made, wall = Team(team.name, team.org), self._clock.now().wall
        self._write(lambda tx: create_team(tx, OWNER, made, team.admin, wall))

    def teams(self) -> list[dict[str, str]]:
        """All of them, with their organisations."""
        found: list[dict[str, str]] = self._write(
            lambda tx: [{"name": team.name, "org": team.org} for team in tx.accounts.teams()]
        )
        return found

    def set_member(self, team: str, user: str, role: str) -> None:
        """Add somebody, or change the role."""
        self._write(lambda tx: set_role(tx, OWNER, team, user, role))

    def members(self, team: str) -> list[dict[str, str]]:
        """Who belongs to a team or organisation."""

        def unit(tx: Any) -> list[dict[str, str]]:
            found = tx.accounts.memberships(entity=team)
            return [{"user": each.user, "role": each.role} for each in found]

        done: list[dict[str, str]] = self._write(unit)
        return done


def _view(tx: Any, user: User) -> api.UserView:
    return api.UserView(
        name=user.name,
        admin=user.admin,
        disabled=user.disabled,
        teams=[name for name in principal(tx, user).roles if name != user.name],
        default_entity=user.default_entity or user.name,
        email=user.email,
    )


def _key(key: ApiKey, secret: str | None) -> api.KeyMade:
    return api.KeyMade(
        id=key.id,
        hint=key.hint,
        description=key.description,
        created_at=key.created_at,
        api_key=secret,
    )
