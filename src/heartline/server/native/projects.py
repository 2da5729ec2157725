"""Projects over HTTP, their fields and saved views. Never touches a run."""

from typing import Any

from litestar import delete, get, patch, put

from heartline.core.filters import And, Order
from heartline.core.filters.fields import heard_at
from heartline.core.records import Project
from heartline.ports import Question
from heartline.server.encode import run_view
from heartline.server.house import House
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import granted
from heartline.usecases.access import Principal, read_only
from heartline.usecases.delete_project import OWN_VIEW, delete_project
from heartline.usecases.find_runs import visible_projects
from heartline.usecases.names import check_name
from heartline.usecases.refusal import Refused
from heartline.wire import api

PROJECT = "/api/v1/projects/{entity:str}/{project:str}"
SUGGESTIONS_MAX = 1_000
VIEW_BYTES_MAX = 200_000


def _view(tx: Any, project: Project, house: House) -> api.ProjectView:
    place, now = (project.entity, project.name), house.clock.now()
    newest = (Order("created", descending=True),)
    found = tx.runs.query(Question([place], And(), newest, now, 1))
    run = next((house.hearts.shown(record) for record in found.runs), None)
    happened = [] if run is None else [run.created_at, run.ended_at, heard_at(run)]
    return api.ProjectView(
        entity=project.entity,
        name=project.name,
        created_at=project.created_at,
        description=project.description,
        runs=found.total,
        states=dict(found.states),
        sweeps=tx.sweeps.count(place),
        newest=None if run is None else run_view(run, now),
        active_at=max(at for at in (*happened, project.created_at) if at is not None),
    )


@get("/api/v1/projects")
async def projects(request: Req, who: Principal, entity: str = "") -> list[api.ProjectView]:
    """Those the caller may see; where something happened last comes first."""
    house = house_of(request)

    def unit(tx: Any) -> Any:
        found = visible_projects(tx, who, entity, "")
        return found if isinstance(found, Refused) else [_view(tx, each, house) for each in found]

    told: list[api.ProjectView] = granted(await house.db.read(unit))
    return sorted(told, key=lambda each: -each.active_at)


async def _one(request: Req, who: Principal, entity: str, project: str, ask: Any) -> Any:
    def unit(tx: Any) -> Any:
        found = visible_projects(tx, who, entity, project)
        return found if isinstance(found, Refused) else ask(tx, found[0])

    return granted(await house_of(request).db.read(unit))


async def _change(request: Req, who: Principal, entity: str, project: str, act: Any) -> Any:
    def unit(tx: Any) -> Any:
        found = visible_projects(tx, who, entity, project)
        if isinstance(found, Refused):
            return found
        if not who.may_write(entity):
            return read_only(tx, entity)
        return act(tx, found[0])

    return granted(await house_of(request).db.write(unit))


@get(PROJECT)
async def project(request: Req, who: Principal, entity: str, project: str) -> api.ProjectView:
    """One project with its runs by state."""
    house = house_of(request)
    found: api.ProjectView = await _one(
        request, who, entity, project, lambda tx, each: _view(tx, each, house)
    )
    return found


@patch(PROJECT)
async def update(
    request: Req, who: Principal, entity: str, project: str, data: api.ProjectUpdate
) -> api.ProjectView:
    """Edit the description."""

    def act(tx: Any, found: Project) -> api.ProjectView:
        text = found.description if data.description is None else data.description
        changed = Project(found.entity, found.name, found.created_at, text)
        tx.accounts.put_project(changed)
        return _view(tx, changed, house_of(request))

    answer: api.ProjectView = await _change(request, who, entity, project, act)
    return answer


@delete(PROJECT, status_code=200)
async def remove(request: Req, who: Principal, entity: str, project: str) -> dict[str, bool]:
    """Delete an empty project, with its saved views."""

    def act(tx: Any, found: Project) -> Any:
        known = _view(tx, found, house_of(request))
        if known.runs or known.sweeps:
            told = f"it still has {known.runs} runs and {known.sweeps} sweeps; delete them first"
            return Refused("conflict", told)
        delete_project(tx, found)
        return {"deleted": True}

    answer: dict[str, bool] = await _change(request, who, entity, project, act)
    return answer


@get(PROJECT + "/fields")
async def fields(
    request: Req, who: Principal, entity: str, project: str, contains: str = "", limit: int = 100
) -> list[str]:
    """Known `config.*` and `summary.*` fields."""
    count = min(max(limit, 1), SUGGESTIONS_MAX)
    found: list[str] = await _one(
        request, who, entity, project,
        lambda tx, _: list(tx.runs.fields((entity, project), contains, count)),
    )  # fmt: skip
    return found


@get(PROJECT + "/values")
async def values(
    request: Req, who: Principal, entity: str, project: str, field: str, limit: int = 50
) -> list[tuple[Any, int]]:
    """The commonest values of a field."""
    count = min(max(limit, 1), SUGGESTIONS_MAX)
    found: list[tuple[Any, int]] = await _one(
        request, who, entity, project,
        lambda tx, _: list(tx.runs.values((entity, project), field, count)),
    )  # fmt: skip
    return found


@get(PROJECT + "/views")
async def views(request: Req, who: Principal, entity: str, project: str) -> dict[str, Any]:
    """Saved views by name."""
    found: dict[str, Any] = await _one(
        request, who, entity, project,
        lambda tx, _: dict(tx.accounts.documents(OWN_VIEW, f"{entity}/{project}")),
    )  # fmt: skip
    return found


@put(PROJECT + "/views/{name:str}", status_code=200)
async def save_view(
    request: Req, who: Principal, entity: str, project: str, name: str, data: dict[str, Any]
) -> dict[str, Any]:
    """Save a view: a small JSON document."""

    def act(tx: Any, _: Project) -> Any:
        if problem := check_name(name, "view"):
            return Refused("unprocessable", problem)
        if len(str(data)) > VIEW_BYTES_MAX:
            return Refused("unprocessable", f"a view has at most {VIEW_BYTES_MAX} characters")
        tx.accounts.put_document(OWN_VIEW, f"{entity}/{project}", name, data)
        return data

    answer: dict[str, Any] = await _change(request, who, entity, project, act)
    return answer


@delete(PROJECT + "/views/{name:str}", status_code=200)
async def delete_view(
    request: Req, who: Principal, entity: str, project: str, name: str
) -> dict[str, bool]:
    """Forget a view."""

    def act(tx: Any, _: Project) -> dict[str, bool]:
        tx.accounts.delete_document(OWN_VIEW, f"{entity}/{project}", name)
        return {"deleted": True}

    answer: dict[str, bool] = await _change(request, who, entity, project, act)
    return answer


ROUTES = [projects, project, update, remove, fields, values, views, save_view, delete_view]
