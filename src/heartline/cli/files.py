"""`heartline files`: lists the files of a run, and fetches them. Never changes one."""

from fnmatch import fnmatch
from pathlib import Path

import click

from heartline.cli import terminal
from heartline.cli.options import RUN_HELP, connected, examples, json_option, placed, project_option
from heartline.client import errors
from heartline.client.api import Api
from heartline.client.files import File


@click.command(epilog=examples(
    "heartline files 3k2a9fq1",
    "heartline files 3k2a9fq1 'media/*' model.pt --download results",
    "heartline files digits/baseline --json | jq -r '.[].path'",
), help="List the files of a run, or fetch them.\n\nPATTERN is a path in the run, or a pattern of "
        f"one such as 'ckpt/*.pt'; all files if left out. {RUN_HELP}")  # fmt: skip
@click.argument("run")
@click.argument("patterns", nargs=-1, metavar="[PATTERN]...")
@click.option("-d", "--download", "root", metavar="DIR",
              type=click.Path(file_okay=False, path_type=Path),
              help="Fetch them to below this directory.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Overwrite files that are there.")
@project_option
@json_option
@connected
def files(
    api: Api,
    run: str,
    patterns: tuple[str, ...],
    root: Path | None,
    replace: bool,
    project: str,
    as_json: bool,
) -> None:
    """List or fetch."""
    found = api.find(run, placed(project))
    every = found.files()
    shown = [each for each in every if not patterns or _wanted(each, patterns)]
    for pattern in patterns:
        if not any(_wanted(each, (pattern,)) for each in every):
            raise errors.NotFound(
                f"no file `{pattern}` in {found.path}; `heartline files` lists them"
            )
    saved = _fetched(shown, root, replace) if root is not None else {}
    if as_json:
        terminal.print_json([_record(each, saved) for each in shown])
    elif not shown:
        click.echo(f"{found.path} has no files.", err=True)
    elif root is None:
        _table(shown)
    else:
        size = terminal.size(sum(each.size_bytes for each in shown))
        click.echo(f"{len(shown)} file{'' if len(shown) == 1 else 's'}, {size} -> {root}")


def _wanted(file: File, patterns: tuple[str, ...]) -> bool:
    return any(file.path == pattern or fnmatch(file.path, pattern) for pattern in patterns)


def _record(file: File, saved: dict[str, str]) -> dict[str, object]:
    told: dict[str, object] = {
        "path": file.path, "size_bytes": file.size_bytes, "mimetype": file.mimetype,
        "updated_at": file.updated_at, "sha256": file.sha256,
    }  # fmt: skip
    return {**told, "saved": saved[file.path]} if file.path in saved else told


def _table(shown: list[File]) -> None:
    made = terminal.table("size", "age")
    made.columns[0].justify = made.columns[1].justify = "right"
    made.add_column("path", overflow="fold")
    for each in shown:
        made.add_row(terminal.size(each.size_bytes), terminal.age(each.updated_at), each.path)
    terminal.console().print(made)


def _fetched(shown: list[File], root: Path, replace: bool) -> dict[str, str]:
    """Where each was saved; nothing is fetched if one would overwrite what is there."""
    there = [each.path for each in shown if each.target(root).exists()]
    if there and not replace:
        others = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise errors.Conflict(f"{root / there[0]}{others} exists: say --replace to overwrite")
    saved = {}
    for each in terminal.progress(shown, "fetching"):
        try:
            saved[each.path] = str(each.download(root, replace=replace))
        except OSError as error:
            raise click.ClickException(f"cannot save {root / each.path}: {error}") from None
    return saved
