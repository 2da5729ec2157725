"""Whether a decoded batch can be meant: shapes, ranges, limits. Never changes anything in it.

What msgspec can say about a field is said in `wire.ingest`; here is what holds between fields.
"""

from typing import get_args

import msgspec
import numpy as np

from heartline.core.lifecycle import TERMINAL, CauseKind, Evidence, State
from heartline.wire.ingest import (
    INTEGER_MAX,
    KEY_CHARS_MAX,
    Batch,
    Block,
    Column,
    Exit,
)

OBJECT_BYTES_MAX = 4 * 2**20
STEP_BYTES, ROW_BYTES, VALUE_BYTES = 8, 4, 8
EVIDENCE_CHARS_MAX = 200_000
# Nobody else speaks through a writer's batches: people and this server have doors of their own.
WITNESSES = ("process", "launcher", "agent", "scheduler")
_RAW = msgspec.json.Decoder(msgspec.Raw)
_TEXTS = tuple(
    name for name, kind in Evidence.__annotations__.items()
    if kind is str or str in get_args(kind)
)  # fmt: skip


def problem(batch: Batch) -> str | None:
    """None if the batch makes sense, else what is wrong with it."""
    contents = batch.history or batch.system or batch.lines or batch.changes
    if contents and not batch.count:
        return "a batch with contents has a `count` of records"
    for said in batch.history:
        if (wrong := _block(said)) or (wrong := _steps(said)):
            return f"history: {wrong}"
    for said in batch.system:
        if wrong := _block(said):
            return f"system: {wrong}"
    if any("\0" in line.stream for line in batch.lines):
        return "lines: a stream's name has no NUL"
    return None if batch.exit is None else _exit(batch.exit)


def _block(said: Block) -> str | None:
    rows, odd = divmod(len(said.steps), STEP_BYTES)
    if odd or len(said.times) != len(said.steps):
        return "steps and times are int64, one of each per row"
    for column in said.columns:
        if wrong := _key(column.key) or _column(column, rows):
            return f"`{column.key[:80]}`: {wrong}"
    for each in said.objects:
        if wrong := _key(each.key):
            return wrong
        if each.row >= rows:
            return f"`{each.key}`: row {each.row} of {rows}"
        if len(each.json) > OBJECT_BYTES_MAX:
            return f"`{each.key}`: a value has at most {OBJECT_BYTES_MAX} bytes"
        if not _is_json(each.json):
            return f"`{each.key}`: its value is not JSON"
    return None


def _key(key: str) -> str | None:
    if 0 < len(key) <= KEY_CHARS_MAX and "\0" not in key:
        return None
    return f"a key has 1 to {KEY_CHARS_MAX} characters, none of them NUL"


def _column(column: Column, rows: int) -> str | None:
    if not column.rows:
        good = len(column.values) == rows * VALUE_BYTES
        return None if good else f"{rows} values of 8 bytes are wanted, one per row"
    count, odd = divmod(len(column.rows), ROW_BYTES)
    if odd or len(column.values) != count * VALUE_BYTES:
        return "rows are uint32 and values float64, one of each per value"
    indices = np.frombuffer(column.rows, "<u4")
    if int(indices[-1]) >= rows or (count > 1 and not bool((indices[1:] > indices[:-1]).all())):
        return f"rows rise and stay below {rows}"
    return None


def _steps(said: Block) -> str | None:
    if not said.steps:
        return None
    steps = np.frombuffer(said.steps, "<i8")
    if steps.min() < 0 or steps.max() > INTEGER_MAX:
        return f"steps are 0 to {INTEGER_MAX}"
    return None


def _is_json(raw: bytes) -> bool:
    try:
        _RAW.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _exit(said: Exit) -> str | None:
    if said.state not in TERMINAL:
        return f"an exit's state is one of {', '.join(sorted(s for s in State if s in TERMINAL))}"
    if said.by not in WITNESSES:
        return f"an exit is told by one of {', '.join(WITNESSES)}"
    if said.cause not in set(CauseKind):
        return f"unknown cause `{said.cause[:80]}`; known: {', '.join(CauseKind)}"
    try:
        evidence = msgspec.convert(said.evidence, Evidence)
    except msgspec.ValidationError as error:
        return f"evidence: {error}"
    size = sum(len(getattr(evidence, name) or "") for name in _TEXTS)
    size += sum(len(line) for line in (*evidence.last_lines, *evidence.notes))
    if size > EVIDENCE_CHARS_MAX:
        return f"evidence has at most {EVIDENCE_CHARS_MAX} characters"
    return None
