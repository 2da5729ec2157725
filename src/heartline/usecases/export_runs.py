"""Runs with all their values, page by page, to be kept elsewhere. Never formats a file."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heartline.core.filters.fields import duration_ms
from heartline.core.lifecycle import Now
from heartline.core.records import RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.find_runs import LIMIT_MAX, find_runs, visible_projects
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery

FIELDS_MAX = 500
RUNS_MAX = 100_000
OTHERS = "more"
"""The column of all fields beyond `FIELDS_MAX`, as JSON."""

PLAIN = (
    "entity", "project", "id", "name", "state", "cause", "confidence", "user", "host", "group",
    "job_type", "sweep", "tags", "notes", "client", "attempt", "last_step", "created_at",
    "started_at", "ended_at", "duration_ms",
)  # fmt: skip
NUMBERS = frozenset({"attempt", "last_step", "created_at", "started_at", "ended_at", "duration_ms"})


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order of `PLAIN` and then the fields; `total` runs match in all."""

    rows: Sequence[Sequence[Any]]
    total: int


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


def export_page(
    tx: Transaction, who: Principal, asked: RunQuery, fields: Sequence[str], offset: int, now: Now
) -> Page | Refused:
    """The runs from `offset` on, as many as one page holds."""
    query = RunQuery(
        entity=asked.entity, project=asked.project, filters=asked.filters, order=asked.order,
        limit=min(LIMIT_MAX, RUNS_MAX - offset), offset=offset,
    )  # fmt: skip
    answer = find_runs(tx, who, query, now)
    if isinstance(answer, Refused):
        return answer
    if offset == 0 and answer.total > RUNS_MAX:
        told = f"{answer.total} runs match, and a file holds {RUNS_MAX}: filter, say by `created`"
        return Refused("unprocessable", told)
    known = tx.runs.indexed([run.key for run in answer.runs], None)
    rows = []
    for run in answer.runs:
        rows.append([*_plain(run, now), *_values(known.get(run.key, {}), fields)])
    return Page(rows, answer.total)


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
