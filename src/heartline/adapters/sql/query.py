"""From the filter tree to SQL. Agrees with `core.filters.evaluate`, which the contract compares."""

import math
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import (
    Real,
    field_names,
    fields,
    lives,
    projects,
    runs,
    tags,
)
from heartline.core.filters import And, Compare, Filter, Not, Or, Order
from heartline.core.filters.fields import PREFIXES, number
from heartline.core.filters.pattern import TEXT_CHARS_SEARCHED_MAX, plain, read, written
from heartline.core.lifecycle import LIVE, Now
from heartline.core.records import RunKey
from heartline.ports import Question

ALIVE = 0
WHOLE_MAX = 2**62
LOOKED_UP_PART = 0.4
"""Of all runs: if so many match, those of a page are looked up one by one."""
_TEXTS = {"id", "name", "user", "group", "job_type", "sweep", "cause", "confidence", "host",
          "notes", "client", "state"}  # fmt: skip
_NUMBERS = {"created": "created_at", "started": "started_at", "ended": "ended_at",
            "attempt": "attempt"}  # fmt: skip
_LIVES = {"heartbeat": "heard_at", "last_step": "last_step"}
_ALWAYS = {"created", "state", "id", "name", "attempt", "cause", "confidence"}
_SIGNS = {"gt": "__gt__", "gte": "__ge__", "lt": "__lt__", "lte": "__le__", "eq": "__eq__"}


class _Scope:
    """What the translation needs to know: the projects asked, their fields, the time."""

    def __init__(self, db: Connection, question: Question) -> None:
        self.db, self.now = db, question.now
        self.one_by_one = False
        pairs = [
            (projects.c.entity == entity) & (projects.c.name == name)
            for entity, name in question.projects
        ]
        found = db.execute(sa.select(projects.c.key).where(sa.or_(sa.false(), *pairs))).scalars()
        self.projects = list(found)

    def among(self, known: sa.Select[Any], run: sa.Column[Any]) -> sa.ColumnElement[bool]:
        """Whether a run is among those: all of them are gathered first, or each is looked up."""
        if self.one_by_one:
            return known.where(run == runs.c.key).correlate(runs).exists()
        return runs.c.key.in_(known)

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
    states: dict[str, int] = {}
    if question.counted:
        base = _matching(question, scope)
        counted = base.with_only_columns(runs.c.state, sa.func.count()).group_by(runs.c.state)
        states = {row[0]: row[1] for row in db.execute(counted)}
    total = sum(states.values())
    newest = db.execute(sa.select(sa.func.max(runs.c.key))).scalar() or 0
    # Where many match, a page is full before many were looked up.
    scope.one_by_one = 0 < newest * LOOKED_UP_PART <= total
    return _page(db, _matching(question, scope), question, scope), total, states


def _matching(question: Question, scope: _Scope) -> sa.Select[Any]:
    """The keys of all that match."""
    base = sa.select(runs.c.key).where(
        runs.c.project.in_(scope.projects),
        runs.c.deleted_at == ALIVE,
        _condition(question.filter, scope),
    )
    if _asks_lives(question.filter) or any(each.field in _LIVES for each in question.order):
        base = base.join(lives, lives.c.run == runs.c.key)
    return base


def _page(db: Connection, base: sa.Select[Any], question: Question, scope: _Scope) -> list[RunKey]:
    first, *others = question.order or (Order("created", descending=True),)
    if _valued(first.field):
        return _page_by_field(db, base, question, scope, first, others)
    base = _ordered(base, [first, *others], scope).limit(question.limit).offset(question.offset)
    return [RunKey(key) for key in db.execute(base).scalars()]


def _valued(field: str) -> bool:
    """Whether a field is one of the config or summary values."""
    return field.partition(".")[0] in PREFIXES


def _ordered(base: sa.Select[Any], orders: Sequence[Order], scope: _Scope) -> sa.Select[Any]:
    for each in orders:
        base = _sorted(base, each, scope)
    return base.order_by(runs.c.key.desc())


