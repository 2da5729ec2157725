"""Runs that an operation lists: what is asked of each is read of all of them at once.

Never holds more than one operation needs, and never answers for a run that is not on a list.
"""

from collections.abc import Sequence

from heartline.core.records import KeyStats, RunKey, RunRecord
from heartline.ports import SeriesStore

Keys = dict[RunKey, Sequence[KeyStats]]


class Listed:
    """The pages of runs of one operation."""

    def __init__(self) -> None:
        self._pages: dict[RunKey, list[RunKey]] = {}
        self._known: tuple[Keys, Keys] = ({}, {})

    def page(self, runs: Sequence[RunRecord]) -> None:
        """These are shown together."""
        keys = [run.key for run in runs]
        self._pages.update(dict.fromkeys(keys, keys))

    def keys(self, series: SeriesStore, run: RunKey, *, system: bool = False) -> Sequence[KeyStats]:
        """Every key of a run with its summary, as `SeriesStore.keys`."""
        page = self._pages.get(run)
        if page is None:
            return series.keys([run], system=system)[run]
        known = self._known[system]
        if run not in known:
            known.update(series.keys(page, system=system))
        return known[run]
