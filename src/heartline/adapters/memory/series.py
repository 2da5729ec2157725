"""The reference `SeriesStore`: points in tuples, answers by looking at all of them. Never quick."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from heartline.adapters.memory.state import Point, Series, State
from heartline.core.records import (
    Block,
    ConsoleLine,
    Envelope,
    KeyStats,
    Objects,
    Row,
    RunKey,
    Stream,
)
from heartline.core.series.shown import Piece, shown, told
from heartline.core.texts import clean, clean_key

WIDTH_MAX = 10_000


class MemorySeries:
    """`SeriesStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def durable(self, stream: Stream, *, hold: bool = False) -> int:
        """The next record wanted from this stream; one unit at a time writes."""
        return self._state.durable.get(_plain(stream), 0)

    def append(
        self,
        stream: Stream,
        first: int,
        count: int,
        *,
        history: Sequence[Block] = (),
        system: Sequence[Block] = (),
        lines: Sequence[ConsoleLine] = (),
    ) -> int:
        """Take records if `first` is the durable offset; the new offset."""
        durable = self.durable(stream)
        if first != durable:
            return durable
        self._state.durable[_plain(stream)] = durable + count
        for blocks, of_system in ((history, False), (system, True)):
            for block in blocks:
                self._put(stream, block, system=of_system)
        self.put_lines(stream.run, stream, lines)
        return durable + count

    def _put(self, stream: Stream, block: Block, *, system: bool) -> None:
        new: dict[str, list[tuple[int, Point]]] = defaultdict(list)
        for column in block.columns:
            rows = range(len(block.steps)) if column.rows is None else column.rows
            for row, value in zip(rows, column.values, strict=True):
                point = Point(int(block.steps[row]), int(block.times[row]), float(value))
                new[clean_key(column.key)].append((row, point))
        for each in block.objects:
            point = Point(int(block.steps[each.row]), int(block.times[each.row]), bytes(each.json))
            new[clean_key(each.key)].append((each.row, point))
        for key, found in new.items():
            points = [point for _, point in sorted(found, key=lambda pair: pair[0])]
            place = (stream.run, stream.epoch, stream.rank or 0, stream.spool, system, key)
            self._state.points[place] = (*self._state.points.get(place, ()), *points)

    def put_lines(self, run: RunKey, stream: Stream, lines: Sequence[ConsoleLine]) -> None:
        """Write console lines without moving the durable offset."""
        kept = self._state.lines.setdefault(run, {})
        for line in lines:
            place = (f"{stream.epoch}/{stream.spool}", clean(line.stream), line.number)
            kept[place] = replace(line, stream=clean(line.stream), text=clean(line.text))

    def console(
        self, run: RunKey, *, first: int = 0, limit: int = 1000
    ) -> tuple[Sequence[ConsoleLine], int]:
        """Lines in order of printing, and how many there are."""
        lines = list(self._state.lines.get(run, {}).values())
        return lines[first : first + limit], len(lines)

    def tail(self, run: RunKey, last: int) -> Sequence[ConsoleLine]:
        """The newest lines, oldest first."""
        return list(self._state.lines.get(run, {}).values())[-last:]

    def _series(
        self, run: RunKey, key: str, rank: int | None, *, system: bool,
        kind: type[float] | type[bytes] | None = None,
    ) -> list[Point]:  # fmt: skip
        """The shown points of a key by step, or those of a kind; of equal steps the last said."""
        key = clean_key(key)
        places: list[Series] = [
            place for place in self._state.points
            if place[0] == run and place[4] == system and place[5] == key
        ]  # fmt: skip
        if len(places) > 1:
            # Of streams that say the same step the younger counts.
            born = {stream: n for n, stream in enumerate(self._state.durable)}
            places.sort(key=lambda place: born[Stream(place[0], place[1], place[3])])
        pieces = [
            Piece(
                place[1], place[2], n, min(p.step for p in self._state.points[place]), n,
                told(place[3]),
            )
            for n, place in enumerate(places)
        ]  # fmt: skip
        newest: dict[int, Point] = {}
        for each in shown(pieces, rank):
            for point in self._state.points[places[each.piece.source]]:
                wanted = kind is None or isinstance(point.value, kind)
                if wanted and (each.before is None or point.step < each.before):
                    newest[point.step] = point
        return [newest[step] for step in sorted(newest)]

    def _names(self, run: RunKey, *, system: bool) -> list[str]:
        return sorted({p[5] for p in self._state.points if p[0] == run and p[4] == system})

    def keys(
        self, runs: Sequence[RunKey], *, system: bool = False
    ) -> Mapping[RunKey, Sequence[KeyStats]]:
        """Every key of each of these runs with its summary."""
        return {
            run: [self._stats(run, key, system=system) for key in self._names(run, system=system)]
            for run in runs
        }

    def _stats(self, run: RunKey, key: str, *, system: bool) -> KeyStats:
        every = self._series(run, key, None, system=system)
        numbers = self._series(run, key, None, system=system, kind=float)
        objects = self._series(run, key, None, system=system, kind=bytes)
        newest = every[-1].value
        return replace(
            _stats(key, numbers) if numbers else KeyStats(key, "object", len(objects)),
            first_step=every[0].step,
            last_step=every[-1].step,
            last_json=newest if isinstance(newest, bytes) else b"",
            objects=len(objects),
        )

    def objects(
        self, runs: Sequence[RunKey], keys: Sequence[str], *, limit: int
    ) -> Sequence[Objects]:
        """The newest values that are no numbers, of each run and key that has any."""
        found = []
        for run in runs:
            for key in map(clean_key, keys):
                points = self._series(run, key, None, system=False, kind=bytes)
                rows = [(p.step, p.at, p.value) for p in points if isinstance(p.value, bytes)]
                if rows:
                    found.append(Objects(run, key, rows[-limit:], len(rows)))
        return found

    def window(
        self,
        runs: Sequence[RunKey],
        keys: Sequence[str],
        *,
        x: str = "_step",
        x_min: float | None = None,
        x_max: float | None = None,
        width: int = 600,
        system: bool = False,
        rank: int | None = None,
    ) -> Sequence[Envelope]:
        """At most `width` buckets for each run and key."""
        found = []
        for run in runs:
            for key in keys:
                points = self._series(run, key, rank, system=system, kind=float)
                along = self._along(run, points, x, rank, system=system)
                inside = [
                    (at, value) for at, value in along
                    if (x_min is None or at >= x_min) and (x_max is None or at <= x_max)
                ]  # fmt: skip
                if inside:
                    found.append(_envelope(run, clean_key(key), inside, x_min, x_max, width))
        return found

    def _along(
        self, run: RunKey, points: list[Point], x: str, rank: int | None, *, system: bool
    ) -> list[tuple[float, float]]:
        numbers = [(p, p.value) for p in points if isinstance(p.value, float)]
        if x == "_step":
            return [(float(p.step), value) for p, value in numbers]
        if x == "_timestamp":
            return [(float(p.at), value) for p, value in numbers]
        other = {
            p.step: p.value for p in self._series(run, x, rank, system=system, kind=float)
            if isinstance(p.value, float) and math.isfinite(p.value)
        }  # fmt: skip
        joined = [(other[p.step], value) for p, value in numbers if p.step in other]
        return sorted(joined, key=lambda pair: pair[0])

    def scan(
        self,
        run: RunKey,
        keys: Sequence[str] | None,
        *,
        min_step: int = 0,
        max_step: int | None = None,
        limit: int = 1000,
        system: bool = False,
        rank: int | None = None,
    ) -> Sequence[Row]:
        """Every row in [min_step, max_step) by step."""
        rows = self._rows(run, keys, rank, system=system)
        inside = [r for r in rows if r.step >= min_step and (max_step is None or r.step < max_step)]
        return inside[:limit]

    def sample(
        self, run: RunKey, keys: Sequence[str] | None, samples: int, *, system: bool = False
    ) -> Sequence[Row]:
        """About `samples` rows spread over the run, first and last included."""
        rows = self._rows(run, keys, None, system=system)
        if len(rows) <= samples:
            return rows
        count = max(samples, 2)
        picks = sorted({int(n * (len(rows) - 1) / (count - 1)) for n in range(count)})
        return [rows[n] for n in picks]

    def _rows(
        self, run: RunKey, keys: Sequence[str] | None, rank: int | None, *, system: bool
    ) -> list[Row]:
        names = self._names(run, system=system)
        wanted = names if keys is None else [clean_key(key) for key in keys]
        values: dict[int, dict[str, Any]] = defaultdict(dict)
        times: dict[int, int] = defaultdict(int)
        for key in wanted:
            for point in self._series(run, key, rank, system=system):
                said = point.value
                values[point.step][key] = (
                    said if isinstance(said, float) else msgspec.json.decode(said)
                )
                times[point.step] = max(times[point.step], point.at)
        return [Row(step, times[step], values[step]) for step in sorted(values)]

    def truncate(self, run: RunKey, after_step: int) -> None:
        """Rewind: drop history after this step."""
        for place, points in list(self._state.points.items()):
            if place[0] == run and not place[4]:
                kept = tuple(point for point in points if point.step <= after_step)
                del self._state.points[place]
                if kept:
                    self._state.points[place] = kept

    def drop(self, run: RunKey) -> None:
        """Forget all series of a deleted run."""
        state = self._state
        state.points = {place: points for place, points in state.points.items() if place[0] != run}
        state.durable = {s: n for s, n in state.durable.items() if s.run != run}
        state.lines.pop(run, None)

    def merge(self, _limit: int) -> int:
        """Nothing is in pieces here."""
        return 0


def _plain(stream: Stream) -> Stream:
    return Stream(stream.run, stream.epoch, stream.spool)


def _stats(key: str, points: list[Point]) -> KeyStats:
    numbers = [p.value for p in points if isinstance(p.value, float)]
    fine = [value for value in numbers if math.isfinite(value)]
    nans = sum(math.isnan(value) for value in numbers)
    return KeyStats(
        key,
        count=len(numbers),
        first=numbers[0],
        last=numbers[-1],
        min=min(fine, default=None),
        max=max(fine, default=None),
        mean=sum(fine) / len(fine) if fine else None,
        nan_count=nans,
        inf_count=len(numbers) - len(fine) - nans,
    )


def _envelope(
    run: RunKey, key: str, points: list[tuple[float, float]], low: float | None, high: float | None,
    width: int,
) -> Envelope:  # fmt: skip
    width = max(1, min(width, WIDTH_MAX))
    buckets: dict[int, list[tuple[float, float]]] = defaultdict(list)
    start = points[0][0] if low is None else low
    span = max((points[-1][0] if high is None else high) - start, 1e-300)
    for n, (at, value) in enumerate(points):
        place = n if len(points) <= width else min(int((at - start) / span * width), width - 1)
        buckets[place].append((at, value))
    groups = [buckets[place] for place in sorted(buckets)]
    return Envelope(
        run,
        key,
        x=[group[0][0] for group in groups],
        last=[group[-1][1] for group in groups],
        min=[min(_finite(group), default=math.nan) for group in groups],
        max=[max(_finite(group), default=math.nan) for group in groups],
        mean=[_mean(_finite(group)) for group in groups],
        count=[len(group) for group in groups],
        nan=[sum(math.isnan(value) for _, value in group) for group in groups],
        inf=[sum(math.isinf(value) for _, value in group) for group in groups],
    )


def _finite(group: Iterable[tuple[float, float]]) -> list[float]:
    return [value for _, value in group if math.isfinite(value)]


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan
