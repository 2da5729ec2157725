"""`heartline delete`: runs, or a project with all of them. Never without being sure."""

import shlex
import sys
from collections import Counter
from collections.abc import Sequence
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
    was,
    which,
)
from heartline.client import errors, runs
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.client.runs import Filters
from heartline.wire.api import ProjectView
from heartline.wire.deleted import DeletedRun

NAMED_MAX = 5
TOLD_MAX = 20
DAY_MS = 86_400_000
ONE_OF_THEM = (
    "--filter and --ids delete some runs, --all everything, --deleted what was deleted: say one"
)


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
    "heartline delete digits --deleted            # free the space of what was deleted there",
), help="Delete runs, with everything that they logged. `heartline undelete` brings them back "
        "for as long as the server keeps them: 7 days, unless it was told otherwise.\n\n"
        "With --filter, --ids, --all or --deleted PATH is a project: entity/project, or project "
        f"under your own entity. Otherwise each is a run. {RUN_HELP}")  # fmt: skip
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="The runs of the project that match, as in `heartline runs`.")  # fmt: skip
@ids_option
@click.option("--all", "everything", is_flag=True,
              help="All runs and sweeps of the project, and the project.")  # fmt: skip
@click.option("--for-good", is_flag=True,
              help="Free their space now: nothing brings them back.")  # fmt: skip
@click.option("--deleted", "aside", is_flag=True,
              help="The runs of the project that were deleted before, for good.")  # fmt: skip
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
    for_good: bool,
    aside: bool,
    yes: bool,
    project: str,
    as_json: bool,
) -> None:
    """Delete runs."""
    wanted = which(filters, ids)
    if bool(wanted) + everything + aside > 1:
        raise click.UsageError(ONE_OF_THEM)
    if not wanted and not everything and not aside:
        named_ones = (_run(api, path, project, for_good=for_good) for path in paths)
        chosen = list({run.key: run for run in named_ones}.values())
        terminal.confirm(f"Delete {_counted(chosen)}, with everything logged?", yes)
        told = _delete(api, chosen, for_good=for_good)
    elif len(paths) != 1:
        raise click.UsageError("name one project with --filter, --ids, --all or --deleted")
    elif aside:
        told = _aside(api, placed(paths[0]), yes)
    elif everything:
        told = _all(api, api.project(placed(paths[0])), yes, for_good=for_good)
    else:
        told = _matching(api, api.project(placed(paths[0])), wanted, yes, for_good=for_good)
    if as_json:
        terminal.print_json(told)
    else:
        _tell(told)
        if not for_good and not aside:
            _tell_how_back(api, told["deleted"][: told["runs"]])
    if told["refused"]:
        sys.exit(exits.ERROR)


def _run(api: Api, path: str, project: str, *, for_good: bool) -> Run | DeletedRun:
    try:
        found = named(api, path, project)
    except errors.NotFound:
        if not for_good:
            raise
        return was(api, path, project)
    if isinstance(found, ProjectView):
        told = f"{path} is a project with {found.runs} runs: say --all to delete it with them"
        raise click.UsageError(told)
    return found


def _aside(api: Api, path: str, yes: bool) -> Told:
    """What was deleted before; a page at a time, until nothing is left or something stays."""
    told = Told(deleted=[], runs=0, refused={})
    while chosen := api.deleted(path):
        terminal.confirm(
            f"Free the space of {_counted(chosen)}, for good?", yes or told["runs"] > 0
        )
        more = _delete(api, chosen, for_good=True)
        told["deleted"] += more["deleted"]
        told["runs"] += more["runs"]
        told["refused"] |= more["refused"]
        if more["refused"]:
            break
    return told


def _matching(api: Api, place: ProjectView, wanted: Filters, yes: bool, *, for_good: bool) -> Told:
    path = f"{place.entity}/{place.name}"
    chosen = api.runs(path, filters=wanted).chosen()
    if not chosen:
        what = f"matches `{wanted}`" if isinstance(wanted, str) else "has one of these ids"
        raise errors.NotFound(f"no run of {path} {what}")
    terminal.confirm(f"Delete {_counted(chosen)}, with everything logged?", yes)
    return _delete(api, chosen, for_good=for_good)


def _all(api: Api, place: ProjectView, yes: bool, *, for_good: bool) -> Told:
    """The project itself goes only if nothing is left in it: what came meanwhile stays."""
    path = f"{place.entity}/{place.name}"
    chosen, sweeps = api.runs(path).chosen(), api.sweeps(path)
    also = f", {len(sweeps)} sweep{'' if len(sweeps) == 1 else 's'}," if sweeps else ""
    terminal.confirm(f"Delete the project {path}{also} with {_counted(chosen)}?", yes)
    for each in sweeps:
        each.delete()
    told = _delete(api, chosen, for_good=for_good)
    try:
        api.delete_project(path)
    except errors.Conflict as error:
        told["refused"][path] = str(error)
    else:
        told["deleted"].append(path)
    return told


def _delete(api: Api, chosen: Sequence[Run | DeletedRun], *, for_good: bool) -> Told:
    """Exactly those that the question named."""
    kept = runs.acted(
        api.calls, "delete", chosen, lambda parts: terminal.progress(parts, "deleting"),
        for_good=for_good,
    )  # fmt: skip
    gone = [run.path for run in chosen if run.path not in kept]
    return Told(deleted=gone, runs=len(gone), refused=kept)


def _counted(chosen: Sequence[Run | DeletedRun]) -> str:
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


def _tell_how_back(api: Api, paths: list[str]) -> None:
    """How to undo it, and for how long: where the server keeps nothing, there is no way."""
    places = list(dict.fromkeys(path.rpartition("/")[0] for path in paths))
    try:
        last = next(iter(api.deleted(places[0])), None) if places else None
    except errors.HeartlineError:
        return
    days = 0 if last is None else (last.kept_until - last.deleted_at) // DAY_MS
    if days:
        said = paths if len(paths) <= NAMED_MAX else [*places, "--list"]
        what = "it" if len(paths) == 1 else "them"
        within = f"within {days} day{'' if days == 1 else 's'}"
        terminal.say(f"bring {what} back {within}: heartline undelete {shlex.join(said)}")
