"""`heartline delete`: runs, or a project with all of them, for good. Never without being sure."""

import sys
from collections import Counter
from typing import TextIO, TypedDict

import click

from heartline.cli import exits, terminal
from heartline.cli.options import (
    RUN_HELP,
    connected,
    examples,
    ids_option,
    json_option,
    named,
    placed,
    project_option,
    which,
)
from heartline.client import errors, runs
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.runs import Filters
from heartline.wire.api import ProjectView

NAMED_MAX = 5
TOLD_MAX = 20


class Told(TypedDict):
    """The paths that are gone, how many runs they are, and why others are still there."""

    deleted: list[str]
    runs: int
    refused: dict[str, str]


@click.command(epilog=examples(
    "heartline delete 3k2a9fq1 x81kd02m",
    "heartline delete digits --filter 'state = failed and duration < 60'",
    "heartline delete digits --ids bad.txt                   # exactly those that you listed",
    "heartline delete team/digits --all --yes     # the project itself, with its sweeps",
), help="Delete runs, with everything that they logged. There is no way back.\n\n"
        "With --filter, --ids or --all PATH is a project: entity/project, or project under your own "
        f"entity. Otherwise each is a run. {RUN_HELP}")  # fmt: skip
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="The runs of the project that match, as in `heartline runs`.")  # fmt: skip
@ids_option
@click.option("--all", "everything", is_flag=True,
              help="All runs and sweeps of the project, and the project.")  # fmt: skip
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@project_option
@json_option
@connected
def delete(
    api: Api,
    paths: tuple[str, ...],
    filters: str,
    ids: TextIO | None,
    everything: bool,
    yes: bool,
    project: str,
    as_json: bool,
) -> None:
    """Delete runs."""
    wanted = which(filters, ids)
    if wanted and everything:
        raise click.UsageError("--all deletes everything: say it, or which runs, not both")
    if not wanted and not everything:
        chosen = list(
            {run.key: run for run in (_run(api, path, project) for path in paths)}.values()
        )
        terminal.confirm(f"Delete {_counted(chosen)}, with everything logged?", yes)
        told = _delete(api, chosen)
    elif len(paths) != 1:
        raise click.UsageError("name one project with --filter, --ids or --all")
    else:
        place = api.project(placed(paths[0]))
        told = _all(api, place, yes) if everything else _matching(api, place, wanted, yes)
    if as_json:
        terminal.print_json(told)
    else:
        _tell(told)
    if told["refused"]:
        sys.exit(exits.ERROR)


def _run(api: Api, path: str, project: str) -> Run:
    found = named(api, path, project)
    if isinstance(found, ProjectView):
        told = f"{path} is a project with {found.runs} runs: say --all to delete it with them"
        raise click.UsageError(told)
    return found


def _matching(api: Api, place: ProjectView, wanted: Filters, yes: bool) -> Told:
    path = f"{place.entity}/{place.name}"
    chosen = api.runs(path, filters=wanted).chosen()
    if not chosen:
        what = f"matches `{wanted}`" if isinstance(wanted, str) else "has one of these ids"
        raise errors.NotFound(f"no run of {path} {what}")
    terminal.confirm(f"Delete {_counted(chosen)}, with everything logged?", yes)
    return _delete(api, chosen)


def _all(api: Api, place: ProjectView, yes: bool) -> Told:
    """The project itself goes only if nothing is left in it: what came meanwhile stays."""
    path = f"{place.entity}/{place.name}"
    chosen, sweeps = api.runs(path).chosen(), api.sweeps(path)
    also = f", {len(sweeps)} sweep{'' if len(sweeps) == 1 else 's'}," if sweeps else ""
    terminal.confirm(f"Delete the project {path}{also} with {_counted(chosen)}?", yes)
    for each in sweeps:
        each.delete()
    told = _delete(api, chosen)
    try:
        api.delete_project(path)
    except errors.Conflict as error:
        told["refused"][path] = str(error)
    else:
        told["deleted"].append(path)
    return told


def _delete(api: Api, chosen: list[Run]) -> Told:
    """Exactly those that the question named."""
    kept = runs.delete(api.calls, chosen, lambda parts: terminal.progress(parts, "deleting"))
    gone = [run.path for run in chosen if run.path not in kept]
    return Told(deleted=gone, runs=len(gone), refused=kept)


def _counted(chosen: list[Run]) -> str:
    """How many, in which states, and some of their names."""
    told = f"{len(chosen)} run{'' if len(chosen) == 1 else 's'}"
    if not chosen:
        return told
    counts = sorted(Counter(run.state for run in chosen).items())
    states = ", ".join(f"{count} {word}" for word, count in counts)
    names = ", ".join(f"{run.path} ({run.name})" for run in chosen[:NAMED_MAX])
    more = f" and {len(chosen) - NAMED_MAX} more" if len(chosen) > NAMED_MAX else ""
    return f"{told} ({states}): {names}{more}"


def _tell(told: Told) -> None:
    count = told["runs"]
    if count > TOLD_MAX:
        terminal.say(f"{count} runs deleted")
    shown = told["deleted"] if count <= TOLD_MAX else told["deleted"][count:]
    for path in shown:
        terminal.say(f"{path} deleted")
    refused = list(told["refused"].items())
    for path, reason in refused[:TOLD_MAX]:
        terminal.say(f"{path} not deleted: {reason}", err=True)
    if len(refused) > TOLD_MAX:
        terminal.say(f"and {len(refused) - TOLD_MAX} more not deleted; --json names all", err=True)
