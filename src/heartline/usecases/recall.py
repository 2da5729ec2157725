"""Take what is sent of an attempt when a newer one has begun since. Never moves the run."""

from dataclasses import replace

from heartline.core.lifecycle import (
    LIVE,
    Actor,
    Attempt,
    Entry,
    Evidence,
    Exited,
    Now,
)
from heartline.core.lifecycle.recall import RECALLED, STARTED, Recalled, place, recall
from heartline.core.records import FileRecord, RunKey, RunRecord, Stream
from heartline.core.series.shown import later
from heartline.ports import Transaction
from heartline.usecases.told_late import happened_at
from heartline.wire.ingest import OpenRequest

LAUNCH_CHARS = 6


def past(tx: Transaction, record: RunRecord, request: OpenRequest, now: Now) -> int | None:
    """The epoch of what is told later, if a newer attempt had started since; else None."""
    began = happened_at(request.started_at, request.sent_at, now)
    if began is None or not (request.offline or request.ended) or not record.life.attempt.epoch:
        return None
    return place(tx.runs.ledger(record.key), began)


def opened(tx: Transaction, record: RunRecord, request: OpenRequest, epoch: int, now: Now) -> None:
    """A writer of an older attempt knocks: one line, if that was never heard in its time."""
    attempt = Attempt(epoch, request.launch)
    known = _lines(tx, record.key, attempt)
    in_its_time = known and known[0].input != RECALLED
    if in_its_time or any(entry.writer == request.writer for entry in known):
        return
    began = happened_at(request.started_at, request.sent_at, now)
    told = replace(STARTED, evidence=Evidence(happened_at=began))
    by = Actor("process", request.client)
    _keep(tx, record, Recalled(attempt, request.writer, told, by, request.rank, request.host), now)


def ended(tx: Transaction, key: RunKey, said: Exited, now: Now) -> bool:
    """How it ended, told once; whether it was news."""
    lines = [line for line in _lines(tx, key, said.attempt) if line.writer == said.writer]
    record = tx.runs.get(key)
    last = lines[-1] if lines else None
    if record is None or last is None or last.input != RECALLED or last.writer_state not in LIVE:
        return False
    told = Recalled(said.attempt, said.writer, said.verdict, said.by, last.rank, last.host)
    _keep(tx, record, told, now)
    return True


def file_path(tx: Transaction, key: RunKey, attempt: Attempt, file: FileRecord) -> str:
    """Where a file belongs: one of an older attempt is kept aside of another of its name."""
    record, there = tx.runs.get(key), tx.files.get(key, file.path)
    newest = record is None or attempt.epoch >= record.life.attempt.epoch
    if newest or there is None or there.sha256 == file.sha256:
        return file.path
    launch = "".join(c if c.isalnum() else "-" for c in attempt.nonce[:LAUNCH_CHARS])
    return f"attempts/{attempt.epoch}-{launch}/{file.path}"


def stream(tx: Transaction, key: RunKey, attempt: Attempt, spool: str, rank: int | None) -> Stream:
    """Where the records of an older attempt belong: no other launch writes there."""
    lines = _lines(tx, key, attempt)
    if lines and lines[0].input == RECALLED:
        spool = later(lines[0].evidence.happened_at or 0, attempt.nonce, spool)
    return Stream(key, attempt.epoch, spool, rank)


def _lines(tx: Transaction, key: RunKey, attempt: Attempt) -> list[Entry]:
    return [entry for entry in tx.runs.ledger(key) if entry.attempt == attempt]


def _keep(tx: Transaction, record: RunRecord, said: Recalled, now: Now) -> None:
    life, line = recall(record.life, said, now)
    tx.runs.save(replace(record, life=life), [line])
