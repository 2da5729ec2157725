"""Reading series back: points and rows, over fresh and merged chunks. Never writes."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import cells, chunks, codec
from heartline.adapters.sql.cells import Cells
from heartline.adapters.sql.chunks import HEAD, LEVELS, STEPS, TIMES, KeyHead, Points
from heartline.adapters.sql.tables import chunks as chunk_table
from heartline.adapters.sql.tables import columns, streams
from heartline.core.records import Row, RunKey
from heartline.core.series.shown import Piece, Shown, shown, told

ROWS_MAX = 1_000_000
COARSE, NUMBER = LEVELS[0][0], "number"


class Column(msgspec.Struct, array_like=True):
    """A key of a merged chunk as stored in `columns`."""

    rows: bytes = b""
    values: bytes = b""
    cells: bytes = b""
    objects: list[tuple[int, bytes]] = []


COLUMN = msgspec.msgpack.Decoder(Column)


@dataclass(frozen=True, slots=True)
class Source:
    """One chunk of a run: whose it is and what is in it.

    A key may have numbers and other values: `keys` has the steps of both, and of the newest of
    them what is no number.
    """

    key: int
    epoch: int
    rank: int
    stream: int
    told: int
    merged: bool
    numbers: dict[str, KeyHead]
    others: dict[str, KeyHead]
    keys: dict[str, KeyHead]


def sources_of(
    db: Connection, runs: Sequence[RunKey], *, system: bool
) -> dict[RunKey, list[Source]]:
    """The chunks of each run, in the order in which they were said."""
    asked = (
        sa.select(
            chunk_table.c.run, chunk_table.c.key, chunk_table.c.merged, chunk_table.c.head,
            streams.c.epoch, streams.c.rank, streams.c.spool, streams.c.key.label("stream"),
        )
        .join(streams, streams.c.key == chunk_table.c.stream)
        .where(chunk_table.c.run.in_(runs), chunk_table.c.system == int(system))
        # Of streams that say the same step the younger counts. In a stream what was merged was
        # said before what is still fresh, whatever the keys say.
        .order_by(streams.c.key, chunk_table.c.merged.desc(), chunk_table.c.key)
    )  # fmt: skip
    found: dict[RunKey, list[Source]] = {run: [] for run in runs}
    for row in db.execute(asked):
        numbers: dict[str, KeyHead] = {}
        others: dict[str, KeyHead] = {}
        for each in HEAD.decode(row.head).keys:
            (numbers if each.kind == NUMBER else others)[each.key] = each
        found[row.run].append(Source(
            row.key, row.epoch, row.rank, row.stream, told(row.spool), bool(row.merged),
            numbers, others, _either(numbers, others),
        ))  # fmt: skip
    return found


def _either(numbers: dict[str, KeyHead], others: dict[str, KeyHead]) -> dict[str, KeyHead]:
    either = numbers | others
    for key in numbers.keys() & others.keys():
        one, other = numbers[key], others[key]
        by_number = (one.last_step, one.last_row) > (other.last_step, other.last_row)
        either[key] = msgspec.structs.replace(
            one,
            first_step=min(one.first_step, other.first_step),
            last_step=max(one.last_step, other.last_step),
            last_json=b"" if by_number else other.last_json,
        )
    return either


def read_of(db: Connection, run: RunKey, *, system: bool) -> "Reader":
    """What reads one run."""
    return Reader(db, sources_of(db, [run], system=system)[run])


class Reader:
    """The chunks of one run, decoded once and only as far as they are needed."""

    def __init__(self, db: Connection, sources: list[Source]) -> None:
        self._db = db
        self.sources = sources
        self._tables: dict[int, chunks.Table] = {}
        self._columns: dict[tuple[int, str], Column] = {}
        self._asked: dict[str, set[int]] = {}
        self._axes: dict[int, tuple[codec.Ints, codec.Ints]] = {}

    def names(self) -> list[str]:
        """All keys, sorted."""
        return sorted({key for source in self.sources for key in source.keys})

    def shown(self, key: str, rank: int | None = None) -> list[tuple[Source, Shown]]:
        """The chunks that show this key, in order, and up to which step."""
        with_key = [source for source in self.sources if key in source.keys]
        pieces = [
            Piece(s.epoch, s.rank, s.stream, s.keys[key].first_step, n, s.told)
            for n, s in enumerate(with_key)
        ]
        return [(with_key[each.piece.source], each) for each in shown(pieces, rank)]

    def load(self, wanted: Iterable[Source], keys: Sequence[str]) -> None:
        """Fetch what the given keys need of these chunks, in two statements."""
        fresh = [s.key for s in wanted if not s.merged and s.key not in self._tables]
        merged = [s.key for s in wanted if s.merged]
        if fresh:
            asked = sa.select(chunk_table.c.key, chunk_table.c.body).where(
                chunk_table.c.key.in_(fresh)
            )
            for row in self._db.execute(asked):
                self._tables[row.key] = chunks.unpack(row.body, f"chunk {row.key}")
        if merged:
            self._fetch(merged, [STEPS, TIMES, *keys])

    def load_rolled_up(self, wanted: Sequence[Source], key: str, level: str) -> None:
        """Fetch the roll-ups of a key, and its points only where a chunk has none."""
        self._fetch([source.key for source in wanted if source.merged], [level + key])
        self.load([s for s in wanted if (s.key, level + key) not in self._columns], [key])

    def _fetch(self, merged: list[int], names: list[str]) -> None:
        wanted = set(merged)
        # Each once: of very many keys, fetched together, every one is read by itself.
        if not (names := [each for each in names if not wanted <= self._asked.get(each, set())]):
            return
        asked = sa.select(columns).where(columns.c.chunk.in_(merged), columns.c.metric.in_(names))
        for row in self._db.execute(asked):
            if (row.chunk, row.metric) not in self._columns:
                name = f"chunk {row.chunk}, key {row.metric!r}"
                body = codec.unseal(row.body, name)
                self._columns[row.chunk, row.metric] = COLUMN.decode(body)
        for name in names:
            self._asked.setdefault(name, set()).update(wanted)

    def points(self, source: Source, key: str) -> Points:
        """The points of a key in a loaded chunk."""
        if not source.merged:
            return self._tables[source.key].points(key)
        column = self._columns[source.key, key]
        steps, times = self.axes(source)
        values = codec.unpack_floats(column.values)
        if not column.rows:
            return Points(steps, times, values)
        rows = codec.unpack_ints(column.rows)
        return Points(steps[rows], times[rows], values)

    def axes(self, source: Source) -> tuple[codec.Ints, codec.Ints]:
        """Steps and times of all rows of a loaded chunk."""
        if not source.merged:
            found = self._tables[source.key]
            return found.steps, found.times
        if source.key not in self._axes:
            steps, times = (self._columns[source.key, name].values for name in (STEPS, TIMES))
            self._axes[source.key] = (codec.unpack_ints(steps), codec.unpack_ints(times))
        return self._axes[source.key]

    def rolled_up(self, source: Source, key: str, level: str) -> Cells | None:
        """The roll-up of a key in a loaded merged chunk.

        Early ones had the coarse with the points.
        """
        for name in (level + key, key) if level == COARSE else (level + key,):
            column = self._columns.get((source.key, name)) if source.merged else None
            if column is not None and column.cells:
                return cells.unpack(codec.decompress(column.cells))
        return None

    def objects(self, source: Source, key: str) -> list[tuple[int, int, bytes]]:
        """(step, time, JSON) of what is no number of a key in a loaded chunk."""
        steps, times = self.axes(source)
        found = self._others(source, key)
        return [(int(steps[row]), int(times[row]), json) for row, json in found]

    def _others(self, source: Source, key: str) -> list[tuple[int, bytes]]:
        if source.merged:
            return self._columns[source.key, key].objects
        return self._tables[source.key].objects.get(key, [])

    def said(self, source: Source, key: str) -> list[tuple[int, bool]]:
        """(step, whether it is a number) of each value of a key in a loaded chunk, as said."""
        steps, _ = self.axes(source)
        rows: list[int] = []
        if key in source.numbers:
            rows = self._rows(source, key, len(steps))
        both = [(row, True) for row in rows]
        both += [(row, False) for row, _ in self._others(source, key)]
        both.sort(key=lambda each: each[0])
        return [(int(steps[row]), number) for row, number in both]

    def _rows(self, source: Source, key: str, total: int) -> list[int]:
        if source.merged:
            packed = self._columns[source.key, key].rows
            rows = codec.unpack_ints(packed) if packed else None
        else:
            rows = self._tables[source.key].columns[key][0]
        return list(range(total)) if rows is None else [int(row) for row in rows]


Bounds = tuple[float, float]
EVERYWHERE: Bounds = (-math.inf, math.inf)


def _within(head: KeyHead, bounds: Bounds) -> bool:
    """Whether a chunk may have points of this key in [low, high)."""
    return head.last_step >= bounds[0] and head.first_step < bounds[1]


def series(reader: Reader, key: str, rank: int | None, bounds: Bounds = EVERYWHERE) -> Points:
    """The shown points of a key by step; of equal steps in one stream the last.

    Only chunks that reach into the bounds are read; their other points come along.
    """
    parts = [
        part for part in reader.shown(key, rank)
        if key in part[0].numbers and _within(part[0].numbers[key], bounds)
    ]  # fmt: skip
    reader.load([source for source, _ in parts], [key])
    found = [_cut(reader.points(source, key), part.before) for source, part in parts]
    if not found:
        empty = np.empty(0, np.int64)
        return Points(empty, empty, np.empty(0, np.float64))
    if len(found) == 1:
        return ordered(found[0])
    return ordered(
        Points(
            np.concatenate([each.steps for each in found]),
            np.concatenate([each.times for each in found]),
            np.concatenate([each.values for each in found]),
        )
    )


def _cut(points: Points, before: int | None) -> Points:
    if before is None or not len(points.steps) or points.steps[-1] < before:
        return points
    keep = points.steps < before
    return Points(points.steps[keep], points.times[keep], points.values[keep])


def ordered(points: Points) -> Points:
    """By step; of equal steps the one said last."""
    growth = np.diff(points.steps)
    if len(growth) and growth.min() <= 0:
        order = chunks.last_of_each(points.steps)
        return Points(points.steps[order], points.times[order], points.values[order])
    return points


def objects_of(
    reader: Reader, key: str, rank: int | None, bounds: Bounds = EVERYWHERE
) -> list[tuple[int, int, bytes]]:
    """The shown values of a key that are no numbers by step, likewise."""
    parts = [
        part for part in reader.shown(key, rank)
        if key in part[0].others and _within(part[0].others[key], bounds)
    ]  # fmt: skip
    reader.load([source for source, _ in parts], [key])
    newest = {
        step: (step, at, json)
        for source, part in parts
        for step, at, json in reader.objects(source, key)
        if part.before is None or step < part.before
    }
    return [newest[step] for step in sorted(newest)]


def numbers_last(reader: Reader, key: str, rank: int | None, both: set[int]) -> set[int]:
    """Of steps that have a number and another value: those whose number was said last."""
    if not both:
        return both
    newest: dict[int, bool] = {}
    bounds = (float(min(both)), float(max(both) + 1))
    parts = [each for each in reader.shown(key, rank) if _within(each[0].keys[key], bounds)]
    reader.load([source for source, _ in parts], [key])
    for source, part in parts:
        newest |= {
            step: number for step, number in reader.said(source, key)
            if step in both and (part.before is None or step < part.before)
        }  # fmt: skip
    return {step for step, number in newest.items() if number}


def scan(
    db: Connection, run: RunKey, wanted: Sequence[str] | None, *, min_step: int = 0,
    max_step: int | None = None, limit: int = 1000, system: bool = False, rank: int | None = None,
) -> list[Row]:  # fmt: skip
    """Every row in [min_step, max_step) that has any of the keys, by step."""
    reader = read_of(db, run, system=system)
    end = math.inf if max_step is None else max_step
    reach = limit
    while True:
        bound = min(end, _reach(reader, min_step, reach))
        bounds = (float(min_step), bound)
        rows = _rows(reader, wanted, rank, partial(_range, bounds=bounds, limit=limit), bounds)
        if len(rows) >= limit or bound >= end:
            return rows
        # Sparse keys, or rows that a newer attempt hides: look further.
        reach *= 4


def _reach(reader: Reader, low: int, rows: int) -> float:
    """A step before which at least so many rows were said from `low` on, by the chunks' heads."""
    ahead = sorted(
        (min(h.first_step for h in s.keys.values()), max(h.points for h in s.keys.values()))
        for s in reader.sources
        if s.keys and max(h.last_step for h in s.keys.values()) >= low
    )
    total = 0
    for n, (first, count) in enumerate(ahead):
        # The chunk that holds `low` may have most of its rows before it.
        total += count if first >= low else 0
        if total >= rows and n + 1 < len(ahead) and ahead[n + 1][0] > max(first, low):
            return float(ahead[n + 1][0])
    return math.inf


