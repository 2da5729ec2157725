"""`heartline admin`: users, keys, organisations and teams. Never shows a key a second time."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from heartline.cli import terminal
from heartline.cli.options import PATIENCE_S, examples, json_option
from heartline.client.api import Api
from heartline.wire import api as wire


def with_accounts(command: Callable[..., Any]) -> Callable[..., Any]:
    """Hand the command the accounts of a server: over HTTP, or in its data directory."""

    @click.option("--base-url", metavar="URL", help="The server, to which you are an admin.")
    @click.option("--data-dir", type=click.Path(path_type=Path), metavar="DIR",
                  help="On the server's machine instead: its data directory.")  # fmt: skip
    @click.option("--database-url", default="", envvar="HEARTLINE_SERVER_DATABASE_URL",
                  help="With --data-dir: the server's PostgreSQL.")  # fmt: skip
    @functools.wraps(command)
    def wrapped(base_url: str | None, data_dir: Path | None, database_url: str, **rest: Any) -> Any:
        if data_dir is None:
            return command(Api(base_url, patience=PATIENCE_S).accounts, **rest)
        from heartline.cli.local_accounts import LocalAccounts

        local = LocalAccounts(data_dir, database_url)
        try:
            return command(local, **rest)
        finally:
            local.close()

    return wrapped


@click.group(epilog=examples(
    "heartline admin user create ada --admin",
    "heartline admin user create trainer --service --json | jq -r .api_key",
    "heartline admin user create ada --data-dir /srv/heartline",
    "heartline admin team create vision --admin ada",
    "heartline admin team add vision bob --role viewer",
))  # fmt: skip
def admin() -> None:
    """Make users, keys, organisations and teams.

    Over HTTP you need an admin's key; on the server's machine, --data-dir works without one, also
    while the server runs.
    """


@admin.group()
def user() -> None:
    """Users and their keys."""


@admin.group()
def org() -> None:
    """Organisations, which hold teams."""


@admin.group()
def team() -> None:
    """Teams, which own projects."""


@user.command("create")
@click.argument("name")
@click.option("--admin", "is_admin", is_flag=True, help="May do everything on this server.")
@click.option("--service", is_flag=True, help="A machine's account, without a login to the app.")
@click.option("--api-key", metavar="KEY", help="Use this key instead of making one.")
@click.option("--email", default="", help="Where to reach them.")
@json_option
@with_accounts
def user_create(
    accounts: Any,
    name: str,
    is_admin: bool,
    service: bool,
    api_key: str | None,
    email: str,
    as_json: bool,
) -> None:
    """Create a user with a first API key, which is told once."""
    made = accounts.create_user(
        wire.NewUser(name=name, admin=is_admin, service=service, email=email, api_key=api_key)
    )
    if as_json:
        terminal.print_json(made)
        return
    click.echo(f"{'Admin' if is_admin else 'User'} {made.user.name} is made.")
    if api_key is None:
        click.echo(f"API key, told only now: {made.api_key}")


@user.command("list")
@json_option
@with_accounts
def user_list(accounts: Any, as_json: bool) -> None:
    """List all users."""
    found = accounts.users()
    if as_json:
        terminal.print_json(found)
        return
    made = terminal.table("user", "role", "teams", "email")
    for each in found:
        role = "disabled" if each.disabled else "admin" if each.admin else "user"
        made.add_row(each.name, role, ", ".join(each.teams), each.email)
    terminal.console().print(made)


@user.command("disable")
@click.argument("name")
@json_option
@with_accounts
def user_disable(accounts: Any, name: str, as_json: bool) -> None:
    """Let a user's keys and logins no longer work; the runs stay."""
    _changed(accounts.update_user(name, wire.UserUpdate(disabled=True)), "disabled", as_json)


@user.command("enable")
@click.argument("name")
@json_option
@with_accounts
def user_enable(accounts: Any, name: str, as_json: bool) -> None:
    """Let a disabled user in again."""
    _changed(accounts.update_user(name, wire.UserUpdate(disabled=False)), "enabled", as_json)


@user.command("delete")
@click.argument("name")
@json_option
@with_accounts
def user_delete(accounts: Any, name: str, as_json: bool) -> None:
    """Forget a user who owns no project; keys and memberships go along."""
    accounts.delete_user(name)
    _told({"deleted": name}, f"User {name} is deleted.", as_json)


def _changed(view: wire.UserView, word: str, as_json: bool) -> None:
    if as_json:
        terminal.print_json(view)
    else:
        click.echo(f"User {view.name} is {word}.")


