"""The runs that match a question, fetched a page at a time. Never all at once unless asked."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO, Literal, Protocol, overload

import msgspec

from heartline.client import errors, exports
from heartline.client.calls import Calls
from heartline.client.run import Run
from heartline.wire import api

PER_PAGE = 50
PER_PAGE_MAX = 1_000
ACTED_AT_ONCE = 250
"""Fewer than the server takes: what runs say is written between two parts."""

Filters = dict[str, Any] | str


class Named(Protocol):
    """A run, or one that was deleted."""

    @property
    def key(self) -> int: ...
    @property
    def path(self) -> str: ...


Watched = Callable[[list[Sequence[Named]]], Iterable[Sequence[Named]]]


class Runs:
    """Lazily paged: iterate, index, slice; `len()` asks the server for the count alone."""

    def __init__(self, calls: Calls, query: api.RunQuery) -> None:
        self._calls, self._query = calls, query
        self._query.limit = min(max(query.limit, 1), PER_PAGE_MAX)
        self._pages: dict[int, list[Run]] = {}
        self._total: int | None = None
        self._states: dict[str, int] = {}

    def __repr__(self) -> str:
        where = "/".join(part for part in (self._query.entity, self._query.project) if part)
        return f"<Runs {where or 'everywhere'} {self._query.filters or ''}>"

    def __len__(self) -> int:
        if self._total is None:
            self._count()
        return self._total or 0

    @property
    def states(self) -> dict[str, int]:
        """How many of the matching runs are in which state."""
        if self._total is None:
            self._count()
        return self._states

    def chosen(self) -> list[Run]:
        """All that match now, oldest first: what is made meanwhile comes last and moves none."""
        query = msgspec.structs.replace(
            self._query, order="created_at", limit=PER_PAGE_MAX, select=[]
        )
        return list(Runs(self._calls, query))

    def delete(self, *, for_good: bool = False) -> int:
        """Delete every run that matches now; how many. `Api.undelete` brings one back for a time.

        `for_good` frees their space now. What comes to match meanwhile stays. Conflict names the
        runs that were not deleted.
        """
        chosen = self.chosen()
        kept = acted(self._calls, "delete", chosen, for_good=for_good)
        if kept:
            path, reason = next(iter(kept.items()))
            raise errors.Conflict(
                f"{len(kept)} of {len(chosen)} runs were not deleted; {path}: {reason}"
            )
        return len(chosen)

    def export(self, out: BinaryIO, format: str = "csv") -> int:  # noqa: A002 - as in history()
        """Write every run that matches at one moment, with all its values, one a row; bytes written.

        `format` is "csv", "parquet" or "jsonl", which alone keeps long texts and lists whole.
        """
        return exports.table(self._calls, self._query, out, format)

    def _count(self) -> None:
        page = self._ask(0, 0)
        self._total, self._states = page.total, page.states

    def __iter__(self) -> Iterator[Run]:
        seen: set[int] = set()
        number = 0
        while True:
            runs = self._page(number)
            for run in runs:
                # New runs push older ones to later pages: what was shown is not shown again.
                if run.key not in seen:
                    seen.add(run.key)
                    yield run
            if len(runs) < self._query.limit:
                return
            number += 1

    @overload
    def __getitem__(self, wanted: int) -> Run: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Run]: ...
    def __getitem__(self, wanted: int | slice) -> Run | list[Run]:
        if isinstance(wanted, slice):
            return self._slice(wanted)
        at = wanted if wanted >= 0 else len(self) + wanted
        if at < 0:
            raise IndexError(wanted)
        page = self._page(at // self._query.limit)
        within = at % self._query.limit
        if within >= len(page):
            raise IndexError(wanted)
        return page[within]

    def _slice(self, wanted: slice) -> list[Run]:
        """Without a count where none is needed, so that `runs[:10]` is one request."""
        start, stop, step = wanted.start or 0, wanted.stop, wanted.step or 1
        if start < 0 or stop is None or stop < 0 or step < 0:
            return [self[at] for at in range(*wanted.indices(len(self)))]
        found = []
        for at in range(start, stop, step):
            try:
                found.append(self[at])
            except IndexError:
                break
        return found

    def _page(self, number: int) -> list[Run]:
        if number not in self._pages:
            limit = self._query.limit
            page = self._ask(limit, number * limit)
            self._total, self._states = page.total, page.states
            self._pages[number] = [Run(self._calls, view) for view in page.runs]
        return self._pages[number]

    def _ask(self, limit: int, offset: int) -> api.RunPage:
        query = msgspec.structs.replace(self._query, limit=limit, offset=offset)
        return self._calls.send("POST", "/api/v1/runs/query", query, api.RunPage)


def acted(
    calls: Calls,
    action: Literal["delete", "undelete"],
    chosen: Sequence[Named],
    watched: Watched = iter,
    *,
    for_good: bool = False,
) -> dict[str, str]:
    """Do this to these runs and no others; by path, why it was not done to some.

    A part that fails keeps what was done; a first part raises. `watched` may show the parts.
    """
    kept: dict[str, str] = {}
    done = 0
    parts = [chosen[at : at + ACTED_AT_ONCE] for at in range(0, len(chosen), ACTED_AT_ONCE)]
    for part in watched(parts):
        paths = {run.key: run.path for run in part}
        body = api.BulkAction(keys=list(paths), action=action, for_good=for_good)
        try:
            told = calls.send("POST", "/api/v1/runs/actions", body, api.BulkResult)
        except errors.HeartlineError as error:
            if not done:
                raise
            return kept | {run.path: str(error) for run in chosen[done:]}
        kept |= {paths[int(key)]: reason for key, reason in told.refused.items()}
        done += len(part)
    return kept
