"""Lines put at offsets, exactly once: a repeat changes nothing, a gap holds nothing up.

For clients that count lines per file and attempt. Never judges who is alive.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from heartline.core.records import Block, Column, ConsoleLine, ObjectPoint, RunRecord, Stream
from heartline.ports import Transaction

OFFSETS = "offsets"
STEP_MAX = (1 << 53) - 1
FORK_ROWS_MAX = 1_000_000
MISSING_MAX = 100
NONE_YET = -1


@dataclass(frozen=True, slots=True)
class Lines:
    """`count` lines at an offset; `block` is what could be read, `places` which line each row was.

    `stepless` rows bear no step of their own: they follow what the run has.
    """

    offset: int
    count: int
    block: Block | None
    places: Sequence[int] = ()
    stepless: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where lines go: an attempt of a run, and the client that counts them.

    `again` if a log is sent once more from its beginning; `after` if the rows follow the run's
    last one, since several clients count their steps without knowing of each other.
    """

    run: RunRecord
    epoch: int
    client: str
    again: bool = False
    after: bool = False

    def stream(self, name: str) -> Stream:
        """One exactly-once stream per client and file."""
        return Stream(self.run.key, self.epoch, f"{self.client}/{name}")


@dataclass(frozen=True, slots=True)
class _Counted:
    """What has come of a file: from `base` on, as many lines as are durable, but for `missing`."""

    base: int
    missing: tuple[tuple[int, int], ...] = ()


def put_rows(tx: Transaction, place: Place, lines: Lines, *, system: bool = False) -> int:
    """Take what is new of these lines; the newest step that was taken, or `NONE_YET`.

    Lines that never came hold nothing up, and are taken if they come after all.
    """
    stream = place.stream("events" if system else "history")
    # Held before anything is read: of two posts that overlap, the second would lose its lines.
    durable = tx.series.durable(stream, hold=True)
    offset = _offset(tx, place, stream, lines.offset)
    known = _counted(tx, stream, offset)
    taken, after = _new(known, known.base + durable, offset, offset + lines.count)
    if not taken:
        return NONE_YET
    count = sum(end - start for start, end in taken)
    following = max(known.base + durable, offset + lines.count)
    _keep(tx, stream, known, _Counted(following - durable - count, after))
    block = _rows_of(lines, [(start - offset, end - offset) for start, end in taken])
    if block is None:
        _append(tx, stream, durable, count)
        return NONE_YET
    if system:
        _append(tx, stream, durable, count, system=(block,))
        return NONE_YET
    if place.after or lines.stepless:
        block = _moved(block, place.run.last_step + 1, always=lines.stepless)
    _append(tx, stream, durable, count, history=(block,))
    return max(block.steps)


def repeated(tx: Transaction, place: Place, lines: Lines, *, system: bool = False) -> bool:
    """Whether every one of these lines is here already."""
    stream = place.stream("events" if system else "history")
    document = _document(tx, stream)
    if document is None:
        return False
    known = _counted(tx, stream, lines.offset)
    end = known.base + tx.series.durable(stream)
    return not _new(known, end, lines.offset, lines.offset + lines.count)[0]


def _append(
    tx: Transaction, stream: Stream, first: int, count: int, *,
    history: Sequence[Block] = (), system: Sequence[Block] = (),
) -> None:  # fmt: skip
    moved = tx.series.append(stream, first, count, history=history, system=system)
    assert moved == first + count, "nobody else moves a stream that is held"


def put_console(tx: Transaction, place: Place, lines: Sequence[ConsoleLine]) -> None:
    """Lines at their numbers; the same number again replaces what is there."""
    stream = place.stream("console")
    offset = _offset(tx, place, stream, lines[0].number)
    _counted(tx, stream, offset)
    by = offset - lines[0].number
    moved = [replace(line, number=line.number + by) for line in lines] if by else lines
    durable = tx.series.durable(stream, hold=True)
    end = max(line.number for line in moved) + 1
    if end > durable:
        tx.series.append(stream, durable, end - durable, lines=moved)
    else:
        tx.series.put_lines(stream.run, stream, moved)


def printed(tx: Transaction, place: Place, lines: Sequence[ConsoleLine]) -> bool:
    """Whether this client has come as far as these lines before; an early version kept no count."""
    stream = place.stream("console")
    durable = tx.series.durable(stream)
    if not durable:
        return _document(tx, stream) is not None
    return all(line.number < durable for line in lines)


def missing_rows(tx: Transaction, record: RunRecord) -> int:
    """How many lines of history have not come, though later ones of the same attempt have."""
    known = tx.accounts.documents(OFFSETS, str(record.key))
    return sum(
        end - start
        for name, body in known.items()
        if name.startswith(f"{record.life.attempt.epoch}/") and name.endswith("/history")
        for start, end in body["missing"]
    )


def _name(stream: Stream) -> str:
    return f"{stream.epoch}/{stream.spool}"


