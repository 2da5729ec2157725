"""A run, as training code sees it. Never raises into training after `init`, never blocks on it."""

import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from heartline.sdk import hooks
from heartline.sdk.console import Console
from heartline.sdk.internal import Internal
from heartline.sdk.mapping import Told
from heartline.sdk.messages import say, warn_once
from heartline.sdk.settings import Settings
from heartline.sdk.spool import Spool
from heartline.sdk.values import encode, keep
from heartline.wire import spool as kinds

NOTES_BYTES = 64 * 1024
PROGRESS_S = 1.0

_now = time.time


class Run:
    """One active run of this process; made by `heartline.init`."""

    def __init__(
        self, *, directory: Path | None, path: tuple[str, str, str], name: str, url: str,
        settings: Settings,
    ) -> None:  # fmt: skip
        self.settings = settings
        self._path, self._name, self._url = path, name, url
        self.directory = directory
        self.step = 0
        self.config = Told(self._tell_config)
        self.summary = Told(self._tell_summary)
        self.tags: tuple[str, ...] = ()
        self.notes = ""
        self.resumed = False
        self.stop_requested: str | None = None
        self.opened = threading.Event()
        self.refusal = ""
        self._offline_said = settings.mode == "offline"
        self._on_stop: list[Callable[[str], object]] = []
        self._spool: Spool | None = None
        self._notes: Spool | None = None
        self._internal: Internal | None = None
        self._console: Console | None = None
        self._finished = False
        self._pid = os.getpid()
        self._warned: set[str] = set()
        if directory is not None:
            self._spool = Spool(directory, "main")
            self._notes = Spool(directory, "notes", NOTES_BYTES)

    @property
    def id(self) -> str:
        """The short id, unique in its project."""
        return self._path[2]

    @property
    def entity(self) -> str:
        """The user or team that owns the project."""
        return self._path[0]

    @property
    def project(self) -> str:
        """The project."""
        return self._path[1]

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return "/".join(part for part in self._path if part)

    @property
    def url(self) -> str:
        """The run's page."""
        return self._url

    @property
    def dir(self) -> str:
        """The spool directory of this process."""
        return str(self.directory or "")

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded."""
        return self._spool is None

    @property
    def lost(self) -> int:
        """Records that could not be kept: no space, or no right to write."""
        return self._spool.lost if self._spool is not None else 0

    @property
    def name(self) -> str:
        """The display name."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        self._name = name
        self._record([kinds.CHANGES, {"name": str(name)}])

    def set_tags(self, tags: Sequence[str]) -> None:
        """Replace the tags."""
        self.tags = tuple(tags)
        self._record([kinds.CHANGES, {"tags": [str(tag) for tag in tags]}])

    def set_notes(self, notes: str) -> None:
        """Replace the notes."""
        self.notes = notes
        self._record([kinds.CHANGES, {"notes": str(notes)}])

    def log(
        self, data: dict[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Record one row of metrics.

        Without `step` rows are counted from 0; `commit=False` keeps the next call in the same
        row. Nested mappings become keys with dots. Values may be numbers, texts, lists, numpy or
        torch scalars; what cannot be kept is named in one warning and the rest is logged. A step
        that goes back is refused per key.
        """
        spool = self._spool
        if spool is None:
            return
        if step is None:
            step = self.step
            if commit is not False:
                self.step = step + 1
        else:
            step = int(step)
            if step >= self.step:
                self.step = step + 1 if commit else step
        try:
            spool.append(encode((0, step, _now(), data)))
        except Exception as error:  # noqa: BLE001 - nothing of ours may stop training
            self._log_slowly(step, data, error)

    def _log_slowly(self, step: int, data: Any, error: Exception) -> None:
        if isinstance(error, OSError):
            self._tell_loss(error)
            return
        if not isinstance(data, dict):
            self._warn("data", f"log takes a dict of key: value, got {type(data).__name__}")
            return
        kept, wrong = keep(data)
        for each in wrong:
            self._warn(each.partition(":")[0], f"not logged: {each}")
        if kept:
            self._record([kinds.LOG, step, _now(), kept])

    def _record(self, record: list[Any]) -> None:
        if self._spool is None or self._finished:
            return
        try:
            self._spool.append(encode(record))
        except OSError as error:
            self._tell_loss(error)
        except Exception as error:  # noqa: BLE001 - nothing of ours may stop training
            self._warn("record", f"not recorded: {error}")

    def _tell_loss(self, error: OSError) -> None:
        self._warn(
            "loss",
            f"cannot keep what is logged in {self.directory}: {error.strerror}; training goes on, "
            "the loss is counted",
        )

    def _warn(self, key: str, text: str) -> None:
        warn_once(self._warned, key, text, silent=self.settings.silent)

    def _tell_config(self, changed: dict[str, Any], removed: list[str]) -> None:
        self._record([kinds.CHANGES, {"config": changed or None, "config_removed": removed}])

    def _tell_summary(self, changed: dict[str, Any], removed: list[str]) -> None:
        self._record([kinds.CHANGES, {"summary": changed or None, "summary_removed": removed}])

    def define_metric(
        self,
        name: str,
        step_metric: str | None = None,
        summary: str | Sequence[str] | None = None,
        goal: Literal["minimize", "maximize"] | None = None,
        hidden: bool = False,
    ) -> None:
        """Say how a key (or a glob such as `val/*`) is shown: x axis, summary, goal.

        `summary` holds words of min, max, mean, first, last, best, none.
        """
        words = summary.split(",") if isinstance(summary, str) else list(summary or ())
        rule = {
            "name": name,
            "step_metric": step_metric or "",
            "summary": [word.strip() for word in words],
            "goal": goal or "",
            "hidden": hidden,
        }
        self._record([kinds.CHANGES, {"metrics": [rule]}])

    def save(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Keep a file with the run; it is read when the internal process gets to it."""
        found = Path(path).absolute()
        if not found.is_file():
            self._warn(str(path), f"not saved: there is no file {found}")
            return
        self._record([kinds.FILE, name or found.name, str(found)])

    def mark_preempting(self) -> None:
        """Say that this machine will be taken away: a bad end is then Preempted."""
        self._record([kinds.PREEMPTING, True])
        self._wake()

    def on_stop(self, call: Callable[[str], object]) -> None:
        """Be called (in a thread) with who asks, when a stop is requested.

        Without a callback a KeyboardInterrupt is raised in the main thread.
        """
        self._on_stop.append(call)

    def _wake(self) -> None:
        if self._internal is not None:
            self._internal.wake()

    def _hear(self, event: dict[str, Any]) -> None:
        """News from the internal process, in its listener thread."""
        match event.get("event"):
            case "opened":
                self._opened(event)
            case "refused":
                self.refusal = str(event.get("text", ""))
                self.opened.set()
                self._say_offline(self.refusal)
            case "unreachable":
                self._say_offline(f"{event.get('text')}; still trying")
            case "stop":
                self._stop(str(event.get("by", "")), str(event.get("reason", "")))
            case "step" | "stale" | "file":
                self._warn(str(event.get("text")), str(event.get("text")))
            case "lost":
                self._warn("lost", "the internal process died again and again; the spool is kept "
                           f"in {self.directory}: send it with `heartline sync`")  # fmt: skip
            case _:
                return

    def _opened(self, event: dict[str, Any]) -> None:
        self._path = (str(event.get("entity") or self.entity), self.project, self.id)
        self.resumed = bool(event.get("resumed"))
        if self.resumed:
            self.step = max(self.step, int(event.get("last_step", -1)) + 1)
            self.config._seed(event.get("config") or {})  # noqa: SLF001
            self.summary._seed(event.get("summary") or {})  # noqa: SLF001
        self.opened.set()

    def _say_offline(self, text: str) -> None:
        if not self._offline_said:
            self._offline_said = True
            say(
                f"{text.rstrip('.')}. Training goes on; nothing is lost: it is kept in "
                f"{self.directory} (heartline sync sends it)",
                silent=self.settings.silent,
            )

    def _stop(self, by: str, reason: str) -> None:
        self.stop_requested = by
        self._record([kinds.STOP_ACK])
        self._wake()
        say(f"stop requested by {by}{': ' + reason if reason else ''}", silent=self.settings.silent)
        for call in self._on_stop:
            try:
                call(by)
            except Exception as error:  # noqa: BLE001 - the user's callback
                self._warn("on_stop", f"the stop callback failed: {error}")
        if not self._on_stop and self.settings.stop_raises:
            import signal

            os.kill(os.getpid(), signal.SIGINT)

    def start(self, internal: Internal, console: bool) -> None:
        """Watched from now on."""
        self._internal = internal
        hooks.HOOKS.add(self._note, self.directory or Path())
        if console:
            self._console = Console(self._print)

    def _print(self, stream: str, number: int, text: str) -> None:
        self._record([kinds.LINE, stream, number, int(_now() * 1000), text])

    def _note(self, what: dict[str, Any]) -> None:
        if self._notes is not None and not self._finished:
            with contextlib.suppress(Exception):
                self._notes.append(encode([kinds.NOTE, what]))

    def forked(self) -> None:
        """In a forked child: own stream in the same directory; the parent stays the one who beats."""
        if self._spool is None or self._finished or self.directory is None:
            return
        self._notes = None
        self._console = None
        try:
            self._spool = Spool(self.directory, f"fork-{os.getpid()}", NOTES_BYTES * 4)
        except OSError as error:
            self._tell_loss(error)
            self._spool = None
        if self._internal is not None:
            self._internal.left_behind()
            self._internal = None

    @property
    def forked_off(self) -> bool:
        """Whether this process is not the one that opened the run."""
        return os.getpid() != self._pid

    def finish(self, exit_code: int | None = None, reason: str | None = None) -> None:
        """End the run: Finished with `exit_code` 0 or none given, else Failed.

        Waits until the server has everything, at most `settings.finish_timeout` seconds; what is
        left then goes on in the background, or with `heartline sync`.
        """
        if self._finished or self.disabled or self.forked_off:
            self._finished = True
            return
        self._close_console()
        self._note({"finish": exit_code or 0, "reason": reason})
        self._leave()
        self._settle(f"run {self._name} ended")

    def flush(self) -> None:
        """At interpreter exit: the internal process sees how the process ends, and ships the rest."""
        if not (self._finished or self.disabled or self.forked_off):
            self._close_console()
            self._wake()

    def _close_console(self) -> None:
        if self._console is not None:
            self._console.close()
            self._console = None

    def _leave(self) -> None:
        self._finished = True
        hooks.HOOKS.remove(self._note)
        for each in (self._spool, self._notes):
            if each is not None:
                each.close()
        self._wake()

    def _settle(self, what: str) -> None:
        """Wait for the server within the bound, telling what is going on."""
        internal = self._internal
        if internal is None:
            return
        began, bound = time.monotonic(), self.settings.finish_timeout
        told_at = began + PROGRESS_S
        while not internal.done.wait(0.05):
            now = time.monotonic()
            if now - began > bound:
                say(
                    f"the server has not everything after {bound:.0f} s; the rest goes on in the "
                    f"background, or with: heartline sync {self.directory}",
                    silent=self.settings.silent,
                )
                break
            if now > told_at:
                told_at = now + 10 * PROGRESS_S
                say(f"sending the rest (at most {bound:.0f} s)", silent=self.settings.silent)
        internal.close()
        if internal.done.is_set() and not self.refusal:
            where = self._url if self.settings.mode == "online" else f"{self.directory}"
            say(f"{what} -> {where}", silent=self.settings.silent)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.finish()
            return
        if isinstance(error, SystemExit):
            self.finish(_exit_code(error))
            return
        self._note(hooks.describe(error))
        self._note({"failed_in_with": True})
        if isinstance(error, KeyboardInterrupt):
            self.flush()
            return
        self.finish(1)

    def __repr__(self) -> str:
        return f"<heartline run {self.path}>"


def _exit_code(error: SystemExit) -> int:
    """As the interpreter turns it into a status."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    print(error.code, file=sys.stderr)  # noqa: T201
    return 1
