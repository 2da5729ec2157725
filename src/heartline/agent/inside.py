"""`heartline.agent`: trials of a sweep as calls of a function in this process. Never two at once.

A thread beats while the function runs; the function runs where `agent` was called, so that a stop
reaches it like Ctrl-C, as it reaches any training.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from heartline.agent import trial
from heartline.agent.line import BEAT_TIMEOUT_S, Line, SweepGone
from heartline.client.api import Api
from heartline.client.calls import Calls
from heartline.client.errors import HeartlineError
from heartline.sdk.init import active
from heartline.sdk.messages import say
from heartline.sdk.news import interrupt
from heartline.sdk.run import Run
from heartline.wire.sweeps import BeatReply, Command, TrialEnd

TURN_S = 0.5
INTERRUPTED = 130
TOLD_CHARS_MAX = 500


def agent(
    sweep_id: str,
    function: Callable[[], object] | None = None,
    count: int | None = None,
    project: str | None = None,
    entity: str | None = None,
) -> None:
    """Work on a sweep until it is over, or `count` trials have run here.

    Each call of `function` is one trial: `heartline.init()` inside it opens the trial's run with
    the chosen parameters in `run.config`. An exception fails that run, and the next trial begins.
    Without a function the sweep's program runs, as with `heartline agent` on the command line.
    """
    project = project or os.environ.get("HEARTLINE_PROJECT", "")
    entity = entity or os.environ.get("HEARTLINE_ENTITY", "")
    api = Api()
    where = f"{entity}/{project}" if entity and project else project
    found = api.sweep(sweep_id if "/" in sweep_id or not where else f"{where}/{sweep_id}")
    if function is None:
        _program(found.path, count)
        return
    calls = Calls(timeout_s=BEAT_TIMEOUT_S, patience_s=0.0)
    path = (found.entity, found.project, found.id)
    _Inside(Line(calls, path, "function", say), function, count).work()


def _program(path: str, count: int | None) -> None:
    """The command line's agent, as a process of its own."""
    words = [] if count is None else ["--count", str(count)]
    command = [sys.executable, "-m", "heartline.cli.main", "agent", path, *words]
    code = subprocess.run(command, check=False).returncode
    if code:
        raise HeartlineError(f"the agent of {path} ended with code {code}: its last lines say why")


