"""Options that many commands share: which server, and JSON for programs. Never does a command's work."""

import functools
import os
from collections.abc import Callable
from typing import Any, TextIO

import click

from heartline.client import errors
from heartline.client.api import Api, of_page
from heartline.client.run import Run
from heartline.client.runs import Filters
from heartline.wire.api import ProjectView
from heartline.wire.deleted import DeletedRun

PATIENCE_S = 1.5
NAMED_MAX = 5
PLACES_MAX = 100
"""Projects in which a deleted run is looked for where none is named."""
RUN_HELP = (
    "RUN is entity/project/id, project/id, an id, its first letters, a name, or its page's address."
)
SWEEP_HELP = "SWEEP is entity/project/id, project/id, an id, its first letters, or a name."

Command = Callable[..., Any]


def connected(command: Command) -> Command:
    """Adds --base-url and hands the command an Api as its first argument."""

    @click.option("--base-url", metavar="URL", help="The server.  [default: HEARTLINE_BASE_URL, "
                  "or http://127.0.0.1:8787]")  # fmt: skip
    @functools.wraps(command)
    def wrapped(base_url: str | None, **rest: Any) -> Any:
        api = Api(base_url, patience=PATIENCE_S)
        click.get_current_context().obj = api
        return command(api, **rest)

    return wrapped


def json_option(command: Command) -> Command:
    """Adds --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")(command)


def project_option(command: Command) -> Command:
    """Adds --project, for names and short ids."""
    return click.option(
        "-p", "--project", envvar="HEARTLINE_PROJECT", default="", metavar="[ENTITY/]PROJECT",
        help="Where to look for a name or a short id.  [default: everywhere]",
    )(command)  # fmt: skip


def ids_option(command: Command) -> Command:
    """Adds --ids, for runs that somebody has listed and looked at."""
    return click.option(
        "--ids", type=click.File(encoding="utf-8"), metavar="FILE",
        help="Of a project: the runs whose ids this file holds, one a line; - for standard input.",
    )(command)  # fmt: skip


def which(filters: str, ids: TextIO | None) -> Filters:
    """Which runs are meant; a list of ids is a document, since a text may not be as long."""
    if ids is None:
        return filters
    if filters:
        raise click.UsageError("--filter and --ids both say which runs: say one of them")
    try:
        named = list(dict.fromkeys(ids.read().split()))
    except UnicodeDecodeError:
        raise click.UsageError(f"{ids.name} is no text in UTF-8") from None
    if not named:
        raise click.UsageError(f"{ids.name} names no id")
    return {"id": {"$in": named}}


def placed(project: str) -> str:
    """A project with the entity of HEARTLINE_ENTITY, if it names none."""
    entity = os.environ.get("HEARTLINE_ENTITY", "")
    return f"{entity}/{project}" if project and entity and "/" not in project else project


def named(api: Api, said: str, project: str) -> ProjectView | Run:
    """The project or the run that is meant: a project, where one has this name."""
    path = of_page(said).strip("/")
    if path.count("/") < 2 and not project:
        try:
            return api.project(placed(path))
        except errors.NotFound:
            pass
    try:
        return api.find(said, placed(project))
    except errors.NotFound as error:
        if path.count("/") >= 2 or project:
            raise
        told = (
            f"no project and no run `{said}`; `heartline projects` and `heartline runs` list them"
        )
        raise errors.NotFound(told) from error


def was(api: Api, said: str, project: str) -> DeletedRun:
    """The deleted run that is meant: by its id, else by its name, and of several the last deleted.

    Without a project all of one's own are looked through, and runs at several places are named.
    """
    place, _, name = of_page(said).strip("/").rpartition("/")
    place = place or placed(project)
    places = [place] if place else _own_places(api)
    found = [run for each in places for run in api.deleted(each) if name in {run.id, run.name}]
    found = [run for run in found if run.id == name] or found
    paths = list(dict.fromkeys(run.path for run in found))
    if len(paths) > 1 and not place:
        names = ", ".join(paths[:NAMED_MAX])
        raise errors.Ambiguous(f"`{said}` fits several deleted runs: {names}. Write one of these")
    if found:
        return found[0]
    told = f"no deleted run `{name}` of {place or 'your projects'} can be brought back"
    where = place or "PROJECT"
    raise errors.NotFound(f"{told}; `heartline undelete {where} --list` shows those that can")


def _own_places(api: Api) -> list[str]:
    """The projects under one's own entity, the busiest lately first."""
    projects = api.projects(os.environ.get("HEARTLINE_ENTITY") or api.default_entity)
    projects.sort(key=lambda each: -each.active_at)
    return [f"{each.entity}/{each.name}" for each in projects[:PLACES_MAX]]


def examples(*lines: str) -> str:
    """The end of a help text, kept as written."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
