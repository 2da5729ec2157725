"""A run, as training code sees it. Never raises into training after `init`, never blocks on it."""

import math
import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from heartline.sdk import clock, farewell, hooks, stacks
from heartline.sdk.console import Console
from heartline.sdk.harmless import Single, harmless
from heartline.sdk.internal import Internal
from heartline.sdk.mapping import Told
from heartline.sdk.news import News
from heartline.sdk.recorder import Recorder
from heartline.sdk.rules import rule
from heartline.sdk.settings import Settings
from heartline.sdk.values import encode
from heartline.wire import spool as kinds
from heartline.wire.ingest import OpenRequest

_now = time.time
ALERT_LEVELS = ("INFO", "WARN", "ERROR")


class Run(Single):
    """One active run of this process; made by `heartline.init`."""

    def __init__(
        self, *, recorder: Recorder | None, path: tuple[str, str, str], name: str, url: str,
        settings: Settings,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.step = 0
        self.resumed = False
        self.config = Told(self._tell_config, wrong=self.warn)
        self.summary = Told(self._tell_summary, wrong=self.warn)
        self._path, self._name, self._url = path, name, url
        self._tags: tuple[str, ...] = ()
        self._notes = self._group = self._job_type = ""
        self._alerted: dict[str, float] = {}
        self._recorder = recorder
        self._append = recorder.main.append if recorder is not None else None
        self._internal: Internal | None = None
        self._console: Console | None = None
        self._finished = False
        self._pid = os.getpid()
        self.news = News(self)

    def placed(self, said: OpenRequest) -> None:
        """The words that it was opened with."""
        self._tags, self._notes = tuple(said.tags or ()), said.notes or ""
        self._group, self._job_type = said.group or "", said.job_type or ""

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
    def group(self) -> str:
        """The group that it was started in; empty if none."""
        return self._group

    @property
    def job_type(self) -> str:
        """What kind of job it is, such as train or eval; empty if nobody said."""
        return self._job_type

    @property
    def url(self) -> str:
        """The run's page."""
        return self._url

    @property
    def directory(self) -> Path | None:
        """The spool directory of this process; None if nothing is recorded."""
        return self._recorder.directory if self._recorder is not None else None

    @property
    def dir(self) -> str:
        """Likewise, as text."""
        return str(self.directory or "")

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded."""
        return self._recorder is None

    @property
    def finished(self) -> bool:
        """Whether `finish` was called."""
        return self._finished

    @property
    def lost(self) -> int:
        """Records that could not be kept: no space, or no right to write."""
        return self._recorder.lost if self._recorder is not None else 0

    @property
    def stop_requested(self) -> str | None:
        """Who has asked this run to stop, if somebody has."""
        return self.news.stop_by

    @property
    def name(self) -> str:
        """The display name."""
        return self._name

    @name.setter
    @harmless
    def name(self, name: str) -> None:
        self._name = str(name)
        self._record([kinds.CHANGES, {"name": self._name}])

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags; assign to replace them."""
        return self._tags

    @tags.setter
    @harmless
    def tags(self, tags: Sequence[str]) -> None:
        self._tags = (tags,) if isinstance(tags, str) else tuple(str(tag) for tag in tags)
        self._record([kinds.CHANGES, {"tags": list(self._tags)}])

    @property
    def notes(self) -> str:
        """The notes; assign to replace them."""
        return self._notes

    @notes.setter
    @harmless
    def notes(self, notes: str | None) -> None:
        self._notes = "" if notes is None else str(notes)
        self._record([kinds.CHANGES, {"notes": self._notes}])

    def log(
        self, data: dict[str, Any], step: int | None = None, commit: bool | None = None
    ) -> None:
        """Record one row of metrics.

        Without `step` rows are counted from 0; `commit=False` keeps the next call in the same
        row. Nested mappings become keys with dots. Values may be numbers, texts, lists, numpy or
        torch scalars; what cannot be kept is named in one warning and the rest is logged. A step
        that goes back is refused per key.
        """
        append = self._append
        if append is None:
            return
        try:
            if data.__class__ is not dict:
                data = dict(data.items())
            if step is None:
                step = self.step
                if commit is not False:
                    self.step = step + 1
            else:
                step = step if step.__class__ is int else self._whole(step)
                if step >= self.step:
                    self.step = step + 1 if commit else step
            append(encode((0, step, _now(), data)))
        except Exception as error:  # noqa: BLE001 - nothing of ours may stop training
            if self._recorder is not None:
                self._recorder.log_slowly(step, data, error)

    def _whole(self, step: Any) -> int:
        whole = int(step)
        if whole != step:
            self.warn("step", f"log takes whole steps: {step!r} was taken as {whole}")
        return whole

    def _record(self, record: list[Any]) -> None:
        if self._recorder is not None:
            self._recorder.record(record)

    def _tell_config(self, changed: dict[str, Any], removed: list[str]) -> None:
        self._record([kinds.CHANGES, {"config": changed or None, "config_removed": removed}])

    def _tell_summary(self, changed: dict[str, Any], removed: list[str]) -> None:
        self._record([kinds.CHANGES, {"summary": changed or None, "summary_removed": removed}])

    def warn(self, key: str, text: str) -> None:
        """The same trouble is told once."""
        if self._recorder is not None:
            self._recorder.warn(key, text)

    @harmless
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
        told = rule(name, step_metric, summary, goal, hidden)
        self._record([kinds.CHANGES, {"metrics": [told]}])

    @harmless
    def save(self, path: str | os.PathLike[str], name: str | None = None) -> None:
        """Keep a file with the run, or all that match (`*.py`); read when they are sent.

        An offline run keeps a copy, since nobody knows what the file will be when it is sent.
        """
        if self._recorder is not None:
            farewell.keep_files(
                self._recorder, Path(path), name and str(name), copy=self.settings.mode == "offline"
            )

    @harmless
    def alert(
        self,
        title: str,
        text: str = "",
        level: str = "INFO",
        wait_duration: float | timedelta = 0.0,
    ) -> None:
        """Tell people something about this run; `level` is INFO, WARN or ERROR.

        The same title is told again only after `wait_duration` seconds.
        """
        title, word, now = str(title), str(level).upper(), time.monotonic()
        if isinstance(wait_duration, timedelta):
            wait_duration = wait_duration.total_seconds()
        if word not in ALERT_LEVELS:
            self.warn(word, f"alert level `{level}` was taken as INFO: one of INFO, WARN, ERROR")
            word = "INFO"
        if now < self._alerted.get(title, -math.inf) + wait_duration:
            return
        self._alerted[title] = now
        told = {"title": title, "text": str(text), "level": word, "at": clock.wall_ms()}
        self._record([kinds.CHANGES, {"alerts": [told]}])

    @harmless
    def mark_preempting(self, preempting: bool = True) -> None:
        """Say that this machine will be taken away: a bad end is then Preempted."""
        self._record([kinds.PREEMPTING, bool(preempting)])
        self._wake()

    @harmless
    def on_stop(self, call: Callable[[str], object]) -> None:
        """Be called (in a thread) with who asks, when a stop is requested.

        Without a callback a KeyboardInterrupt is raised in the main thread.
        """
        if not callable(call):
            raise TypeError(f"a function is wanted, got {type(call).__name__}")
        self.news.on_stop.append(call)

    def _wake(self) -> None:
        if self._internal is not None:
            self._internal.wake()

    def acknowledge_stop(self) -> None:
        """Tell the server that the request has reached the program."""
        self._record([kinds.STOP_ACK])
        self._wake()

    @harmless
    def tell_stacks(self) -> None:
        """Somebody wants to see where the threads of this program stand."""
        if self.directory is not None:
            name, path = stacks.dump(self.directory)
            self._record([kinds.FILE, name, str(path)])
            self._wake()

    def start(self, api_key: str) -> None:
        """Watched from now on."""
        recorder = self._recorder
        if recorder is None:
            return
        hooks.HOOKS.add(recorder.note, recorder.directory)
        try:
            self._internal = Internal(recorder.directory, api_key, self.news.hear)
        except (OSError, RuntimeError) as error:
            recorder.warn(
                "internal",
                f"the internal process cannot be started ({error}): nothing is sent by itself; "
                f"send it later with: heartline sync {recorder.directory}",
            )
        if self.settings.console:
            self._console = Console(self._print)

    def _print(self, stream: str, number: int, text: str) -> None:
        self._record([kinds.LINE, stream, number, clock.wall_ms(), text])

    def opened(self, entity: str, name: str, url: str, last_step: int | None) -> None:
        """The server has said where the run stands; `last_step` only if it goes on from there."""
        self._path = (entity or self.entity, self.project, self.id)
        self._name, self._url = name or self._name, url or self._url
        if last_step is not None:
            self.resumed = True
            self.step = max(self.step, last_step + 1)

    def forked(self) -> None:
        """In a forked child: own stream in the same directory; the parent alone is watched."""
        if self._recorder is None or self._finished:
            return
        self._recorder.forked()
        self._append = self._recorder.log_forked
        if self._console is not None:
            self._console.forked()
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
        if self._finished:
            return
        self._finished = True
        if self._recorder is None:
            return
        self._close_console()
        if self.forked_off:
            self._recorder.close()
            return
        told = {"finish": farewell.code_of(self, exit_code), "reason": reason and str(reason)}
        self._recorder.note(told | {"lost": self.lost or None})
        hooks.HOOKS.remove(self._recorder.note)
        self._recorder.close()
        self._wake()
        if self._internal is not None:
            farewell.settle(self, self._internal)

    def abandon(self) -> None:
        """The run was refused before it began: nothing of it is kept."""
        self._finished = True
        if self._recorder is not None:
            self._close_console()
            hooks.HOOKS.remove(self._recorder.note)
            self._recorder.note({"finish": 1})
            self._recorder.close()
        if self._internal is not None:
            self._internal.wake()
            self._internal.done.wait(farewell.QUIET_S)
            self._internal.close()
        farewell.remove(self.directory)

    def flush(self) -> None:
        """At interpreter exit: the internal process sees how the process ends, and ships the rest."""
        if not (self._finished or self.disabled or self.forked_off):
            self._close_console()
            self._wake()
            if self._internal is not None:
                farewell.part(self, self._internal)

    def _close_console(self) -> None:
        if self._console is not None:
            self._console.close()
            self._console = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and self._recorder is not None:
            self._recorder.note(hooks.describe(error))
        self.finish(farewell.exit_code(error))

    def __repr__(self) -> str:
        return f"<heartline run {self.path}>"
