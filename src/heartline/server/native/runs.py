"""Runs over HTTP: list, look, edit, stop, override, delete."""

from typing import Any

from litestar import Request, delete, get, patch, post

from heartline.core.lifecycle import State
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.ports import Answer
from heartline.server import replicas
from heartline.server.encode import attempt_view, ledger_entry, rank_view, run_view
from heartline.server.house import House
from heartline.server.problems import granted
from heartline.usecases.access import Principal, changed, keyed, seen
from heartline.usecases.alerts import alerts
from heartline.usecases.attempts import attempts
from heartline.usecases.control_run import ask_stop, delete_run, override_state, update_run
from heartline.usecases.find_runs import find_runs, selected
from heartline.usecases.move_run import move_run
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import shown_summary
from heartline.usecases.undelete_run import discard_run, undelete_run
from heartline.wire import api

RUN = "/api/v1/runs/{entity:str}/{project:str}/{run_id:str}"
ACTIONS_MAX = 1_000
Req = Request[Any, Any, Any]


def house_of(request: Req) -> House:
    """The composition."""
    found: House = request.app.state.house
    return found


@post("/api/v1/runs/query", status_code=200)
async def query(request: Req, who: Principal, data: api.RunQuery) -> api.RunPage:
    """List, filter, sort and page runs."""
    house = house_of(request)
    now = house.clock.now()

    def unit(tx: Any) -> tuple[Answer, Any] | Refused:
        answer = find_runs(tx, who, data, now)
        if isinstance(answer, Refused) or not data.select:
            return answer if isinstance(answer, Refused) else (answer, {})
        keys = [record.key for record in answer.runs]
        return answer, tx.runs.indexed(keys, selected(tx, who, data))

    answer, values = granted(await house.db.read(unit))
    runs = []
    for record in map(house.hearts.shown, answer.runs):
        fields = values.get(record.key, {})
        parts: dict[str, Any] = {
            head: {
                name.removeprefix(f"{head}."): value
                for name, value in fields.items()
                if name.startswith(f"{head}.")
            }
            for head in ("config", "summary")
        }
        runs.append(run_view(record, now, **(parts if data.select else {})))
    return api.RunPage(runs, answer.total, dict(answer.states))


@get(RUN)
async def detail(
    request: Req, who: Principal, entity: str, project: str, run_id: str
) -> api.RunDetail:
    """One run with config, summary, environment and writers."""
    house, path = house_of(request), RunPath(entity, project, run_id)
    now = house.clock.now()

    def unit(tx: Any) -> tuple[RunRecord, dict[str, Any], list[dict[str, Any]]] | Refused:
        record = seen(tx, who, path)
        if isinstance(record, Refused):
            return record
        return record, shown_summary(tx, record), alerts(tx, record.key)

    stored, summary, told = granted(await house.db.read(unit))
    record = house.hearts.shown(stored)
    shown = run_view(
        record, now, config=record.config, summary=summary, environment=record.environment
    )
    ranks = [rank_view(writer, record, now) for writer in record.life.writers if writer.id]
    ranks.sort(key=lambda each: (each.rank or 0, each.writer))
    rules = [
        {
            "name": rule.name,
            "step_metric": rule.step_metric,
            "summary": list(rule.summary),
            "goal": rule.goal,
            "hidden": rule.hidden,
        }
        for rule in record.metrics
    ]
    return api.RunDetail(run=shown, writers=ranks, metrics=rules, alerts=told)


async def _change(request: Req, unit: Any) -> api.RunView:
    house = house_of(request)
    record = granted(await house.db.write(unit))
    house.tell(record, "state")
    return run_view(record, house.clock.now())


@patch(RUN)
async def update(
    request: Req, who: Principal, entity: str, project: str, run_id: str, data: api.RunUpdate
) -> api.RunView:
    """Edit a run's words and values."""
    path = RunPath(entity, project, run_id)
    return await _change(request, lambda tx: update_run(tx, who, path, data))


@delete(RUN, status_code=200)
async def remove(
    request: Req, who: Principal, entity: str, project: str, run_id: str, for_good: bool = False
) -> dict[str, bool]:
    """Delete a run: it is kept aside for a time, unless it is to go for good."""
    path = RunPath(entity, project, run_id)
    now = house_of(request).clock.now()
    await _change(request, lambda tx: delete_run(tx, who, path, now, for_good=for_good))
    return {"deleted": True}


@post(RUN + "/stop", status_code=200)
async def stop(
    request: Req, who: Principal, entity: str, project: str, run_id: str, data: api.StopBody
) -> api.RunView:
    """Ask a run to stop."""
    path, now = RunPath(entity, project, run_id), house_of(request).clock.now()
    return await _change(request, lambda tx: ask_stop(tx, who, path, data.reason, now))


