"""`heartline export`: runs, or what one run logged, as a file. Never half a file."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from heartline.cli import terminal
from heartline.cli.options import (
    RUN_HELP,
    connected,
    examples,
    ids_option,
    named,
    project_option,
    which,
)
from heartline.client import exports
from heartline.client.api import Api
from heartline.client.runs import Filters
from heartline.wire.api import ProjectView

SUFFIXES = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@click.command(epilog=examples(
    "heartline export digits -o runs.csv",
    "heartline export team/digits --filter 'state = finished' -o runs.parquet",
    "heartline runs digits -n 5000 --json | jq -r '.[].id' | heartline export digits --ids -",
    "heartline export 3k2a9fq1 -k loss -k val.accuracy -o history.csv",
    "heartline export 3k2a9fq1 --format jsonl | jq .loss",
), help="Write runs, or the history of one run, to a file.\n\nPATH is a project: one row per run, "
        "with its state and cause, and the numbers, texts (256 characters) and booleans (as 1.0 and "
        "0.0) of its config and summary; jsonl has all of them whole, lists too. Or a run: one row "
        f"per step, with all that it logged, unsampled. {RUN_HELP}")  # fmt: skip
@click.argument("path")
@click.option("--format", "form", type=click.Choice(exports.FORMATS),
              help="[default: by the end of FILE, or csv]")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to.  [default: standard output]")  # fmt: skip
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="Of a project: the runs that match, as in `heartline runs`.")  # fmt: skip
@ids_option
@click.option("-k", "--key", "keys", multiple=True,
              help="Of a run: only this metric; may be repeated.")  # fmt: skip
@project_option
@connected
def export(
    api: Api,
    path: str,
    form: str | None,
    output: Path | None,
    filters: str,
    ids: TextIO | None,
    keys: tuple[str, ...],
    project: str,
) -> None:
    """Write a file."""
    form = form or _form(output)
    found = named(api, path, project)
    if isinstance(found, ProjectView):
        if keys:
            raise click.UsageError(f"{found.name} is a project: --key is for the history of a run")
        write, what = _runs(api, found, form, which(filters, ids))
    elif filters or ids:
        said = "--filter" if filters else "--ids"
        raise click.UsageError(f"{found.path} is a run: {said} is for the runs of a project")
    else:
        write = partial(exports.history, found, form=form, keys=keys)
        what = f"the history of {found.path}"
    if output is None or str(output) == "-":
        if form == "parquet" and sys.stdout.isatty():
            raise click.UsageError("a Parquet file is no text for a terminal: say -o FILE")
        write(sys.stdout.buffer)
        return
    with _whole(output) as out:
        size = write(out)
    click.echo(f"{what} -> {output} ({terminal.size(size)})", err=True)


def _form(output: Path | None) -> str:
    suffix = "" if output is None else output.suffix.lower()
    if suffix and suffix not in SUFFIXES:
        ends = ", ".join(SUFFIXES)
        raise click.UsageError(f"what is a {suffix} file? End its name in {ends}, or say --format")
    return SUFFIXES.get(suffix, "csv")


def _runs(
    api: Api, found: ProjectView, form: str, filters: Filters
) -> tuple[Callable[[BinaryIO], int], str]:
    """What writes them, and what they are."""
    path = f"{found.entity}/{found.name}"
    runs = api.runs(path, filters=filters)
    count = len(runs)
    told = f"{count} run{'' if count == 1 else 's'} of {path}"
    if isinstance(filters, dict) and (lacking := len(filters["id"]["$in"]) - count):
        told += f"; {lacking} of the ids are not there"
    return partial(runs.export, format=form), told


@contextmanager
def _whole(target: Path) -> Iterator[BinaryIO]:
    """A file that is there under its name only once all of it is.

    A pipe or a device is written to.
    """
    place = target.resolve()
    plain = place.is_file() or not place.exists()
    beside = place.with_name(f".{place.name}.{os.getpid()}.part") if plain else place
    try:
        with beside.open("wb") as out:
            yield out
        if plain:
            beside.replace(place)
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror or error}") from None
    finally:
        if plain:
            beside.unlink(missing_ok=True)
