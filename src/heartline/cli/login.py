"""`heartline login`: checks an API key and stores it for this account. Never prints it."""

import sys

import click

from heartline.cli import terminal
from heartline.cli.options import examples, json_option
from heartline.client import credentials, errors
from heartline.client.api import Api


@click.command(epilog=examples(
    "heartline login --host https://heartline.example.org",
    "heartline login --host http://127.0.0.1:8787 $KEY",
    "heartline login < key.txt",
))  # fmt: skip
@click.argument("key", required=False)
@click.option("--host", "--base-url", "host", metavar="URL",
              help="The server.  [default: HEARTLINE_BASE_URL, or http://127.0.0.1:8787]")  # fmt: skip
@json_option
def login(key: str | None, host: str | None, as_json: bool) -> None:
    """Store the API key of a server, after asking the server whose it is.

    Without KEY it is asked for (or read from standard input). A user's key is made by an admin:
    heartline admin user create NAME, or heartline admin user key NAME.
    """
    address = credentials.base_url(host)
    key = (key or _asked(address)).strip()
    if not key:
        raise click.UsageError("no key was given")
    api = Api(address, key, patience=1.5)
    viewer = api.viewer
    try:
        file = credentials.store(
            credentials.Credentials(address, key, viewer.default_entity or viewer.name)
        )
    except (OSError, credentials.UnsafeCredentials) as error:
        raise errors.HeartlineError(f"the key is right, but could not be stored: {error}") from None
    if as_json:
        terminal.print_json({"base_url": address, "user": viewer, "file": str(file)})
        return
    click.echo(f"You are {viewer.name} at {address}; the key is kept in {file}")
    if host and address != credentials.base_url():
        click.echo(f"To use this server by default: export HEARTLINE_BASE_URL={address}")


def _asked(address: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline()
    told: str = click.prompt(f"API key for {address}", hide_input=True, err=True)
    return told
