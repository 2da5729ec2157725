"""`heartline undelete`: brings deleted runs back, or lists those that can be. Never deletes one."""

import sys
from collections.abc import Sequence

import click

from heartline.cli import exits, terminal
from heartline.cli.options import connected, examples, json_option, placed, project_option, was
from heartline.client.api import Api
from heartline.client.runs import acted
from heartline.wire.deleted import DeletedRun


@click.command(epilog=examples(
    "heartline undelete 3k2a9fq1 digits/x81kd02m",
    "heartline undelete digits --list", "heartline undelete team/digits --all",
), help="Bring deleted runs back where they were, with everything that they logged.\n\n"
        "RUN is entity/project/id, project/id, an id or a name; of several in one project the "
        "last deleted. With --list or --all it is a project.")  # fmt: skip
@click.argument("paths", nargs=-1, required=True, metavar="RUN...")
@click.option("--list", "listed", is_flag=True, help="List the runs that can be brought back.")
@click.option("--all", "everything", is_flag=True, help="All that were deleted in the project.")
@project_option
@json_option
@connected
def undelete(
    api: Api,
    paths: tuple[str, ...],
    listed: bool,
    everything: bool,
    project: str,
    as_json: bool,
) -> None:
    """Bring deleted runs back."""
    if listed or everything:
        chosen = [each for path in paths for each in api.deleted(placed(path))]
    else:
        chosen = [was(api, path, project) for path in paths]
    if listed:
        _list(chosen, as_json=as_json)
        return
    kept = acted(
        api.calls, "undelete", chosen, lambda parts: terminal.progress(parts, "bringing back")
    )
    back = [each.path for each in chosen if each.path not in kept]
    if as_json:
        terminal.print_json({"undeleted": back, "refused": kept})
    else:
        for path in back:
            terminal.say(f"{path} is back")
        for path, reason in kept.items():
            terminal.say(f"{path} not brought back: {reason}", err=True)
    if kept:
        sys.exit(exits.ERROR)


def _list(found: Sequence[DeletedRun], *, as_json: bool) -> None:
    if as_json:
        terminal.print_json(found)
        return
    out = terminal.console()
    if not found:
        out.print("No deleted run can be brought back.")
        return
    made = terminal.table()
    made.add_column("run", overflow="fold")
    for name in ("name", "state", "deleted by", "deleted"):
        made.add_column(name, overflow="ellipsis")
    for each in found:
        word, age = terminal.state(each.state), terminal.age(each.deleted_at)
        made.add_row(each.path, each.name, word, each.deleted_by, age)
    out.print(made)
