"""Runs with all their values, page by page, to be kept elsewhere. Never formats a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heartline.core.filters.fields import duration_ms
from heartline.core.lifecycle import Now
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.find_runs import question, visible_projects
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import summary_of
from heartline.wire.api import RunQuery

FIELDS_MAX = 500
RUNS_MAX = 100_000
PAGE_RUNS, WHOLE_PAGE_RUNS = 1_000, 100
OTHERS = "more"
"""The column of all fields beyond `FIELDS_MAX`, as JSON."""

PLAIN = (
    "entity", "project", "id", "name", "state", "cause", "confidence", "user", "host", "group",
    "job_type", "sweep", "tags", "notes", "client", "attempt", "last_step", "created_at",
    "started_at", "ended_at", "duration_ms",
)  # fmt: skip
NUMBERS = frozenset({"attempt", "last_step", "created_at", "started_at", "ended_at", "duration_ms"})


def export_fields(
    tx: Transaction, who: Principal, entity: str, project: str
) -> Sequence[str] | Refused:
    """The config and summary columns of a project's export, and one for what is beyond them."""
    found = visible_projects(tx, who, entity, project)
    if isinstance(found, Refused):
        return found
    if not project:
        return Refused("unprocessable", "name a project: export?entity=…&project=…")
    names = tx.runs.fields((found[0].entity, found[0].name), "", FIELDS_MAX + 1)
    return names if len(names) <= FIELDS_MAX else [*names[:FIELDS_MAX], OTHERS]


def export_keys(
    tx: Transaction, who: Principal, asked: RunQuery, now: Now
) -> Sequence[RunKey] | Refused:
    """All that match at one moment, in order: pages of a list that changes would miss some."""
    found = question(tx, who, asked, now)
    if isinstance(found, Refused):
        return found
    keys = tx.runs.keys(replace(found, limit=RUNS_MAX + 1, offset=0))
    if len(keys) > RUNS_MAX:
        told = (
            f"more than {RUNS_MAX} runs match, and a file holds no more: filter, say by `created`"
        )
        return Refused("unprocessable", told)
    return keys


def export_rows(
    tx: Transaction, who: Principal, keys: Sequence[RunKey], fields: Sequence[str], now: Now
) -> Sequence[Sequence[Any]]:
    """These runs, as far as they are still there to be seen: `PLAIN`, then the fields."""
    runs = {run.key: run for run in tx.runs.get_many(keys) if who.may_see(run.path.entity)}
    known = tx.runs.indexed(list(runs), None)
    return [
        [*_plain(runs[key], now), *_values(known.get(key, {}), fields)]
        for key in keys if key in runs
    ]  # fmt: skip


def export_whole(
    tx: Transaction, who: Principal, keys: Sequence[RunKey]
) -> Sequence[tuple[RunRecord, Mapping[str, Any]]]:
    """These runs, as far as they are still there to be seen, each with its whole summary."""
    runs = {run.key: run for run in tx.runs.get_many(keys) if who.may_see(run.path.entity)}
    logged = tx.series.keys(list(runs))
    return [(runs[key], summary_of(runs[key], logged[key])) for key in keys if key in runs]


def _values(mine: Mapping[str, float | str], fields: Sequence[str]) -> list[Any]:
    found: list[Any] = [mine.get(field) for field in fields]
    if fields and fields[-1] == OTHERS:
        named = set(fields)
        others = {name: value for name, value in mine.items() if name not in named}
        found[-1] = json.dumps(others, ensure_ascii=False) if others else None
    return found


def _plain(run: RunRecord, now: Now) -> list[Any]:
    told = run.told
    return [
        run.path.entity, run.path.project, run.path.id, run.name, run.state.value,
        told.cause.value, told.confidence.name.lower(), run.user, run.host, run.group,
        run.job_type, run.sweep, ", ".join(run.tags), run.notes, run.client,
        run.life.attempt.epoch, run.last_step, run.created_at, run.started_at, run.ended_at,
        duration_ms(run, now),
    ]  # fmt: skip
