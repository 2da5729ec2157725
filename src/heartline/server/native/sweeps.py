"""Sweeps over HTTP: make, look, control, and what agents say. Never decides what is handed out."""

import asyncio
from typing import Any

import msgspec
from litestar import delete, get, patch, post

from heartline.core.sweep.config import Faults, read
from heartline.core.sweep.trials import Sweep
from heartline.server.auth import door_of
from heartline.server.encode_sweeps import sweep_detail, sweep_view, trial_page
from heartline.server.house import House
from heartline.server.native.runs import Req, house_of
from heartline.server.problems import ProblemError, granted
from heartline.server.sweep_file import understood
from heartline.server.sweep_importance import importance_of
from heartline.server.sweeping import controlled, heard, joined
from heartline.usecases.access import Principal
from heartline.usecases.control_sweep import EVENTS, delete_sweep
from heartline.usecases.create_sweep import create_sweep, rename_sweep
from heartline.usecases.find_sweeps import (
    Glance,
    config_of,
    find_sweep,
    find_sweeps,
    find_trials,
    glance,
    told_trials,
)
from heartline.usecases.hear_agent import Beat, Order
from heartline.usecases.refusal import Refused
from heartline.wire import sweeps as wire

SWEEPS = "/api/v1/sweeps"
SWEEP = SWEEPS + "/{entity:str}/{project:str}/{sweep:str}"


def _glance(house: House, tx: Any, sweep: Sweep) -> Glance:
    return glance(tx, sweep, house.clock.now(), house.clock.healthy_since())


async def _shown(request: Req, sweep: Sweep) -> wire.SweepView:
    house = house_of(request)
    return sweep_view(await house.db.read(lambda tx: _glance(house, tx, sweep)))


@post(SWEEPS)
async def create(request: Req, who: Principal, data: wire.SweepCreate) -> wire.SweepView:
    """Make a sweep; it waits for an agent."""
    house = house_of(request)
    config = data.config
    if isinstance(config, str):
        config = granted(await understood(config))
    now = house.clock.now()
    said = msgspec.structs.replace(data, config=config)
    if lacking := _lacking(house, config):
        raise ProblemError("unprocessable", lacking)
    door = door_of(request.headers)
    unit: Any = lambda tx: create_sweep(tx, who, said, house.ids, now, door)  # noqa: E731
    made = granted(await house.db.write(unit))
    house.tell_sweep(made, "status")
    return await _shown(request, made)


def _lacking(house: House, given: Any) -> str:
    config = read(given)
    return "" if isinstance(config, Faults) else house.search.lacks(config)


@post(SWEEPS + "/check", status_code=200)
async def check(
    request: Req,
    who: Principal,  # noqa: ARG001 - reading a file takes a while: not for strangers
    data: wire.SweepCheck,
) -> wire.Checked:
    """Everything that is wrong with a configuration, and how many trials it plans."""
    config = await understood(data.config) if isinstance(data.config, str) else data.config
    if isinstance(config, Refused):
        return wire.Checked(faults=[{"key": "", "said": config.reason}])
    found = read(config)
    if isinstance(found, Faults):
        told = [{"key": each.key, "said": each.said} for each in found.faults]
        return wire.Checked(faults=told)
    if lacking := house_of(request).search.lacks(found):
        return wire.Checked(faults=[{"key": "sampler", "said": lacking}])
    return wire.Checked(planned=found.planned)


@get(SWEEPS)
async def list_sweeps(
    request: Req, who: Principal, entity: str = "", project: str = ""
) -> list[wire.SweepView]:
    """Those the caller may see, newest first."""
    house = house_of(request)

    def unit(tx: Any) -> list[Glance] | Refused:
        found = find_sweeps(tx, who, entity, project)
        if isinstance(found, Refused):
            return found
        return [_glance(house, tx, each) for each in found]

    return [sweep_view(each) for each in granted(await house.db.read(unit))]


@get(SWEEP)
async def detail(
    request: Req, who: Principal, entity: str, project: str, sweep: str
) -> wire.SweepDetail:
    """One sweep with its configuration, parameters and agents."""
    house = house_of(request)

    def unit(tx: Any) -> Glance | Refused:
        found = find_sweep(tx, who, (entity, project, sweep))
        return found if isinstance(found, Refused) else _glance(house, tx, found)

    return sweep_detail(granted(await house.db.read(unit)), house.clock.now())


