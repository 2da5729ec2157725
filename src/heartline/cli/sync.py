"""`heartline sync`: sends spools that are still here. Never changes how a run ended."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from heartline.cli import exits, terminal
from heartline.cli.options import examples, json_option
from heartline.sdk.sync import Progress, SyncError, is_live, is_synced, spools
from heartline.sdk.sync import sync as send


def default_place() -> Path:
    """Where scripts started from here keep their spools."""
    return Path(os.environ.get("HEARTLINE_DIR") or ".") / "heartline"


@click.command(epilog=examples(
    "heartline sync",
    "heartline sync heartline/3k2a9fq1-20260102-101500-ab12cd-4711-x9f2",
    "heartline sync --live &",
    "heartline sync --dry-run",
))  # fmt: skip
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--live", is_flag=True, help="Follow runs that still write, until they end.")
@click.option("--base-url", metavar="URL", help="Send there.  [default: where the run belongs]")
@click.option("-n", "--dry-run", is_flag=True, help="Only list what would be sent.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@json_option
def sync(
    paths: tuple[Path, ...],
    live: bool,
    base_url: str | None,
    dry_run: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    """Send what was logged offline, or could not be sent when the run ended.

    PATH is a run's directory, or one that holds several; HEARTLINE_DIR or ./heartline if left out.
    It can be interrupted and repeated at any point: nothing is sent twice, and nothing is lost.
    """
    found = [each for path in paths or (default_place(),) for each in spools(path)]
    missing = [path for path in paths if not spools(path)]
    for path in missing:
        click.echo(f"Error: {path} holds no run", err=True)
    waiting = [each for each in found if not is_synced(each)]
    if dry_run:
        _list(waiting, as_json)
        return
    results = [_sent(each, live, base_url, quiet or as_json) for each in waiting]
    if as_json:
        terminal.print_json(results)
    elif not quiet and not missing and not waiting:
        told = (
            "everything was sent already"
            if found
            else f"no runs in {paths[0] if paths else default_place()}"
        )
        click.echo(f"Nothing to send: {told}.")
    if missing:
        sys.exit(exits.NOT_FOUND)
    if any(result["error"] for result in results):
        sys.exit(exits.ERROR)


def _list(waiting: list[Path], as_json: bool) -> None:
    if as_json:
        terminal.print_json([{"path": str(path), "live": is_live(path)} for path in waiting])
        return
    for path in waiting:
        click.echo(f"{path}{'  (still being written: --live)' if is_live(path) else ''}")
    if not waiting:
        click.echo("Nothing to send.")


def _sent(path: Path, live: bool, base_url: str | None, quiet: bool) -> dict[str, Any]:
    """Send one spool; its result, with the reason if it could not be sent."""
    result: dict[str, Any] = {"path": str(path), "error": None}
    if is_live(path) and not live:
        result["skipped"] = "its program still runs; --live follows it"
        if not quiet:
            click.echo(f"- {path.name}: {result['skipped']}", err=True)
        return result
    try:
        done = _with_bar(
            path.name, quiet, lambda tell: send(path, live=live, base_url=base_url, progress=tell)
        )
    except (SyncError, OSError, ValueError) as error:
        result["error"] = str(error)
        click.echo(f"✗ {path.name}: {error}", err=True)
        return result
    result |= {"url": done.url, "records": done.records, "state": done.state, "files": done.files}
    for text in done.files:
        click.echo(f"! {path.name}: {text}", err=True)
    if not quiet:
        click.echo(f"✓ {path.name}: {done.records} records, {done.state} -> {done.url}")
    return result


def _with_bar(name: str, quiet: bool, work: Callable[[Progress], Any]) -> Any:
    """Show a bar where there is somebody to look at it."""
    err = terminal.console(stderr=True)
    if quiet or not err.is_terminal:
        return work(lambda _done, _total: None)
    from rich import progress

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
    )
    with progress.Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(name[:40], total=None)
        return work(lambda done, total: bar.update(task, completed=done, total=total))
