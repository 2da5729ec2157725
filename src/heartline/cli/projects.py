"""`heartline projects`: the projects that you may see, with their runs by state. Never changes one."""

import click

from heartline.cli import terminal
from heartline.cli.options import connected, examples, json_option
from heartline.client.api import Api


@click.command(epilog=examples(
    "heartline projects",
    "heartline projects team",
    "heartline projects --json | jq -r '.[] | select(.states.running) | .name'",
))  # fmt: skip
@click.argument("entity", required=False, default="", envvar="HEARTLINE_ENTITY")
@json_option
@connected
def projects(api: Api, entity: str, as_json: bool) -> None:
    """List projects with their runs by state, the newest project first.

    ENTITY is a user, a team, or `me`; everything that you may see if left out.
    """
    found = api.projects(entity or None)
    if as_json:
        terminal.print_json(found)
        return
    out = terminal.console()
    if not found:
        where = f" of {entity}" if entity else ""
        out.print(f"No projects{where} yet: the first run of a project makes it.")
        return
    made = terminal.table("project", "runs", title=None)
    made.columns[1].justify = "right"
    made.add_column("states", overflow="ellipsis", no_wrap=True)
    made.add_column("age", no_wrap=True, justify="right")
    for each in found:
        states = ", ".join(f"{count} {word}" for word, count in each.states.items() if count)
        path = f"{each.entity}/{each.name}"
        made.add_row(path, str(each.runs), states, terminal.age(each.created_at))
    out.print(made)