class _Inside:
    """One agent in this process: the caller's thread runs trials, another one beats."""

    def __init__(self, line: Line, function: Callable[[], object], count: int | None) -> None:
        self._line, self._function, self._count = line, function, count
        self._changed = threading.Condition()
        self._wants = self._closed = self._over = False
        self._error: HeartlineError | None = None
        self._given: Command | None = None
        self._current = self._last = ""
        self._stop_asked = False
        self._ended: list[TrialEnd] = []
        self._taken = 0

    def work(self) -> None:
        """Trial after trial."""
        me = self._line.join()
        thread = threading.Thread(target=self._beat_on, name="heartline-agent", daemon=True)
        thread.start()
        try:
            with tempfile.TemporaryDirectory(prefix="heartline-agent-") as place:
                while (said := self._next()) is not None:
                    with _environ(
                        trial.identity(me, said, trial.keep_parameters(Path(place), said))
                    ):
                        self._trial(said.run)
        finally:
            self._close(thread)
        if self._error is not None:
            raise self._error

    def _next(self) -> Command | None:
        """The next trial; None if there will be none."""
        while self._count is None or self._taken < self._count:
            with self._late_stops(), self._changed:
                self._wants = True
                self._line.hurry()
                self._changed.notify_all()
                while self._given is None and not self._over:
                    self._changed.wait(TURN_S)
                said, self._given = self._given, None
                if said is None:
                    return None
                self._taken += 1
                return said
        return None

    @contextlib.contextmanager
    def _late_stops(self) -> Iterator[None]:
        """An interrupt that was meant for a trial which has just ended means nobody any more."""
        try:
            yield
        except KeyboardInterrupt:
            if not self._told_to_stop(self._last):
                raise
            self._last, self._stop_asked = "", False

    def _trial(self, run_id: str) -> None:
        end = TrialEnd(run=run_id, exit_code=0)
        try:
            self._function()
            self._close_run(run_id, None)
        except KeyboardInterrupt as error:
            end.exit_code = self._interrupted(run_id, error)
        except SystemExit as error:
            end.exit_code = error.code if isinstance(error.code, int) else int(bool(error.code))
            self._close_run(run_id, error)
        except Exception as error:  # noqa: BLE001 - the user's function may raise anything
            traceback.print_exc()
            end.exit_code = 1
            end.note = "".join(traceback.format_exception_only(error)).strip()[:TOLD_CHARS_MAX]
            self._close_run(run_id, error)
        with self._changed:
            self._ended.append(end)
            self._current = ""

    def _interrupted(self, run_id: str, error: KeyboardInterrupt) -> int:
        """By a stop request, which ends this trial; or by a person, who wants to leave."""
        if not self._told_to_stop(run_id):
            say("interrupted: this agent leaves, and its trial is given back")
            if (run := _opened(run_id)) is not None:
                run.mark_preempting()
                self._close_run(run_id, error)
            raise error
        self._close_run(run_id, error)
        return INTERRUPTED

    def _told_to_stop(self, run_id: str) -> bool:
        run = _opened(run_id)
        return self._stop_asked or (run is not None and run.stop_requested is not None)

    def _close_run(self, run_id: str, error: BaseException | None) -> None:
        """End the run if the function has not; a stop that comes meanwhile has come too late."""
        run = _opened(run_id)
        if run is None or run.finished:
            return
        try:
            run.__exit__(None if error is None else type(error), error, None)
        except KeyboardInterrupt:
            if not self._told_to_stop(run_id):
                raise
            run.finish(INTERRUPTED)

    def _beat_on(self) -> None:
        """In the thread."""
        try:
            while not self._closed:
                self._beat()
        except SweepGone as error:
            say(str(error))
        except HeartlineError as error:
            self._error = error
        finally:
            # Nobody asks for trials any more.
            with self._changed:
                self._over = True
                self._changed.notify_all()

    def _beat(self) -> None:
        """One beat, and the time until the next."""
        with self._changed:
            telling = tuple(self._ended)
            running, wants = [self._current] if self._current else [], self._wants
        reply = self._line.beat(running, telling, wants=wants and not running)
        with self._changed:
            if reply is not None:
                self._ended = [each for each in self._ended if each not in telling]
                self._heed(reply)
            # A trial may have ended while we spoke: then the next beat is now.
            self._changed.wait_for(
                lambda: self._closed or self._wants > wants or time.monotonic() >= self._line.due,
                max(0.0, self._line.due - time.monotonic()),
            )

    def _heed(self, reply: BeatReply) -> None:
        """With the lock."""
        for said in reply.commands:
            if said.type in {"run", "resume"} and self._wants:
                self._wants, self._given = False, said
                self._current = self._last = said.run
                self._stop_asked = False
            elif said.type == "stop" and said.run == self._current and not self._stop_asked:
                self._stop_asked = True
                if _opened(said.run) is None:
                    # A run hears it by itself; a function that has opened none is told by us.
                    interrupt()
            elif said.type == "exit":
                say(f"the sweep is {reply.status}: {reply.sentence}")
                self._over = True
        self._changed.notify_all()

    def _close(self, thread: threading.Thread) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        thread.join(BEAT_TIMEOUT_S)
        if not thread.is_alive():
            self._line.leave(self._ended)


def _opened(run_id: str) -> Run | None:
    """The run of the trial, if the function has opened it."""
    return next((run for run in reversed(active) if run.id == run_id), None)


@contextlib.contextmanager
def _environ(values: dict[str, str]) -> Iterator[None]:
    """The environment of a trial, for as long as it runs."""
    names = {name: os.environ.get(name) for name in (*values, *trial.NOT_OURS)}
    for name in trial.NOT_OURS:
        os.environ.pop(name, None)
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in names.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