def sample(
    db: Connection, run: RunKey, wanted: Sequence[str] | None, samples: int, *, system: bool = False
) -> list[Row]:
    """About `samples` rows spread over the run, first and last included."""
    reader = read_of(db, run, system=system)

    def spread(steps: codec.Ints) -> codec.Ints:
        if len(steps) <= samples:
            return steps
        return steps[np.unique(np.linspace(0, len(steps) - 1, max(samples, 2)).astype(np.int64))]

    return _rows(reader, wanted, None, spread)


def _range(steps: codec.Ints, bounds: Bounds, limit: int) -> codec.Ints:
    start, end = (int(found) for found in np.searchsorted(steps, bounds))
    return steps[start : min(end, start + min(limit, ROWS_MAX))]


def _rows(
    reader: Reader,
    wanted: Sequence[str] | None,
    rank: int | None,
    choose: Callable[[codec.Ints], codec.Ints],
    bounds: Bounds = EVERYWHERE,
) -> list[Row]:
    known = set(reader.names())
    names = sorted(known) if wanted is None else [key for key in wanted if key in known]
    inside = [
        source for source in reader.sources
        if any(key in source.keys and _within(source.keys[key], bounds) for key in names)
    ]  # fmt: skip
    reader.load(inside, names)
    numbers = {key: series(reader, key, rank, bounds) for key in names}
    others = {key: objects_of(reader, key, rank, bounds) for key in names}
    every = [found.steps for found in numbers.values()]
    every += [np.array([row[0] for row in rows], np.int64) for rows in others.values()]
    steps = choose(np.unique(np.concatenate(every or [np.empty(0, np.int64)])))
    values: list[dict[str, object]] = [{} for _ in steps]
    times = [0] * len(steps)
    place = {int(step): n for n, step in enumerate(steps)}
    for key, found in numbers.items():
        hits = np.flatnonzero(np.isin(found.steps, steps))
        for step, at, value in zip(
            found.steps[hits].tolist(), found.times[hits].tolist(), found.values[hits].tolist(),
            strict=True,
        ):  # fmt: skip
            values[place[step]][key] = value
            times[place[step]] = max(times[place[step]], at)
    for key, rows in others.items():
        both = {step for step, _, _ in rows if step in place and key in values[place[step]]}
        numbered = numbers_last(reader, key, rank, both)
        for step, at, json in rows:
            if step in place and step not in numbered:
                values[place[step]][key] = msgspec.json.decode(json)
                times[place[step]] = max(times[place[step]], at)
    return [Row(int(step), times[n], values[n]) for n, step in enumerate(steps)]
