"""Records of a spool as the columns of a batch. Pure: never reads, sends or knows a clock.

Steps that go back are refused per key and counted; everything else in the same record is kept.
"""

from array import array
from typing import Any

import msgspec

from heartline.wire import ingest, spool

OBJECT_BYTES_MAX = 1_000_000
_JSON = msgspec.json.Encoder().encode
_EMPTY = b""
KEY_TOLD_CHARS = 80
BACK = "its step went back (steps of a key must not decrease)"
NONE = "None is no value (log float('nan') where a number is missing)"
OWN = "the row's own, set by log(..., step=) and the clock; choose another name"
RESERVED = frozenset({"_step", "_timestamp"})
NUMBER = "a number"
TORN = "could not be read"


State = tuple[dict[str, int], int, dict[str, int]]


class Builder:
    """One kind of rows (history, or system metrics) on its way into a block."""

    def __init__(self) -> None:
        self.last_step: dict[str, int] = {}
        self.newest = -1
        self.refused: dict[str, int] = {}
        self.mixed: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._clear()

    def _clear(self) -> None:
        self._steps, self._times = array("q"), array("q")
        self._columns: dict[str, tuple[array[int], array[float]]] = {}
        self._objects: list[ingest.ObjectValue] = []

    @property
    def state(self) -> State:
        """What must be known of the rows so far, to judge the next."""
        return dict(self.last_step), self.newest, dict(self.refused)

    def restore(self, state: State) -> None:
        """As it was when this was its state: rows that are sent again are judged as before."""
        self.last_step, self.newest, self.refused = dict(state[0]), state[1], dict(state[2])
        self._clear()

    def refuse(self, key: str, why: str) -> None:
        """Count a value that is not kept."""
        told = f"{str(key)[:KEY_TOLD_CHARS]}: {why}"
        self.refused[told] = self.refused.get(told, 0) + 1

    def add(self, step: int, at_ms: int, data: dict[str, Any]) -> None:
        """One row."""
        if not 0 <= step <= ingest.INTEGER_MAX:
            self.refuse("step", f"must be 0 to {ingest.INTEGER_MAX}, got {step}")
            return
        row = len(self._steps)
        self._steps.append(step)
        self._times.append(at_ms)
        back = step < self.newest
        if not back:
            self.newest = step
        self._row(row, step, data, "", back)

    def _row(self, row: int, step: int, data: dict[str, Any], prefix: str, back: bool) -> None:
        columns = self._columns
        for name, value in data.items():
            key = f"{prefix}{name}" if prefix else name
            kind = type(value)
            if kind is dict and value and "_type" not in value:
                self._row(row, step, value, f"{key}.", back)
                continue
            if back and step < self._last(key):
                self.refuse(key, BACK)
                continue
            column = columns.get(key)
            if column is None and (wrong := _misnamed(key)):
                self.refuse(key, wrong)
                continue
            if kind is float or kind is int or kind is bool:
                try:
                    number = float(value)
                except OverflowError:
                    self._object(key, row, value)
                    continue
                if column is None:
                    column = columns[key] = (array("I"), array("d"))
                    self._said(key, NUMBER)
                if column[0] and column[0][-1] == row:
                    # `a.b` and `a` with a `b` in it are one key: the later value counts.
                    column[1][-1] = number
                    continue
                column[0].append(row)
                column[1].append(number)
            elif value is None:
                self.refuse(key, NONE)
            else:
                self._object(key, row, value)
                self._said(key, _word(value))

    def _said(self, key: str, word: str) -> None:
        """Numbers and others under a key are all kept, but it is said once."""
        was = self._kinds.setdefault(key, word)
        if (was == NUMBER) != (word == NUMBER) and key not in self.mixed:
            name = key[:KEY_TOLD_CHARS]
            self.mixed[key] = f"`{name}` was {was}, now {word}: its charts show the numbers alone"

    def _last(self, key: str) -> int:
        column = self._columns.get(key)
        here = self._steps[column[0][-1]] if column is not None else -1
        return max(here, self.last_step.get(key, -1))

    def _object(self, key: str, row: int, value: Any) -> None:
        json = _JSON(value)
        if len(json) > OBJECT_BYTES_MAX:
            self.refuse(key, f"a value of {len(json)} bytes (at most {OBJECT_BYTES_MAX})")
            return
        self._objects.append(ingest.ObjectValue(key, row, json))
        self.last_step[key] = max(self.last_step.get(key, -1), self._steps[row])

    def take(self) -> list[ingest.Block]:
        """The block so far, if it has any row; begins a new one."""
        if not self._steps:
            return []
        total = len(self._steps)
        columns = []
        for key, (rows, values) in self._columns.items():
            self.last_step[key] = max(self.last_step.get(key, -1), self._steps[rows[-1]])
            packed = _EMPTY if len(rows) == total else rows.tobytes()
            columns.append(ingest.Column(key, packed, values.tobytes()))
        block = ingest.Block(self._steps.tobytes(), self._times.tobytes(), columns, self._objects)
        self._clear()
        return [block]


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return f"a value of type {value['_type']}" if "_type" in value else "a mapping"
    return {str: "text", int: "an integer beyond all floats"}.get(type(value), "a list")


