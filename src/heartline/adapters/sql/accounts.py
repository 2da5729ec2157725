"""Users, keys, teams, memberships, projects and small documents. Never checks who may."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import (
    api_keys,
    documents,
    memberships,
    organisations,
    projects,
    runs,
    sweeps,
    teams,
    users,
)
from heartline.adapters.sql.upsert import insert_missing, upsert
from heartline.core.records import ApiKey, Membership, Project, Team, User
from heartline.core.texts import clean_values
from heartline.ports import Conflict

ALIVE = 0
_USER = [column for column in users.c if column.name != "password"]
_PROJECT = [column for column in projects.c if column.name != "key"]


def _user(row: Any) -> User:
    values: dict[str, Any] = dict(row._mapping)
    flags: Any = {name: bool(values.pop(name)) for name in ("admin", "disabled", "service")}
    return User(**values, **flags)


class SqlAccounts:
    """`AccountStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def user(self, name: str) -> User | None:
        """By name."""
        row = self._db.execute(sa.select(*_USER).where(users.c.name == name)).first()
        return None if row is None else _user(row)

    def users(self, *, hold: bool = False) -> Sequence[User]:
        """All, by name; SQLite has one unit at a time that writes."""
        if hold and self._db.dialect.name == "postgresql":
            self._db.exec_driver_sql("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
        return [_user(row) for row in self._db.execute(sa.select(*_USER).order_by(users.c.name))]

    def put_user(self, user: User) -> None:
        """Add or change; the password stays."""
        values = asdict(user)
        values.update({name: int(values[name]) for name in ("admin", "disabled", "service")})
        upsert(self._db, users, values)

    def delete_user(self, name: str) -> None:
        """Forget, with keys and memberships."""
        for of_theirs in (api_keys.c.user, memberships.c.user, users.c.name):
            self._db.execute(sa.delete(of_theirs.table).where(of_theirs == name))

    def set_password(self, user: str, digest: str) -> None:
        """Store a password's digest."""
        self._db.execute(sa.update(users).where(users.c.name == user).values(password=digest))

    def password(self, user: str) -> str | None:
        """The digest, if the user has a password."""
        return self._db.execute(sa.select(users.c.password).where(users.c.name == user)).scalar()

    def user_by_key(self, digest: str) -> User | None:
        """Whose key this is."""
        row = self._db.execute(
            sa.select(*_USER)
            .join(api_keys, api_keys.c.user == users.c.name)
            .where(api_keys.c.digest == digest)
        ).first()
        return None if row is None else _user(row)

    def keys(self, user: str) -> Sequence[ApiKey]:
        """A user's keys, oldest first."""
        found = self._db.execute(
            sa.select(api_keys).where(api_keys.c.user == user).order_by(api_keys.c.created_at)
        )
        return [ApiKey(**row._mapping) for row in found]

    def put_key(self, key: ApiKey) -> None:
        """Add a key."""
        upsert(self._db, api_keys, asdict(key))

    def delete_key(self, key_id: str) -> None:
        """Revoke a key."""
        self._db.execute(sa.delete(api_keys).where(api_keys.c.id == key_id))

    def team(self, name: str) -> Team | None:
        """By name."""
        row = self._db.execute(sa.select(teams).where(teams.c.name == name)).first()
        return None if row is None else Team(**row._mapping)

    def teams(self, org: str | None = None) -> Sequence[Team]:
        """All, or those of an organisation."""
        query = sa.select(teams).order_by(teams.c.name)
        if org is not None:
            query = query.where(teams.c.org == org)
        return [Team(**row._mapping) for row in self._db.execute(query)]

    def put_team(self, team: Team) -> None:
        """Add or change."""
        upsert(self._db, teams, asdict(team))

    def organisations(self) -> Sequence[str]:
        """All names."""
        query = sa.select(organisations.c.name).order_by(organisations.c.name)
        return list(self._db.execute(query).scalars())

    def put_organisation(self, name: str, created_at: int) -> None:
        """Add, unless it is there."""
        rows = [{"name": name, "created_at": created_at}]
        insert_missing(self._db, organisations, rows, ["name"])

    def memberships(self, *, user: str = "", entity: str = "") -> Sequence[Membership]:
        """Of a user, or of a team or organisation."""
        query = sa.select(memberships).order_by(memberships.c.entity, memberships.c.user)
        if user:
            query = query.where(memberships.c.user == user)
        if entity:
            query = query.where(memberships.c.entity == entity)
        return [Membership(**row._mapping) for row in self._db.execute(query)]

    def put_membership(self, membership: Membership) -> None:
        """Add or change a role."""
        upsert(self._db, memberships, asdict(membership))

    def delete_membership(self, entity: str, user: str) -> None:
        """Take out of a team or organisation."""
        self._db.execute(
            sa.delete(memberships).where(memberships.c.entity == entity, memberships.c.user == user)
        )

    def project(self, entity: str, name: str) -> Project | None:
        """By entity and name."""
        row = self._db.execute(
            sa.select(*_PROJECT).where(projects.c.entity == entity, projects.c.name == name)
        ).first()
        return None if row is None else Project(**row._mapping)

    def projects(self, entities: Sequence[str]) -> Sequence[Project]:
        """Of these entities, newest first."""
        found = self._db.execute(
            sa.select(*_PROJECT)
            .where(projects.c.entity.in_(list(entities)))
            .order_by(projects.c.created_at.desc(), projects.c.name)
        )
        return [Project(**row._mapping) for row in found]

    def put_project(self, project: Project) -> None:
        """Add, or change the description."""
        insert_missing(self._db, projects, [asdict(project)], ["entity", "name"])
        self._db.execute(
            sa.update(projects)
            .where(projects.c.entity == project.entity, projects.c.name == project.name)
            .values(description=project.description)
        )

    def delete_project(self, entity: str, name: str) -> None:
        """Forget an empty project; Conflict if something came into it meanwhile."""
        here = (projects.c.entity == entity) & (projects.c.name == name)
        key = self._db.execute(sa.select(projects.c.key).where(here).with_for_update()).scalar()
        run = sa.select(runs.c.key).where(runs.c.project == key, runs.c.deleted_at == ALIVE)
        sweep = sa.select(sweeps.c.key).where(
            sweeps.c.entity == entity, sweeps.c.project == name, sweeps.c.deleted_at == ALIVE
        )
        if any(self._db.execute(each.limit(1)).first() for each in (run, sweep)):
            raise Conflict(f"{entity}/{name}")
        self._db.execute(sa.delete(projects).where(here))

    def document(self, kind: str, scope: str, name: str) -> Mapping[str, Any] | None:
        """A small JSON document."""
        body = self._db.execute(
            sa.select(documents.c.body).where(*_document(kind, scope), documents.c.name == name)
        ).scalar()
        return None if body is None else msgspec.json.decode(body)

    def documents(self, kind: str, scope: str) -> Mapping[str, Mapping[str, Any]]:
        """All of a kind and scope by name."""
        found = self._db.execute(
            sa.select(documents.c.name, documents.c.body)
            .where(*_document(kind, scope))
            .order_by(documents.c.name)
        )
        return {row.name: msgspec.json.decode(row.body) for row in found}

    def put_document(self, kind: str, scope: str, name: str, body: Mapping[str, Any]) -> None:
        """Add or replace."""
        row = {"kind": kind, "scope": scope, "name": name, "body": encoded(body)}
        upsert(self._db, documents, row)

    def delete_document(self, kind: str, scope: str, name: str) -> bool:
        """Forget it; whether it was there."""
        where = (*_document(kind, scope), documents.c.name == name)
        return self._db.execute(sa.delete(documents).where(*where)).rowcount > 0


def encoded(body: Mapping[str, Any]) -> bytes:
    """A document as it is stored."""
    return msgspec.json.encode(clean_values(body))


def _document(kind: str, scope: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (documents.c.kind == kind, documents.c.scope == scope)
