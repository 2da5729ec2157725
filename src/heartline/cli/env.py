"""`heartline env`: settings of other clients, as lines for a shell. Never sets anything itself."""

import shlex

import click

from heartline.cli import terminal
from heartline.cli.options import connected, examples, json_option
from heartline.client import errors
from heartline.client.api import Api


@click.command(
    epilog=examples('eval "$(heartline env wandb)" && python train.py', "heartline env heartline")
)
@click.argument("client", type=click.Choice(["wandb", "heartline"]))
@json_option
@connected
def env(api: Api, client: str, as_json: bool) -> None:
    """Print the environment variables with which CLIENT talks to this server.

    The lines hold your API key: do not share them.
    """
    if not api.calls.api_key:
        raise errors.NoKey
    viewer = api.viewer
    prefix = client.upper()
    found = {f"{prefix}_BASE_URL": api.base_url, f"{prefix}_API_KEY": api.calls.api_key}
    found[f"{prefix}_ENTITY"] = viewer.default_entity or viewer.name
    if as_json:
        terminal.print_json(found)
        return
    for name, value in found.items():
        click.echo(f"export {name}={shlex.quote(value)}")
