"""List, filter and count runs. Never shows what somebody may not see."""

from heartline.core.filters import FilterError, canonical, parse, parse_order
from heartline.core.lifecycle import Now
from heartline.core.records import Project
from heartline.ports import Answer, Question, Transaction
from heartline.usecases.access import Principal, entities
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunQuery

LIMIT_MAX = 1_000
SELECT_MAX = 500
PROJECTS_MAX = 900


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
    try:
        tree = parse(query.filters, now.wall)
        order = parse_order(query.order or "-created")
        for field in query.select:
            if field != "*":
                canonical(field)
    except FilterError as error:
        return Refused("unprocessable", str(error))
    pairs = [(project.entity, project.name) for project in projects]
    return Question(pairs, tree, order, now, query.limit, query.offset)


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
