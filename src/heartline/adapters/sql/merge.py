"""Small chunks into large ones with roll-ups, and rewinding. Never changes what is read back."""

from typing import Any

import msgspec
import numpy as np
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import cells, chunks, codec
from heartline.adapters.sql.chunks import LEVELS, STEPS, TIMES, Table
from heartline.adapters.sql.read import COLUMN, Column
from heartline.adapters.sql.tables import chunks as chunk_table
from heartline.adapters.sql.tables import columns, runs, streams

FRESH_CHUNKS_MIN = 16
ENDED_POINTS_MIN = 16_384
ROWS_PER_CHUNK_MAX = 65_536
CHUNKS_PER_MERGE_MAX = 2_000
# A number in the text, not a parameter: databases must see that the index of these will do.
FRESH = chunk_table.c.merged == sa.literal_column("0")
_ROLL_UPS = tuple(prefix for prefix, _ in LEVELS)


def merge(db: Connection, limit: int) -> int:
    """Merge the streams with the most fresh chunks; how many streams were merged."""
    count, points = sa.func.count(), sa.func.sum(chunk_table.c.points)
    # Of what has ended nothing more comes: what it said last is merged if it is much.
    ended = sa.exists().where(runs.c.key == chunk_table.c.run, runs.c.ended_at.is_not(None))
    busiest = (
        sa.select(chunk_table.c.run, chunk_table.c.stream, chunk_table.c.system)
        .where(FRESH)
        .group_by(chunk_table.c.run, chunk_table.c.stream, chunk_table.c.system)
        .having((count >= FRESH_CHUNKS_MIN) | ((points >= ENDED_POINTS_MIN) & ended))
        .order_by(count.desc())
        .limit(limit)
    )
    found = [row for row in db.execute(busiest).all() if _holds(db, row.stream)]
    for row in found:
        merge_stream(db, row.run, row.stream, row.system)
    return len(found)


def _holds(db: Connection, stream: int) -> bool:
    """Nobody else merges or cuts this stream until this unit ends; no, if somebody does just now."""
    mine = sa.select(streams.c.key).where(streams.c.key == stream)
    return db.execute(mine.with_for_update(skip_locked=True)).first() is not None


def hold_all(db: Connection, run: int) -> None:
    """Wait until no stream of a run is merged or written to, and keep it so until this unit ends."""
    mine = sa.select(streams.c.key).where(streams.c.run == run).order_by(streams.c.key)
    db.execute(mine.with_for_update()).all()


def merge_stream(db: Connection, run: int, stream: int, system: int) -> None:
    """Merge all fresh chunks of one stream, together with its last, not yet full one."""
    mine = (
        (chunk_table.c.run == run)
        & (chunk_table.c.stream == stream)
        & (chunk_table.c.system == system)
    )
    asked = (
        sa.select(chunk_table.c.key, chunk_table.c.body)
        .where(mine, chunk_table.c.merged == 0)
        .order_by(chunk_table.c.key)
        .limit(CHUNKS_PER_MERGE_MAX)
    )
    fresh = db.execute(asked).all()
    if not fresh:
        return  # Somebody merged them since they were counted.
    tables = [chunks.unpack(row.body, f"chunk {row.key}") for row in fresh]
    old = [row.key for row in fresh]
    last = _last_merged(db, mine)
    if last is not None:
        tables.insert(0, last[1])
        old.append(last[0])
    whole = joined(tables)
    _remove(db, old)
    for start in range(0, max(len(whole.steps), 1), ROWS_PER_CHUNK_MAX):
        store(db, run, stream, system, _slice(whole, start, start + ROWS_PER_CHUNK_MAX))


def _last_merged(db: Connection, mine: sa.ColumnElement[bool]) -> tuple[int, Table] | None:
    asked = (
        sa.select(chunk_table.c.key, chunk_table.c.head)
        .where(mine, chunk_table.c.merged == 1)
        .order_by(chunk_table.c.key.desc())
        .limit(1)
    )
    row = db.execute(asked).first()
    if row is None or chunks.HEAD.decode(row.head).rows >= ROWS_PER_CHUNK_MAX:
        return None
    return row.key, load(db, row.key)


def load(db: Connection, key: int) -> Table:
    """A whole merged chunk."""
    found = {
        row.metric: COLUMN.decode(codec.unseal(row.body, f"chunk {key}, key {row.metric!r}"))
        for row in db.execute(sa.select(columns).where(columns.c.chunk == key))
        if not row.metric.startswith(_ROLL_UPS)
    }
    steps, times = (codec.unpack_ints(found.pop(name).values) for name in (STEPS, TIMES))
    numbers = {
        name: (
            codec.unpack_ints(column.rows) if column.rows else None,
            codec.unpack_floats(column.values),
        )
        for name, column in found.items()
        if column.values
    }
    objects = {name: list(column.objects) for name, column in found.items() if column.objects}
    return Table(steps, times, numbers, objects)


