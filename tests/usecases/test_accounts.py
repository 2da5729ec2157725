"""Whom an email leads to: one user, and nobody's team by mistake."""

from typing import Any

import pytest

from heartline.core.records import Membership, Team, User
from heartline.usecases.accounts import (
    create_organisation,
    create_team,
    create_user,
    invite,
    set_role,
    update_user,
)
from heartline.usecases.refusal import Refused
from tests.usecases.conftest import WALL, World


def made(world: World, name: str, email: str = "", *, admin: bool = False) -> Any:
    user = User(name, admin, email=email)
    return world.do(lambda tx: create_user(tx, user, None, world.ids, WALL))


@pytest.fixture
def team(world: World) -> World:
    """Root's team `lab`, and bob, who has an email."""
    made(world, "root", admin=True)
    made(world, "bob", "Bob@example.org")
    root = world.who("root")
    world.do(lambda tx: create_team(tx, root, Team("lab"), "root", WALL))
    return world


def invited(world: World, said: str, by: str = "root") -> Any:
    who = world.who(by)
    return world.do(lambda tx: invite(tx, who, "lab", said, "member"))


def members(world: World) -> list[Membership]:
    return list(world.do(lambda tx: tx.accounts.memberships(entity="lab")))


def test_nobody_takes_an_email_that_another_user_has(team: World) -> None:
    ada = team.who("ada")
    change = {"email": "bob@EXAMPLE.org"}
    taken = team.do(lambda tx: update_user(tx, ada, "ada", change))
    assert (taken.code, taken.reason) == ("conflict", "another user has the email bob@EXAMPLE.org")
    assert made(team, "eve", "bob@example.org").code == "conflict"
    bob = team.who("bob")
    assert team.do(lambda tx: update_user(tx, bob, "bob", change)).email == "bob@EXAMPLE.org"
    assert team.do(lambda tx: update_user(tx, ada, "ada", {"email": ""})).email == ""


def test_an_invitation_goes_to_the_one_user_with_the_email(team: World) -> None:
    assert invited(team, "bob@example.ORG").name == "bob"
    assert {each.user for each in members(team)} == {"root", "bob"}
    assert "already" in invited(team, "bob").reason
    assert "no user" in invited(team, "").reason


def test_an_email_that_several_users_have_from_before_invites_nobody(team: World) -> None:
    team.do(lambda tx: tx.accounts.put_user(User("impostor", email="bob@example.org")))
    assert "several users" in invited(team, "bob@example.org").reason
    assert {each.user for each in members(team)} == {"root"}


@pytest.mark.parametrize("said", ["root", "bob", "nobody"])
def test_who_may_not_invite_does_not_learn_who_is_there(team: World, said: str) -> None:
    assert invited(team, said, by="ada") == Refused(
        "forbidden", "only an admin of `lab` may do that"
    )


def test_nothing_takes_the_name_of_an_organisation_and_with_it_its_people(team: World) -> None:
    root = team.who("root")
    assert team.do(lambda tx: create_organisation(tx, root, "acme", "root", WALL)) == "acme"
    named = team.do(lambda tx: create_team(tx, root, Team("acme"), "bob", WALL))
    assert (named.code, named.reason) == ("conflict", "`acme` is taken")
    assert made(team, "acme").code == "conflict"


def test_a_team_and_a_server_keep_an_admin(team: World) -> None:
    root = team.who("root")
    lower = team.do(lambda tx: set_role(tx, root, "lab", "root", "viewer"))
    assert "last admin of `lab`" in lower.reason
    for words in ({"admin": False}, {"disabled": True}):
        refused = team.do(lambda tx, words=words: update_user(tx, root, "root", words))
        assert "last admin of this server" in refused.reason
    assert team.do(lambda tx: update_user(tx, root, "bob", {"admin": True})).admin
    assert not team.do(lambda tx: update_user(tx, root, "root", {"admin": False})).admin


def test_an_organisations_admin_is_one_of_a_team_that_lists_them_as_less(team: World) -> None:
    root = team.who("root")
    team.do(lambda tx: create_organisation(tx, root, "acme", "bob", WALL))
    team.do(lambda tx: create_team(tx, root, Team("vision", "acme"), "root", WALL))
    team.do(lambda tx: set_role(tx, root, "vision", "bob", "viewer"))
    assert team.who("bob").may_manage("vision")
