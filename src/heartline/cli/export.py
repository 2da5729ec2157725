"""`heartline export`: runs, or what one run logged, as a file. Never half a file."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, named, project_option
from heartline.client import exports
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.wire.api import ProjectView

SUFFIXES = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl", ".ndjson": "jsonl"}


@click.command(epilog=examples(
    "heartline export digits -o runs.csv",
    "heartline export team/digits --filter 'state = finished' -o runs.parquet",
    "heartline export 3k2a9fq1 -k loss -k val.accuracy -o history.csv",
    "heartline export 3k2a9fq1 --format jsonl | jq .loss",
), help="Write runs, or the history of one run, to a file.\n\nPATH is a project: one row per run, "
        "with its state, cause, config and summary. Or a run: one row per step, with all that it "
        f"logged, unsampled. {RUN_HELP}")  # fmt: skip
@click.argument("path")
@click.option("--format", "form", type=click.Choice(exports.FORMATS),
              help="[default: by the end of FILE, or csv]")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="Where to.  [default: standard output]")  # fmt: skip
@click.option("-f", "--filter", "filters", default="", metavar="TEXT",
              help="Of a project: the runs that match, as in `heartline runs`.")  # fmt: skip
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
    keys: tuple[str, ...],
    project: str,
) -> None:
    """Write a file."""
    form = form or _form(output)
    found = named(api, path, project)
    write, what = _writer(api, found, form, filters, keys)
    if output is None or str(output) == "-":
        if form == "parquet" and sys.stdout.isatty():
            raise click.UsageError("a Parquet file is no text for a terminal: say -o FILE")
        write(sys.stdout.buffer)
        return
    with _whole(output) as out:
        size = write(out)
    click.echo(f"{what} -> {output} ({terminal.size(size)})", err=True)


def _form(output: Path | None) -> str:
    suffix = output.suffix.lower() if output is not None else ""
    return SUFFIXES.get(suffix, "csv")


Write = Callable[[BinaryIO], int]


def _writer(
    api: Api, found: ProjectView | Run, form: str, filters: str, keys: tuple[str, ...]
) -> tuple[Write, str]:
    """What writes it, and what it is."""
    if isinstance(found, ProjectView):
        if keys:
            raise click.UsageError(f"{found.name} is a project: --key is for the history of a run")
        path = f"{found.entity}/{found.name}"
        runs = api.runs(path, filters=filters)
        count = len(runs)
        told = f"{count} run{'' if count == 1 else 's'} of {path}"
        return lambda out: runs.export(out, form), told
    if filters:
        raise click.UsageError(f"{found.path} is a run: --filter is for the runs of a project")
    run = found
    return lambda out: exports.history(run, out, form, keys), f"the history of {run.path}"


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
