"""Runs of a client that keeps no attempts, writers or sequences itself: we keep them for it.

Such a client posts lines at offsets; any post says that it lives, one with an exit code that it
ended. Each start is an attempt whose nonce is ours; each posting client is a writer.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from heartline.core.lifecycle import (
    LIVE,
    Actor,
    Attempt,
    Changed,
    Confidence,
    Exited,
    Heard,
    Now,
    Started,
    Verdict,
    lease_ms,
)
from heartline.core.records import (
    Block,
    Column,
    ConsoleLine,
    ObjectPoint,
    RunKey,
    RunRecord,
    Stream,
)
from heartline.ports import Ids, Transaction
from heartline.usecases.keep import apply
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import index_summary

OFFSETS = "offsets"


@dataclass(frozen=True, slots=True)
class Lines:
    """Blocks of lines at an offset; `count` lines, of which the blocks are what could be read."""

    offset: int
    count: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Post:
    """What one post says."""

    client: str
    history: Lines | None = None
    events: Lines | None = None
    console: tuple[ConsoleLine, ...] = ()
    summary: dict[str, object] | None = None
    last_step: int = -1
    preempting: bool = False
    verdict: Verdict | None = None


def start(
    tx: Transaction, record: RunRecord, client: str, by: str, heartbeat_ms: int, ids: Ids, now: Now
) -> RunRecord:
    """A new attempt of the run, with this client as its first writer."""
    attempt = Attempt(record.life.attempt.epoch + 1, f"w-{ids.run_id()}")
    said = Started(
        attempt, client, 0, lease_ms(heartbeat_ms), Actor("process", by), None, record.host
    )
    record = replace(record, started_at=record.started_at or now.wall, ended_at=None, client=by)
    return apply(tx, record, said, now)[0]


def post(
    tx: Transaction, key: RunKey, said: Post, by: str, heartbeat_ms: int, ids: Ids, now: Now
) -> RunRecord | Refused:
    """Take a post; the record as it stands after it."""
    record = tx.runs.get(key)
    if record is None:
        return Refused("gone", "this run was deleted")
    record = _alive(tx, record, said, by, heartbeat_ms, ids, now)
    _append(tx, record, said)
    if said.last_step >= 0 or said.summary is not None:
        record = tx.runs.save(
            replace(
                record,
                last_step=max(record.last_step, said.last_step),
                progress_at=now.wall if said.last_step >= 0 else record.progress_at,
                summary=record.summary if said.summary is None else said.summary,
            )
        )
    if said.verdict is not None:
        record = _ended(tx, record, said.client, said.verdict, now)
    return record


def _alive(
    tx: Transaction, record: RunRecord, said: Post, by: str, heartbeat_ms: int, ids: Ids, now: Now
) -> RunRecord:
    """Heard; a run that had not started, or had ended for sure, is started again."""
    writer = record.life.writer(said.client)
    ended = record.state not in LIVE and (
        writer is None or writer.confidence is not Confidence.PRESUMED
    )
    if record.life.attempt.epoch == 0 or ended:
        record = start(tx, record, said.client, by, heartbeat_ms, ids, now)
        writer = record.life.writer(said.client)
    elif writer is None:
        lease = lease_ms(heartbeat_ms)
        joined = Started(record.life.attempt, said.client, 0, lease, Actor("process", by))
        record, _ = apply(tx, record, joined, now)
        writer = record.life.writer(said.client)
    assert writer is not None, "it was started or joined just now"
    heard = Heard(record.life.attempt, said.client, writer.seq + 1, said.preempting)
    return apply(tx, record, heard, now)[0]


def _ended(
    tx: Transaction, record: RunRecord, client: str, verdict: Verdict, now: Now
) -> RunRecord:
    writer = record.life.writer(client)
    assert writer is not None, "whoever posts has been heard"
    said = Exited(record.life.attempt, client, writer.seq + 1, verdict, Actor("process"))
    record, outcome = apply(tx, record, said, now)
    if isinstance(outcome, Changed):
        index_summary(tx, record.key)
    return record


def _append(tx: Transaction, record: RunRecord, said: Post) -> None:
    epoch = record.life.attempt.epoch
    if said.history is not None:
        _put(tx, record, epoch, f"{said.client}/history", said.history, system=False)
    if said.events is not None:
        _put(tx, record, epoch, f"{said.client}/events", said.events, system=True)
    if said.console:
        stream = Stream(record.key, epoch, f"{said.client}/console")
        tx.series.put_lines(record.key, stream, said.console)


def _put(
    tx: Transaction, record: RunRecord, epoch: int, spool: str, lines: Lines, *, system: bool
) -> None:
    """Put lines at their offset: those that are there already are not put twice.

    The first offset of an attempt is its base: a resumed run goes on counting where it was.
    """
    stream = Stream(record.key, epoch, spool)
    scope, name = str(record.key), f"{epoch}/{spool}"
    known = tx.accounts.document(OFFSETS, scope, name)
    durable = tx.series.durable(stream)
    base = lines.offset if known is None else int(known["base"])
    if known is None:
        tx.accounts.put_document(OFFSETS, scope, name, {"base": base})
    first = lines.offset - base
    if first + lines.count <= durable:
        return
    blocks = lines.blocks if first >= durable else _rest(lines.blocks, durable - first)
    count = lines.count - max(0, durable - first)
    if first > durable:
        # Lines that never came are behind us: what is here now must not wait for them.
        tx.accounts.put_document(OFFSETS, scope, name, {"base": base + first - durable})
    what: dict[str, Sequence[Block]] = {"system" if system else "history": blocks}
    tx.series.append(stream, durable, count, **what)  # type: ignore[arg-type]


def _rest(blocks: Sequence[Block], skip: int) -> tuple[Block, ...]:
    """The rows after the first `skip` ones; a repeat with some new lines at its end."""
    rest = []
    for block in blocks:
        rows = range(len(block.steps))
        columns = []
        for column in block.columns:
            at = list(rows if column.rows is None else column.rows)
            kept = [
                (row - skip, v) for row, v in zip(at, column.values, strict=True) if row >= skip
            ]
            if kept:
                columns.append(Column(column.key, [v for _, v in kept], [row for row, _ in kept]))
        objects = tuple(
            replace(each, row=each.row - skip) for each in block.objects if each.row >= skip
        )
        rest.append(Block(block.steps[skip:], block.times[skip:], tuple(columns), objects))
    return tuple(each for each in rest if len(each.steps))


FORK_ROWS_MAX = 1_000_000


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
