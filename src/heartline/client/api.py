"""`heartline.Api`: runs and projects as a server knows them. Never writes points."""

import os
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from heartline.client import errors, sweeps
from heartline.client.accounts import Accounts
from heartline.client.calls import PATIENCE_S, TIMEOUT_S, Calls
from heartline.client.run import Run
from heartline.client.runs import PER_PAGE, Filters, Runs, acted
from heartline.client.sweeps import Sweep
from heartline.client.transport import quoted
from heartline.wire import api
from heartline.wire.attention import Attention
from heartline.wire.deleted import DeletedRun, DeletedRuns
from heartline.wire.names import ME

CANDIDATES_MAX = 6
DELETED_MAX = 1_000


class Api:
    """Reads (and edits) runs: `heartline.Api().runs("team/project", filters="state = crashed")`.

    Without arguments it talks to HEARTLINE_BASE_URL or this machine's own server, with the key
    of HEARTLINE_API_KEY or the one that `heartline login` stored.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = TIMEOUT_S,
        patience: float = PATIENCE_S,
    ) -> None:
        self._calls = Calls(base_url, api_key, timeout, min(patience, timeout))
        self._default_entity = self._calls.entity

    def __repr__(self) -> str:
        return f"<Api {self.base_url}>"

    @property
    def calls(self) -> Calls:
        """The connection below, for what has no method here."""
        return self._calls

    @property
    def base_url(self) -> str:
        """The server's address."""
        return self._calls.base_url

    @property
    def server(self) -> api.ServerView:
        """Version, clock and health."""
        return self._calls.get("/api/v1/server", api.ServerView)

    @property
    def viewer(self) -> api.UserView:
        """Who you are."""
        return self._calls.get("/api/v1/viewer", api.UserView)

    @property
    def default_entity(self) -> str:
        """Where paths without an entity point."""
        if not self._default_entity:
            viewer = self.viewer
            self._default_entity = viewer.default_entity or viewer.name
        return self._default_entity

    def login_link(self) -> str:
        """An address of the app that signs a browser in as you: good once, for minutes."""
        made = self._calls.send("POST", "/api/v1/login/link", {}, api.LoginLink, once=True)
        return self.base_url + made.path

    @property
    def accounts(self) -> Accounts:
        """Users, keys, teams and organisations."""
        return Accounts(self._calls)

    @property
    def attention(self) -> Attention:
        """What needs a person, and what ended badly lately."""
        return self._calls.get("/api/v1/attention", Attention)

    def projects(self, entity: str | None = None) -> list[api.ProjectView]:
        """The projects that you may see."""
        return self._calls.get("/api/v1/projects", list[api.ProjectView], entity=entity)

    def project(self, path: str) -> api.ProjectView:
        """One project: `entity/project`, or `project` under your own entity."""
        return self._calls.get(self._place(path), api.ProjectView)

    def delete_project(self, path: str) -> None:
        """Delete a project that holds no run and no sweep any more."""
        self._calls.send("DELETE", self._place(path), {}, dict[str, bool])

    def _place(self, path: str) -> str:
        entity, _, project = path.strip("/").rpartition("/")
        if not project or "/" in entity:
            raise errors.InvalidRequest(f"`{path}` is not entity/project")
        return f"/api/v1/projects/{quoted(self._meant(entity, project), project)}"

    def runs(
        self,
        path: str = "",
        filters: Filters | None = None,
        order: str = "-created_at",
        per_page: int = PER_PAGE,
        select: Sequence[str] = (),
    ) -> Runs:
        """The runs of `entity/project` (or `project`, or everywhere) that match, newest first.

        `filters` is a document, `{"state": "crashed", "config.lr": {"$gt": 0.01}}`, or the same
        as text, `"state = crashed and config.lr > 0.01"`. The server names what it does not know.
        `select` names config.* and summary.* values to fetch with each run's `view`.
        """
        entity, _, project = path.strip("/").rpartition("/")
        if "/" in entity:
            raise errors.InvalidRequest(f"`{path}` is not entity/project; is it a run?")
        query = api.RunQuery(
            entity=self._meant(entity, project),
            project=project,
            filters=filters or "",
            order=order,
            limit=per_page,
            select=list(select),
        )
        return Runs(self._calls, query)

    def deleted(self, path: str) -> list[DeletedRun]:
        """The runs of `entity/project` that were deleted last and can be brought back."""
        place = f"{self._place(path)}/deleted"
        return self._calls.get(place, DeletedRuns, limit=DELETED_MAX).runs

    def undelete(self, path: str) -> Run:
        """Bring back the run that was deleted last at `entity/project/id`, with all of it."""
        place, _, name = path.strip("/").rpartition("/")
        found = [each for each in self.deleted(place) if each.id == name][:1]
        if not found:
            raise errors.NotFound(f"no deleted run {path} can be brought back")
        kept = acted(self._calls, "undelete", found)
        if kept:
            raise errors.Conflict(kept[found[0].path])
        return self.run(found[0].path)

    def _meant(self, entity: str, project: str) -> str:
        """`me`, or none beside a project, is one's own."""
        return self.default_entity if entity == ME or (project and not entity) else entity

    def run(self, path: str) -> Run:
        """The run `entity/project/id`; `project/id` is looked for under your own entity."""
        parts = [part for part in path.strip("/").split("/") if part]
        if len(parts) == 2:
            parts.insert(0, self.default_entity)
        if len(parts) != 3:
            raise errors.InvalidRequest(f"`{path}` is not entity/project/id; see also find()")
        detail = self._calls.get(f"/api/v1/runs/{quoted(*parts)}", api.RunDetail)
        return Run(self._calls, detail.run)

    def find(self, said: str, path: str = "") -> Run:
        """A run by path, page, id, name or first letters of its id, in one project or everywhere."""
        said = of_page(said).strip("/")
        if not said:
            raise errors.InvalidRequest("no run is named: say its id, its name or its path")
        try:
            if "/" not in said:
                return self._found(said, path)
            place, _, name = said.rpartition("/")
            try:
                return self.run(said)
            except errors.NotFound:
                return self._found(name, place)
        except errors.NotFound:
            if not self._is_project(said):
                raise
        told = f"`{said}` is a project, and a run is asked for: `heartline runs {said}` lists those"
        raise errors.NotFound(told)

    def _is_project(self, said: str) -> bool:
        try:
            return said.count("/") < 2 and bool(self.project(said))
        except errors.NotFound:
            return False

    def _found(self, said: str, path: str) -> Run:
        """By id, name or first letters."""
        exact = self.runs(path, {"$or": [{"id": said}, {"name": said}]}, per_page=CANDIDATES_MAX)
        found = exact[:CANDIDATES_MAX]
        found = [run for run in found if run.id == said] or found
        if not found:
            starts = {"id": {"$regex": f"^{_escaped(said)}"}}
            found = self.runs(path, starts, per_page=CANDIDATES_MAX)[:CANDIDATES_MAX]
        if len(found) == 1:
            return found[0]
        where = f" in {path}" if path else ""
        if not found:
            raise errors.NotFound(
                f"no run with the id or name `{said}`{where}; `heartline runs` lists them"
            )
        names = ", ".join(f"{run.path} ({run.state})" for run in found[: CANDIDATES_MAX - 1])
        raise errors.Ambiguous(f"`{said}` fits several runs: {names}. Write one of these paths")

    def sweeps(self, path: str = "") -> list[Sweep]:
        """The sweeps of `entity/project` (or `project`, or everywhere), newest first."""
        entity, _, project = path.strip("/").rpartition("/")
        if "/" in entity:
            raise errors.InvalidRequest(f"`{path}` is not entity/project; is it a sweep?")
        return sweeps.listed(self._calls, self._meant(entity, project), project)

    def sweep(self, said: str, path: str = "") -> Sweep:
        """A sweep by `entity/project/id` or `project/id`; by id or name in one project or everywhere."""
        parts = [part for part in said.strip("/").split("/") if part]
        if len(parts) == 1:
            return sweeps.chosen(parts[0], self.sweeps(path), f" in {path}" if path else "")
        if len(parts) == 2:
            parts.insert(0, self.default_entity)
        if len(parts) != 3:
            raise errors.InvalidRequest(f"`{said}` is not entity/project/id")
        return sweeps.one(self._calls, *parts)

    def create_sweep(
        self,
        config: dict[str, Any] | str,
        project: str = "",
        entity: str = "",
        name: str = "",
        prior_runs: Sequence[str] = (),
    ) -> Sweep:
        """A new sweep of a mapping, or of the text of a sweep file (YAML or JSON)."""
        return sweeps.create(self._calls, config, project, entity, name, prior_runs)


def sweep(
    config: dict[str, Any] | str,
    project: str | None = None,
    entity: str | None = None,
    prior_runs: Sequence[str] = (),
) -> str:
    """Make a sweep of a mapping (or of the text of a sweep file); its path, for `heartline.agent`."""
    project = project or os.environ.get("HEARTLINE_PROJECT", "")
    entity = entity or os.environ.get("HEARTLINE_ENTITY", "")
    return Api().create_sweep(config, project, entity, prior_runs=prior_runs).path


def of_page(said: str) -> str:
    """The path of a run from the address of its page; anything else as it is."""
    if "://" not in said:
        return said
    parts = [unquote(part) for part in urlsplit(said).path.strip("/").split("/")]
    return "/".join((*parts[:2], *parts[3:4]))


def _escaped(text: str) -> str:
    """Letters that stand for themselves in a regular expression."""
    return "".join(
        letter if letter.isalnum() or letter in "_-" else f"\\{letter}" for letter in text
    )
