"""Rows as CSV and as Parquet. Never asks for a run."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from heartline.core.texts import cell, number_text

LENGTH_BYTES = 8


def csv_text(rows: Sequence[Sequence[Any]]) -> str:
    """Lines of CSV; what a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue()


class KeptRows:
    """Rows put aside until all of them are known, a page at a time."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """One page."""
        body = msgspec.msgpack.encode(rows)
        self._out.write(len(body).to_bytes(LENGTH_BYTES, "little") + body)

    def pages(self) -> Iterator[Sequence[Sequence[Any]]]:
        """All pages again."""
        self._out.seek(0)
        while head := self._out.read(LENGTH_BYTES):
            yield msgspec.msgpack.decode(self._out.read(int.from_bytes(head, "little")))


def parquet(
    kept: KeptRows, columns: Sequence[str], texts: frozenset[str], whole: frozenset[str]
) -> bytes:
    """The kept rows as a file; beside `texts`, a column is of text if any of its values is."""
    said = set(texts)
    for rows in kept.pages():
        for row in rows:
            said |= {name for name, value in zip(columns, row, strict=True)
                     if isinstance(value, str)}  # fmt: skip
    file = _Parquet(columns, frozenset(said), whole)
    for rows in kept.pages():
        file.add(rows)
    return file.done()


class _Parquet:
    """A table written in parts; a column is of numbers unless it was said to hold text."""

    def __init__(
        self, columns: Sequence[str], texts: frozenset[str], whole: frozenset[str]
    ) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._types = {
            name: pa.string() if name in texts else pa.int64() if name in whole else pa.float64()
            for name in columns
        }
        self._pa, self._out = pa, io.BytesIO()
        self._schema = pa.schema(list(self._types.items()))
        self._writer = pq.ParquetWriter(self._out, self._schema, compression="zstd")

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """One row group."""
        text = self._pa.string()
        arrays = [
            self._pa.array(
                [_text(row[n]) for row in rows] if kind == text else [row[n] for row in rows], kind
            )
            for n, kind in enumerate(self._types.values())
        ]
        self._writer.write_table(self._pa.Table.from_arrays(arrays, schema=self._schema))

    def done(self) -> bytes:
        """The file."""
        self._writer.close()
        return self._out.getvalue()


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else number_text(value)
