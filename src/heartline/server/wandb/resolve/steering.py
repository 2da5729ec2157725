"""What people do to sweeps: make, rename, pause, resume, stop, cancel. Always by the use cases."""

from dataclasses import replace
from typing import Any

import msgspec
from ariadne import MutationType
from graphql import GraphQLError

from heartline.core.sweep.config import KNOWN, Faults, read
from heartline.core.sweep.trials import Sweep
from heartline.server.wandb.context import Context, granted, parts_of
from heartline.server.wandb.families import LAUNCH
from heartline.usecases.control_sweep import control_sweep
from heartline.usecases.create_sweep import create_sweep, rename_sweep
from heartline.usecases.find_sweeps import find_sweep
from heartline.wire.sweeps import SweepCreate, SweepUpdate

mutation = MutationType()
TYPES = (mutation,)
ACTIONS = {"PAUSED": "pause", "RUNNING": "resume", "FINISHED": "stop", "CANCELED": "cancel"}
CONTROLLER_CHARS_MAX = 1_000_000

Said = dict[str, Any]


@mutation.field("upsertSweep")
def _upsert_sweep(_: Any, info: Any, input: Said) -> Said:  # noqa: A002
    ctx: Context = info.context
    if input.get("launchScheduler"):
        raise GraphQLError(LAUNCH)
    if not input.get("id"):
        return _made(ctx, input)
    name, project, entity = parts_of("Sweep", input["id"], 3)
    return {"sweep": _changed(ctx, (entity, project, name), input), "configValidationWarnings": []}


def _made(ctx: Context, said: Said) -> Said:
    config, warnings = _config(ctx, said.get("config") or "")
    read_well = read(config)
    if not isinstance(read_well, Faults) and (lacking := ctx.tools.search.lacks(read_well)):
        raise GraphQLError(lacking)
    made = granted(
        create_sweep(
            ctx.tx,
            ctx.known(),
            SweepCreate(
                config=config,
                name=said.get("displayName") or "",
                project=said.get("projectName") or "",
                entity=said.get("entityName") or "",
                prior_runs=_prior(said.get("priorRunsFilters")),
            ),
            ctx.ids,
            ctx.now,
            "wandb",
        )
    )
    if said.get("controller"):
        made = _controller(ctx, made, said["controller"])
    ctx.tell_sweep(made, "status")
    return {"sweep": made, "configValidationWarnings": warnings}


def _config(ctx: Context, text: str) -> tuple[Said, list[str]]:
    """Their YAML; keys that only their service knows are left out, with a warning."""
    given = granted(ctx.read(text))
    strange = [key for key in given if key not in KNOWN]
    warnings = [f"`{key}` is not used by this server" for key in strange]
    return {key: value for key, value in given.items() if key in KNOWN}, warnings


def _prior(filters: str | None) -> list[str]:
    """The run ids of `{"$or": [{"name": …}, …]}`, which is what --prior_run sends."""
    if not filters:
        return []
    try:
        return [each["name"] for each in msgspec.json.decode(filters)["$or"]]
    except (msgspec.MsgspecError, KeyError, TypeError):
        raise GraphQLError("prior runs are named by their ids, as --prior_run does") from None


def _changed(ctx: Context, path: tuple[str, str, str], said: Said) -> Sweep:
    found: Sweep = granted(find_sweep(ctx.tx, ctx.known(), path, write=True))
    if said.get("config") and _config(ctx, said["config"])[0] != found.given:
        raise GraphQLError("the configuration of a sweep stays as it was made: make a new sweep")
    if said.get("controller"):
        found = _controller(ctx, found, said["controller"])
    words = SweepUpdate(name=said.get("displayName"), description=said.get("description"))
    if words != SweepUpdate():
        found = granted(rename_sweep(ctx.tx, ctx.known(), path, words))
    if said.get("state"):
        found = _steered(ctx, path, said["state"])
    ctx.tell_sweep(found, "status")
    return found


def _steered(ctx: Context, path: tuple[str, str, str], state: str) -> Sweep:
    action = ACTIONS.get(state.upper())
    if action is None:
        raise GraphQLError(f"`{state[:40]}` is no state to set: one of {', '.join(ACTIONS)}")
    done = granted(control_sweep(ctx.tx, ctx.known(), path, action, "", ctx.now, "wandb"))
    for record in done.touched:
        ctx.tell(record, "state")
    found: Sweep = done.sweep
    return found


def _controller(ctx: Context, found: Sweep, text: str) -> Sweep:
    if len(text) > CONTROLLER_CHARS_MAX:
        raise GraphQLError(f"controller: at most {CONTROLLER_CHARS_MAX} characters")
    return ctx.tx.sweeps.save(replace(found, controller=text))
