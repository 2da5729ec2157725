"""Points and console lines of runs, exactly once. Reading and merging are in their own files."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import chart, chunks, merge, read, stats
from heartline.adapters.sql.hot import Hot
from heartline.adapters.sql.tables import chunks as chunk_table
from heartline.adapters.sql.tables import lines, streams
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
from heartline.core.texts import clean, clean_key

FRESH, MERGED = 0, 1
# As `ConsoleLine` holds them: a log is long.
_LINES = sa.select(lines.c.source, lines.c.number, lines.c.at, lines.c.text)

_STREAM = sa.select(streams.c.key, streams.c.durable).where(
    streams.c.run == sa.bindparam("run"),
    streams.c.epoch == sa.bindparam("epoch"),
    streams.c.spool == sa.bindparam("spool"),
)
_FIND, _HOLD = Hot(_STREAM), Hot(_STREAM.with_for_update())
_MOVE = Hot(
    sa.update(streams)
    .where(streams.c.key == sa.bindparam("of"), streams.c.durable == sa.bindparam("seen"))
    .values(durable=sa.bindparam("to"))
)
_CHUNK = Hot(sa.insert(chunk_table).inline())


class SqlSeries:
    """`SeriesStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._seen: dict[Stream, tuple[int, int]] = {}

    def durable(self, stream: Stream, *, hold: bool = False) -> int:
        """The next record wanted from this stream; 0 for an unknown one."""
        if hold:
            found = self._seen[stream] = self._stream(stream, _HOLD)
            return found[1]
        row = _FIND(self._db, _place(stream)).fetchone()
        if row is None:
            return 0
        self._seen[stream] = row
        return int(row[1])

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
        """Take records `first`..`first+count` if `first` is the durable offset; the new offset."""
        # As a rule it was asked for just now; whoever moved it since is found by `_MOVE`.
        seen = self._seen.pop(stream) if stream in self._seen else self._stream(stream)
        key, durable = seen
        if first != durable:
            return durable
        if count:
            moved = _MOVE(self._db, {"of": key, "seen": durable, "to": durable + count})
            if moved.rowcount != 1:
                return self.durable(stream)
        self._put(stream.run, key, history, system=0)
        self._put(stream.run, key, system, system=1)
        self._put_lines(stream.run, key, lines)
        return durable + count

    def _stream(self, stream: Stream, asked: Hot = _FIND) -> tuple[int, int]:
        row = asked(self._db, _place(stream)).fetchone()
        if row is not None:
            return row[0], row[1]
        made = self._db.execute(
            sa.insert(streams).values(
                run=stream.run,
                epoch=stream.epoch,
                spool=stream.spool,
                rank=stream.rank or 0,
                durable=0,
            )
        )
        return made.inserted_primary_key[0], 0  # type: ignore[index]

    def _put(self, run: RunKey, stream: int, blocks: Sequence[Block], system: int) -> None:
        if not blocks:
            return
        table = chunks.table(blocks)
        head = chunks.head(table)
        values = {
            "run": run,
            "stream": stream,
            "system": system,
            "merged": FRESH,
            "points": sum(key.points for key in head.keys),
            "head": msgspec.msgpack.encode(head),
            "body": chunks.pack(table),
        }
        _CHUNK(self._db, values)

    def put_lines(self, run: RunKey, stream: Stream, lines: Sequence[ConsoleLine]) -> None:
        """Write console lines without moving the durable offset."""
        self._put_lines(run, self._stream(stream)[0], lines)

    def _put_lines(self, run: RunKey, stream: int, found: Sequence[ConsoleLine]) -> None:
        newest = {(clean(line.stream), line.number): line for line in found}
        rows = [
            {
                "run": run,
                "stream": stream,
                "source": source,
                "number": number,
                "at": line.at,
                "text": line.text,
            }
            for (source, number), line in newest.items()
        ]
        _overwrite_lines(self._db, rows)

    def console(
        self, run: RunKey, *, first: int = 0, limit: int = 1000
    ) -> tuple[Sequence[ConsoleLine], int]:
        """Lines in order of printing, and how many there are."""
        asked = sa.select(sa.func.count()).select_from(lines).where(lines.c.run == run)
        total = self._db.execute(asked).scalar() or 0
        page = _LINES.where(lines.c.run == run).order_by(lines.c.key)
        found = self._db.execute(page.limit(limit).offset(first))
        return [ConsoleLine(*row) for row in found.all()], total

    def tail(self, run: RunKey, last: int) -> Sequence[ConsoleLine]:
        """The newest lines, oldest first, without counting the others."""
        newest = _LINES.where(lines.c.run == run).order_by(lines.c.key.desc())
        found = self._db.execute(newest.limit(last)).all()[::-1]
        return [ConsoleLine(*row) for row in found]

    def keys(
        self, runs: Sequence[RunKey], *, system: bool = False
    ) -> Mapping[RunKey, Sequence[KeyStats]]:
        """Every key of each of these runs with its summary."""
        return stats.keys(self._db, runs, system=system)

    def objects(
        self, runs: Sequence[RunKey], keys: Sequence[str], *, limit: int
    ) -> Sequence[Objects]:
        """The newest values that are no numbers, of each run and key that has any."""
        found = []
        for run in runs:
            reader = read.read_of(self._db, run, system=False)
            for key in _clean(keys):
                rows = read.objects_of(reader, key, None)
                if rows:
                    found.append(Objects(run, key, rows[-limit:], len(rows)))
        return found

    def window(self, runs: Sequence[RunKey], keys: Sequence[str], **how: Any) -> Sequence[Envelope]:
        """At most `width` buckets for each run and key."""
        how["x"] = clean_key(how.get("x", "_step"))
        return chart.window(self._db, runs, _clean(keys), **how)

    def scan(self, run: RunKey, keys: Sequence[str] | None, **how: Any) -> Sequence[Row]:
        """Every row by step, no sampling."""
        return read.scan(self._db, run, None if keys is None else _clean(keys), **how)

    def sample(
        self, run: RunKey, keys: Sequence[str] | None, samples: int, *, system: bool = False
    ) -> Sequence[Row]:
        """About `samples` rows spread over the run."""
        wanted = None if keys is None else _clean(keys)
        return read.sample(self._db, run, wanted, samples, system=system)

    def truncate(self, run: RunKey, after_step: int) -> None:
        """Rewind: drop history after this step."""
        merge.truncate(self._db, run, after_step)

    def drop(self, run: RunKey) -> None:
        """Forget all series of a deleted run."""
        merge.hold_all(self._db, run)
        merge.forget_columns(self._db, sa.select(chunk_table.c.key).where(chunk_table.c.run == run))
        for table in (chunk_table, streams, lines):
            self._db.execute(sa.delete(table).where(table.c.run == run))

    def merge(self, limit: int) -> int:
        """Merge small chunks of the busiest runs; how many runs were merged."""
        return merge.merge(self._db, limit)


def _clean(keys: Sequence[str]) -> list[str]:
    return [clean_key(key) for key in keys]


def _place(stream: Stream) -> dict[str, Any]:
    return {"run": stream.run, "epoch": stream.epoch, "spool": clean(stream.spool)}


def _overwrite_lines(db: Connection, rows: list[dict[str, Any]]) -> None:
    """The same number again replaces the text but keeps the line's place."""
    if not rows:
        return
    if db.dialect.name == "sqlite":
        from sqlalchemy.dialects.sqlite import insert
    else:
        from sqlalchemy.dialects.postgresql import insert  # type: ignore[assignment]
    statement = insert(lines)
    db.execute(
        statement.on_conflict_do_update(
            index_elements=["stream", "source", "number"],
            set_={"text": statement.excluded.text, "at": statement.excluded.at},
        ),
        rows,
    )
