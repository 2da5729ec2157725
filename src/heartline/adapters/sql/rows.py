"""Between rows and run records: the only place that knows both. Never runs a statement."""

import math
from dataclasses import replace
from typing import Any

import msgspec
import sqlalchemy as sa

from heartline.adapters.sql.tables import bodies, lives, projects, runs
from heartline.core.lifecycle import Entry, Run, deadline
from heartline.core.records import MetricRule, RunKey, RunPath, RunRecord

_PLAIN = (
    "name", "user", "group", "job_type", "sweep", "notes", "host", "client", "created_at",
    "started_at", "ended_at",
)  # fmt: skip
LIFE = msgspec.msgpack.Decoder(Run)
_ENTRY = msgspec.msgpack.Decoder(Entry)


class Body(msgspec.Struct, array_like=True):
    """The nested values of a run, kept together because they are read together."""

    config: dict[str, Any]
    summary: dict[str, Any]
    environment: dict[str, Any]
    metrics: list[MetricRule]


_BODY = msgspec.msgpack.Decoder(Body)


def select() -> sa.Select[Any]:
    """Everything that makes up a record."""
    return (
        sa.select(runs, lives.c.version, lives.c.life, lives.c.progress_at, lives.c.last_step,
                  bodies.c.told, bodies.c.body, projects.c.entity,
                  projects.c.name.label("project_name"))
        .join(lives, lives.c.run == runs.c.key)
        .join(bodies, bodies.c.run == runs.c.key)
        .join(projects, projects.c.key == runs.c.project)
    )  # fmt: skip


def record(row: Any, labels: dict[int, list[str]]) -> RunRecord:
    """A record from a row of `select`."""
    body = _BODY.decode(row.body)
    return RunRecord(
        key=RunKey(row.key),
        path=RunPath(row.entity, row.project_name, row.id),
        life=LIFE.decode(row.life),
        told=_ENTRY.decode(row.told),
        version=row.version,
        progress_at=row.progress_at,
        last_step=row.last_step,
        tags=tuple(labels.get(row.key, ())),
        config=body.config,
        summary=body.summary,
        environment=body.environment,
        metrics=tuple(body.metrics),
        **{name: row._mapping[name] for name in _PLAIN},
    )


def wide(record: RunRecord) -> dict[str, Any]:
    """The columns of `runs`."""
    return {
        "id": record.path.id,
        "state": record.state.value,
        "since": record.life.since,
        "cause": record.told.cause.value,
        "confidence": record.told.confidence.name.lower(),
        "attempt": record.life.attempt.epoch,
        **{name: getattr(record, name) for name in _PLAIN},
    }


def nested(record: RunRecord) -> dict[str, bytes]:
    """The columns of `bodies`."""
    body = Body(
        dict(record.config), dict(record.summary), dict(record.environment), list(record.metrics)
    )
    return {"told": msgspec.msgpack.encode(record.told), "body": msgspec.msgpack.encode(body)}


def narrow(run: Run, progress_at: int | None, last_step: int) -> dict[str, Any]:
    """The columns of `lives` but its version."""
    return {
        "deadline": deadline(run),
        "heard_at": max((w.heard_wall for w in run.writers if w.id), default=None),
        "progress_at": progress_at,
        "last_step": last_step,
        "life": msgspec.msgpack.encode(run),
    }


def keyed(record: RunRecord, key: RunKey, version: int) -> RunRecord:
    """The record as it is stored now."""
    return replace(record, key=key, version=version)


def indexed(value: float | str) -> dict[str, Any]:
    """A value as the index keeps it; NaN has no place in an order."""
    if isinstance(value, str):
        return {"number": None, "text": value}
    return {"number": None if math.isnan(value) else value, "text": None}
