"""Sweeps, trials and agents as API records. Never looks anything up."""

from collections.abc import Mapping
from typing import Any

from heartline.core.lifecycle import LIVE, Now
from heartline.core.lifecycle.view import sentence
from heartline.core.records import RunRecord
from heartline.core.sweep.config import Metric, SweepConfig
from heartline.core.sweep.space import Dimension
from heartline.core.sweep.trials import Agent, Sweep, Trial
from heartline.server.encode import plain
from heartline.usecases.control_sweep import controls
from heartline.usecases.find_sweeps import Glance, Page
from heartline.wire import sweeps as wire

NO_METRIC = Metric("")


def sweep_view(seen: Glance) -> wire.SweepView:
    """A sweep as listed."""
    sweep, config = seen.sweep, seen.config
    metric = config.metric or NO_METRIC
    live = sum(seen.states.get(state.value, 0) for state in LIVE)
    return wire.SweepView(
        key=sweep.key,
        entity=sweep.entity,
        project=sweep.project,
        id=sweep.id,
        name=sweep.name,
        description=sweep.description,
        user=sweep.user,
        method=config.method,
        metric=metric.name,
        goal=metric.goal if metric.name else "",
        target=metric.target,
        status=sweep.status.value,
        since=sweep.since,
        sentence=sweep.sentence,
        created_at=sweep.created_at,
        made=sweep.made,
        planned=seen.planned,
        waiting=seen.waiting,
        states=dict(seen.states),
        agents=len(seen.agents),
        agents_live=sum(state == "running" for _, state in seen.agents),
        best=_best(seen),
        warnings=_warnings(sweep, metric),
        controls=[wire.Control(*each) for each in controls(sweep, live, seen.waiting)],
        version=sweep.version,
    )


def _best(seen: Glance) -> wire.Best | None:
    trial = seen.best
    if trial is None or trial.value is None:
        return None
    name = "" if seen.best_run is None else seen.best_run.name
    return wire.Best(trial.run_id, name, trial.value, plain(trial.args))


def _warnings(sweep: Sweep, metric: Metric) -> list[str]:
    if not metric.name or not sweep.unmeasured:
        return []
    some = "none" if sweep.unmeasured == sweep.finished else "not all"
    told = f"{some} of the {sweep.finished} finished runs logged `{metric.name}` as a number"
    return [f"{told}: mend `metric.name`, or log it in the program"]


def sweep_detail(seen: Glance, now: Now) -> wire.SweepDetail:
    """One sweep with its configuration and agents."""
    return wire.SweepDetail(
        sweep=sweep_view(seen),
        config=plain(seen.sweep.given),
        parameters=[_parameter(each) for each in seen.config.space],
        agents=[_agent(each, state, now) for each, state in seen.agents],
        turns=[
            wire.TurnView(
                at=each.at,
                status=each.status.value,
                by=each.by,
                door=each.door,
                sentence=each.sentence,
            )
            for each in seen.sweep.turns
        ],
    )


def _parameter(dimension: Dimension) -> dict[str, Any]:
    choices = dimension.choices
    return {
        "name": dimension.name,
        "distribution": dimension.kind,
        "values": plain(list(dimension.values)),
        "probabilities": list(dimension.weights),
        "numbers": dict(dimension.numbers),
        "size": None if choices is None else len(choices),
    }


def _agent(agent: Agent, state: str, now: Now) -> wire.SweepAgentView:
    return wire.SweepAgentView(
        id=agent.id,
        host=agent.host,
        user=agent.user,
        kind=agent.kind,
        state=state,
        created_at=agent.created_at,
        heard_at=agent.heard_wall,
        silent_ms=None if agent.left else max(0, now.alive - agent.heard_at),
        total_runs=agent.total,
        runs=list(agent.running) if state == "running" else [],
    )


def trial_page(config: SweepConfig, page: Page) -> wire.TrialPage:
    """Trials with the best value up to each."""
    sign = 1.0 if config.metric is None else config.metric.sign
    best, found = page.best, []
    for each in page.trials:
        if each.value is not None and (best is None or sign * each.value < sign * best):
            best = each.value
        found.append(_trial(each, page.runs, best))
    return wire.TrialPage(found, page.total)


def _trial(trial: Trial, runs: Mapping[Any, RunRecord], best: float | None) -> wire.TrialView:
    run = runs.get(trial.run)
    return wire.TrialView(
        number=trial.number,
        run=trial.run,
        run_id=trial.run_id,
        name="" if run is None else run.name,
        args=plain(trial.args),
        stage=trial.stage.value,
        agent=trial.agent,
        handouts=trial.handouts,
        state="" if run is None else run.state.value,
        cause="" if run is None else run.told.cause.value,
        sentence="the run was deleted" if run is None else sentence(run.told),
        value=trial.value,
        best_so_far=best,
        created_at=trial.created_at,
        ended_at=trial.ended_at,
        prior=trial.prior,
    )
