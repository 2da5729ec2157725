"""Who may see or change what. Never knows how somebody proved who they are."""

from dataclasses import dataclass

from heartline.core.records import RunKey, RunPath, RunRecord, User
from heartline.ports import Transaction
from heartline.usecases.deleted import aside_at, was_at
from heartline.usecases.moved import standing
from heartline.usecases.refusal import Refused
from heartline.wire.names import ME

WRITERS = frozenset({"admin", "member"})
ADMINS_NAMED_MAX = 3


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has proved who they are, with a role in each entity they belong to."""

    user: User
    roles: dict[str, str]

    @property
    def default_entity(self) -> str:
        """Where runs go when no entity is named."""
        return self.user.default_entity or self.user.name

    def meant(self, entity: str) -> str:
        """The entity that is named, or one's own if it is none or `me`."""
        return self.default_entity if entity in {"", ME} else entity

    def may_see(self, entity: str) -> bool:
        """Members of any role, and admins."""
        return self.user.admin or entity in self.roles

    def may_write(self, entity: str) -> bool:
        """Members who are not mere viewers, and admins."""
        return self.user.admin or self.roles.get(entity) in WRITERS

    def may_manage(self, entity: str) -> bool:
        """Admins of the entity, and of the server."""
        return self.user.admin or self.roles.get(entity) == "admin"


def principal(tx: Transaction, user: User) -> Principal:
    """A user with all roles: own entity, teams, and teams of organisations."""
    mine = {each.entity: each.role for each in tx.accounts.memberships(user=user.name)}
    roles = {user.name: "admin", **mine}
    for org in set(tx.accounts.organisations()) & set(mine):
        for team in tx.accounts.teams(org):
            if mine[org] == "admin":
                roles[team.name] = "admin"
    return Principal(user, roles)


def of_now(tx: Transaction, name: str) -> Principal | Refused:
    """A user with the roles of this moment: who has been sending for long may have lost them."""
    user = tx.accounts.user(name)
    if user is None or user.disabled:
        return Refused("forbidden", f"there is no user {name} any more, or it is disabled")
    return principal(tx, user)


def entities(tx: Transaction, who: Principal) -> list[str]:
    """Every entity whose projects somebody may see."""
    if not who.user.admin:
        return sorted(who.roles)
    names = {user.name for user in tx.accounts.users()}
    return sorted(names | {team.name for team in tx.accounts.teams()})


def known_entity(tx: Transaction, name: str) -> bool:
    """Whether a user or team of this name exists."""
    return tx.accounts.user(name) is not None or tx.accounts.team(name) is not None


def taken(tx: Transaction, name: str) -> bool:
    """Whether anything has this name that people can belong to: roles are kept by name alone."""
    return known_entity(tx, name) or name in tx.accounts.organisations()


def seen(tx: Transaction, who: Principal, path: RunPath) -> RunRecord | Refused:
    """The run, for those who may see it; strangers cannot tell that it exists."""
    record = standing(tx, path) if who.may_see(path.entity) else None
    if record is not None and not who.may_see(record.path.entity):
        record = None
    if record is None and who.may_see(path.entity) and was_at(tx, path):
        aside = aside_at(tx, path)
        told = f" by {aside.by}; `heartline undelete {path}` brings it back" if aside else ""
        return Refused("gone", f"run {path} was deleted{told}")
    return record or Refused("not_found", f"no run {path}, or it is not yours to see")


def changed(tx: Transaction, who: Principal, path: RunPath) -> RunRecord | Refused:
    """The run, for those who may change it."""
    record = seen(tx, who, path)
    if isinstance(record, RunRecord) and not who.may_write(record.path.entity):
        return read_only(tx, record.path.entity)
    return record


def read_only(tx: Transaction, entity: str) -> Refused:
    """For those who may look, but not change: who can grant them that."""
    members = tx.accounts.memberships(entity=entity)
    admins = sorted(each.user for each in members if each.role == "admin")
    if not admins and tx.accounts.user(entity) is not None:
        admins = [entity]
    whom = " or ".join(admins[:ADMINS_NAMED_MAX]) or "an admin of the server"
    told = f"you may look at {entity}, but not change it; {whom} can make you a member"
    return Refused("forbidden", told)


def keyed(tx: Transaction, who: Principal, key: RunKey) -> RunRecord | Refused:
    """The run with this key, for those who may see it."""
    record = tx.runs.get(key)
    if record is None or not who.may_see(record.path.entity):
        return Refused("not_found", f"no run with key {key}, or it is not yours to see")
    return record
