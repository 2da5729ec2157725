"""Deleted runs over HTTP: what can still be brought back. Never brings anything back itself."""

from collections.abc import Sequence
from typing import Any

from litestar import get

from heartline.core.records import Deleted
from heartline.server.native.projects import PROJECT
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import granted
from heartline.usecases.access import Principal
from heartline.usecases.refusal import Refused
from heartline.usecases.undelete_run import deleted_runs
from heartline.wire.deleted import DeletedRun, DeletedRuns

RUNS_MAX = 1_000


@get(PROJECT + "/deleted")
async def deleted(
    request: Req, who: Principal, entity: str, project: str, limit: int = 100
) -> DeletedRuns:
    """Runs that were deleted and are kept aside, the last deleted first; also of a deleted project."""
    house, count = house_of(request), min(max(limit, 1), RUNS_MAX)

    def unit(tx: Any) -> tuple[Sequence[Deleted], int] | Refused:
        return deleted_runs(tx, who, entity, project, count)

    runs, total = granted(await house.db.read(unit))
    return DeletedRuns(runs=[_view(each, house.keep_deleted_ms) for each in runs], total=total)


def _view(each: Deleted, kept_ms: int) -> DeletedRun:
    return DeletedRun(
        key=each.key,
        entity=each.path.entity,
        project=each.path.project,
        id=each.path.id,
        name=each.name,
        user=each.user,
        state=each.state.value,
        created_at=each.created_at,
        deleted_by=each.by,
        deleted_at=each.at,
        kept_until=each.at + kept_ms,
    )


ROUTES = [deleted]