def _document(tx: Transaction, stream: Stream) -> Mapping[str, Any] | None:
    return tx.accounts.document(OFFSETS, str(stream.run), _name(stream))


def _offset(tx: Transaction, place: Place, stream: Stream, offset: int) -> int:
    """A log that is sent again counts from 0, wherever its attempt began to count."""
    known = _document(tx, stream) if place.again else None
    return offset if known is None else offset + int(known["first"])


def _counted(tx: Transaction, stream: Stream, offset: int) -> _Counted:
    """The first offset of an attempt is its base: a resumed run goes on counting where it was."""
    known = _document(tx, stream)
    if known is not None:
        return _Counted(int(known["base"]), tuple((a, b) for a, b in known["missing"]))
    missing = ((0, offset),) if offset and stream.epoch == 1 else ()
    body = {"first": offset, "base": offset, "missing": missing}
    tx.accounts.put_document(OFFSETS, str(stream.run), _name(stream), body)
    return _Counted(offset, missing)


def _keep(tx: Transaction, stream: Stream, old: _Counted, new: _Counted) -> None:
    """Nothing to write while lines come one after the other: what is durable says it."""
    if old == new:
        return
    known = _document(tx, stream)
    assert known is not None, "it was read just now"
    body = {"first": known["first"], "base": new.base, "missing": _few(new.missing)}
    tx.accounts.put_document(OFFSETS, str(stream.run), _name(stream), body)


def _few(missing: Sequence[tuple[int, int]]) -> Sequence[tuple[int, int]]:
    """At most `MISSING_MAX`: beyond, the nearest become one, so that no late line is refused.

    What lies between those two is here, and would be stored twice if it were sent again.
    """
    kept = list(missing)
    while len(kept) > MISSING_MAX:
        at = min(range(len(kept) - 1), key=lambda n: kept[n + 1][0] - kept[n][1])
        kept[at : at + 2] = [(kept[at][0], kept[at + 1][1])]
    return kept


def _new(
    known: _Counted, expected: int, start: int, end: int
) -> tuple[list[tuple[int, int]], tuple[tuple[int, int], ...]]:
    """Which lines of `start` to `end` were not here yet, and what is missing after them."""
    taken, after = [], []
    for first, last in known.missing:
        low, high = max(first, start), min(last, end)
        if low >= high:
            after.append((first, last))
            continue
        taken.append((low, high))
        after += [(a, b) for a, b in ((first, low), (high, last)) if a < b]
    if end > expected:
        taken.append((max(start, expected), end))
        if start > expected:
            after.append((expected, start))
    return taken, tuple(after)


def _rows_of(lines: Lines, taken: Sequence[tuple[int, int]]) -> Block | None:
    """The rows of these lines; mostly all of them."""
    block = lines.block
    if block is None or taken == [(0, lines.count)]:
        return block
    kept = [
        row
        for row, place in enumerate(lines.places)
        if any(start <= place < end for start, end in taken)
    ]
    if not kept:
        return None
    place_of = {row: n for n, row in enumerate(kept)}
    columns = []
    for column in block.columns:
        at = range(len(block.steps)) if column.rows is None else column.rows
        pairs = [
            (place_of[row], value)
            for row, value in zip(at, column.values, strict=True)
            if row in place_of
        ]
        if pairs:
            columns.append(Column(column.key, [v for _, v in pairs], [row for row, _ in pairs]))
    objects = tuple(
        replace(each, row=place_of[each.row]) for each in block.objects if each.row in place_of
    )
    steps, times = ([values[row] for row in kept] for values in (block.steps, block.times))
    return Block(steps, times, tuple(columns), objects)


def _moved(block: Block, next_step: int, *, always: bool) -> Block:
    """The block with its first step at `next_step`, or where it is if that is later."""
    by = next_step - min(block.steps)
    if by <= 0 and not always:
        return block
    return replace(block, steps=[min(step + by, STEP_MAX) for step in block.steps])


def inherit(tx: Transaction, child: RunRecord, parent: RunRecord, step: int) -> RunRecord:
    """A fork shows its parent's history up to `step`, kept as its own from now on."""
    rows = tx.series.scan(parent.key, None, max_step=step + 1, limit=FORK_ROWS_MAX)
    if not rows:
        return child
    columns: dict[str, tuple[list[int], list[float]]] = {}
    objects: list[ObjectPoint] = []
    for at, row in enumerate(rows):
        for key, value in row.values.items():
            if isinstance(value, float):
                places, values = columns.setdefault(key, ([], []))
                places.append(at)
                values.append(value)
            else:
                objects.append(ObjectPoint(key, at, msgspec.json.encode(value)))
    block = Block(
        [row.step for row in rows],
        [row.at for row in rows],
        tuple(Column(key, values, places) for key, (places, values) in columns.items()),
        tuple(objects),
    )
    stream = Stream(child.key, child.life.attempt.epoch, "inherited")
    tx.series.append(stream, 0, len(rows), history=(block,))
    return tx.runs.save(replace(child, last_step=max(child.last_step, rows[-1].step)))
