"""Accounts over HTTP with an admin's key, and on the server's machine without one."""

import uuid

import pytest

from heartline.cli import exits
from tests.server_process import ServerProcess
from tests.terminal import Terminal

KEY = "local-" + "0123456789abcdef" * 3


@pytest.fixture(params=["over http", "in the data directory"])
def where(request: pytest.FixtureRequest, server: ServerProcess) -> list[str]:
    return (
        [] if request.param == "over http" else ["--data-dir", str(server.home / "data/heartline")]
    )


def fresh(prefix: str = "u") -> str:
    return prefix + uuid.uuid4().hex[:8]


def test_a_new_user_has_a_key_that_works_and_is_told_once(
    terminal: Terminal, where: list[str]
) -> None:
    name = fresh()
    made = terminal.json("admin", "user", "create", name, *where)
    assert made["user"]["name"] == name
    listed = terminal.heartline("admin", "user", "keys", name, *where).stdout
    assert made["api_key"] not in listed
    assert f"…{made['api_key'][-4:]}" in listed
    terminal.extra["HEARTLINE_API_KEY"] = made["api_key"]
    assert terminal.json("env", "heartline")["HEARTLINE_ENTITY"] == name


def test_a_given_key_is_used_as_it_is(terminal: Terminal, where: list[str]) -> None:
    name, key = fresh(), KEY + uuid.uuid4().hex
    done = terminal.heartline("admin", "user", "create", name, "--admin", "--api-key", key, *where)
    assert done.stdout == f"Admin {name} is made.\n"
    terminal.extra["HEARTLINE_API_KEY"] = key
    assert terminal.json("admin", "user", "list")
    again = terminal.heartline("admin", "user", "create", fresh(), "--api-key", key, *where)
    assert again.returncode == exits.ERROR
    assert "in use already" in again.stderr


def test_a_second_key_is_made_and_the_first_revoked(terminal: Terminal, where: list[str]) -> None:
    name = fresh()
    first = terminal.json("admin", "user", "create", name, *where)["api_key"]
    second = terminal.json("admin", "user", "key", name, "--description", "laptop", *where)[
        "api_key"
    ]
    keys = terminal.json("admin", "user", "keys", name, *where)
    old = next(key["id"] for key in keys if first.endswith(key["hint"]))
    assert [
        key["description"]
        for key in terminal.json("admin", "user", "keys", name, "--revoke", old, *where)
    ] == ["laptop"]
    terminal.extra["HEARTLINE_API_KEY"] = second
    assert terminal.heartline("runs").returncode == 0
    terminal.extra["HEARTLINE_API_KEY"] = first
    assert terminal.heartline("runs").returncode == exits.NO_ACCESS


def test_a_disabled_user_is_out_until_enabled(terminal: Terminal) -> None:
    name = fresh()
    key = terminal.json("admin", "user", "create", name)["api_key"]
    assert (
        terminal.heartline("admin", "user", "disable", name).stdout == f"User {name} is disabled.\n"
    )
    terminal.extra["HEARTLINE_API_KEY"] = key
    assert terminal.heartline("runs").returncode == exits.NO_ACCESS
    del terminal.extra["HEARTLINE_API_KEY"]
    terminal.heartline("admin", "user", "enable", name)
    terminal.extra["HEARTLINE_API_KEY"] = key
    assert terminal.heartline("runs").returncode == 0


def test_teams_and_organisations_hold_people_with_roles(
    terminal: Terminal, where: list[str]
) -> None:
    ada, bob, org, team = fresh("ada"), fresh("bob"), fresh("org"), fresh("team")
    for name in (ada, bob):
        terminal.json("admin", "user", "create", name, *where)
    terminal.json("admin", "org", "create", org, "--admin", ada, *where)
    terminal.json("admin", "team", "create", team, "--admin", ada, "--org", org, *where)
    terminal.json("admin", "team", "add", team, bob, "--role", "viewer", *where)
    found = next(
        each for each in terminal.json("admin", "team", "list", *where) if each["name"] == team
    )
    assert found["org"] == org
    assert {(each["user"], each["role"]) for each in found["members"]} == {
        (ada, "admin"),
        (bob, "viewer"),
    }
    assert org in terminal.heartline("admin", "org", "list", *where).stdout


def test_refusals_are_the_servers_own_sentences(terminal: Terminal, where: list[str]) -> None:
    name = fresh()
    terminal.json("admin", "user", "create", name, *where)
    taken = terminal.heartline("admin", "user", "create", name, *where)
    assert (taken.returncode, taken.stderr) == (exits.ERROR, f"Error: `{name}` is taken\n")
    nobody = terminal.heartline("admin", "user", "disable", "nobody-here", *where)
    assert (nobody.returncode, nobody.stderr) == (exits.NOT_FOUND, "Error: no user `nobody-here`\n")
    short = terminal.heartline("admin", "user", "create", fresh(), "--api-key", "short", *where)
    assert "40 or more" in short.stderr


def test_only_admins_may_make_users_over_http(terminal: Terminal) -> None:
    key = terminal.json("admin", "user", "create", fresh())["api_key"]
    terminal.extra["HEARTLINE_API_KEY"] = key
    done = terminal.heartline("admin", "user", "create", fresh())
    assert done.returncode == exits.NO_ACCESS
    assert "admin" in done.stderr


def test_a_user_is_deleted_unless_something_is_theirs(terminal: Terminal, where: list[str]) -> None:
    name, other, team = fresh(), fresh(), fresh("t")
    terminal.json("admin", "user", "create", name, *where)
    terminal.json("admin", "user", "create", other, *where)
    terminal.json("admin", "team", "create", team, "--admin", name, *where)
    kept = terminal.heartline("admin", "user", "delete", name, *where)
    assert (kept.returncode, "last admin" in kept.stderr) == (exits.ERROR, True)
    terminal.json("admin", "team", "add", team, other, "--role", "admin", *where)
    done = terminal.heartline("admin", "user", "delete", name, *where)
    assert done.stdout == f"User {name} is deleted.\n"
    assert name not in {each["name"] for each in terminal.json("admin", "user", "list", *where)}
    members = {each["name"]: each for each in terminal.json("admin", "team", "list", *where)}
    assert [each["user"] for each in members[team]["members"]] == [other]
