"""What a run said: history, events, console. Never thins what was asked for as a range."""

import json
import math
from collections.abc import Sequence
from typing import Any

import msgspec
from ariadne import ObjectType
from graphql import GraphQLError

from heartline.core.records import ConsoleLine, Row, RunRecord
from heartline.server.wandb import translate
from heartline.server.wandb.context import Context, stamp
from heartline.server.wandb.resolve.paging import connection, count_of, start_of

run = ObjectType("Run")
TYPES = (run,)
SAMPLES = 500
ROWS_MAX = 100_000
LINES_MAX = 10_000
SPECS_MAX = 100
WHOLE_MAX = float(1 << 53)

run.set_field("eventsTail", lambda *_: "[]")
run.set_field("eventsLineCount", lambda *_: 0)


def values_of(row: Row) -> dict[str, Any]:
    """A row with their names for step and time; whole numbers without a point, as they write."""
    found = {
        key: int(value)
        if isinstance(value, float) and value.is_integer() and abs(value) < WHOLE_MAX
        else value
        for key, value in row.values.items()
    }
    found[translate.STEP] = row.step
    found[translate.TIME] = row.at / 1000
    return found


def line_of(row: Row) -> str:
    """A row as a line of JSON, in which NaN and infinities are bare words."""
    return json.dumps(values_of(row))


def _plain(value: Any) -> Any:
    """Where JSON is strict, NaN and infinities are texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    return value


@run.field("historyKeys")
def _history_keys(it: RunRecord, info: Any) -> dict[str, Any]:
    ctx: Context = info.context
    return translate.history_keys(ctx.listed.keys(ctx.tx.series, it.key), it.last_step)


@run.field("logLineCount")
def _log_line_count(it: RunRecord, info: Any) -> int:
    ctx: Context = info.context
    return ctx.tx.series.console(it.key, limit=1)[1]


@run.field("historyTail")
def _tail(it: RunRecord, info: Any) -> str:
    ctx: Context = info.context
    rows = ctx.tx.series.scan(it.key, None, min_step=max(it.last_step, 0), limit=1)
    return json.dumps([line_of(row) for row in rows])


@run.field("history")
def _history(
    it: RunRecord, info: Any, minStep: int | None = None, maxStep: int | None = None,
    samples: int | None = None,
) -> list[str]:  # fmt: skip
    """A range is every row of [minStep, maxStep); without one, about so many samples."""
    ctx: Context = info.context
    if minStep is None and maxStep is None:
        count = count_of(samples, SAMPLES, ROWS_MAX)
        rows = ctx.tx.series.sample(it.key, None, count) if count else ()
    else:
        rows = _range(ctx, it, None, minStep or 0, maxStep)
    return [line_of(row) for row in rows]


def _range(
    ctx: Context, it: RunRecord, keys: list[str] | None, start: int, end: int | None
) -> Sequence[Row]:
    rows = ctx.tx.series.scan(it.key, keys, min_step=start, max_step=end, limit=ROWS_MAX + 1)
    if len(rows) > ROWS_MAX:
        raise GraphQLError(f"more than {ROWS_MAX} rows at once: ask with a smaller page_size")
    return rows


@run.field("events")
def _events(it: RunRecord, info: Any, samples: int | None = None) -> list[str]:
    ctx: Context = info.context
    count = count_of(samples, SAMPLES, ROWS_MAX)
    rows = ctx.tx.series.sample(it.key, None, count, system=True) if count else ()
    return [line_of(row) for row in rows]


class Spec(msgspec.Struct):
    """What one sampled history asks for."""

    keys: list[str] = []
    samples: int = SAMPLES
    minStep: int | None = None  # noqa: N815 - their word
    maxStep: int | None = None  # noqa: N815 - their word


@run.field("sampledHistory")
def _sampled(it: RunRecord, info: Any, specs: list[str]) -> list[list[dict[str, Any]]]:
    if len(specs) > SPECS_MAX:
        raise GraphQLError(f"specs: at most {SPECS_MAX}")
    try:
        asked = [msgspec.json.decode(spec, type=Spec) for spec in specs]
    except msgspec.MsgspecError as error:
        raise GraphQLError(f"specs: {error}") from None
    return [_rows_of(it, info.context, spec) for spec in asked]


def _rows_of(it: RunRecord, ctx: Context, spec: Spec) -> list[dict[str, Any]]:
    """Rows that have all keys of a spec; with a range every row of it, `maxStep` included."""
    if not spec.keys:
        return []
    keys = [key for key in spec.keys if key not in {translate.STEP, translate.TIME}]
    if spec.minStep is not None or spec.maxStep is not None:
        end = None if spec.maxStep is None else spec.maxStep + 1
        rows = _range(ctx, it, keys or None, spec.minStep or 0, end)
    else:
        count = count_of(spec.samples, SAMPLES, ROWS_MAX)
        rows = ctx.tx.series.sample(it.key, keys or None, count) if count else ()
    wanted, shown = set(keys), set(spec.keys)
    return [
        {key: _plain(value) for key, value in values_of(row).items() if key in shown}
        for row in rows
        if wanted <= row.values.keys()
    ]


@run.field("parquetHistory")
def _parquet(it: RunRecord, info: Any, liveKeys: list[str]) -> dict[str, Any]:
    """No files: all is live from its first row on, so the client pages through `history`.

    It would keep a file by the run's name for ever, whatever became of the run, and read what a
    row lacks as None.
    """
    ctx: Context = info.context
    first = ctx.tx.series.scan(it.key, None, limit=1)
    live = [
        {key: _plain(value) for key, value in values_of(row).items() if key in liveKeys}
        for row in first
    ]
    return {"parquetUrls": [], "liveData": live}


@run.field("logLines")
def _log_lines(
    it: RunRecord, info: Any, first: int | None = None, after: str | None = None,
    last: int | None = None, useImprovedPagination: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    if last is not None:
        count = count_of(last, 0, LINES_MAX)
        newest = ctx.tx.series.tail(it.key, count) if count else ()
        total = ctx.tx.series.console(it.key, limit=0)[1]
        return connection([_line(line) for line in newest], start=max(0, total - len(newest)))
    start = start_of(after)
    count = count_of(first, 1_000, LINES_MAX)
    lines, total = ctx.tx.series.console(it.key, first=start, limit=count)
    return connection([_line(line) for line in lines], start=start, total=total)


def _line(line: ConsoleLine) -> dict[str, Any]:
    stream, _, label = line.stream.partition(" ")
    return {
        "number": line.number,
        "timestamp": stamp(line.at, precise=True),
        "level": "error" if stream == "stderr" else None,
        "label": label or None,
        "line": line.text,
    }