@user.command("key")
@click.argument("name")
@click.option("--api-key", metavar="KEY", help="Use this key instead of making one.")
@click.option("--description", default="", help="What it is for.")
@json_option
@with_accounts
def user_key(
    accounts: Any, name: str, api_key: str | None, description: str, as_json: bool
) -> None:
    """Make one more API key for a user; it is told once."""
    made = accounts.create_key(name, wire.NewKey(description=description, api_key=api_key))
    if as_json:
        terminal.print_json(made)
    elif api_key is None:
        click.echo(f"API key, told only now: {made.api_key}")
    else:
        click.echo(f"The key …{made.hint} is added to {name}.")


@user.command("keys")
@click.argument("name")
@click.option("--revoke", metavar="ID", help="Revoke the key with this id.")
@json_option
@with_accounts
def user_keys(accounts: Any, name: str, revoke: str | None, as_json: bool) -> None:
    """List a user's keys by their last letters, or revoke one."""
    if revoke:
        accounts.delete_key(name, revoke)
    found = accounts.keys(name)
    if as_json:
        terminal.print_json(found)
        return
    made = terminal.table("id", "ends in", "made", "description")
    for each in found:
        made.add_row(each.id, f"…{each.hint}", terminal.moment(each.created_at), each.description)
    terminal.console().print(made)


@org.command("create")
@click.argument("name")
@click.option("--admin", "first", required=True, metavar="USER", help="Its first admin.")
@json_option
@with_accounts
def org_create(accounts: Any, name: str, first: str, as_json: bool) -> None:
    """Create an organisation."""
    accounts.create_organisation(name, first)
    _told({"name": name}, f"Organisation {name} is made; {first} is its admin.", as_json)


@org.command("add")
@click.argument("name")
@click.argument("user_name", metavar="USER")
@click.option("--role", type=click.Choice(["admin", "member", "viewer"]), default="member",
              show_default=True, help="What they may do.")  # fmt: skip
@json_option
@with_accounts
def org_add(accounts: Any, name: str, user_name: str, role: str, as_json: bool) -> None:
    """Add a user to an organisation, or change the role."""
    _add(accounts, name, user_name, role, as_json)


@org.command("list")
@json_option
@with_accounts
def org_list(accounts: Any, as_json: bool) -> None:
    """List organisations."""
    found = accounts.organisations()
    _told(found, "\n".join(found) or "No organisations.", as_json)


@team.command("create")
@click.argument("name")
@click.option("--admin", "first", required=True, metavar="USER", help="Its first admin.")
@click.option(
    "--org", "org_name", default="", metavar="ORG", help="The organisation it is part of."
)
@json_option
@with_accounts
def team_create(accounts: Any, name: str, first: str, org_name: str, as_json: bool) -> None:
    """Create a team."""
    accounts.create_team(wire.NewTeam(name=name, admin=first, org=org_name))
    _told({"name": name}, f"Team {name} is made; {first} is its admin.", as_json)


@team.command("add")
@click.argument("name")
@click.argument("user_name", metavar="USER")
@click.option("--role", type=click.Choice(["admin", "member", "viewer"]), default="member",
              show_default=True, help="What they may do.")  # fmt: skip
@json_option
@with_accounts
def team_add(accounts: Any, name: str, user_name: str, role: str, as_json: bool) -> None:
    """Add a user to a team, or change the role."""
    _add(accounts, name, user_name, role, as_json)


@team.command("list")
@json_option
@with_accounts
def team_list(accounts: Any, as_json: bool) -> None:
    """List teams with their members."""
    found = [{**each, "members": accounts.members(each["name"])} for each in accounts.teams()]
    if as_json:
        terminal.print_json(found)
        return
    if not found:
        click.echo("No teams yet. Make one with: heartline admin team create NAME --admin USER")
        return
    made = terminal.table("team", "organisation")
    made.add_column("members", overflow="fold")
    for each in found:
        people = ", ".join(f"{m['user']} ({m['role']})" for m in each["members"])
        made.add_row(each["name"], each["org"], people)
    terminal.console().print(made)


def _add(accounts: Any, name: str, user_name: str, role: str, as_json: bool) -> None:
    accounts.set_member(name, user_name, role)
    told = {"entity": name, "user": user_name, "role": role}
    _told(told, f"{user_name} is now {role} of {name}.", as_json)


def _told(value: Any, text: str, as_json: bool) -> None:
    if as_json:
        terminal.print_json(value)
    else:
        click.echo(text)
