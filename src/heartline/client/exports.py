"""Runs, and the history of a run, as files: CSV, Parquet, JSON lines.

Never holds all rows at once.
"""

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from heartline.client import errors
from heartline.client.calls import Calls
from heartline.client.frames import imported
from heartline.core.texts import cell
from heartline.wire.api import KeyView, RunQuery

if TYPE_CHECKING:
    from heartline.client.run import Run

FORMATS = ("csv", "parquet", "jsonl")
ROWS_AT_ONCE = 10_000
FIRST = ("_step", "_timestamp")


def check(form: str) -> None:
    """Whether it is a form that we write."""
    if form not in FORMATS:
        raise errors.InvalidRequest(f"format `{form}`: one of {', '.join(FORMATS)}")


def table(calls: Calls, query: RunQuery, out: BinaryIO, form: str) -> int:
    """The runs that match at one moment, as the server writes them; bytes written."""
    check(form)
    counted = _Counted(out)
    calls.stream("/api/v1/runs/export", counted.write, query, form=form)
    return counted.size


def history(run: "Run", out: BinaryIO, form: str, keys: Sequence[str] = ()) -> int:
    """Every row that a run logged, one a row; bytes written.

    Keys that it has not: null, or empty.
    """
    check(form)
    known = [key for key in run.keys if not keys or key.key in keys]
    if missing := [key for key in keys if key not in {each.key for each in known}]:
        raise errors.NotFound(f"{run.path} logged no `{missing[0]}`")
    rows = run.scan_history(list(keys) or None, page_size=ROWS_AT_ONCE)
    if form == "jsonl":
        return lines(out, rows)
    counted = _Counted(out)
    (_csv if form == "csv" else _parquet)(counted, rows, known)
    return counted.size


def lines(out: BinaryIO, values: Iterable[Any]) -> int:
    """One JSON object a line; numbers that JSON has no words for are written as texts."""
    size = 0
    for value in values:
        told = _spelled(msgspec.to_builtins(value))
        size += out.write(json.dumps(told, ensure_ascii=False).encode() + b"\n")
    return size


def _spelled(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {key: _spelled(inner) for key, inner in value.items()}
    return [_spelled(inner) for inner in value] if isinstance(value, list) else value


def _csv(out: "_Counted", rows: Iterator[dict[str, Any]], known: Sequence[KeyView]) -> None:
    columns = [*FIRST, *(key.key for key in known)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([cell(name) for name in columns])
    while part := list(islice(rows, ROWS_AT_ONCE)):
        writer.writerows([_cell(row.get(name)) for name in columns] for row in part)
        out.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()
    out.write(text.getvalue().encode())


def _cell(value: Any) -> Any:
    return cell(_text(value) if isinstance(value, dict | list) else value)


def _parquet(out: "_Counted", rows: Iterator[dict[str, Any]], known: Sequence[KeyView]) -> None:
    pa, pq = imported("pyarrow"), imported("pyarrow.parquet")
    kinds = {"_step": pa.int64(), "_timestamp": pa.float64()}
    for key in known:
        plain = key.kind == "number" and not key.objects
        kinds[key.key] = pa.float64() if plain else pa.string()
    with pq.ParquetWriter(out, pa.schema(list(kinds.items())), compression="zstd") as writer:
        while part := list(islice(rows, ROWS_AT_ONCE)):
            arrays = [_array(pa, [row.get(name) for row in part], kind)
                      for name, kind in kinds.items()]  # fmt: skip
            writer.write_table(pa.Table.from_arrays(arrays, schema=writer.schema))


def _array(pa: Any, values: list[Any], kind: Any) -> Any:
    if kind == pa.string():
        values = [value if value is None else _text(value) for value in values]
    return pa.array(values, kind)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(_spelled(value), ensure_ascii=False)


class _Counted(io.RawIOBase):
    """A file that is written to and says how much."""

    def __init__(self, out: BinaryIO) -> None:
        super().__init__()
        self._out, self.size = out, 0

    def writable(self) -> bool:
        """Of course."""
        return True

    def write(self, data: Any) -> int:
        """Pass on."""
        written = self._out.write(data)
        self.size += written
        return written

    def tell(self) -> int:
        """How much so far: a writer of Parquet asks."""
        return self.size
