"""Charts over many runs: groups, bands, importance, and runs as a file. Never leaves runs out silently."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from typing import Any, Literal, TypeVar

import msgspec
import numpy as np
from litestar import Response, get, post
from litestar.response import Stream

from heartline.core.lifecycle import Now
from heartline.core.records import Envelope, RunKey, RunRecord
from heartline.server.bands import BandHead, Floats, band, frame
from heartline.server.encode import run_view
from heartline.server.house import House
from heartline.server.importance import importance
from heartline.server.native import together
from heartline.server.native.runs import Req, house_of
from heartline.server.native.series import WINDOW_WIDTH_MAX, read_window
from heartline.server.problems import ProblemError, granted
from heartline.server.tables import KeptRows, csv_text, parquet
from heartline.usecases.access import Principal
from heartline.usecases.export_runs import (
    NUMBERS,
    PAGE_RUNS,
    PLAIN,
    WHOLE_PAGE_RUNS,
    export_fields,
    export_keys,
    export_rows,
    export_whole,
)
from heartline.usecases.group_runs import GroupLines, group_lines, group_runs
from heartline.usecases.importance import samples
from heartline.wire.api import RunQuery, WindowQuery
from heartline.wire.charts import (
    GroupQuery,
    GroupWindowQuery,
    ImportanceQuery,
    ImportanceView,
    RunGroups,
)

T = TypeVar("T")
Form = Literal["csv", "parquet", "jsonl"]
KINDS = {
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "jsonl": "application/x-ndjson",
}


@post("/api/v1/runs/groups", status_code=200)
async def groups(request: Req, who: Principal, data: GroupQuery) -> RunGroups:
    """Runs by the values of fields, with the spread of the selected values."""
    house = house_of(request)
    now = house.clock.now()
    found: RunGroups = granted(await house.db.read(lambda tx: group_runs(tx, who, data, now)))
    return found


@post("/api/v1/window/groups", status_code=200, media_type="application/octet-stream")
async def bands(request: Req, who: Principal, data: GroupWindowQuery) -> Response[bytes]:
    """The mean and the band of the members of each group, as one binary frame."""
    house = house_of(request)
    now = house.clock.now()
    if not 2 <= data.width <= WINDOW_WIDTH_MAX:
        raise ProblemError("unprocessable", f"width: 2 to {WINDOW_WIDTH_MAX} buckets")

    def window(tx: Any, runs: Sequence[RunRecord]) -> list[Envelope]:
        asked = WindowQuery(
            runs=[], keys=data.keys, x=data.x, width=data.width, x_min=data.x_min, x_max=data.x_max
        )
        return read_window(tx, [run.key for run in runs], asked, system=False)

    def draw(each: GroupLines) -> tuple[BandHead, dict[str, Floats]]:
        return _head(each), band(each.lines, data.width, data.band)

    found = granted(await house.db.read(lambda tx: group_lines(tx, who, data, now, window, draw)))
    body = await asyncio.to_thread(frame, found)
    return Response(body, media_type="application/octet-stream")


def _head(group: GroupLines) -> BandHead:
    return BandHead(
        group=group.name, key=group.key, members=len(group.lines), of=group.of,
        points=sum(int(np.sum(line.count)) for line in group.lines),
        odd=sum(int(np.sum(line.nan) + np.sum(line.inf)) for line in group.lines),
        counted=group.counted, total=group.total,
    )  # fmt: skip


@post("/api/v1/importance", status_code=200)
async def importance_of(request: Req, who: Principal, data: ImportanceQuery) -> ImportanceView:
    """How much each field of the configuration says about a metric."""
    house = house_of(request)
    now = house.clock.now()
    found = granted(await house.db.read(lambda tx: samples(tx, who, data, now)))
    fields = await asyncio.to_thread(importance, found)
    return ImportanceView(
        metric=data.metric, runs=len(found.targets), total=found.total, fields=fields
    )


@get("/api/v1/runs/export")
async def export(
    request: Req, who: Principal, project: str = "", entity: str = "", filters: str = "",
    order: str = "-created", form: Form = "csv",
) -> Stream:  # fmt: skip
    """Runs with every value of config and summary, as a file."""
    said = msgspec.json.decode(filters, type=dict) if filters.startswith("{") else filters
    asked = RunQuery(entity=entity, project=project, filters=said, order=order)
    return await _file(request, who, asked, form)


@post("/api/v1/runs/export", status_code=200)
async def export_asked(request: Req, who: Principal, data: RunQuery, form: Form = "csv") -> Stream:
    """The same of a question that no address could hold, such as one for thousands of ids."""
    return await _file(request, who, data, form)


async def _file(request: Req, who: Principal, asked: RunQuery, form: Form) -> Stream:
    if form == "jsonl":
        lines = _lines(request, who, asked)
        body = _joined(await anext(lines), lines)
    else:
        body = await _table(request, who, asked, form)
    name = "".join(char if char.isalnum() or char in "-_." else "_" for char in asked.project)
    name = name.encode("ascii", "replace").decode().replace("?", "_")
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Stream(body, media_type=KINDS[form], headers=headers)


async def _table(request: Req, who: Principal, asked: RunQuery, form: Form) -> AsyncIterator[bytes]:
    house = house_of(request)
    now = house.clock.now()
    place = partial(export_fields, who=who, entity=asked.entity, project=asked.project)
    fields = granted(await house.db.read(place))
    read = partial(export_rows, who=who, fields=fields, now=now)
    pages = _pages(house, PAGE_RUNS, await _matching(house, who, asked, now), read)
    # Asked for before the answer begins, so that a refusal is one.
    first = await anext(pages)
    if form == "parquet":
        return _once(await _parquet(first, pages, fields))
    return _csv(first, pages, fields)


async def _lines(request: Req, who: Principal, asked: RunQuery) -> AsyncIterator[bytes]:
    """Every run as it is shown alone, one a line."""
    house = house_of(request)
    now = house.clock.now()
    keys = await _matching(house, who, asked, now)
    async for page in _pages(house, WHOLE_PAGE_RUNS, keys, partial(export_whole, who=who)):
        views = [
            run_view(house.hearts.shown(run), now, config=run.config, summary=summary)
            for run, summary in page
        ]
        yield await asyncio.to_thread(msgspec.json.Encoder().encode_lines, views)


async def _matching(house: House, who: Principal, asked: RunQuery, now: Now) -> Sequence[RunKey]:
    """All that match at one moment: rows of a file neither repeat nor go missing."""
    return granted(await house.db.read(lambda tx: export_keys(tx, who, asked, now)))


async def _pages(
    house: House, size: int, keys: Sequence[RunKey], read: Callable[..., Sequence[T]]
) -> AsyncIterator[Sequence[T]]:
    """Page after page; at least one, even if it is empty."""
    for start in range(0, max(len(keys), 1), size):
        yield await house.db.read(partial(read, keys=keys[start : start + size]))


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


async def _csv(
    first: Sequence[Sequence[Any]],
    pages: AsyncIterator[Sequence[Sequence[Any]]],
    fields: Sequence[str],
) -> AsyncIterator[bytes]:
    yield (await asyncio.to_thread(csv_text, [[*PLAIN, *fields], *first])).encode()
    async for rows in pages:
        yield (await asyncio.to_thread(csv_text, rows)).encode()


async def _parquet(
    first: Sequence[Sequence[Any]],
    pages: AsyncIterator[Sequence[Sequence[Any]]],
    fields: Sequence[str],
) -> bytes:
    """Every run is read once: what holds text must be known before the first row is written."""
    with tempfile.TemporaryFile() as out:
        kept = KeptRows(out)
        await asyncio.to_thread(kept.add, first)
        async for rows in pages:
            await asyncio.to_thread(kept.add, rows)
        texts = frozenset(PLAIN) - NUMBERS
        return await asyncio.to_thread(parquet, kept, [*PLAIN, *fields], texts, NUMBERS)


async def _once(body: bytes) -> AsyncIterator[bytes]:
    yield body


ROUTES = [groups, bands, importance_of, export, export_asked, *together.ROUTES]
