"""`heartline backup` and `restore`: a server's data as one file. Never stops a running server.

The database is read from one snapshot, so that a backup is of one moment. Files of runs are
copied by name: each is written once and never changed. A file that was replaced while we copied
is found by asking the snapshot for every name it knows.
"""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

import heartline
from heartline.cli import terminal
from heartline.cli.options import examples, json_option
from heartline.client.errors import HeartlineError

FORMAT = 1
MANIFEST, DATABASE, BLOBS = "manifest.json", "heartline.db", "blobs"
PAGES = 2_048
LINK_ROUNDS_MAX = 3

Advance = Callable[[float], None]

data_dir_option = click.option(
    "--data-dir", type=click.Path(path_type=Path), envvar="HEARTLINE_SERVER_DATA_DIR",
    help="The server's data directory.  [default: ~/.local/share/heartline]",
)  # fmt: skip


def _place(data_dir: Path | None) -> Path:
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return (data_dir or Path(home) / "heartline").resolve()


@click.command(epilog=examples(
    "heartline backup heartline-monday.tar.gz",
    "heartline backup --data-dir /srv/heartline /backups/$(date +%F).tar.gz",
))  # fmt: skip
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_dir_option
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@json_option
def backup(file: Path, data_dir: Path | None, overwrite: bool, as_json: bool) -> None:
    """Copy all data of a server on this machine to FILE, also while the server runs.

    With PostgreSQL, back the database up with pg_dump and copy the blobs directory.
    """
    place = _place(data_dir)
    if not (place / DATABASE).is_file():
        raise HeartlineError(f"no server data in {place}: name it with --data-dir")
    if file.exists() and not overwrite:
        raise HeartlineError(f"{file} exists: choose another name, or say --overwrite")
    with _bar("backing up") as advance:
        manifest = _back_up(place, file, advance)
    manifest["file"], manifest["file_bytes"] = str(file), file.stat().st_size
    if as_json:
        terminal.print_json(manifest)
    else:
        click.echo(f"Backed up {manifest['runs']} runs and {manifest['blobs']} files to {file} "
                   f"({terminal.size(manifest['file_bytes'])}).")  # fmt: skip


def _back_up(place: Path, file: Path, advance: Advance) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix=".heartline-backup-", dir=place) as scratch:
        copy, kept = Path(scratch) / DATABASE, Path(scratch) / BLOBS
        wanted, missing = _copied(place, copy, kept, advance)
        for _ in range(LINK_ROUNDS_MAX if missing else 0):
            wanted, missing = _copied(place, copy, kept, advance)
        manifest = {
            "format": FORMAT,
            "heartline": heartline.__version__,
            "made_at": int(time.time() * 1000),
            "runs": _runs(copy),
            "blobs": len(wanted) - len(missing),
            "blobs_missing": missing,
            "database_sha256": _sha256(copy),
        }
        present = [name for name in wanted if name not in set(missing)]
        _pack(file, manifest, copy, [_blob(kept, name) for name in present], advance)
    return manifest


def _copied(place: Path, copy: Path, kept: Path, advance: Advance) -> tuple[list[str], list[str]]:
    """A snapshot with the files it names, and those of them that could not be had."""
    _link(place / BLOBS, kept)
    _snapshot(place / DATABASE, copy, lambda part: advance(part / 2))
    _link(place / BLOBS, kept)
    wanted = _blobs(copy)
    return wanted, [name for name in wanted if not _blob(kept, name).is_file()]


def _snapshot(source: Path, target: Path, advance: Advance) -> None:
    """SQLite's online backup from one read transaction, so that writers cannot restart it."""
    target.unlink(missing_ok=True)
    origin, copy = sqlite3.connect(source, timeout=30), sqlite3.connect(target)
    try:
        origin.isolation_level = None
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
        origin.backup(
            copy, pages=PAGES,
            progress=lambda _status, left, total: advance(1 - left / total if total else 1),
        )  # fmt: skip
        origin.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")
        broken = copy.execute("PRAGMA quick_check").fetchone()[0]
        if broken != "ok":
            raise HeartlineError(
                f"the copy of the database is damaged ({broken}); nothing was kept"
            )
    finally:
        origin.close()
        copy.close()


def _link(source: Path, target: Path) -> None:
    """Hard links, so that a file deleted meanwhile is still here; a copy across file systems."""
    for path in source.rglob("*"):
        if not path.is_file() or path.name.startswith("."):
            continue
        kept = target / path.relative_to(source)
        if kept.exists():
            continue
        kept.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(path, kept)
        except FileNotFoundError:
            continue
        except OSError:
            shutil.copy2(path, kept)


