"""From the filter tree to SQL. Agrees with `core.filters.evaluate`, which the contract compares."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import field_names, fields, lives, projects, runs, tags
from heartline.core.filters import And, Compare, Filter, Not, Or, Order
from heartline.core.lifecycle import LIVE, Now
from heartline.core.records import RunKey
from heartline.ports import Question

ALIVE = 0
_TEXTS = {"id", "name", "user", "group", "job_type", "sweep", "cause", "confidence", "host",
          "notes", "client", "state"}  # fmt: skip
_NUMBERS = {"created": "created_at", "started": "started_at", "ended": "ended_at",
            "attempt": "attempt"}  # fmt: skip
_LIVES = {"heartbeat": "heard_at", "last_step": "last_step"}
_SIGNS = {"gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__", "eq": "__eq__"}


class _Scope:
    """What the translation needs to know: the projects asked, their fields, the time."""

    def __init__(self, db: Connection, question: Question) -> None:
        self.db, self.now = db, question.now
        pairs = [
            (projects.c.entity == entity) & (projects.c.name == name)
            for entity, name in question.projects
        ]
        found = db.execute(sa.select(projects.c.key).where(sa.or_(sa.false(), *pairs))).scalars()
        self.projects = list(found)

    def keys(self, field: str) -> list[int]:
        """The numbers of a config or summary field in these projects."""
        asked = sa.select(field_names.c.key).where(
            field_names.c.name == field, field_names.c.project.in_(self.projects)
        )
        return list(self.db.execute(asked).scalars())


def answer(db: Connection, question: Question) -> tuple[list[RunKey], int, dict[str, int]]:
    """The keys of one page, the number of all that match, and their states."""
    scope = _Scope(db, question)
    if not scope.projects:
        return [], 0, {}
    where = [
        runs.c.project.in_(scope.projects),
        runs.c.deleted_at == ALIVE,
        _condition(question.filter, scope),
    ]
    base = sa.select(runs.c.key).where(*where)
    if _asks_lives(question.filter) or any(each.field in _LIVES for each in question.order):
        base = base.join(lives, lives.c.run == runs.c.key)
    counted = base.with_only_columns(runs.c.state, sa.func.count()).group_by(runs.c.state)
    states = {row[0]: row[1] for row in db.execute(counted)}
    keys = _page(db, base, question, scope)
    return keys, sum(states.values()), states


def _page(db: Connection, base: sa.Select[Any], question: Question, scope: _Scope) -> list[RunKey]:
    order = question.order[0] if question.order else Order("created", descending=True)
    if order.field.partition(".")[0] in {"config", "summary"}:
        return _page_by_field(db, base, question, scope, order)
    for each in question.order or (order,):
        base = _sorted(base, each, scope)
    base = base.order_by(runs.c.key.desc()).limit(question.limit).offset(question.offset)
    return [RunKey(key) for key in db.execute(base).scalars()]


def _page_by_field(
    db: Connection, base: sa.Select[Any], question: Question, scope: _Scope, order: Order
) -> list[RunKey]:
    """Walk the index of the field: numbers, then texts, then the runs that lack it."""
    keys = scope.keys(order.field)
    wanted, offset = question.limit, question.offset
    found: list[RunKey] = []
    for column in (fields.c.number, fields.c.text):
        if not keys or wanted <= 0:
            break
        having = base.join(fields, (fields.c.run == runs.c.key) & fields.c.field.in_(keys)).where(
            column.is_not(None)
        )
        by = column.desc() if order.descending else column.asc()
        tie = runs.c.key.desc()
        page = db.execute(having.order_by(by, tie).limit(wanted).offset(offset)).scalars().all()
        found += [RunKey(key) for key in page]
        wanted -= len(page)
        if page:
            offset = 0
        else:
            counted = having.with_only_columns(sa.func.count())
            offset -= min(offset, db.execute(counted).scalar() or 0)
    if wanted > 0:
        known = sa.select(fields.c.run).where(
            fields.c.field.in_(keys),
            fields.c.number.is_not(None) | fields.c.text.is_not(None),
        )
        rest = base.where(runs.c.key.not_in(known)) if keys else base
        rest = rest.order_by(runs.c.key.desc()).limit(wanted).offset(offset)
        found += [RunKey(key) for key in db.execute(rest).scalars()]
    return found


def _sorted(base: sa.Select[Any], order: Order, scope: _Scope) -> sa.Select[Any]:
    column: sa.ColumnElement[Any]
    if order.field in _LIVES:
        column = lives.c[_LIVES[order.field]]
    elif order.field == "duration":
        column = _duration(scope.now)
    elif order.field in _NUMBERS:
        column = runs.c[_NUMBERS[order.field]]
    elif order.field == "tags":
        column = (
            sa.select(sa.func.min(tags.c.tag)).where(tags.c.run == runs.c.key).scalar_subquery()
        )
    elif order.field in _TEXTS:
        column = runs.c[order.field]
        if order.field not in {"state", "id", "name"}:
            column = sa.func.nullif(column, "")
    else:
        return base
    if order.field in {"created", "state", "id", "name", "attempt"}:
        return base.order_by(column.desc() if order.descending else column.asc())
    by = column.desc() if order.descending else column.asc()
    return base.order_by(by.nulls_last())


def _asks_lives(tree: Filter) -> bool:
    match tree:
        case And(parts) | Or(parts):
            return any(_asks_lives(part) for part in parts)
        case Not(part):
            return _asks_lives(part)
        case Compare(field, _, _):
            return field in _LIVES


def _condition(tree: Filter, scope: _Scope) -> sa.ColumnElement[bool]:
    match tree:
        case And(parts):
            return sa.and_(sa.true(), *(_condition(part, scope) for part in parts))
        case Or(parts):
            return sa.or_(sa.false(), *(_condition(part, scope) for part in parts))
        case Not(part):
            return sa.not_(sa.func.coalesce(_condition(part, scope), sa.false()))
        case Compare():
            return _compare(tree, scope)


def _compare(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    match term.operator:
        case "ne":
            return sa.not_(_compare(Compare(term.field, "eq", term.value), scope))
        case "nin":
            return sa.not_(_compare(Compare(term.field, "in", term.value), scope))
        case "in":
            each = (_compare(Compare(term.field, "eq", item), scope) for item in term.value)
            return sa.or_(sa.false(), *each)
        case _:
            return _positive(term, scope)


def _positive(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    head = term.field.partition(".")[0]
    if head in {"config", "summary"}:
        return _in_fields(term, scope)
    if term.field == "tags":
        return _in_tags(term)
    return sa.func.coalesce(_in_columns(term, scope), sa.false())


def _in_fields(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    keys = scope.keys(term.field)
    known = sa.select(fields.c.run).where(fields.c.field.in_(keys))
    if term.operator == "exists":
        inside = runs.c.key.in_(known)
        return inside if term.value else sa.not_(inside)
    if term.value is None:
        return sa.not_(runs.c.key.in_(known)) if term.operator == "eq" else sa.false()
    text = isinstance(term.value, str)
    column = fields.c.text if text else fields.c.number
    value = term.value if text else float(term.value)
    return runs.c.key.in_(known.where(_sign(column, term.operator, value)))


def _in_tags(term: Compare) -> sa.ColumnElement[bool]:
    known = sa.select(tags.c.run)
    if term.operator == "exists":
        # The list of tags is always there, even when it is empty.
        return sa.true() if term.value else sa.false()
    if not isinstance(term.value, str):
        return sa.false()
    return runs.c.key.in_(known.where(_sign(tags.c.tag, term.operator, term.value)))


def _in_columns(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    column: sa.ColumnElement[Any]
    text = term.field in _TEXTS or term.field in {"entity", "project"}
    if term.field in {"entity", "project"}:
        name = projects.c.entity if term.field == "entity" else projects.c.name
        column = sa.select(name).where(projects.c.key == runs.c.project).scalar_subquery()
    elif text:
        column = runs.c[term.field]
        if term.field not in {"state", "id", "cause", "confidence"}:
            column = sa.func.nullif(column, "")
    elif term.field in _LIVES:
        column = lives.c[_LIVES[term.field]]
    elif term.field == "duration":
        column = _duration(scope.now)
    else:
        column = runs.c[_NUMBERS[term.field]]
    if term.operator == "exists":
        return column.is_not(None) if term.value else column.is_(None)
    if term.value is None:
        return column.is_(None) if term.operator == "eq" else sa.false()
    if isinstance(term.value, str) is not text:
        return sa.false()
    return _sign(column, term.operator, term.value)


def _duration(now: Now) -> sa.ColumnElement[Any]:
    live = [state.value for state in LIVE]
    end = sa.case(
        (runs.c.state.in_(live), now.wall),
        else_=sa.func.coalesce(runs.c.ended_at, runs.c.since),
    )
    length = end - runs.c.started_at
    return sa.case((length < 0, 0), else_=length)


def _sign(column: sa.ColumnElement[Any], operator: str, value: Any) -> sa.ColumnElement[bool]:
    if operator == "regex":
        return column.regexp_match(value) if isinstance(value, str) else sa.false()
    result: sa.ColumnElement[bool] = getattr(column, _SIGNS[operator])(value)
    return result


def commonest(
    db: Connection, project: tuple[str, str], field: str, limit: int
) -> Sequence[tuple[Any, int]]:
    """The commonest values of a field with counts, for suggestions."""
    mine = sa.select(projects.c.key).where(
        projects.c.entity == project[0], projects.c.name == project[1]
    ).scalar_subquery()  # fmt: skip
    count = sa.func.count()
    if field == "tags":
        asked = sa.select(tags.c.tag, count).join(runs, runs.c.key == tags.c.run)
        asked = asked.where(runs.c.project == mine, runs.c.deleted_at == ALIVE).group_by(tags.c.tag)
    elif field in _TEXTS:
        column = runs.c[field]
        asked = sa.select(column, count).where(
            runs.c.project == mine, runs.c.deleted_at == ALIVE, column != ""
        ).group_by(column)  # fmt: skip
    else:
        value = sa.func.coalesce(fields.c.text, sa.cast(fields.c.number, sa.Text))
        asked = sa.select(value, count).join(
            field_names, field_names.c.key == fields.c.field
        ).where(field_names.c.project == mine, field_names.c.name == field).group_by(value)  # fmt: skip
    return [(row[0], row[1]) for row in db.execute(asked.order_by(count.desc()).limit(limit))]
