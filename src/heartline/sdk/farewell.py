"""The end of a run in its own process: files kept, exit codes, the bounded wait. Never guesses."""

import shutil
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from heartline.sdk.hooks import HOOKS, INTERRUPTED
from heartline.sdk.messages import say
from heartline.wire import spool as kinds

if TYPE_CHECKING:
    from heartline.sdk.internal import Internal
    from heartline.sdk.recorder import Recorder
    from heartline.sdk.run import Run

QUIET_S = 2.0
PROGRESS_S = 10.0
POLL_S = 0.05
EXIT_S = 1.0
FILES_MAX = 1_000
MAGIC = frozenset("*?[")


def exit_code(error: BaseException | None) -> int:
    """What the interpreter would make of an exception, as an exit code."""
    if isinstance(error, SystemExit):
        if error.code is None:
            return 0
        return error.code & 0xFF if isinstance(error.code, int) else 1
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return 0 if error is None or isinstance(error, GeneratorExit) else 1


def code_of(run: "Run", said: int | None) -> int:
    """The exit code given to `finish` as a number; what is none of the sort is no success."""
    try:
        return int(said or 0)
    except (TypeError, ValueError, OverflowError):
        run.warn("finish", f"finish takes a number as exit code, got {said!r}: taken as 1")
        return 1


def keep_files(recorder: "Recorder", path: Path, name: str | None, *, copy: bool) -> None:
    """Have a file sent, or all that a pattern matches: under `name` as their folder, if given."""
    first = next((n for n, part in enumerate(path.parts) if MAGIC.intersection(part)), None)
    if first is None or path.exists():
        keep_file(recorder, path, name, copy=copy)
        return
    base, pattern = Path(*path.parts[:first]), "/".join(path.parts[first:])
    found = sorted(islice((each for each in base.glob(pattern) if each.is_file()), FILES_MAX + 1))
    if not found:
        recorder.warn(str(path), f"not saved: no file matches {path.absolute()}")
    if len(found) > FILES_MAX:
        recorder.warn(
            str(path), f"{path} matches more than {FILES_MAX} files: the rest is not saved"
        )
    for each in found[:FILES_MAX]:
        known = each.relative_to(base).as_posix()
        keep_file(recorder, each, f"{name}/{known}" if name else known, copy=copy)


def keep_file(recorder: "Recorder", path: Path, name: str | None, *, copy: bool) -> None:
    """Have a file sent; `copy` keeps it as it is now."""
    try:
        found = path.absolute()
        if not found.is_file():
            recorder.warn(str(path), f"not saved: there is no file {found}")
            return
        known = name or found.name
        if copy:
            kept = recorder.directory / "files" / known.replace("/", "_")
            kept.parent.mkdir(exist_ok=True)
            found = Path(shutil.copyfile(found, kept))
        recorder.record([kinds.FILE, known, str(found)])
    except OSError as error:
        recorder.warn(str(path), f"not saved: {path}: {error.strerror}")


def remove(directory: Path | None) -> None:
    """The spool of a run that never was."""
    if directory is not None:
        shutil.rmtree(directory, ignore_errors=True)


def part(run: "Run", internal: "Internal") -> None:
    """At exit without `finish`: what a short script would not live to hear is waited for shortly.

    Where the internal process ends with us, all that was logged must be on the server before.
    """
    news = run.news
    known = news.heard.is_set()
    if internal.ends_with_us:
        HOOKS.leaving()
        internal.end()
        internal.leave()
        _waited(run, lambda: _is_level(run, internal))
    if run.settings.mode != "online" or run.settings.silent:
        return
    told_now = not known and news.heard.wait(EXIT_S)
    if news.away and not told_now:
        say(
            f"run {run.name} is not on the server yet; send it with: heartline sync {run.directory}"
        )


def _is_level(run: "Run", internal: "Internal") -> bool:
    """Whether everything was sent, or nothing ever will be."""
    never = run.news.heard.is_set() and run.news.away and not run.news.opened.is_set()
    return never or internal.done.is_set() or internal.level.wait(POLL_S)


def settle(run: "Run", internal: "Internal") -> None:
    """Wait for the server within the bound, telling what is going on."""
    silent = run.settings.silent
    if run.lost:
        say(f"warning: {run.lost} records could not be kept and are lost", silent=silent)
    internal.end()
    if not _waited(run, lambda: internal.done.wait(POLL_S)):
        rest = "" if internal.ends_with_us else "goes on in the background, or "
        say(
            f"the server has not everything after {run.settings.finish_timeout:.0f} s; the rest "
            f"{rest}is sent with: heartline sync {run.directory}",
            silent=silent,
        )
    internal.close()
    if internal.done.is_set() and not run.news.refusal:
        where = run.url if run.settings.mode == "online" else str(run.directory)
        say(f"run {run.name} ended -> {where}", silent=silent)


def _waited(run: "Run", over: Callable[[], bool]) -> bool:
    """Wait within the bound, telling how long still; whether it was over by then."""
    began, bound = time.monotonic(), run.settings.finish_timeout
    told_at = began + QUIET_S
    while not over():
        now = time.monotonic()
        if now - began > bound:
            return False
        if now > told_at:
            told_at = now + PROGRESS_S
            left = bound - (now - began)
            say(f"still sending; waiting at most {left:.0f} s more", silent=run.settings.silent)
    return True
