"""Take a batch: fence, heartbeat, records, changes, exit. Never acknowledges what is not saved."""

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from heartline.core.lifecycle import (
    LIVE,
    Actor,
    Attempt,
    CauseKind,
    Changed,
    Confidence,
    Entry,
    Evidence,
    Exited,
    Heard,
    Input,
    Now,
    Run,
    State,
    StopAcknowledged,
    Verdict,
    step,
)
from heartline.core.records import (
    Block,
    Column,
    ConsoleLine,
    MetricRule,
    ObjectPoint,
    RunKey,
    RunRecord,
    Stream,
)
from heartline.ports import Life, Transaction
from heartline.usecases import recall
from heartline.usecases.alerts import raise_alert
from heartline.usecases.deleted import was_deleted
from heartline.usecases.keep import keep
from heartline.usecases.names import METRIC_RULES_MAX, check_values, check_words
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import index_summary
from heartline.usecases.told_late import clock_ahead_ms, happened_at
from heartline.wire import ingest

GONE = "this run was deleted; nothing more is taken for it"
ANOTHERS = ingest.BatchReply(durable=0, reopen=True, refused="unknown run: open it again")
"""After a restore the number of a run may be that of another: whose it was knows its own path."""


@dataclass(frozen=True, slots=True)
class Received:
    """The reply, and what others should know: whether state, series or console changed.

    `life` is the run as stored; None where the batch was for another attempt or none.
    """

    reply: ingest.BatchReply
    topics: frozenset[str] = frozenset()
    life: Run | None = None


def receive(tx: Transaction, batch: ingest.Batch, now: Now) -> Received | Refused:
    """One batch in one unit of work; the reply's durable offset is the law for the client."""
    return received(tx, tx.runs.life(RunKey(batch.run)), batch, now)


def received(
    tx: Transaction, life: Life | None, batch: ingest.Batch, now: Now
) -> Received | Refused:
    """The same, where the life of its run was read already in this very unit."""
    key = RunKey(batch.run)
    if life is None:
        return _unknown(tx, key, batch.nonce)
    attempt = Attempt(batch.epoch, batch.nonce)
    if attempt != life.run.attempt:
        return _of_another_attempt(tx, key, batch, now)
    writer = life.run.writer(batch.writer)
    if writer is None:
        return Received(ingest.BatchReply(durable=0, reopen=True, refused="open this writer first"))
    stream = Stream(key, batch.epoch, batch.spool, writer.rank)
    taken, durable = _append(tx, stream, batch)
    topics = {"series"} if taken and (batch.history or batch.system) else set()
    topics |= {"console"} if taken and batch.lines else set()
    life = _progressed(life, batch if taken else None, now)
    heard, outcome = step(life.run, Heard(attempt, batch.writer, batch.seq, batch.preempting), now)
    moved = isinstance(outcome, Changed) and bool(outcome.entries)
    wide = moved or (taken and batch.changes) or batch.exit or batch.stop_acknowledged
    exit_taken, why = False, ""
    if wide:
        heard, exit_taken, why = _wide(tx, key, life, batch, now, durable, taken=taken)
        topics |= {"state"}
    elif isinstance(outcome, Changed) or taken:
        tx.runs.save_life(key, replace(life, run=heard))
    refused = "" if taken else f"expected record {durable}, got {batch.first}"
    reply = ingest.BatchReply(
        durable=durable, refused=refused or why, exit_taken=exit_taken, stop=stop_order(heard)
    )
    return Received(reply, frozenset(topics), heard)


def _unknown(tx: Transaction, key: RunKey, launch: str) -> Received | Refused:
    """Deleted is for ever; otherwise a backup was restored, and opening again heals it."""
    if was_deleted(tx, key, launch):
        return Refused("gone", GONE)
    return Received(ANOTHERS)


