"""A run as read from the server. Never judges its state: it shows what the ledger says."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Self

from heartline.client import errors
from heartline.client.events import News, listen
from heartline.client.files import File
from heartline.client.frames import shaped
from heartline.client.numbers import restored
from heartline.client.seconds import deadline
from heartline.client.shown import Shown
from heartline.wire import api

LIVE = frozenset({"pending", "running", "preempting"})
SAMPLES = 500
SCAN_PAGE_ROWS = 1_000
CONSOLE_PAGE_LINES = 10_000
STACKS, STACKS_POLL_S = "stacks/", 0.25
RANKS_AWAITED_S = 15.0
ALWAYS = ("_step", "_timestamp")


class ConsoleLine(NamedTuple):
    """What the program printed: line number, stdout or stderr, time (ms since 1970), text."""

    number: int
    stream: str
    at: int
    text: str


class Run(Shown[api.RunView, api.RunDetail]):
    """One run. What is shown of it is as of the last `refresh()`; the rest is fetched when asked."""

    _kind = "runs"

    def __repr__(self) -> str:
        return f"<Run {self.path} {self.state}>"

    @property
    def key(self) -> int:
        """Its number on this server."""
        return self._view.key

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._view.tags)

    @property
    def notes(self) -> str:
        """Its notes."""
        return self._view.notes

    @property
    def group(self) -> str:
        """Its group."""
        return self._view.group

    @property
    def user(self) -> str:
        """Who started it."""
        return self._view.user

    @property
    def created_at(self) -> int:
        """When it was made, in ms since 1970."""
        return self._view.created_at

    @property
    def last_step(self) -> int:
        """The last step logged; -1 before the first."""
        return self._view.last_step

    @property
    def state(self) -> str:
        """pending, running, preempting, finished, failed, killed, crashed or preempted."""
        return self._view.state

    @property
    def live(self) -> bool:
        """Whether it may still do work."""
        return self.state in LIVE

    @property
    def cause(self) -> str:
        """Why it is in its state, as one word: exception, out_of_memory, lost_heartbeat..."""
        return self._view.cause

    @property
    def confidence(self) -> str:
        """How sure the state is: presumed, strong or proven."""
        return self._view.confidence

    @property
    def sentence(self) -> str:
        """Why it is in its state, as a sentence."""
        return self._view.sentence

    @property
    def config(self) -> dict[str, Any]:
        """Its settings."""
        found: dict[str, Any] = restored(self._whole().run.config or {})
        return found

    @property
    def summary(self) -> dict[str, Any]:
        """The last (or defined) value of every metric."""
        found: dict[str, Any] = restored(self._whole().run.summary or {})
        return found

    @property
    def environment(self) -> dict[str, Any]:
        """Host, command, packages, git: what the run captured of where it ran."""
        found: dict[str, Any] = restored(self._whole().run.environment or {})
        return found

    @property
    def ranks(self) -> list[api.RankView]:
        """The writers of the newest attempt, one per rank."""
        return self._whole().writers

    @property
    def ledger(self) -> list[api.LedgerEntry]:
        """Every change of state with its evidence, oldest first."""
        return self._calls.get(f"{self._address}/ledger", list[api.LedgerEntry])

    @property
    def attempts(self) -> list[api.AttemptView]:
        """Every start of the run, oldest first."""
        return self._calls.get(f"{self._address}/attempts", list[api.AttemptView])

    @property
    def evidence(self) -> dict[str, Any]:
        """The facts behind the state: exit code, signal, traceback, memory, last lines..."""
        told = (self.cause, self.sentence)
        entries = (each for each in reversed(self.ledger) if (each.cause, each.sentence) == told)
        return next((each.evidence for each in entries), {})

    @property
    def keys(self) -> list[api.KeyView]:
        """Every metric with its last, smallest, largest and mean value and its counts."""
        return self._calls.get(f"{self._address}/keys", list[api.KeyView])

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """What the program told people, oldest first: title, text, level, at (ms)."""
        return self._whole().alerts

    @property
    def system_metrics(self) -> list[dict[str, Any]]:
        """Sampled rows of CPU, memory, disk, network and GPU."""
        found: list[dict[str, Any]] = self.history(system=True)
        return found

    def _read(self) -> tuple[api.RunDetail, api.RunView]:
        found = self._calls.get(self._address, api.RunDetail)
        return found, found.run

    def history(
        self,
        samples: int = SAMPLES,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        *,
        format: str = "list",  # noqa: A002 - the word that users know
        pandas: bool = False,
        system: bool = False,
    ) -> Any:
        """About `samples` rows spread over the run, as list, "pandas", "polars" or "arrow"."""
        wanted = [*dict.fromkeys([*keys, x_axis])] if keys else []
        page = self._calls.get(
            f"{self._address}/history",
            api.HistoryPage,
            samples=samples,
            keys=",".join(key for key in wanted if key not in ALWAYS) or None,
            system=int(system),
        )
        rows: list[dict[str, Any]] = restored(page.rows)
        if x_axis not in ALWAYS:
            rows = sorted((row for row in rows if x_axis in row), key=lambda row: row[x_axis])
        return shaped(rows, "pandas" if pandas else format)

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        min_step: int = 0,
        max_step: int | None = None,
        *,
        page_size: int = SCAN_PAGE_ROWS,
        system: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """Every row with a step in [min_step, max_step), in order, without sampling."""
        step: int | None = min_step
        while step is not None:
            page = self._calls.get(
                f"{self._address}/scan",
                api.HistoryPage,
                keys=",".join(keys) if keys else None,
                min_step=step,
                max_step=max_step,
                limit=page_size,
                system=int(system),
            )
            yield from restored(page.rows)
            step = page.next_step

    def console_logs(self, last: int | None = None) -> list[ConsoleLine]:
        """What the program printed: all of it, or the last lines."""
        if last is not None:
            page = self._console(last=last)
            return [ConsoleLine(*line) for line in page.lines]
        return list(self.scan_console())

    def scan_console(self, first: int = 0) -> Iterator[ConsoleLine]:
        """Console lines from the `first` on, a page at a time."""
        while True:
            page = self._console(first=first, limit=CONSOLE_PAGE_LINES)
            for line in page.lines:
                yield ConsoleLine(*line)
            first += len(page.lines)
            if not page.lines or first >= page.total:
                return

    def console_total(self) -> int:
        """How many lines it has printed so far."""
        return self._console(first=0, limit=1).total

    def _console(self, **query: int) -> api.ConsolePage:
        return self._calls.get(f"{self._address}/console", api.ConsolePage, **query)

    def files(self) -> list[File]:
        """Its files; `download()` each."""
        found = self._calls.get(f"{self._address}/files", list[api.FileView])
        return [File(self._calls, self._address, view) for view in found]

    def file(self, path: str) -> File:
        """One of its files by path."""
        for each in self.files():
            if each.path == path:
                return each
        raise errors.NotFound(f"no file `{path}` in {self.path}")

    def stop(self, reason: str = "") -> Self:
        """Ask it to stop: its script is told with the next heartbeat."""
        return self._sent("POST", "/stop", api.StopBody(reason))

    def stacks(self, timeout: float = 30.0) -> dict[str, str]:
        """Where every thread of its running programs stands, by file; one file per rank.

        WaitedTooLong if none has answered after `timeout` s: code that keeps the interpreter's
        lock cannot be asked.
        """
        until = deadline(timeout)
        known = {file.path for file in self.files()}
        self._calls.send("POST", f"{self._address}/stacks", {}, dict[str, int])
        ranks = self.refresh().view.ranks_live
        while True:
            new = [f for f in self.files() if f.path.startswith(STACKS) and f.path not in known]
            late = until is not None and time.monotonic() > until
            if new and (late or len(new) >= ranks):
                return {file.path: file.read().decode() for file in new}
            if late:
                raise errors.WaitedTooLong(f"{self.path} did not answer within {timeout:g} s")
            time.sleep(STACKS_POLL_S)

    def override_state(self, state: str, reason: str) -> Self:
        """Set its state by hand; your name and the reason go to its ledger."""
        return self._sent("POST", "/state", api.OverrideBody(state, reason))

    def update(self, **changes: Any) -> Self:
        """Edit name, notes, tags, group, job_type, config or summary; the rest stays."""
        known = api.RunUpdate.__struct_fields__
        for word in changes:
            if word not in known:
                raise errors.InvalidRequest(f"cannot update `{word}`: one of {', '.join(known)}")
        return self._sent("PATCH", "", api.RunUpdate(**changes))

    def delete(self, *, for_good: bool = False) -> None:
        """Delete it; `Api.undelete` brings it back for a time, unless it goes `for_good`."""
        tail = "?for_good=true" if for_good else ""
        self._calls.send("DELETE", self._address + tail, {}, dict[str, bool])

    def _sent(self, method: str, tail: str, body: Any) -> Self:
        return self._changed(self._calls.send(method, self._address + tail, body, api.RunView))

    def wait(self, timeout: float | None = None) -> str:
        """Wait until it has ended, however it ends; its state. WaitedTooLong after `timeout` s.

        Where several, but not yet all, of the ranks that its launcher starts have come and ended
        well, the others are waited for `RANKS_AWAITED_S`.
        """
        until = deadline(timeout)
        while True:
            self._watch(lambda: not self.live, until)
            if self.live:
                raise errors.WaitedTooLong(f"{self.path} is still {self.state} after {timeout:g} s")
            soon = time.monotonic() + RANKS_AWAITED_S
            self._watch(lambda: self.live or not self._lacks_ranks, min(soon, until or soon))
            if not self.live:
                return self.state

    def _watch(self, right: Callable[[], bool], until: float | None) -> None:
        """Look again at every news of it, until that is so or time is up."""

        def heard(news: News | None) -> bool:
            if news is None or news.run == self.key:
                self.refresh()
            return right()

        if not heard(None):
            listen(self._calls, f"{self.entity}/{self.project}", heard, until)

    @property
    def _lacks_ranks(self) -> bool:
        """Whether more of its ranks may come: of most scripts the first alone ever does."""
        view = self._view
        return self.state == "finished" and 1 < view.ranks < (view.world_size or 0)
