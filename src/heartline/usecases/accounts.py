"""Users, keys, teams and organisations. Never stores a key or password in the clear."""

import hashlib
import re
from dataclasses import replace
from typing import Any

from heartline.core.records import ApiKey, Membership, Team, User
from heartline.ports import Ids, Transaction
from heartline.usecases.access import Principal, known_entity, principal, taken
from heartline.usecases.cares import forget_person
from heartline.usecases.forget_deleted import forget_entity
from heartline.usecases.names import check_name
from heartline.usecases.refusal import Refused

KEY_CHARS_MIN = 40
HINT_CHARS = 4
DESCRIPTION_CHARS_MAX = 1_000
ROLES = ("admin", "member", "viewer")
_KEY = re.compile(r"^[A-Za-z0-9_-]+$")
ADMINS_WORDS = frozenset({"admin", "disabled"})
ADMINS_ONLY = "only an admin of this server may do that"


def digest(key: str) -> str:
    """What is stored of a key; keys are long and random, so a plain hash is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def check_key(key: str) -> str | None:
    """None if the key could be used by every client, else what is wrong."""
    secret = key.split("-", 1)[-1]
    if len(secret) < KEY_CHARS_MIN or not _KEY.match(key):
        return (
            f"an API key has {KEY_CHARS_MIN} or more of A-Z a-z 0-9 _ - "
            "(after an optional prefix and its first -)"
        )
    return None


def create_user(
    tx: Transaction, user: User, key: str | None, ids: Ids, now_wall: int, said: str = "first key"
) -> tuple[User, str] | Refused:
    """A new user with a first key; the key is returned once and stored hashed."""
    if problem := check_name(user.name, "user"):
        return Refused("unprocessable", problem)
    tx.accounts.users(hold=True)
    if taken(tx, user.name):
        return Refused("conflict", f"`{user.name}` is taken")
    key = key or ids.api_key()
    made = replace(user, created_at=now_wall)
    refused = _key_problem(tx, key) or _email_problem(tx, user.name, user.email)
    if refused is not None:
        return refused
    tx.accounts.put_user(made)
    _put_key(tx, made.name, key, said[:DESCRIPTION_CHARS_MAX], ids, now_wall)
    return made, key


def update_user(
    tx: Transaction, who: Principal, name: str, words: dict[str, Any]
) -> User | Refused:
    """Change what may be changed; a default entity is one that the user belongs to."""
    tx.accounts.users(hold=True)
    user = tx.accounts.user(name)
    refused = may_edit_user(who, name)
    if refused is None and not who.user.admin and not words.keys().isdisjoint(ADMINS_WORDS):
        refused = Refused("forbidden", ADMINS_ONLY)
    refused = refused or _email_problem(tx, name, words.get("email") or "")
    if refused is not None or user is None:
        return refused or Refused("not_found", f"no user `{name}`")
    entity = words.get("default_entity")
    if entity and not principal(tx, user).may_see(entity):
        return Refused("unprocessable", f"`{name}` does not belong to `{entity}`")
    if entity and not known_entity(tx, entity):
        return Refused("not_found", f"no user or team `{entity}`")
    made = replace(user, **words)
    others = (each for each in tx.accounts.users() if each.name != name)
    if _rules(user) and not _rules(made) and not any(_rules(each) for each in others):
        told = f"`{name}` is the last admin of this server: make another admin first"
        return Refused("conflict", told)
    tx.accounts.put_user(made)
    return made


def _rules(user: User) -> bool:
    return user.admin and not user.disabled


def _email_problem(tx: Transaction, name: str, email: str) -> Refused | None:
    """People are invited by their email: it leads to one user."""
    if any(other.name != name for other in _with_email(tx, email)):
        return Refused("conflict", f"another user has the email {email}")
    return None


def _with_email(tx: Transaction, email: str) -> list[User]:
    said = email.lower()
    return [each for each in tx.accounts.users() if said and each.email.lower() == said]


def delete_user(tx: Transaction, who: Principal, name: str) -> User | Refused:
    """Forget a user whom nothing belongs to any more; keys and memberships go along."""
    tx.accounts.users(hold=True)
    user = tx.accounts.user(name)
    if not who.user.admin:
        return Refused("forbidden", ADMINS_ONLY)
    if user is None:
        return Refused("not_found", f"no user `{name}`")
    if who.user.name == name:
        return Refused("conflict", "nobody deletes themselves: ask another admin")
    if count := len(tx.accounts.projects([name])):
        told = f"`{name}` owns projects ({count}): disable the user, or delete them first"
        return Refused("conflict", told)
    for each in tx.accounts.memberships(user=name):
        if refused := _last_admin(tx, each.entity, name):
            return refused
    tx.accounts.delete_user(name)
    forget_person(tx, who, name)
    forget_entity(tx, name)
    return user


def add_key(
    tx: Transaction, user: str, key: str | None, description: str, ids: Ids, now_wall: int
) -> tuple[ApiKey, str] | Refused:
    """One more key for a user."""
    key = key or ids.api_key()
    refused = _key_problem(tx, key)
    if refused is not None:
        return refused
    return _put_key(tx, user, key, description[:DESCRIPTION_CHARS_MAX], ids, now_wall), key


def _key_problem(tx: Transaction, key: str) -> Refused | None:
    if problem := check_key(key):
        return Refused("unprocessable", problem)
    if tx.accounts.user_by_key(digest(key)) is not None:
        return Refused("conflict", "this API key is in use already")
    return None


def _put_key(
    tx: Transaction, user: str, key: str, description: str, ids: Ids, now_wall: int
) -> ApiKey:
    made = ApiKey(ids.run_id(), user, digest(key), key[-HINT_CHARS:], now_wall, description)
    tx.accounts.put_key(made)
    return made


def may_edit_user(who: Principal, name: str) -> Refused | None:
    """People may edit themselves; admins everyone."""
    if who.user.admin or who.user.name == name:
        return None
    return Refused("forbidden", ADMINS_ONLY)


def create_team(
    tx: Transaction, who: Principal, team: Team, admin: str, now_wall: int
) -> Team | Refused:
    """A team, in an organisation or not, with its first admin."""
    if problem := check_name(team.name, "team"):
        return Refused("unprocessable", problem)
    tx.accounts.users(hold=True)
    if taken(tx, team.name):
        return Refused("conflict", f"`{team.name}` is taken")
    if team.org and team.org not in tx.accounts.organisations():
        return Refused("not_found", f"no organisation `{team.org}`; create it first")
    if not (who.user.admin or (team.org and who.may_manage(team.org))):
        return Refused("forbidden", ADMINS_ONLY)
    if tx.accounts.user(admin) is None:
        return Refused("not_found", f"no user `{admin}`")
    made = replace(team, created_at=now_wall)
    tx.accounts.put_team(made)
    tx.accounts.put_membership(Membership(team.name, admin, "admin"))
    return made


def create_service_account(
    tx: Transaction, who: Principal, team: str, name: str, said: str, ids: Ids, now_wall: int
) -> tuple[User, ApiKey, str] | Refused:
    """A machine's account, which is a member of the team and whose runs go there."""
    if tx.accounts.team(team) is None or not who.may_see(team):
        return Refused("not_found", f"no team `{team}`")
    if not who.may_manage(team):
        return Refused("forbidden", f"only an admin of `{team}` may do that")
    user = User(name, service=True, default_entity=team)
    made = create_user(tx, user, None, ids, now_wall, said)
    if isinstance(made, Refused):
        return made
    tx.accounts.put_membership(Membership(team, name, "member"))
    return made[0], tx.accounts.keys(name)[0], made[1]


