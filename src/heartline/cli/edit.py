"""`heartline edit`: name, notes, tags and group of runs. Never touches what they logged."""

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.client.api import Api
from heartline.client.run import Run


@click.command(epilog=examples(
    "heartline edit 3k2a9fq1 --name baseline --notes 'the one in the paper'",
    "heartline edit 3k2a9fq1 x81kd02m --tag best --untag candidate",
), help=f"Change name, notes, group or tags of runs.\n\n{RUN_HELP}")  # fmt: skip
@click.argument("runs", nargs=-1, required=True, metavar="RUN...")
@click.option("--name", help="Its name for people.")
@click.option("--notes", help="Its notes; '' for none.")
@click.option("--group", help="Its group; '' for none.")
@click.option("-t", "--tag", "tags", multiple=True, help="Add a tag; may be repeated.")
@click.option("--untag", "untags", multiple=True, metavar="TAG",
              help="Take a tag away; may be repeated.")  # fmt: skip
@project_option
@json_option
@connected
def edit(
    api: Api,
    runs: tuple[str, ...],
    name: str | None,
    notes: str | None,
    group: str | None,
    tags: tuple[str, ...],
    untags: tuple[str, ...],
    project: str,
    as_json: bool,
) -> None:
    """Change words of runs."""
    said = {"name": name, "notes": notes, "group": group}
    changes = {word: value for word, value in said.items() if value is not None}
    if not (changes or tags or untags):
        raise click.UsageError("nothing to change: say --name, --notes, --group, --tag or --untag")
    if name is not None and not name.strip():
        raise click.UsageError("a run is called something: say --name with a name")
    found = [api.find(run, placed(project)) for run in runs]
    for run in found:
        _change(run, changes, tags, untags)
    if as_json:
        terminal.print_json([run.view for run in found])
        return
    for run in found:
        shown = f"{run.path} is {run.name}"
        terminal.say(f"{shown}, tagged {', '.join(run.tags)}" if run.tags else shown)


def _change(
    run: Run, changes: dict[str, str], tags: tuple[str, ...], untags: tuple[str, ...]
) -> None:
    words: dict[str, object] = dict(changes)
    if tags or untags:
        words["tags"] = [tag for tag in dict.fromkeys([*run.tags, *tags]) if tag not in untags]
    run.update(**words)
