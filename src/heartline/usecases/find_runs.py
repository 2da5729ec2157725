"""List, filter and count runs. Never shows what somebody may not see."""

from collections.abc import Sequence
from functools import cache, partial
from itertools import chain

from heartline.core.filters import FilterError, Naming, canonical, parse, parse_order
from heartline.core.lifecycle import Now
from heartline.core.records import Project
from heartline.ports import Answer, Question, Transaction
from heartline.usecases.access import Principal, entities
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery

LIMIT_MAX = 1_000
SELECT_MAX = 500
PROJECTS_MAX = 900
PROJECTS_NAMING_MAX = 50
FIELDS_NAMED_MAX = 10_000


def find_runs(tx: Transaction, who: Principal, query: RunQuery, now: Now) -> Answer | Refused:
    """A page of the runs that match, with counts by state."""
    asked = question(tx, who, query, now)
    return asked if isinstance(asked, Refused) else tx.runs.query(asked)


def question(tx: Transaction, who: Principal, query: RunQuery, now: Now) -> Question | Refused:
    """What is asked of the store, or why it cannot be."""
    projects = visible_projects(tx, who, query.entity, query.project)
    if isinstance(projects, Refused):
        return projects
    if not 0 <= query.limit <= LIMIT_MAX or query.offset < 0 or len(query.select) > SELECT_MAX:
        return Refused(
            "unprocessable",
            f"limit: 0 to {LIMIT_MAX}; offset: 0 or more; select: at most {SELECT_MAX} fields",
        )
    if len(projects) > PROJECTS_MAX:
        return Refused("unprocessable", f"more than {PROJECTS_MAX} projects at once: name one")
    named = naming(tx, projects)
    try:
        tree = parse(query.filters, now.wall, named)
        order = parse_order(query.order or "-created", named)
        for field in query.select:
            if field != "*":
                named(field)
    except FilterError as error:
        return Refused("unprocessable", str(error))
    pairs = [(project.entity, project.name) for project in projects]
    return Question(pairs, tree, order, now, query.limit, query.offset)


def selected(tx: Transaction, who: Principal, query: RunQuery) -> Sequence[str] | None:
    """The names of the values to show with each run, of a question that was answered; None for all."""
    if "*" in query.select:
        return None
    projects = visible_projects(tx, who, query.entity, query.project)
    named = canonical if isinstance(projects, Refused) else naming(tx, projects)
    return [named(field) for field in query.select]


def naming(tx: Transaction, projects: Sequence[Project]) -> Naming:
    """What a name means in these projects: their runs' own fields are asked for once, if at all."""

    @cache
    def known() -> frozenset[str]:
        looked = projects[:PROJECTS_NAMING_MAX]
        found = (tx.runs.fields((each.entity, each.name), "", FIELDS_NAMED_MAX) for each in looked)
        return frozenset(chain.from_iterable(found))

    return partial(canonical, known=known)


def visible_projects(
    tx: Transaction, who: Principal, entity: str, project: str
) -> list[Project] | Refused:
    """Those asked for, as far as they may be seen; all of them if none is named."""
    entity = who.meant(entity) if project or entity else ""
    if project:
        found = tx.accounts.project(entity, project) if who.may_see(entity) else None
        if found is None:
            return Refused("not_found", f"no project {entity}/{project}, or it is not yours to see")
        return [found]
    if entity and not who.may_see(entity):
        return Refused("not_found", f"no entity {entity}, or it is not yours to see")
    return list(tx.accounts.projects([entity] if entity else entities(tx, who)))
