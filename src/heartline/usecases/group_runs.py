"""Runs by the values of fields, all of them and not only those on a screen. Never draws."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from heartline.core.filters import FilterError
from heartline.core.filters.fields import field_value
from heartline.core.lifecycle import Now
from heartline.core.records import Envelope, RunRecord
from heartline.core.texts import number_text
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.find_runs import LIMIT_MAX, find_runs, naming, visible_projects
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery
from heartline.wire.charts import (
    GroupQuery,
    GroupWindowQuery,
    RunGroup,
    RunGroups,
    Selection,
    Spread,
)

GROUPED_RUNS_MAX = 10_000
LINES_MAX = 2_000
GROUPS_MAX = 200
DRAWN_GROUPS_MAX = 24
BY_MAX = 4
KEYS_MAX = 20
VALUED = ("config", "summary")

Values = tuple[Any, ...]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Picked:
    """Runs with the values of the fields that were asked for; `total` match in all."""

    rows: Sequence[tuple[RunRecord, Values]]
    total: int


@dataclass(frozen=True, slots=True)
class GroupLines:
    """The lines of the members of one group, for one key; `of` runs are in the group.

    All groups together are of the newest `counted` runs of the `total` that match.
    """

    name: str
    of: int
    key: str
    lines: Sequence[Envelope]
    counted: int
    total: int


def pick(
    tx: Transaction, who: Principal, asked: Selection, fields: Sequence[str], now: Now, most: int
) -> Picked | Refused:
    """The newest `most` runs of a selection, each with these values (None where it has none)."""
    projects = visible_projects(tx, who, asked.entity, asked.project)
    if isinstance(projects, Refused):
        return projects
    named = naming(tx, projects)
    try:
        names = [named(field) for field in fields]
    except FilterError as error:
        return Refused("unprocessable", str(error))
    rows: list[tuple[RunRecord, Values]] = []
    total = most
    while len(rows) < min(total, most):
        query = RunQuery(
            entity=asked.entity, project=asked.project, filters=asked.filters,
            limit=min(LIMIT_MAX, most - len(rows)), offset=len(rows),
        )  # fmt: skip
        answer = find_runs(tx, who, query, now)
        if isinstance(answer, Refused):
            return answer
        total = answer.total
        if not answer.runs:
            break
        rows += _valued(tx, answer.runs, names, now)
    return Picked(rows, total)


def _valued(
    tx: Transaction, runs: Sequence[RunRecord], names: Sequence[str], now: Now
) -> Iterator[tuple[RunRecord, Values]]:
    """Values of config and summary come from the index, which knows the series' last values."""
    indexed = [name for name in names if name.partition(".")[0] in VALUED]
    known = tx.runs.indexed([run.key for run in runs], indexed) if indexed else {}
    for run in runs:
        mine = known.get(run.key, {})
        values = [
            mine.get(name) if name in indexed else _word(field_value(run, name, now))
            for name in names
        ]
        yield run, tuple(values)


def _word(value: Any) -> Any:
    """Many tags are one value: the set of them."""
    return ", ".join(value) or None if isinstance(value, list) else value


def group_runs(tx: Transaction, who: Principal, asked: GroupQuery, now: Now) -> RunGroups | Refused:
    """Counts, states and spread of values for every combination of the fields' values."""
    if not 1 <= len(asked.by) <= BY_MAX:
        return Refused("unprocessable", f"by: 1 to {BY_MAX} fields")
    found = pick(tx, who, asked, [*asked.by, *asked.select], now, GROUPED_RUNS_MAX)
    if isinstance(found, Refused):
        return found
    groups: dict[Values, list[tuple[RunRecord, Values]]] = {}
    for run, values in found.rows:
        by, rest = values[: len(asked.by)], values[len(asked.by) :]
        groups.setdefault(by, []).append((run, rest))
    largest = sorted(groups.items(), key=lambda each: -len(each[1]))[:GROUPS_MAX]
    return RunGroups(
        groups=[_group(by, members, asked.select) for by, members in largest],
        total=found.total,
        counted=len(found.rows),
    )


def _group(
    by: Values, members: Sequence[tuple[RunRecord, Values]], names: Sequence[str]
) -> RunGroup:
    states: dict[str, int] = {}
    for run, _ in members:
        states[run.state.value] = states.get(run.state.value, 0) + 1
    columns = zip(*(values for _, values in members), strict=True)
    fields = {
        name: told
        for name, column in zip(names, columns, strict=True)
        if (told := spread(column)) is not None
    }
    return RunGroup(values=list(by), runs=len(members), states=states, fields=fields)


def spread(values: Sequence[Any]) -> Spread | None:
    """Mean and deviation of those that are finite numbers; None if none is."""
    numbers = [v for v in values if isinstance(v, int | float) and math.isfinite(v)]
    if not numbers:
        return None
    mean = math.fsum(numbers) / len(numbers)
    off = math.fsum((number - mean) ** 2 for number in numbers)
    sd = math.sqrt(off / (len(numbers) - 1)) if len(numbers) > 1 else None
    return Spread(count=len(numbers), mean=mean, sd=sd, min=min(numbers), max=max(numbers))


def group_lines(
    tx: Transaction, who: Principal, asked: GroupWindowQuery, now: Now,
    window: Callable[[Transaction, Sequence[RunRecord]], Sequence[Envelope]],
    draw: Callable[[GroupLines], T],
) -> Sequence[T] | Refused:  # fmt: skip
    """The lines of each group, read by `window`; the largest groups first.

    `draw` makes little of each group's lines before those of the next are read.
    """
    if not 1 <= len(asked.keys) <= KEYS_MAX:
        return Refused("unprocessable", f"keys: 1 to {KEYS_MAX}")
    found = pick(tx, who, asked, [asked.by], now, LINES_MAX // len(asked.keys))
    if isinstance(found, Refused):
        return found
    groups: dict[Any, list[RunRecord]] = {}
    for run, (value,) in found.rows:
        groups.setdefault(value, []).append(run)
    largest = sorted(groups.items(), key=lambda each: -len(each[1]))[:DRAWN_GROUPS_MAX]
    drawn: list[T] = []
    for value, members in largest:
        lines, of = window(tx, members), len(members)
        for key in asked.keys:
            mine = [line for line in lines if line.key == key]
            if mine:
                told = GroupLines(_name(value), of, key, mine, len(found.rows), found.total)
                drawn.append(draw(told))
    return drawn


def _name(value: Any) -> str:
    if value is None:
        return "–"
    return number_text(value) if isinstance(value, float) else str(value)
