"""What several servers on one database decide about accounts at the same moment."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from heartline.adapters.sql.database import SqlDatabase
from heartline.adapters.system import SystemIds
from heartline.core.lifecycle import Instant, Now, Wall
from heartline.core.records import Membership, Project, RunPath, Team, User
from heartline.ports import Conflict
from heartline.usecases.access import Principal, principal
from heartline.usecases.accounts import (
    create_organisation,
    create_team,
    create_user,
    remove_member,
    set_role,
)
from heartline.usecases.open_run import create_run
from heartline.usecases.refusal import Refused

ROOT = Principal(User("root", admin=True), {"root": "admin"})
DEADLINE_S = 30


def at_once(database: SqlDatabase, *units: Callable[[Any], Any]) -> list[Any]:
    """The answers of units of work that begin together; one that is done again waits no more."""
    together, waited = threading.Barrier(len(units)), set[int]()

    def begun(number: int, unit: Callable[[Any], Any], tx: Any) -> Any:
        if number not in waited:
            waited.add(number)
            # So that each has its moment before any has begun.
            tx.accounts.organisations()
            together.wait(DEADLINE_S)
        return unit(tx)

    futures = [
        database.submit(lambda tx, n=number, u=unit: begun(n, u, tx))
        for number, unit in enumerate(units)
    ]
    return [future.result(DEADLINE_S) for future in futures]


def refusals(answers: list[Any]) -> list[str]:
    return [each.code for each in answers if isinstance(each, Refused)]


@pytest.fixture
def people(postgresql: SqlDatabase) -> list[str]:
    names = ["ann", "ben"]

    def make(tx: Any) -> None:
        for name in ["root", *names]:
            tx.accounts.put_user(User(name, admin=name == "root"))

    postgresql.submit(make).result(DEADLINE_S)
    return names


@pytest.mark.parametrize("team", [f"lab{n}" for n in range(5)])
def test_of_two_admins_who_leave_at_once_one_stays(
    postgresql: SqlDatabase, people: list[str], team: str
) -> None:
    def make(tx: Any) -> None:
        tx.accounts.put_team(Team(team))
        for name in people:
            tx.accounts.put_membership(Membership(team, name, "admin"))

    def leaves(name: str) -> Callable[[Any], Any]:
        return lambda tx: remove_member(tx, principal(tx, User(name)), team, name)

    def steps_down(name: str) -> Callable[[Any], Any]:
        return lambda tx: set_role(tx, ROOT, team, name, "viewer")

    postgresql.submit(make).result(DEADLINE_S)
    answers = at_once(postgresql, leaves("ann"), steps_down("ben"))
    assert refusals(answers) == ["conflict"]


@pytest.mark.parametrize("name", [f"new{n}" for n in range(5)])
def test_one_name_is_given_once_however_many_ask_for_it_at_once(
    postgresql: SqlDatabase, people: list[str], name: str
) -> None:
    answers = at_once(
        postgresql,
        lambda tx: create_user(tx, User(name), None, SystemIds(), 1),
        lambda tx: create_team(tx, ROOT, Team(name), people[0], 1),
        lambda tx: create_organisation(tx, ROOT, name, people[0], 1),
    )
    assert refusals(answers) == ["conflict", "conflict"]


@pytest.mark.parametrize("name", [f"p{n}" for n in range(5)])
def test_no_run_is_made_in_a_project_that_is_deleted_at_that_moment(
    postgresql: SqlDatabase, people: list[str], name: str
) -> None:
    path = RunPath("ann", name, "r1")

    def deletes(tx: Any) -> None:
        if tx.runs.find(path) is None:
            tx.accounts.delete_project("ann", name)

    def opens(tx: Any) -> Any:
        return create_run(tx, path, "r1", "ann", Now(Instant(1), Wall(1)))

    postgresql.submit(lambda tx: tx.accounts.put_project(Project("ann", name, 1))).result()
    made = at_once(postgresql, deletes, opens)[1]
    found = postgresql.submit(lambda tx: (tx.runs.find(path), tx.runs.get(made.key))).result()
    assert [each.key for each in found] == [made.key, made.key], "where it was made, for good"


def test_a_project_with_a_run_is_not_forgotten(postgresql: SqlDatabase, people: list[str]) -> None:
    path = RunPath("ann", "full", "r1")

    def make(tx: Any) -> Any:
        return create_run(tx, path, "r1", "ann", Now(Instant(1), Wall(1)))

    postgresql.submit(make).result()
    deletes = postgresql.submit(lambda tx: tx.accounts.delete_project("ann", "full"))
    assert isinstance(deletes.exception(DEADLINE_S), Conflict)
