"""Between the `wandb` client's words and ours, both ways. Pure and total: any line gives a result.

A line of history is JSON extended by NaN, Infinity and -Infinity. Numbers become columns, nested
mappings keys with dots, everything else objects. What cannot be read is counted, never fatal.
"""

import json
import math
import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from heartline.core.lifecycle import CauseKind, Confidence, Evidence, State, Verdict
from heartline.core.lifecycle.classify import Signs, classify
from heartline.core.records import Block, Column, ConsoleLine, KeyStats, ObjectPoint, Row
from heartline.wire.ingest import KEY_CHARS_MAX, LINE_CHARS_MAX

INTERNAL = "_wandb"
STEP, TIME = "_step", "_timestamp"
KILLED, CRASHED = 255, 254
PREFIX_MAX, LABEL_CHARS_MAX = 256, 40
INT64_MAX = 2**63 - 1
_STAMPED = re.compile(r"^(ERROR )?(\d{4}-\d\d-\d\dT[\d:.]+) ?(.*)$", re.DOTALL)
_ENCODE = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Translated:
    """The rows of some lines: which line each was, and whether none of them named its step."""

    block: Block | None
    places: Sequence[int]
    unreadable: int
    stepless: bool = False


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


def rows(lines: Iterable[str]) -> Translated:
    """History or event lines as one block; a line without a step follows the one before."""
    steps, times, places = array("q"), array("q"), array("I")
    columns: dict[str, tuple[array[int], array[float]]] = {}
    objects: list[ObjectPoint] = []
    unreadable, next_step, named = 0, 0, False
    for place, line in enumerate(lines):
        data = parse_quietly(line)
        if not isinstance(data, dict):
            unreadable += 1
            continue
        step = _step(data.get(STEP))
        named = named or step is not None
        next_step = (next_step if step is None else step) + 1
        places.append(place)
        steps.append(next_step - 1)
        times.append(_millis(data.get(TIME)))
        _fill(columns, objects, len(steps) - 1, data, "")
    if not steps:
        return Translated(None, (), unreadable)
    made = tuple(
        Column(key, values, None if len(found) == len(steps) else found)
        for key, (found, values) in columns.items()
    )
    return Translated(Block(steps, times, made, tuple(objects)), places, unreadable, not named)


def _step(said: Any) -> int | None:
    good = isinstance(said, int | float) and 0 <= said < 1 << 53
    return int(said) if good else None


def _millis(seconds: Any) -> int:
    good = isinstance(seconds, int | float) and 0 <= seconds < 1 << 40
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
            column = columns.get(key)
            if column is None:
                if not _fits(key):
                    continue
                column = columns[key] = (array("I"), array("d"))
            if not column[0] or column[0][-1] != row:
                column[0].append(row)
                column[1].append(_float(value))
        elif isinstance(value, dict) and value and "_type" not in value and len(key) < PREFIX_MAX:
            _fill(columns, objects, row, value, f"{key}.")
        elif value is not None and _fits(key):
            objects.append(ObjectPoint(key, row, encode(value)))


def _fits(key: str) -> bool:
    return 0 < len(key) <= KEY_CHARS_MAX and text(key) == key


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def encode(value: Any) -> bytes:
    """JSON bytes of any parsed value, as it can be kept."""
    return _ENCODE(_kept(value))


def stored(values: Mapping[str, Any]) -> dict[str, Any]:
    """A config or summary as it can be kept."""
    found: dict[str, Any] = _kept(values)
    return found


def _kept(value: Any) -> Any:
    """Numbers that JSON lacks as words, huge ones as floats, and text that is text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, int) and abs(value) > INT64_MAX:
        return _kept(_float(value))
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return {text(str(key)): _kept(item) for key, item in value.items()}
    return [_kept(item) for item in value] if isinstance(value, list) else value


def text(said: str) -> str:
    """Without what no database and no page can hold: NUL, and halves of characters."""
    if said.isascii() and "\0" not in said:
        return said
    return said.replace("\0", "").encode(errors="replace").decode()


def console(lines: Iterable[str], offset: int, now_ms: int) -> list[ConsoleLine]:
    """Lines of output.log, structured or with the `ERROR <time> ` prefix, at their numbers."""
    return [_console(line, offset + n, now_ms) for n, line in enumerate(lines)]


def _console(line: str, number: int, now_ms: int) -> ConsoleLine:
    """The stream bears the label of its writer, if it has one: `stderr rank-3`."""
    if line.startswith('{"'):
        said = parse_quietly(line)
        if isinstance(said, dict) and isinstance(found := said.get("content"), str):
            stream = "stderr" if said.get("level") == "error" else "stdout"
            label = text(str(said.get("label") or ""))[:LABEL_CHARS_MAX]
            return _line(
                f"{stream} {label}".strip(), number, _moment(said.get("ts"), now_ms), found
            )
    if match := _STAMPED.match(line):
        stream = "stderr" if match[1] else "stdout"
        return _line(stream, number, _moment(match[2], now_ms), match[3])
    return _line("stdout", number, now_ms, line)


def _line(stream: str, number: int, at: int, said: str) -> ConsoleLine:
    return ConsoleLine(stream, number, at, text(said[:LINE_CHARS_MAX]))


def _moment(said: Any, otherwise: int) -> int:
    """Their time of a line, which is UTC without saying so."""
    try:
        told = datetime.fromisoformat(str(said))
        return int((told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp() * 1000)
    except (ValueError, OverflowError):
        return otherwise


def config(said: Mapping[str, Any]) -> dict[str, Any]:
    """Their `{key: {value: …}}` as ours; `_wandb` is kept as it came."""
    return stored(
        {
            str(key): item["value"] if isinstance(item, dict) and "value" in item else item
            for key, item in said.items()
        }
    )


def config_text(values: Mapping[str, Any]) -> str:
    """Ours as theirs."""
    return json.dumps({key: {"value": value} for key, value in values.items()})


def verdict(exit_code: int, *, seen: bool = True) -> Verdict:
    """What `complete` with this code means.

    A log that ends without a word of the end is sent later with code 1, which nobody has seen; a
    program that exits with 1 by itself cannot be told from it.
    """
    facts = Evidence(source="wandb", exit_code=exit_code)
    if exit_code == KILLED:
        return Verdict(State.KILLED, CauseKind.INTERRUPTED, Confidence.PROVEN, facts)
    if exit_code == CRASHED:
        return Verdict(State.CRASHED, CauseKind.EXIT_CODE, Confidence.PROVEN, facts)
    if exit_code == 1 and not seen:
        unseen = Evidence(source="wandb", notes=("its log has no end, or it exited with code 1",))
        return Verdict(State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED, unseen)
    return classify(Signs(exit_code=exit_code, evidence=Evidence(source="wandb")))


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
