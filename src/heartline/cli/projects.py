"""`heartline projects`: the projects that you may see, with their runs by state.

Never changes one.
"""

import click

from heartline.cli import terminal
from heartline.cli.options import connected, examples, json_option
from heartline.client.api import Api
from heartline.wire.api import ProjectView


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
    roomy = out.width >= terminal.ROOMY_WIDTH
    widest = max(len(f"{each.entity}/{each.name}") for each in found)
    made = terminal.table()
    # A path is never cut, for it is what people copy: a very long one goes on in the next line.
    made.add_column("project", overflow="fold", min_width=min(widest, out.width // 2))
    for name in ("runs", *(("sweeps", "states", "newest run") if roomy else ()), "active"):
        right = name not in {"states", "newest run"}
        made.add_column(
            name, no_wrap=True, overflow="ellipsis", justify="right" if right else "left"
        )
    for each in found:
        made.add_row(*_row(each, roomy=roomy))
    out.print(made)


def _row(project: ProjectView, *, roomy: bool) -> list[str]:
    row = [f"{project.entity}/{project.name}", str(project.runs)]
    if roomy:
        states = ", ".join(f"{count} {word}" for word, count in project.states.items() if count)
        newest = terminal.NOTHING if project.newest is None else project.newest.name
        row += [str(project.sweeps), states, newest]
    return [*row, terminal.age(project.active_at)]
