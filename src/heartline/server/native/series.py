"""Metrics, history, console and charts over HTTP. Never samples where all was asked for."""

from dataclasses import replace
from typing import Any

from litestar import Response, get, post

from heartline.core.records import Envelope, RunKey, RunPath, RunRecord
from heartline.server.encode import history as history_page
from heartline.server.encode import key_view
from heartline.server.frame import frame
from heartline.server.native.runs import RUN, Req, house_of
from heartline.server.problems import granted
from heartline.usecases.access import Principal, keyed, seen
from heartline.usecases.refusal import Refused
from heartline.wire import api

SAMPLES_MAX = 20_000
SCAN_MAX = 10_000
LINES_MAX = 10_000
WINDOW_LINES_MAX = 2_000
RELATIVE = "_relative"
WINDOW_WIDTH_MAX = 10_000


async def _of_run(
    request: Req, who: Principal, entity: str, project: str, run_id: str, ask: Any
) -> Any:
    """What `ask` reads of a run that may be seen."""
    path = RunPath(entity, project, run_id)

    def unit(tx: Any) -> Any:
        record = seen(tx, who, path)
        return record if isinstance(record, Refused) else ask(tx.series, record)

    return granted(await house_of(request).db.read(unit))


def _keys(said: str) -> list[str] | None:
    return [key for key in said.split(",") if key] or None


@get(RUN + "/keys")
async def keys(
    request: Req, who: Principal, entity: str, project: str, run_id: str, system: bool = False
) -> list[api.KeyView]:
    """Every metric with its summary."""
    found = await _of_run(
        request, who, entity, project, run_id,
        lambda series, record: series.keys([record.key], system=system)[record.key],
    )  # fmt: skip
    return [key_view(stats) for stats in found]


@get(RUN + "/history")
async def history(
    request: Req, who: Principal, entity: str, project: str, run_id: str,
    keys: str = "", samples: int = 500, system: bool = False,
) -> api.HistoryPage:  # fmt: skip
    """About `samples` rows spread over the run."""
    wanted = min(max(samples, 1), SAMPLES_MAX)
    rows = await _of_run(
        request, who, entity, project, run_id,
        lambda series, record: series.sample(record.key, _keys(keys), wanted, system=system),
    )  # fmt: skip
    return history_page(rows)


@get(RUN + "/scan")
async def scan(
    request: Req, who: Principal, entity: str, project: str, run_id: str,
    keys: str = "", min_step: int = 0, max_step: int | None = None, limit: int = 1000,
    system: bool = False, rank: int | None = None,
) -> api.HistoryPage:  # fmt: skip
    """Every row in [min_step, max_step); go on from `next_step`."""
    count = min(max(limit, 1), SCAN_MAX)

    def ask(series: Any, record: RunRecord) -> Any:
        return series.scan(
            record.key, _keys(keys), min_step=min_step, max_step=max_step, limit=count,
            system=system, rank=rank,
        )  # fmt: skip

    rows = await _of_run(request, who, entity, project, run_id, ask)
    return history_page(rows, count)


@get(RUN + "/console")
async def console(
    request: Req, who: Principal, entity: str, project: str, run_id: str,
    first: int = 0, limit: int = 1000, last: int | None = None,
) -> api.ConsolePage:  # fmt: skip
    """Console lines in order of printing."""
    count = min(max(limit, 1), LINES_MAX)
    tail = None if last is None else min(max(last, 1), LINES_MAX)

    def ask(series: Any, record: RunRecord) -> Any:
        if tail is None:
            return series.console(record.key, first=first, limit=count)
        return series.tail(record.key, tail), series.console(record.key, limit=0)[1]

    lines, total = await _of_run(request, who, entity, project, run_id, ask)
    return api.ConsolePage([(x.number, x.stream, x.at, x.text) for x in lines], total)


@post("/api/v1/window", status_code=200, media_type="application/octet-stream")
async def window(
    request: Req, who: Principal, data: api.WindowQuery, system: bool = False
) -> Response[bytes]:
    """Envelopes for charts, as one binary frame."""

    def unit(tx: Any) -> Any:
        if len(data.runs) * len(data.keys) > WINDOW_LINES_MAX:
            return Refused(
                "unprocessable", f"at most {WINDOW_LINES_MAX} lines (runs x keys) at once"
            )
        if not 1 <= data.width <= WINDOW_WIDTH_MAX:
            return Refused("unprocessable", f"width: 1 to {WINDOW_WIDTH_MAX} buckets")
        visible = [RunKey(key) for key in data.runs
                   if not isinstance(keyed(tx, who, RunKey(key)), Refused)]  # fmt: skip
        return read_window(tx, visible, data, system=system)

    envelopes = granted(await house_of(request).db.read(unit))
    return Response(frame(envelopes), media_type="application/octet-stream")


def read_window(
    tx: Any, runs: list[RunKey], data: api.WindowQuery, *, system: bool
) -> list[Envelope]:
    """The envelopes; time since a run's start is its own question for every run."""
    how: dict[str, Any] = {"width": data.width, "system": system}
    if data.x != RELATIVE:
        bounds = {"x_min": data.x_min, "x_max": data.x_max}
        return list(tx.series.window(runs, data.keys, x=data.x, **bounds, **how))
    found: list[Envelope] = []
    for record in tx.runs.get_many(runs):
        began = record.began_at
        bounds = {
            "x_min": None if data.x_min is None else data.x_min + began,
            "x_max": None if data.x_max is None else data.x_max + began,
        }
        lines = tx.series.window([record.key], data.keys, x="_timestamp", **bounds, **how)
        found += [replace(each, x=[at - began for at in each.x]) for each in lines]
    return found


ROUTES = [keys, history, scan, console, window]