def _blobs(database: Path) -> list[str]:
    connection = sqlite3.connect(database)
    try:
        return [
            row[0] for row in connection.execute("SELECT DISTINCT blob FROM files ORDER BY blob")
        ]
    finally:
        connection.close()


def _runs(database: Path) -> int:
    """Without those that were deleted, whose rows are swept away later."""
    connection = sqlite3.connect(database)
    try:
        asked = "SELECT count(*) FROM runs WHERE deleted_at = 0"
        return int(connection.execute(asked).fetchone()[0])
    finally:
        connection.close()


def _blob(root: Path, name: str) -> Path:
    return root / name[:2] / name


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(
    file: Path, manifest: dict[str, Any], database: Path, blobs: list[Path], advance: Advance
) -> None:
    """Written beside and renamed: a backup that was interrupted is none."""
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=1) as tar:
                text = json.dumps(manifest, indent=2).encode()
                head = tarfile.TarInfo(MANIFEST)
                head.size, head.mtime = len(text), int(time.time())
                tar.addfile(head, io.BytesIO(text))
                tar.add(database, DATABASE)
                for at, path in enumerate(blobs):
                    tar.add(path, f"{BLOBS}/{path.name[:2]}/{path.name}")
                    advance(0.5 + (at + 1) / len(blobs) / 2)
            raw.flush()
            os.fsync(raw.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    advance(1.0)


@click.command(epilog=examples(
    "heartline restore heartline-monday.tar.gz",
    "heartline restore /backups/2026-01-05.tar.gz --data-dir /srv/heartline --replace",
))  # fmt: skip
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@data_dir_option
@click.option("--replace", is_flag=True, help="Set existing data aside and put the backup there.")
@json_option
def restore(file: Path, data_dir: Path | None, replace: bool, as_json: bool) -> None:
    """Put a backup in place of a server's data; stop that server first.

    Existing data is moved aside, never deleted. Runs that went on after the backup send again what
    it does not hold, as far as their spools still have it.
    """
    from heartline.server.wiring import DataDirInUse, lock

    place = _place(data_dir)
    try:
        held = lock(place)
    except DataDirInUse:
        raise HeartlineError(f"a server uses {place}: stop it before restoring") from None
    try:
        manifest = _restore(file, place, replace)
    finally:
        os.close(held)
    if as_json:
        terminal.print_json(manifest)
        return
    click.echo(f"Restored {manifest['runs']} runs to {place}.")
    if manifest["set_aside"]:
        click.echo(f"What was there before is in {manifest['set_aside']}")
    click.echo(f"Start the server: heartline server --data-dir {place}")


def _restore(file: Path, place: Path, replace: bool) -> dict[str, Any]:
    """Unpack beside, check, then swap."""
    old = [
        name
        for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", BLOBS)
        if (place / name).exists()
    ]
    if (place / DATABASE).exists() and not replace:
        raise HeartlineError(f"{place} holds data already: say --replace to set it aside")
    with tempfile.TemporaryDirectory(prefix=".heartline-restore-", dir=place) as scratch:
        manifest = _unpack(file, Path(scratch))
        aside = place / f"before-restore-{time.strftime('%Y%m%d-%H%M%S')}"
        if old:
            aside.mkdir()
        for name in old:
            (place / name).rename(aside / name)
        for name in (DATABASE, BLOBS):
            if (Path(scratch) / name).exists():
                (Path(scratch) / name).rename(place / name)
    manifest["set_aside"] = str(aside) if old else None
    return manifest


def _unpack(file: Path, scratch: Path) -> dict[str, Any]:
    try:
        with tarfile.open(file, "r:gz") as tar, _bar("restoring") as advance:
            size = file.stat().st_size
            for member in tar:
                tar.extract(member, scratch, filter="data")
                advance(min(1.0, tar.offset / max(1, size * 4)))
        manifest: dict[str, Any] = json.loads((scratch / MANIFEST).read_text())
        good = (
            manifest["format"] == FORMAT
            and _sha256(scratch / DATABASE) == manifest["database_sha256"]
        )
    except (tarfile.TarError, OSError, EOFError, ValueError, KeyError) as error:
        raise HeartlineError(
            f"{file} is no backup of Heartline, or it is damaged: {error}"
        ) from None
    if not good:
        raise HeartlineError(
            f"{file} is damaged, or made by a newer Heartline: it was not restored"
        )
    return manifest


@contextmanager
def _bar(name: str) -> Iterator[Advance]:
    """A bar where there is somebody to look at it."""
    err = terminal.console(stderr=True)
    if not (sys.stderr.isatty() and err.is_terminal):
        yield lambda _part: None
        return
    from rich.progress import Progress

    with Progress(console=err, transient=True) as bar:
        task = bar.add_task(name, total=1.0)
        yield lambda part: bar.update(task, completed=part)
