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
    """List projects with their runs by state; where something happened last comes first.

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
    made = terminal.table("project", "runs", "sweeps")
    made.columns[1].justify = made.columns[2].justify = "right"
    for name in ("states", "newest run"):
        made.add_column(name, overflow="ellipsis", no_wrap=True)
    made.add_column("active", no_wrap=True, justify="right")
    for each in found:
        states = ", ".join(f"{count} {word}" for word, count in each.states.items() if count)
        newest = terminal.NOTHING if each.newest is None else each.newest.name
        path = f"{each.entity}/{each.name}"
        active = terminal.age(each.active_at)
        made.add_row(path, str(each.runs), str(each.sweeps), states, newest, active)
    out.print(made)