def _page_by_field(
    db: Connection, base: sa.Select[Any], question: Question, scope: _Scope, order: Order,
    others: Sequence[Order],
) -> list[RunKey]:  # fmt: skip
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
        by = having.order_by(column.desc() if order.descending else column.asc())
        asked = _ordered(by, others, scope).limit(wanted).offset(offset)
        page = db.execute(asked).scalars().all()
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
        rest = _ordered(rest, others, scope).limit(wanted).offset(offset)
        found += [RunKey(key) for key in db.execute(rest).scalars()]
    return found


def _sorted(base: sa.Select[Any], order: Order, scope: _Scope) -> sa.Select[Any]:
    if _valued(order.field):
        return _sorted_by_value(base, order, scope)
    if order.field == "tags":
        mine = sa.select(sa.func.min(tags.c.tag)).where(tags.c.run == runs.c.key)
        column: sa.ColumnElement[Any] = mine.scalar_subquery()
    else:
        column = _column(order.field, scope)
    by = column.desc() if order.descending else column.asc()
    return base.order_by(by if order.field in _ALWAYS else by.nulls_last())


def _sorted_by_value(base: sa.Select[Any], order: Order, scope: _Scope) -> sa.Select[Any]:
    """Numbers, then texts, then the runs that lack the field, among those that tie so far."""
    keys = scope.keys(order.field)
    if not keys:
        return base
    mine = fields.alias()
    kind = sa.case((mine.c.number.is_not(None), 0), (mine.c.text.is_not(None), 1), else_=2)
    both = (mine.c.number, mine.c.text)
    by = [column.desc() if order.descending else column.asc() for column in both]
    joined = base.outerjoin(mine, (mine.c.run == runs.c.key) & mine.c.field.in_(keys))
    return joined.order_by(kind, *by)


def _column(field: str, scope: _Scope) -> sa.ColumnElement[Any]:
    """The column of a plain field, NULL where a run lacks it."""
    if field in {"entity", "project"}:
        name = projects.c.entity if field == "entity" else projects.c.name
        return sa.select(name).where(projects.c.key == runs.c.project).scalar_subquery()
    if field in _LIVES:
        return lives.c[_LIVES[field]]
    if field == "duration":
        return _duration(scope.now)
    if field in _NUMBERS:
        return runs.c[_NUMBERS[field]]
    column = runs.c[field]
    return column if field in _ALWAYS else sa.func.nullif(column, "")


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
            return _any_of(term, scope)
        case _:
            return _positive(term, scope)