@patch(SWEEP)
async def rename(
    request: Req, who: Principal, entity: str, project: str, sweep: str, data: wire.SweepUpdate
) -> wire.SweepView:
    """Name it anew, or describe it."""
    house, path = house_of(request), (entity, project, sweep)
    made = granted(await house.db.write(lambda tx: rename_sweep(tx, who, path, data)))
    house.tell_sweep(made, "status")
    return await _shown(request, made)


@delete(SWEEP, status_code=200)
async def remove(
    request: Req, who: Principal, entity: str, project: str, sweep: str
) -> dict[str, bool]:
    """Forget the sweep; its runs stay, but those without a process end, and its agents go home."""
    house, path = house_of(request), (entity, project, sweep)
    now = house.clock.now()
    gone = granted(await house.db.write(lambda tx: delete_sweep(tx, who, path, now)))
    house.thinking.pop(gone.sweep.key, None)
    for record in gone.touched:
        house.tell(record, "state")
    house.tell_sweep(gone.sweep, "status", "trials", "agents")
    return {"deleted": True}


@post([f"{SWEEP}/{action}" for action in EVENTS], status_code=200)
async def control(
    request: Req, who: Principal, entity: str, project: str, sweep: str, data: wire.ControlBody
) -> wire.SweepView:
    """Pause, resume, stop or cancel; only cancel sends anything to runs."""
    path, action = (entity, project, sweep), request.url.path.rpartition("/")[2]
    house, door = house_of(request), door_of(request.headers)
    done = granted(await controlled(house, who, path, action, data.reason, door))
    return await _shown(request, done.sweep)


@get(SWEEP + "/trials")
async def trials(
    request: Req,
    who: Principal,
    entity: str,
    project: str,
    sweep: str,
    first: int = 0,
    limit: int = 100,
) -> wire.TrialPage:
    """Trials by number, each with its run, its value and the best so far."""
    path = (entity, project, sweep)
    found = await house_of(request).db.read(lambda tx: find_trials(tx, who, path, first, limit))
    return trial_page(*granted(found))


@get(SWEEP + "/importance")
async def importance(
    request: Req, who: Principal, entity: str, project: str, sweep: str
) -> wire.SweepImportance:
    """Which parameters move the metric: rank correlation and a random forest."""
    path = (entity, project, sweep)
    found = granted(await house_of(request).db.read(lambda tx: told_trials(tx, who, path)))
    return await asyncio.to_thread(importance_of, *found)


@post(SWEEP + "/agents")
async def agent_joins(
    request: Req, who: Principal, entity: str, project: str, sweep: str, data: wire.AgentCreate
) -> wire.AgentCreated:
    """An agent offers to work; the first one sets the sweep running."""
    house, path = house_of(request), (entity, project, sweep)
    made, agent = granted(await joined(house, who, path, data.host, data.kind, data.beat_ms))
    config = config_of(made)
    return wire.AgentCreated(
        id=agent.id,
        sweep=made.id,
        entity=made.entity,
        project=made.project,
        program=config.program,
        command=list(config.command),
        beat_ms=data.beat_ms,
    )


@post(SWEEP + "/agents/{agent:str}/beat", status_code=200)
async def agent_beats(
    request: Req,
    who: Principal,
    entity: str,
    project: str,
    sweep: str,
    agent: str,
    data: wire.AgentBeat,
) -> wire.BeatReply:
    """What an agent runs and what has ended; the answer is what to do."""
    said = Beat(tuple(data.running), data.ended, data.wants, data.leaving, data.seq)
    done = granted(await heard(house_of(request), who, (entity, project, sweep), agent, said))
    commands = [_command(each) for each in done.orders]
    return wire.BeatReply(
        status=done.sweep.status.value, sentence=done.sweep.sentence, commands=commands
    )


def _command(order: Order) -> wire.Command:
    trial = order.trial
    return wire.Command(
        type=order.kind,
        run=order.run_id,
        name=order.name,
        args={} if trial is None else dict(trial.args),
        reason=order.reason,
    )


ROUTES = [
    create, check, list_sweeps, detail, rename, remove, control, trials, importance,
    agent_joins, agent_beats,
]  # fmt: skip