def create_organisation(
    tx: Transaction, who: Principal, name: str, admin: str, now_wall: int
) -> str | Refused:
    """An organisation with its first admin."""
    if not who.user.admin:
        return Refused("forbidden", ADMINS_ONLY)
    if problem := check_name(name, "organisation"):
        return Refused("unprocessable", problem)
    tx.accounts.users(hold=True)
    if tx.accounts.user(admin) is None:
        return Refused("not_found", f"no user `{admin}`")
    if taken(tx, name):
        return Refused("conflict", f"`{name}` is taken")
    tx.accounts.put_organisation(name, now_wall)
    tx.accounts.put_membership(Membership(name, admin, "admin"))
    return name


def set_role(
    tx: Transaction, who: Principal, entity: str, user: str, role: str
) -> Membership | Refused:
    """Add somebody to a team or organisation, or change the role."""
    if role not in ROLES:
        return Refused("unprocessable", f"role `{role}`: one of {', '.join(ROLES)}")
    if not who.may_manage(entity):
        return Refused("forbidden", f"only an admin of `{entity}` may do that")
    tx.accounts.users(hold=True)
    known = tx.accounts.team(entity) is not None or entity in tx.accounts.organisations()
    if not known or tx.accounts.user(user) is None:
        return Refused("not_found", f"no team or organisation `{entity}`, or no user `{user}`")
    if role != "admin" and (refused := _last_admin(tx, entity, user)):
        return refused
    made = Membership(entity, user, role)
    tx.accounts.put_membership(made)
    return made


def _last_admin(tx: Transaction, entity: str, user: str) -> Refused | None:
    """A team or organisation is never left without somebody who can let others in."""
    members = tx.accounts.memberships(entity=entity)
    if [each.user for each in members if each.role == "admin"] != [user]:
        return None
    return Refused("conflict", f"`{user}` is the last admin of `{entity}`: name another first")


def invite(tx: Transaction, who: Principal, entity: str, said: str, role: str) -> User | Refused:
    """Add somebody by name or email. There is no mail here: they are a member at once."""
    if not who.may_manage(entity):
        return Refused("forbidden", f"only an admin of `{entity}` may do that")
    named = tx.accounts.user(said)
    meant = _with_email(tx, said) if named is None else [named]
    if len(meant) > 1:
        return Refused("conflict", f"several users have the email {said}: say the user's name")
    if not meant:
        told = f"no user `{said}`: an admin makes one with `heartline admin user create`"
        return Refused("not_found", told)
    if any(each.user == meant[0].name for each in tx.accounts.memberships(entity=entity)):
        return Refused("conflict", f"`{meant[0].name}` is a member of `{entity}` already")
    made = set_role(tx, who, entity, meant[0].name, role)
    return made if isinstance(made, Refused) else meant[0]


def remove_member(tx: Transaction, who: Principal, entity: str, user: str) -> Membership | Refused:
    """Take somebody out; the last admin of a team cannot leave it alone."""
    tx.accounts.users(hold=True)
    members = tx.accounts.memberships(entity=entity)
    found = next((each for each in members if each.user == user), None)
    if found is None or not who.may_see(entity):
        return Refused("not_found", f"no member `{user}` of `{entity}`")
    if not who.may_manage(entity) and who.user.name != user:
        return Refused("forbidden", f"only an admin of `{entity}` may do that")
    if refused := _last_admin(tx, entity, user):
        return refused
    tx.accounts.delete_membership(entity, user)
    return found