def _any_of(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    """A term for each kind of value: a chain of one for each is nested deeper than SQLite goes."""
    texts = tuple(item for item in term.value if isinstance(item, str))
    numbers = tuple(item for item in term.value if not isinstance(item, str | None))
    kinds = [Compare(term.field, "in", kind) for kind in (texts, numbers) if kind]
    if None in term.value:
        kinds.append(Compare(term.field, "eq", None))
    return sa.or_(sa.false(), *(_positive(kind, scope) for kind in kinds))


def _positive(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    if _valued(term.field):
        return _in_fields(term, scope)
    if term.field == "tags":
        return _in_tags(term, scope)
    return sa.func.coalesce(_in_columns(term, scope), sa.false())


def _in_fields(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    keys = scope.keys(term.field)
    known = sa.select(fields.c.run).where(fields.c.field.in_(keys))
    if term.operator == "exists":
        inside = scope.among(known, fields.c.run)
        return inside if term.value else sa.not_(inside)
    if term.value is None:
        lacks = sa.not_(scope.among(known, fields.c.run))
        return lacks if term.operator == "eq" else sa.false()
    column = fields.c.text if _is_text(term) else fields.c.number
    return scope.among(known.where(_sign(column, term, scope)), fields.c.run)


def _in_tags(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    known = sa.select(tags.c.run)
    if term.operator == "exists":
        # The list of tags is always there, even when it is empty.
        return sa.true() if term.value else sa.false()
    if not _is_text(term):
        return sa.false()
    return scope.among(known.where(_sign(tags.c.tag, term, scope)), tags.c.run)


def _in_columns(term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    text = term.field in _TEXTS or term.field in {"entity", "project"}
    column = _column(term.field, scope)
    if term.operator == "exists":
        return column.is_not(None) if term.value else column.is_(None)
    if term.value is None:
        return column.is_(None) if term.operator == "eq" else sa.false()
    if _is_text(term) is not text:
        return sa.false()
    return _sign(column, term, scope)


def _duration(now: Now) -> sa.ColumnElement[Any]:
    live = [state.value for state in LIVE]
    end = sa.case(
        (runs.c.state.in_(live), now.wall),
        else_=sa.func.coalesce(runs.c.ended_at, runs.c.since),
    )
    length = end - runs.c.started_at
    return sa.case((length < 0, 0), else_=length)


def _is_text(term: Compare) -> bool:
    value = term.value[0] if term.operator == "in" else term.value
    return isinstance(value, str)


def _sign(column: sa.ColumnElement[Any], term: Compare, scope: _Scope) -> sa.ColumnElement[bool]:
    if term.operator == "regex":
        return _search(column, term.value, scope)
    if term.operator == "in":
        return column.in_([known for item in term.value if (known := _held(item)) is not None])
    value = _held(term.value)
    if value is None:
        return sa.false()
    result: sa.ColumnElement[bool] = getattr(column, _SIGNS[term.operator])(value)
    return result


def _held(value: Any) -> Any:
    """A value as databases compare it: whole numbers in 64 bits, beyond that floats, never NaN."""
    if isinstance(value, str):
        return value
    value = number(value)
    if value is None or math.isnan(value):
        return None
    whole = value.is_integer() and abs(value) < WHOLE_MAX
    return int(value) if whole else sa.literal(value, Real)


def _search(column: sa.ColumnElement[Any], value: Any, scope: _Scope) -> sa.ColumnElement[bool]:
    """SQLite calls our own automaton; PostgreSQL's is bounded too, and gets the pattern spelt out."""
    if not isinstance(value, str):
        return sa.false()
    if scope.db.dialect.name == "sqlite":
        within = _instr(column, value)
        found = column.regexp_match(value) if within is None else within
        # Said aloud so that the index of texts is found, which has only these.
        return column.is_not(None) & found
    searched = sa.func.substr(column, 1, TEXT_CHARS_SEARCHED_MAX)
    return searched.regexp_match(written(read(value)))


def _instr(column: sa.ColumnElement[Any], pattern: str) -> Any:
    """A plain text, as most are, is found by SQLite itself, which folds ASCII alone; else None."""
    if (known := plain(pattern)) is None:
        return None
    text, fold = known
    searched = sa.func.substr(column, 1, TEXT_CHARS_SEARCHED_MAX)
    return sa.func.instr(sa.func.lower(searched) if fold else searched, text) > 0


def commonest(
    db: Connection, project: tuple[str, str], field: str, limit: int
) -> Sequence[tuple[Any, int]]:
    """The commonest values of a field with counts, for suggestions."""
    mine = sa.select(projects.c.key).where(
        projects.c.entity == project[0], projects.c.name == project[1]
    ).scalar_subquery()  # fmt: skip
    asked = sa.select(runs.c.key).where(runs.c.project == mine, runs.c.deleted_at == ALIVE)
    if field == "tags":
        asks = [(asked.join(tags, tags.c.run == runs.c.key), tags.c.tag)]
    elif field in _TEXTS:
        asks = [(asked.where(runs.c[field] != ""), runs.c[field])]
    else:
        named = (field_names.c.project == mine) & (field_names.c.name == field)
        keys = sa.select(field_names.c.key).where(named).scalar_subquery()
        asked = sa.select(fields.c.run).where(fields.c.field == keys)
        # One kind at a time, along its index.
        asks = [(asked.where(kind.is_not(None)), kind) for kind in (fields.c.number, fields.c.text)]
    found: list[tuple[Any, int]] = []
    count = sa.func.count()
    for base, kind in asks:
        each = base.with_only_columns(kind, count).group_by(kind)
        each = each.order_by(count.desc(), kind).limit(limit)
        found += [(row[0], row[1]) for row in db.execute(each)]
    return sorted(found, key=lambda pair: -pair[1])[:limit]