def _append(tx: Transaction, stream: Stream, batch: ingest.Batch) -> tuple[bool, int]:
    """Whether the records were taken (none is always taken), and the durable offset."""
    durable = tx.series.durable(stream)
    if not batch.count:
        return True, durable
    if batch.first != durable:
        return False, durable
    durable = tx.series.append(
        stream,
        batch.first,
        batch.count,
        history=[block(each) for each in batch.history],
        system=[block(each) for each in batch.system],
        lines=[_line(each) for each in batch.lines],
    )
    return durable == batch.first + batch.count, durable


def _line(said: ingest.Line) -> ConsoleLine:
    return ConsoleLine(said.stream, said.number, said.at, said.text[: ingest.LINE_CHARS_MAX])


def block(said: ingest.Block) -> Block:
    """A block of the wire as a core value, without copying its arrays."""
    return Block(
        memoryview(said.steps).cast("q"),
        memoryview(said.times).cast("q"),
        tuple(
            Column(
                each.key,
                memoryview(each.values).cast("d"),
                memoryview(each.rows).cast("I") if each.rows else None,
            )
            for each in said.columns
        ),
        tuple(ObjectPoint(each.key, each.row, each.json) for each in said.objects),
    )


def _progressed(life: Life, batch: ingest.Batch | None, now: Now) -> Life:
    steps = [memoryview(b.steps).cast("q") for b in batch.history if b.steps] if batch else []
    if not steps:
        return life
    last = max(max(part[0], part[-1]) for part in steps)
    return replace(life, progress_at=now.wall, last_step=max(life.last_step, last))


def _of_another_attempt(tx: Transaction, key: RunKey, batch: ingest.Batch, now: Now) -> Received:
    """A zombie's data lands in its own attempt; an unknown attempt must be opened again."""
    attempt = Attempt(batch.epoch, batch.nonce)
    if not any(entry.attempt == attempt for entry in tx.runs.ledger(key)):
        return Received(ANOTHERS)
    stream = recall.stream(tx, key, attempt, batch.spool, batch.rank)
    taken, durable = _append(tx, stream, batch)
    topics = {"series"} if taken and batch.count else set()
    said, told = batch.exit, False
    if said is not None:
        told = said.state != State.FINISHED or durable >= said.records
        if told and recall.ended(tx, key, exited(batch, said, now), now):
            topics |= {"state"}
    refused = "" if taken else f"expected record {durable}, got {batch.first}"
    reply = ingest.BatchReply(durable=durable, refused=refused, exit_taken=told, stale=True)
    return Received(reply, frozenset(topics))


def _wide(
    tx: Transaction, key: RunKey, life: Life, batch: ingest.Batch, now: Now, durable: int,
    *, taken: bool,
) -> tuple[Run, bool, str]:  # fmt: skip
    """All that touches the whole record, in one save: the run, was the exit taken, what misfits."""
    record = tx.runs.get(key)
    assert record is not None, "its life was just read in this very unit"
    record = replace(record, progress_at=life.progress_at, last_step=life.last_step)
    dropped = ""
    for changes in batch.changes if taken else ():
        after = changed(record, changes)
        wrong = _misfit(after, changes)
        record, dropped = (after, dropped) if wrong is None else (record, wrong)
        for alert in changes.alerts:
            at = alert.at - (clock_ahead_ms(batch.sent_at, now) or 0) if alert.at else now.wall
            raise_alert(tx, key, alert.title, alert.text, alert.level, at)
    run, entries, exit_taken, refused = _judged(record.life, batch, now, durable)
    record = keep(tx, record, run, entries, now)
    if exit_taken and batch.exit is not None:
        ended_at = _late(batch, batch.exit, now)
        if record.ended_at and ended_at:
            tx.runs.save(replace(record, ended_at=max(ended_at, record.started_at or 0)))
        index_summary(tx, key)
    return run, exit_taken, dropped or refused


