"""Between the `wandb` client's words and ours, both ways. Pure and total: any line gives a result.

A line of history is JSON extended by NaN, Infinity and -Infinity. Numbers become columns, nested
mappings keys with dots, everything else objects. What cannot be read is counted, never fatal.
"""

import json
import math
import re
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from heartline.core.lifecycle import CauseKind, Confidence, Evidence, State, Verdict
from heartline.core.records import Block, Column, ConsoleLine, KeyStats, ObjectPoint, Row

INTERNAL = "_wandb"
STEP, TIME = "_step", "_timestamp"
KILLED, CRASHED = 255, 254
_STAMPED = re.compile(r"^(ERROR )?(\d{4}-\d\d-\d\dT[\d:.]+) ?(.*)$", re.DOTALL)
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Translated:
    """The rows of some lines, their newest step, and how many lines could not be read."""

    block: Block | None
    last_step: int
    unreadable: int


def parse(line: str) -> Any:
    """Strict JSON quickly; the rare line with NaN or Infinity by the slower parser."""
    try:
        return msgspec.json.decode(line)
    except msgspec.MsgspecError:
        return json.loads(line)


def parse_quietly(line: str) -> Any:
    """The value of a line, None if it cannot be read."""
    try:
        return parse(line)
    except (ValueError, RecursionError):
        return None


def rows(lines: Iterable[str], next_step: int = 0) -> Translated:
    """History or event lines as one block; a line without a step follows the one before."""
    steps, times = array("q"), array("q")
    columns: dict[str, tuple[array[int], array[float]]] = {}
    objects: list[ObjectPoint] = []
    unreadable = 0
    for line in lines:
        try:
            data = parse(line)
        except (ValueError, RecursionError):
            unreadable += 1
            continue
        if not isinstance(data, dict):
            unreadable += 1
            continue
        step = data.get(STEP)
        step = int(step) if isinstance(step, int | float) and _small(step) else next_step
        next_step = step + 1
        row = len(steps)
        steps.append(step)
        times.append(_millis(data.get(TIME)))
        _fill(columns, objects, row, data, "")
    if not steps:
        return Translated(None, -1, unreadable)
    made = tuple(
        Column(key, values, None if len(found) == len(steps) else found)
        for key, (found, values) in columns.items()
    )
    return Translated(Block(steps, times, made, tuple(objects)), max(steps), unreadable)


def _small(step: float) -> bool:
    return math.isfinite(step) and 0 <= step < 1 << 53


def _millis(seconds: Any) -> int:
    good = isinstance(seconds, int | float) and math.isfinite(seconds) and 0 <= seconds < 1 << 40
    return int(seconds * 1000) if good else 0


def _fill(
    columns: dict[str, tuple["array[int]", "array[float]"]],
    objects: list[ObjectPoint],
    row: int,
    data: Mapping[str, Any],
    prefix: str,
) -> None:
    for name, value in data.items():
        if not prefix and name in {STEP, TIME, INTERNAL}:
            continue
        key = prefix + name
        if isinstance(value, bool | int | float):
            column = columns.setdefault(key, (array("I"), array("d")))
            if not column[0] or column[0][-1] != row:
                column[0].append(row)
                column[1].append(_float(value))
        elif isinstance(value, dict) and value and "_type" not in value:
            _fill(columns, objects, row, value, f"{key}.")
        elif value is not None:
            objects.append(ObjectPoint(key, row, encode(value)))


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def encode(value: Any) -> bytes:
    """JSON bytes of any parsed value; non-finite numbers inside lists as words."""
    return _ENCODE(_finite(value))


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return value


def console(lines: Iterable[str], offset: int, now_ms: int) -> list[ConsoleLine]:
    """Lines of output.log, structured or with the `ERROR <time> ` prefix, at their numbers."""
    return [_console(line, offset + n, now_ms) for n, line in enumerate(lines)]


def _console(line: str, number: int, now_ms: int) -> ConsoleLine:
    if line.startswith('{"'):
        try:
            said = msgspec.json.decode(line)
            stream = "stderr" if said.get("level") == "error" else "stdout"
            return ConsoleLine(stream, number, now_ms, str(said.get("content", "")))
        except (msgspec.MsgspecError, AttributeError):
            pass
    if match := _STAMPED.match(line):
        return ConsoleLine("stderr" if match[1] else "stdout", number, now_ms, match[3])
    return ConsoleLine("stdout", number, now_ms, line)


def config(text: str) -> dict[str, Any]:
    """Their `{key: {value: …}}` as ours; `_wandb` is kept as it came."""
    found = parse(text)
    if not isinstance(found, dict):
        return {}
    return {
        str(key): item["value"] if isinstance(item, dict) and "value" in item else item
        for key, item in found.items()
    }


def config_text(values: Mapping[str, Any]) -> str:
    """Ours as theirs."""
    return json.dumps({key: {"value": value} for key, value in values.items()})


def verdict(exit_code: int) -> Verdict:
    """What `complete` with this code means."""
    facts = Evidence(source="wandb", exit_code=exit_code)
    match exit_code:
        case 0:
            return Verdict(State.FINISHED, CauseKind.FINISHED, Confidence.PROVEN, facts)
        case 255:
            return Verdict(State.KILLED, CauseKind.INTERRUPTED, Confidence.PROVEN, facts)
        case 254:
            return Verdict(State.CRASHED, CauseKind.EXIT_CODE, Confidence.PROVEN, facts)
        case _:
            return Verdict(State.FAILED, CauseKind.EXIT_CODE, Confidence.PROVEN, facts)


def row_text(row: Row) -> str:
    """A row as a line of their history."""
    return json.dumps(row_object(row))


def row_object(row: Row) -> dict[str, Any]:
    """A row with their names for step and time."""
    return {**row.values, STEP: row.step, TIME: row.at / 1000}


def history_keys(stats: Iterable[KeyStats], last_step: int) -> dict[str, Any]:
    """Which keys there are, as they describe them."""
    keys = {
        each.key: {
            "typeCounts": [{"type": each.kind, "count": each.count}],
            "monotonic": False,
            "previousValue": each.last,
        }
        for each in stats
    }
    keys[STEP] = {"typeCounts": [{"type": "number", "count": last_step + 1}], "monotonic": True}
    return {"sets": [], "keys": keys, "lastStep": last_step}
