"""`heartline delete`: runs, or a project with all of them, for good. Never without being sure."""

from typing import TypedDict

import click

from heartline.cli import terminal
from heartline.cli.options import (
    RUN_HELP,
    connected,
    examples,
    json_option,
    named,
    placed,
    project_option,
)
from heartline.client import errors
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.runs import Runs
from heartline.wire.api import ProjectView

NAMED_MAX = 5


class Told(TypedDict):
    """The paths that are gone, and how many runs."""

    deleted: list[str]
    runs: int


@click.command(epilog=examples(
    "heartline delete 3k2a9fq1 x81kd02m",
    "heartline delete digits --filter 'state = failed and duration < 60'",
    "heartline delete team/digits --all --yes     # the project itself, with its sweeps",
), help="Delete runs, with everything that they logged. There is no way back.\n\n"
        "With --filter or --all PATH is a project: entity/project, or project under your own "
        f"entity. Otherwise each is a run. {RUN_HELP}")  # fmt: skip
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="The runs of the project that match, as in `heartline runs`.")  # fmt: skip
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
    everything: bool,
    yes: bool,
    project: str,
    as_json: bool,
) -> None:
    """Delete runs."""
    if filters and everything:
        raise click.UsageError("--filter deletes some runs and --all everything: say one of them")
    if not filters and not everything:
        told = _runs([_run(api, path, project) for path in paths], yes)
    elif len(paths) != 1:
        raise click.UsageError("name one project with --filter or --all")
    else:
        place = api.project(placed(paths[0]))
        told = (_all if everything else _matching)(api, place, filters, yes)
    if as_json:
        terminal.print_json(told)
        return
    for path in told["deleted"]:
        click.echo(f"{path} deleted")
    if not told["deleted"]:
        click.echo(f"{told['runs']} run{'' if told['runs'] == 1 else 's'} deleted")


def _run(api: Api, path: str, project: str) -> Run:
    found = named(api, path, project)
    if isinstance(found, ProjectView):
        told = f"{path} is a project with {found.runs} runs: say --all to delete it with them"
        raise click.UsageError(told)
    return found


def _runs(found: list[Run], yes: bool) -> Told:
    names = ", ".join(f"{run.path} ({run.name}, {run.state})" for run in found[:NAMED_MAX])
    more = f" and {len(found) - NAMED_MAX} more" if len(found) > NAMED_MAX else ""
    terminal.confirm(f"Delete {names}{more} with everything logged?", yes)
    for run in found:
        run.delete()
    return Told(deleted=[run.path for run in found], runs=len(found))


def _matching(api: Api, place: ProjectView, filters: str, yes: bool) -> Told:
    path = f"{place.entity}/{place.name}"
    found = api.runs(path, filters=filters)
    if not len(found):
        raise errors.NotFound(f"no run of {path} matches `{filters}`")
    terminal.confirm(f"Delete {_counted(found)} of {path} with everything logged?", yes)
    return Told(deleted=[], runs=found.delete())


def _all(api: Api, place: ProjectView, _filters: str, yes: bool) -> Told:
    path = f"{place.entity}/{place.name}"
    runs, sweeps = api.runs(path), api.sweeps(path)
    also = f" and {len(sweeps)} sweep{'' if len(sweeps) == 1 else 's'}" if sweeps else ""
    terminal.confirm(f"Delete {path} with {_counted(runs)}{also}?", yes)
    for each in sweeps:
        each.delete()
    count = runs.delete()
    api.delete_project(path)
    return Told(deleted=[path], runs=count)


def _counted(runs: Runs) -> str:
    states = ", ".join(f"{count} {word}" for word, count in sorted(runs.states.items()) if count)
    told = f"{len(runs)} run{'' if len(runs) == 1 else 's'}"
    return f"{told} ({states})" if states else told