def _judged(
    run: Run, batch: ingest.Batch, now: Now, durable: int
) -> tuple[Run, list[Entry], bool, str]:
    """The run after all that the batch says of it; whether its exit was taken, or why not."""
    attempt = Attempt(batch.epoch, batch.nonce)
    entries: list[Entry] = []
    inputs: list[Input] = [Heard(attempt, batch.writer, batch.seq, batch.preempting)]
    if batch.stop_acknowledged:
        inputs.append(StopAcknowledged(attempt, batch.writer))
    for said in inputs:
        run, outcome = step(run, said, now)
        entries += outcome.entries if isinstance(outcome, Changed) else ()
    if batch.exit is None:
        return run, entries, False, ""
    end = exited(batch, batch.exit, now)
    if end.verdict.state is State.FINISHED and durable < batch.exit.records:
        missing = f"records {durable} to {batch.exit.records} are missing: send them first"
        return run, entries, False, missing
    run, outcome = step(run, end, now)
    if isinstance(outcome, Changed):
        return run, [*entries, *outcome.entries], True, ""
    writer = run.writer(batch.writer)
    waits = writer is not None and writer.state in LIVE
    return run, entries, not waits, outcome.reason if waits else ""


def _misfit(record: RunRecord, said: ingest.Changes) -> str | None:
    """Why a change cannot be kept: it is dropped with its reason, the other records stay."""
    wrong = check_words(
        name=said.name,
        notes=said.notes,
        tags=said.tags,
        group=said.group,
        job_type=said.job_type,
    )
    for what in ("config", "summary", "environment"):
        if wrong is None and getattr(said, what):
            wrong = check_values(what, getattr(record, what))
    if wrong is None and len(record.metrics) > METRIC_RULES_MAX:
        wrong = f"at most {METRIC_RULES_MAX} metrics can be defined"
    return wrong and f"a change was dropped: {wrong}"


def _late(batch: ingest.Batch, said: ingest.Exit, now: Now) -> int | None:
    """When the process had ended, if that is told late."""
    return happened_at(said.at, batch.sent_at, now)


def exited(batch: ingest.Batch, said: ingest.Exit, now: Now) -> Exited:
    """The witness's word as an input; words we do not know are a bad request."""
    facts = msgspec.convert(said.evidence, Evidence)
    verdict = Verdict(
        State(said.state),
        CauseKind(said.cause),
        Confidence(said.confidence),
        replace(facts, happened_at=_late(batch, said, now)),
    )
    attempt = Attempt(batch.epoch, batch.nonce)
    return Exited(attempt, batch.writer, batch.seq, verdict, Actor(said.by))


def changed(record: RunRecord, said: ingest.Changes) -> RunRecord:
    """The record with what the program changed about it."""
    words: dict[str, Any] = {
        name: value
        for name in ("name", "notes", "group", "job_type")
        if (value := getattr(said, name)) is not None
    }
    if said.tags is not None:
        words["tags"] = tuple(dict.fromkeys(said.tags))
    return replace(
        record,
        **words,
        config=_merged(record.config, said.config, said.config_removed),
        summary=_merged(record.summary, said.summary, said.summary_removed),
        environment={**record.environment, **(said.environment or {})},
        metrics=_rules(record.metrics, said.metrics),
    )


def _merged(old: Any, new: dict[str, Any] | None, removed: list[str]) -> dict[str, Any]:
    found = {**old, **(new or {})}
    for name in removed:
        found.pop(name, None)
    return found


def _rules(
    old: tuple[MetricRule, ...], said: list[ingest.MetricDefinition]
) -> tuple[MetricRule, ...]:
    rules = {rule.name: rule for rule in old}
    for each in said:
        rules[each.name] = MetricRule(
            each.name, each.step_metric, tuple(each.summary), each.goal, each.hidden
        )
    return tuple(rules.values())


def stop_order(run: Run) -> ingest.StopOrder | None:
    """What a program is told of the stop request on its way."""
    if run.stop is None:
        return None
    by = f"{run.stop.by.kind} {run.stop.by.name}".strip()
    return ingest.StopOrder(by, run.stop.reason, run.stop.asked_at)
