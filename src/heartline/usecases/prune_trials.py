"""Early stopping: look at running trials where the rule says so, and ask the worse ones to stop."""

from collections.abc import Sequence
from dataclasses import replace
from math import inf, isfinite

from heartline.core.lifecycle import Actor, CauseKind, Changed, Now, StopAsked
from heartline.core.records import RunKey, RunRecord
from heartline.core.sweep.config import Early, SweepConfig
from heartline.core.sweep.stopping import Rung, climbed, looks, rung, verdict
from heartline.core.sweep.trials import Stage, Sweep, Trial
from heartline.ports import Transaction
from heartline.usecases.find_sweeps import TRIALS_MAX, config_of
from heartline.usecases.keep import apply


def climb(tx: Transaction, config: SweepConfig, trial: Trial) -> Trial:
    """The trial with the rungs that its run has reached since the last look."""
    if config.early is None or config.metric is None:
        return trial
    name = config.metric.name
    keys = tx.series.keys([trial.run])[trial.run]
    rows = next((k.count for k in keys if k.key == name), 0)
    due = climbed(looks(config.early), trial.rungs, rows)
    if not due:
        return trial
    values = _values(tx, trial.run, name, due[-1], config.metric.sign)
    made: list[Rung] = [rung(values, each, config.metric.sign) for each in due if values]
    return replace(trial, rungs=(*trial.rungs, *made))


def _values(tx: Transaction, run: RunKey, name: str, rows: int, sign: float) -> list[float]:
    """The first values of the metric; what is not a number counts as the worst."""
    found = []
    for row in tx.series.scan(run, [name], limit=rows):
        value = row.values.get(name)
        good = isinstance(value, int | float) and isfinite(value)
        found.append(float(value) if good and value is not None else sign * inf)
    return found


def prune(tx: Transaction, sweep: Sweep, now: Now, *, ended: bool) -> list[RunRecord]:
    """The runs that are asked to stop now, with the rule as the reason.

    `ended`: a trial that ended had come further. A strict rule looks at all again when one has.
    """
    config = config_of(sweep)
    if config.early is None:
        return []
    pairs = [(each, _higher(tx, config, each)) for each in tx.sweeps.open_trials(sweep.key)]
    again = config.early.strict and (ended or any(was != is_now for was, is_now in pairs))
    climbing = [
        (is_now, len(was.rungs))
        for was, is_now in pairs
        if is_now != was or (again and is_now.rungs)
    ]
    known = tx.sweeps.trials(sweep.key, 0, TRIALS_MAX) if climbing else ()
    stopped = []
    for trial, before in climbing:
        others = [each.rungs for each in known if each.number != trial.number]
        if told := _told(config.early, trial.rungs, before, others):
            record = tx.runs.get(trial.run)
            said = StopAsked(Actor("sweep", sweep.id), CauseKind.EARLY_STOPPING, told)
            if record is not None:
                record, outcome = apply(tx, record, said, now)
                stopped += [record] if isinstance(outcome, Changed) else []
    return stopped


def _higher(tx: Transaction, config: SweepConfig, trial: Trial) -> Trial:
    """An open trial as it stands now, kept."""
    higher = climb(tx, config, trial) if trial.stage is Stage.RUNNING else trial
    if higher != trial:
        tx.sweeps.put_trial(higher)
    return higher


def _told(rule: Early, mine: Sequence[Rung], before: int, others: Sequence[Sequence[Rung]]) -> str:
    """Why a run is stopped: a quick one may have climbed several rungs since the last look."""
    ends = range(min(before, len(mine) - 1) + 1, len(mine) + 1)
    return next((said for end in ends if (said := verdict(rule, mine[:end], others))), "")
