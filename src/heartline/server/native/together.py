"""Runs by number, their keys and values that are no numbers, each in one answer.

Never reads a point.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import MediaType, Response, post

from heartline.core.records import KeyStats, Objects, RunKey
from heartline.server.encode import key_view, run_view
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import ProblemError, granted
from heartline.usecases.access import Principal, keyed
from heartline.usecases.refusal import Refused
from heartline.wire import api
from heartline.wire.charts import KeysQuery, ObjectsQuery, ObjectsView, RunsQuery, SharedKey

RUNS_MAX = 200
SERIES_MAX = 500
ROWS_MAX = 10_000
ROWS_TOGETHER_MAX = 250_000
NUMBER = "number"


def visible(tx: Any, who: Principal, runs: Sequence[int]) -> list[RunKey]:
    """Those of the runs that may be seen, each once."""
    return [
        RunKey(run) for run in dict.fromkeys(runs)
        if not isinstance(keyed(tx, who, RunKey(run)), Refused)
    ]  # fmt: skip


@post("/api/v1/runs/by-keys", status_code=200)
async def by_keys(request: Req, who: Principal, data: RunsQuery) -> list[api.RunView]:
    """Runs by their numbers; those that are not there or not for the caller are left out."""
    house = house_of(request)
    _few(data.runs)

    def unit(tx: Any) -> Any:
        found = [keyed(tx, who, RunKey(key)) for key in dict.fromkeys(data.runs)]
        return [record for record in found if not isinstance(record, Refused)]

    records = await house.db.read(unit)
    now = house.clock.now()
    return [run_view(house.hearts.shown(record), now) for record in records]


def _few(runs: Sequence[int]) -> None:
    if len(runs) > RUNS_MAX:
        raise ProblemError("unprocessable", f"at most {RUNS_MAX} runs at once")


@post("/api/v1/keys", status_code=200)
async def keys(request: Req, who: Principal, data: KeysQuery) -> list[SharedKey]:
    """Every key that any of these runs has."""
    _few(data.runs)

    def unit(tx: Any) -> Any:
        return tx.series.keys(visible(tx, who, data.runs), system=data.system)

    found = granted(await house_of(request).db.read(unit))
    return shared([stats for each in found.values() for stats in each])


def shared(found: Sequence[KeyStats]) -> list[SharedKey]:
    """One entry a key: a text of one run hides the numbers of no other."""
    merged: dict[str, SharedKey] = {}
    for stats in found:
        view = key_view(stats)
        known = merged.get(view.key)
        if known is None:
            merged[view.key] = SharedKey(
                key=view.key, kind=view.kind, runs=1, objects=view.objects, media=view.media
            )
            continue
        known.runs += 1
        known.objects += view.objects
        known.kind = NUMBER if NUMBER in (known.kind, view.kind) else known.kind
        known.media = known.media or view.media
    return [merged[key] for key in sorted(merged)]


@post("/api/v1/objects", status_code=200)
async def objects(request: Req, who: Principal, data: ObjectsQuery) -> Response[list[ObjectsView]]:
    """Texts, pictures, tables and whatever else is no number, the newest of each run and key."""
    series = len(data.runs) * len(data.keys)
    if series > SERIES_MAX:
        raise ProblemError("unprocessable", f"at most {SERIES_MAX} runs x keys at once")
    if not 1 <= data.limit <= ROWS_MAX:
        raise ProblemError("unprocessable", f"limit: 1 to {ROWS_MAX}")
    if series * data.limit > ROWS_TOGETHER_MAX:
        told = f"runs x keys x limit: at most {ROWS_TOGETHER_MAX} at once; choose a smaller limit"
        raise ProblemError("unprocessable", told)

    def unit(tx: Any) -> bytes:
        found = tx.series.objects(visible(tx, who, data.runs), data.keys, limit=data.limit)
        return msgspec.json.encode([_as_stored(each) for each in found])

    body: Any = await house_of(request).db.read(unit)
    return Response(body, media_type=MediaType.JSON)


def _as_stored(found: Objects) -> ObjectsView:
    """The values go out as they came in, not read again."""
    rows = [(step, at, msgspec.Raw(json)) for step, at, json in found.rows]
    return ObjectsView(run=found.run, key=found.key, total=found.total, rows=rows)


ROUTES = [by_keys, keys, objects]
