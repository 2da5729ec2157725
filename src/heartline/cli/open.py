"""`heartline open`: the app in a browser that is signed in by a link. Never stores a key there."""

import webbrowser
from urllib.parse import quote

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, named, project_option
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.transport import quoted


@click.command("open", epilog=examples(
    "heartline open",
    "heartline open digits",
    "heartline open 3k2a9fq1",
    "heartline open --print          # only the address, for another machine's browser",
), help="Open the app, a project, or one run, in a browser that is signed in as you.\n\n"
        f"PATH is a project, or a run. {RUN_HELP}")  # fmt: skip
@click.argument("path", required=False, default="")
@click.option("--print", "only_print", is_flag=True, help="Print the address, open nothing.")
@project_option
@json_option
@connected
def open_app(api: Api, path: str, only_print: bool, project: str, as_json: bool) -> None:
    """The address signs in once, and is good for a quarter of an hour: do not share it."""
    link = api.login_link()
    if path:
        found = named(api, path, project)
        page = f"/{quoted(found.entity, found.name)}"
        if isinstance(found, Run):
            page = found.url.removeprefix(api.base_url)
        link += f"&next={quote(page, safe='')}"
    if as_json:
        terminal.print_json({"url": link})
        return
    opened = not only_print and webbrowser.open(link)
    click.echo(link if not opened else f"Opened {api.base_url} in your browser.")