def _misnamed(key: Any) -> str | None:
    """What the server would refuse a whole batch for."""
    if not isinstance(key, str):
        return "a key must be text"
    if key in RESERVED:
        return OWN
    if not key or "\0" in key:
        return "a key has at least one character, and none of them is NUL"
    if len(key) > ingest.KEY_CHARS_MAX:
        return f"a key of {len(key)} characters (at most {ingest.KEY_CHARS_MAX})"
    return None


class Content:
    """What one batch holds, gathered record by record."""

    def __init__(self, history: Builder, system: Builder) -> None:
        self._history, self._system = history, system
        self.lines: dict[tuple[str, int], ingest.Line] = {}
        self.changes: list[ingest.Changes] = []
        self.files: list[tuple[int, str, str]] = []
        """Of each the place of its record in this batch, its name and its path."""
        self.preempting: bool | None = None
        self.stop_acknowledged = False
        self.count = 0

    def skip(self) -> None:
        """A record that the server will not have: its number is used up all the same."""
        self.count += 1

    def add(self, payload: bytes) -> None:
        """One record; one that cannot be understood is counted, never fatal."""
        self.count += 1
        try:
            self._take(spool.decode(payload))
        except Exception:  # noqa: BLE001 - no record may stop those behind it
            self._history.refuse("a record", TORN)

    def _take(self, record: list[Any]) -> None:
        match record[0]:
            case spool.LOG:
                self._history.add(record[1], int(record[2] * 1000), record[3])
            case spool.SYSTEM:
                self._system.add(record[1], int(record[2] * 1000), record[3])
            case spool.LINE:
                text = record[4][: ingest.LINE_CHARS_MAX]
                line = ingest.Line(record[1], record[2], record[3], text)
                self.lines[line.stream, line.number] = line
            case spool.CHANGES:
                self.changes.append(msgspec.convert(record[1], ingest.Changes))
            case spool.PREEMPTING:
                self.preempting = bool(record[1])
            case spool.FILE:
                self.files.append((self.count - 1, record[1], record[2]))
            case spool.STOP_ACK:
                self.stop_acknowledged = True
            case _:
                raise ValueError("a kind of record that is not known here")

    def forget(self) -> None:
        """These rows are on the server already: only what they taught the builders stays."""
        self._history.take()
        self._system.take()

    def into(self, batch: ingest.Batch) -> ingest.Batch:
        """The batch with this content."""
        return msgspec.structs.replace(
            batch,
            count=self.count,
            history=self._history.take(),
            system=self._system.take(),
            lines=list(self.lines.values()),
            changes=self.changes,
            stop_acknowledged=self.stop_acknowledged,
        )
