"""Core values as API records. Never looks anything up."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from heartline.core.filters.fields import duration_ms, heard_at
from heartline.core.lifecycle import LIVE, Entry, Now, Writer
from heartline.core.lifecycle.ledger import Entry as LedgerLine
from heartline.core.lifecycle.view import View, not_stored, sentence, view, witness
from heartline.core.records import ARTIFACTS_REFUSED, TABLES_REFUSED, KeyStats, Row, RunRecord
from heartline.usecases.attempts import AttemptStory
from heartline.usecases.troubles import qualifier
from heartline.wire import api


def run_view(
    record: RunRecord,
    now: Now,
    *,
    config: Mapping[str, Any] | None = None,
    summary: Mapping[str, Any] | None = None,
    environment: Mapping[str, Any] | None = None,
) -> api.RunView:
    """A run as listed."""
    listed = _listed(record, view(record.life, record.told, now), now)
    listed.config = None if config is None else plain(config)
    listed.summary = None if summary is None else plain(summary)
    listed.environment = None if environment is None else plain(environment)
    return listed


def _listed(record: RunRecord, shown: View, now: Now) -> api.RunView:
    return api.RunView(
        key=record.key,
        entity=record.path.entity,
        project=record.path.project,
        id=record.path.id,
        name=record.name,
        state=shown.state.value,
        since=shown.since,
        cause=shown.cause.value,
        confidence=shown.confidence.name.lower(),
        sentence=shown.sentence,
        said_by=shown.by,
        created_at=record.created_at,
        started_at=record.started_at,
        ended_at=record.ended_at,
        heard_at=heard_at(record),
        silent_ms=shown.silent_ms,
        duration_ms=duration_ms(record, now),
        progress_at=record.progress_at,
        last_step=record.last_step,
        attempt=shown.attempt,
        ranks_live=shown.writers_live,
        ranks=shown.writers,
        world_size=record.world_size,
        user=record.user,
        host=record.host,
        group=record.group,
        job_type=record.job_type,
        sweep=record.sweep,
        notes=record.notes,
        client=record.client,
        tags=list(record.tags),
        stop=_stop(record),
        version=record.version,
        qualifier=qualifier(record, now),
        not_stored=not_stored(
            len(record.refused(ARTIFACTS_REFUSED)), len(record.refused(TABLES_REFUSED))
        ),
    )


def _stop(record: RunRecord) -> api.StopView | None:
    stop = record.life.stop
    if stop is None:
        return None
    by = f"{stop.by.kind} {stop.by.name}".strip()
    return api.StopView(by, stop.reason, stop.asked_at, stop.acknowledged_at)


def rank_view(writer: Writer, record: RunRecord, now: Now) -> api.RankView:
    """One writer of the newest attempt, with its own sentence."""
    line = LedgerLine(
        0, writer.heard_wall, "", record.life.attempt, None, writer.state, writer.cause,
        writer.by, writer.confidence, writer.evidence, host=writer.host,
    )  # fmt: skip
    live = writer.state in LIVE
    return api.RankView(
        writer=writer.id,
        rank=writer.rank,
        host=writer.host,
        state=writer.state.value,
        cause=writer.cause.value,
        confidence=writer.confidence.name.lower(),
        sentence=sentence(line),
        heard_at=writer.heard_wall,
        silent_ms=max(0, now.alive - writer.heard_at) if live else None,
    )


def ledger_entry(entry: Entry) -> api.LedgerEntry:
    """One line of the ledger."""
    facts = {
        k: v for k, v in msgspec.to_builtins(entry.evidence).items() if v not in (None, [], (), "")
    }
    return api.LedgerEntry(
        seq=entry.seq,
        at=entry.at,
        input=entry.input,
        attempt=entry.attempt.epoch,
        before=entry.before,
        after=entry.after.value,
        cause=entry.cause.value,
        sentence=sentence(entry),
        by=witness(entry),
        confidence=entry.confidence.name.lower(),
        evidence=facts,
        writer=entry.writer,
        writer_state=entry.writer_state,
        rank=entry.rank,
        host=entry.host,
        reason=entry.reason,
    )


def attempt_view(story: AttemptStory) -> api.AttemptView:
    """One attempt."""
    return api.AttemptView(
        epoch=story.epoch,
        started_at=story.started_at,
        ended_at=story.ended_at,
        state=story.state.value,
        cause=story.cause,
        sentence=story.sentence,
        writers=story.writers,
        hosts=list(story.hosts),
    )


def key_view(stats: KeyStats) -> api.KeyView:
    """A metric with its summary."""
    names = ("key", "kind", "count", "first", "last", "min", "max", "mean", "nan_count",
             "inf_count", "first_step", "last_step", "objects")  # fmt: skip
    found = {name: getattr(stats, name) for name in names}
    return api.KeyView(**found, media=_media(stats.last_json))


class _Typed(msgspec.Struct):
    type: str = msgspec.field(default="", name="_type")


def _media(json: bytes) -> str:
    """What an object says it is; nothing for plain lists, texts and mappings."""
    try:
        return msgspec.json.decode(json, type=_Typed).type if json else ""
    except msgspec.DecodeError:
        return ""


def history(rows: list[Row], limit: int | None = None) -> api.HistoryPage:
    """Rows of history; `next_step` when there may be more."""
    # Where another client logged these two under names of its own, the row's stand.
    own = [{"_step": row.step, "_timestamp": row.at / 1000} for row in rows]
    shown = [{**each, **plain(row.values), **each} for each, row in zip(own, rows, strict=True)]
    more = limit is not None and len(rows) >= limit
    return api.HistoryPage(shown, rows[-1].step + 1 if more and rows else None)


def plain(value: Any) -> Any:
    """Non-finite numbers as words, since JSON has none."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
