"""`heartline attention`: the runs that need a person, as the server chose them. Never judges."""

import click
from rich.text import Text

from heartline.cli import terminal
from heartline.cli.options import connected, examples, json_option
from heartline.client.api import Api


@click.command(
    epilog=examples("heartline attention", "heartline attention --json | jq '.decide | length'")
)
@json_option
@connected
def attention(api: Api, as_json: bool) -> None:
    """List what needs a person: runs to decide about now, and what ended badly lately, by cause."""
    found = api.attention
    if as_json:
        terminal.print_json(found)
        return
    out = terminal.console()
    if not found.decide and not found.ended:
        out.print("Nothing needs you: every live run is heard, and none ended badly lately.")
        return
    if found.decide:
        made = terminal.table("state", "run", title="Decide now")
        made.add_column("why", overflow="fold")
        made.add_column("for", no_wrap=True)
        for item in found.decide:
            path = f"{item.run.entity}/{item.run.project}/{item.run.id}"
            shown = terminal.state(item.run.state, item.run.confidence)
            made.add_row(shown, path, item.why, terminal.age(item.since))
        out.print(made)
    for group in found.ended:
        head = Text.assemble(
            "\n", terminal.state(group.state), f" by {group.cause.replace('_', ' ')}: ",
            f"{len(group.runs)} run{'' if len(group.runs) == 1 else 's'}",
        )  # fmt: skip
        out.print(head)
        made = terminal.table("run", "name")
        made.add_column("why", overflow="ellipsis", no_wrap=True)
        made.add_column("ended", no_wrap=True)
        for run in group.runs:
            made.add_row(
                f"{run.entity}/{run.project}/{run.id}", run.name, run.sentence,
                f"{terminal.age(run.ended_at)} ago",
            )  # fmt: skip
        out.print(made)
