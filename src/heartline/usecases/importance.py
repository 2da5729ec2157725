"""Which runs say something about a metric, and by which configuration. Never computes a forest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from heartline.core.lifecycle import Now
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.find_runs import visible_projects
from heartline.usecases.group_runs import Values, pick
from heartline.usecases.refusal import Refused
from heartline.wire.charts import ImportanceQuery

FIELDS_MAX = 200
RUNS_MAX = 5_000


@dataclass(frozen=True, slots=True)
class Samples:
    """The metric of each run, with the values of the configuration in the order of `fields`."""

    fields: Sequence[str]
    targets: Sequence[float]
    rows: Sequence[Values]
    total: int


def samples(tx: Transaction, who: Principal, asked: ImportanceQuery, now: Now) -> Samples | Refused:
    """Runs that have the metric as a finite number, and every configuration field of theirs."""
    projects = visible_projects(tx, who, asked.entity, asked.project)
    if isinstance(projects, Refused):
        return projects
    where = (projects[0].entity, projects[0].name)
    known = tx.runs.fields(where, "config.", FIELDS_MAX)
    fields = [field for field in known if field.startswith("config.")]
    found = pick(tx, who, asked, [asked.metric, *fields], now, RUNS_MAX)
    if isinstance(found, Refused):
        return found
    rows = [
        values
        for _, values in found.rows
        if isinstance(values[0], int | float) and math.isfinite(values[0])
    ]
    targets = [float(values[0]) for values in rows]
    return Samples(fields, targets, [values[1:] for values in rows], found.total)