@post(RUN + "/stacks", status_code=200)
async def stacks(
    request: Req, who: Principal, entity: str, project: str, run_id: str
) -> dict[str, int]:
    """Ask a running program where its threads stand; the answer is a file below `stacks/`."""
    path, house = RunPath(entity, project, run_id), house_of(request)
    now = house.clock.now()

    def unit(tx: Any) -> RunRecord | Refused:
        record = changed(tx, who, path)
        if isinstance(record, Refused) or record.state in {State.RUNNING, State.PREEMPTING}:
            return record
        return Refused("conflict", f"the run is {record.state}: no program of it can answer")

    await replicas.ask_stacks(house, granted(await house.db.read(unit)).key, now.wall)
    return {"asked_at": now.wall}


@post(RUN + "/state", status_code=200)
async def override(
    request: Req, who: Principal, entity: str, project: str, run_id: str, data: api.OverrideBody
) -> api.RunView:
    """Set the state by hand, with a reason."""
    path, now = RunPath(entity, project, run_id), house_of(request).clock.now()
    return await _change(
        request, lambda tx: override_state(tx, who, path, data.state, data.reason, now)
    )


@get(RUN + "/ledger")
async def ledger(
    request: Req, who: Principal, entity: str, project: str, run_id: str
) -> list[api.LedgerEntry]:
    """Every change of state with its evidence, oldest first."""
    return [ledger_entry(entry) for entry in await _entries(request, who, entity, project, run_id)]


@get(RUN + "/attempts")
async def attempts_of(
    request: Req, who: Principal, entity: str, project: str, run_id: str
) -> list[api.AttemptView]:
    """Every start of the run, told from the ledger."""
    entries = await _entries(request, who, entity, project, run_id)
    return [attempt_view(story) for story in attempts(entries)]


async def _entries(request: Req, who: Principal, entity: str, project: str, run_id: str) -> Any:
    path = RunPath(entity, project, run_id)

    def unit(tx: Any) -> Any:
        record = seen(tx, who, path)
        return record if isinstance(record, Refused) else tx.runs.ledger(record.key)

    return granted(await house_of(request).db.read(unit))


@post("/api/v1/runs/actions", status_code=200)
async def actions(request: Req, who: Principal, data: api.BulkAction) -> api.BulkResult:
    """Stop, delete, undelete, move, tag or untag many runs; each refused one is told why."""
    if len(data.keys) > ACTIONS_MAX:
        granted(Refused("unprocessable", f"keys: at most {ACTIONS_MAX} runs at once"))
    house = house_of(request)
    now = house.clock.now()

    def unit(tx: Any) -> tuple[api.BulkResult, list[RunRecord]]:
        # It may be done twice: nobody hears of it from here.
        result, touched = api.BulkResult(kept_ms=house.keep_deleted_ms), list[RunRecord]()
        for key in data.keys:
            changed = _do(tx, who, RunKey(key), data, now)
            if isinstance(changed, Refused):
                result.refused[str(key)] = changed.reason
                continue
            result.done.append(key)
            touched += changed
        return result, touched

    result, touched = await house.db.write(unit)
    if data.action == "undelete":
        # What was logged last, before it was deleted, may not be in the index yet.
        house.dirty.update(RunKey(key) for key in result.done)
    for record in touched:
        house.tell(record, "state")
    return result


def _do(
    tx: Any, who: Principal, key: RunKey, data: api.BulkAction, now: Any
) -> list[RunRecord] | Refused:
    """What was changed of runs that are there, with the places that they left."""
    if data.action == "undelete":
        back = undelete_run(tx, who, key, now)
        return back if isinstance(back, Refused) else [back]
    before = keyed(tx, who, key)
    if isinstance(before, Refused):
        if data.action != "delete" or not data.for_good:
            return before
        gone = discard_run(tx, who, key)
        return gone if isinstance(gone, Refused) else []
    record = _act(tx, who, before, data, now)
    if isinstance(record, Refused):
        return record
    return [*{before.path: before, record.path: record}.values()]


def _act(
    tx: Any, who: Principal, record: RunRecord, data: api.BulkAction, now: Any
) -> RunRecord | Refused:
    match data.action:
        case "stop":
            return ask_stop(tx, who, record.path, data.reason, now)
        case "delete":
            return delete_run(tx, who, record.path, now, for_good=data.for_good)
        case "undelete":
            return record
        case "move":
            return move_run(tx, who, record, data.entity, data.project)
        case "tag" | "untag":
            tags = [tag for tag in record.tags if tag != data.tag]
            if data.action == "tag":
                tags.append(data.tag)
            return update_run(tx, who, record.path, api.RunUpdate(tags=tags))


ROUTES = [
    query, detail, update, remove, stop, stacks, override, ledger, attempts_of, actions,
]  # fmt: skip