def joined(tables: list[Table]) -> Table:
    """Several tables in a row, as one sorted by step (later rows stay later among equals)."""
    sizes = [len(table.steps) for table in tables]
    bases = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    total = int(bases[-1])
    steps = np.concatenate([table.steps for table in tables])
    times = np.concatenate([table.times for table in tables])
    order = np.argsort(steps, kind="stable")
    place = np.empty(total, np.int64)
    place[order] = np.arange(total)
    numbers: dict[str, tuple[Any, Any]] = {}
    for name in sorted({name for table in tables for name in table.columns}):
        rows = np.concatenate(
            [_all_rows(t, name) + base for t, base in zip(tables, bases, strict=False)
             if name in t.columns]
        )  # fmt: skip
        values = np.concatenate([t.columns[name][1] for t in tables if name in t.columns])
        rows = place[rows]
        sort = np.argsort(rows, kind="stable")
        rows, values = rows[sort], values[sort]
        full = len(rows) == total and bool((np.diff(rows) == 1).all())
        numbers[name] = (None if full else rows, values)
    objects: dict[str, list[tuple[int, bytes]]] = {}
    for table, base in zip(tables, bases, strict=False):
        for name, points in table.objects.items():
            moved = [(int(place[base + row]), json) for row, json in points]
            objects.setdefault(name, []).extend(moved)
    for points in objects.values():
        points.sort(key=lambda point: point[0])
    return chunks.distinct(Table(steps[order], times[order], numbers, objects))


def _all_rows(table: Table, name: str) -> Any:
    rows = table.columns[name][0]
    return np.arange(len(table.steps), dtype=np.int64) if rows is None else rows


def _slice(table: Table, start: int, end: int) -> Table:
    if start == 0 and end >= len(table.steps):
        return table
    numbers: dict[str, tuple[Any, Any]] = {}
    for name, (rows, values) in table.columns.items():
        if rows is None:
            numbers[name] = (None, values[start:end])
            continue
        low, high = np.searchsorted(rows, [start, end])
        if high > low:
            numbers[name] = (rows[low:high] - start, values[low:high])
    objects = {
        name: inside
        for name, points in table.objects.items()
        if (inside := [(row - start, json) for row, json in points if start <= row < end])
    }
    return Table(table.steps[start:end], table.times[start:end], numbers, objects)


def store(db: Connection, run: int, stream: int, system: int, table: Table) -> None:
    """Write one merged chunk: its head, its axes, and a row per key with the roll-up."""
    head = chunks.head(table)
    made = db.execute(
        sa.insert(chunk_table).values(
            run=run,
            stream=stream,
            system=system,
            merged=1,
            points=sum(each.points for each in head.keys),
            head=msgspec.msgpack.encode(head),
            body=b"",
        )
    )
    key: int = made.inserted_primary_key[0]  # type: ignore[index]
    level = codec.LEVEL_MERGED
    parts = {
        STEPS: Column(values=codec.pack_ints(table.steps, level)),
        TIMES: Column(values=codec.pack_ints(table.times, level)),
    }
    for name, (rows, values) in table.columns.items():
        packed = b"" if rows is None else codec.pack_ints(rows, level)
        parts[name] = Column(packed, codec.pack_floats(values, level))
        for prefix, size in LEVELS:
            if len(values) > size:
                # A row of its own: a chart that needs no points reads none.
                line = cells.pack(cells.rolled_up(table.points(name), size))
                parts[prefix + name] = Column(cells=codec.compress(line, level))
    for name, points in table.objects.items():
        parts[name] = msgspec.structs.replace(parts.get(name, Column()), objects=points)
    db.execute(
        sa.insert(columns),
        [
            {"chunk": key, "metric": name, "body": codec.seal(msgspec.msgpack.encode(part))}
            for name, part in parts.items()
        ],
    )


def forget_columns(db: Connection, keys: Any) -> None:
    """Drop the columns of these chunks."""
    db.execute(sa.delete(columns).where(columns.c.chunk.in_(keys)))


def _remove(db: Connection, keys: list[int]) -> None:
    for start in range(0, len(keys), 500):
        some = keys[start : start + 500]
        forget_columns(db, some)
        db.execute(sa.delete(chunk_table).where(chunk_table.c.key.in_(some)))


def truncate(db: Connection, run: int, after_step: int) -> None:
    """Drop history after this step: every chunk that reaches further is written anew."""
    hold_all(db, run)
    asked = sa.select(chunk_table).where(chunk_table.c.run == run, chunk_table.c.system == 0)
    for row in db.execute(asked).all():
        heads = chunks.HEAD.decode(row.head).keys
        if not any(each.last_step > after_step for each in heads):
            continue
        table = load(db, row.key) if row.merged else chunks.unpack(row.body, f"chunk {row.key}")
        whole = joined([table])
        _remove(db, [row.key])
        kept = _slice(whole, 0, int(np.searchsorted(whole.steps, after_step + 1)))
        if len(kept.steps):
            store(db, run, row.stream, 0, kept)
