"""What people do to sweeps: pause, resume, stop, cancel. Only cancel sends anything to a run."""

from dataclasses import dataclass, field, replace

from heartline.core.filters import parse
from heartline.core.lifecycle import Actor, CauseKind, Changed, Instant, Now, StopAsked
from heartline.core.records import RunRecord
from heartline.core.sweep.statuses import Event, Status, after
from heartline.core.sweep.trials import Sweep, SweepKey, Turn, turned
from heartline.ports import Question, Transaction
from heartline.usecases.access import Principal
from heartline.usecases.find_sweeps import find_sweep
from heartline.usecases.keep import apply
from heartline.usecases.prune_trials import prune
from heartline.usecases.refusal import Refused
from heartline.usecases.tend_sweep import Tended, tend

EVENTS = {
    "pause": Event.PAUSE,
    "resume": Event.RESUME,
    "stop": Event.STOP,
    "cancel": Event.CANCEL,
}
THERE = {
    "pause": Status.PAUSED,
    "resume": Status.RUNNING,
    "stop": Status.STOPPED,
    "cancel": Status.CANCELLED,
}
DONE = {"pause": "paused", "resume": "resumed", "stop": "stopped", "cancel": "cancelled"}
REASON_CHARS_MAX = 1_000
LIVE_RUNS_MAX = 10_000


@dataclass
class Controlled:
    """The sweep after it, and the runs that were asked to stop."""

    sweep: Sweep
    touched: list[RunRecord] = field(default_factory=list)


def control_sweep(
    tx: Transaction, who: Principal, path: tuple[str, str, str], action: str, reason: str,
    now: Now, door: str = "",
) -> Controlled | Refused:  # fmt: skip
    """Do it; doing it twice changes nothing more, whoever does it, through whichever door."""
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    if sweep.status is THERE[action]:
        return Controlled(sweep)
    status = after(sweep.status, EVENTS[action])
    if status is None:
        return Refused(
            "conflict", f"a {sweep.status} sweep cannot be {DONE[action]}: {sweep.sentence}"
        )
    said = f"{DONE[action]} by {who.user.name}"
    reason = reason[:REASON_CHARS_MAX]
    told = f"{said}: {reason}" if reason else said
    sweep = turned(sweep, Turn(now.wall, status, f"user {who.user.name}", told, door))
    sweep = tx.sweeps.save(replace(sweep, fails=() if action == "resume" else sweep.fails))
    if action != "cancel":
        return Controlled(sweep)
    return Controlled(sweep, _stop_all(tx, sweep, Actor("sweep", sweep.id), said, now))


def delete_sweep(
    tx: Transaction, who: Principal, path: tuple[str, str, str], now: Now
) -> Controlled | Refused:
    """Forget the sweep; its runs stay, and its agents are told with their next beat.

    Those that wait for a process would wait for ever: nobody starts them any more.
    """
    sweep = find_sweep(tx, who, path, write=True)
    if isinstance(sweep, Refused):
        return sweep
    told, by = f"the sweep was deleted by {who.user.name}", Actor("sweep", sweep.id)
    stopped = _stop_all(tx, sweep, by, told, now, states=("pending",))
    tx.sweeps.delete(sweep.key)
    return Controlled(sweep, stopped)


def _stop_all(
    tx: Transaction, sweep: Sweep, by: Actor, told: str, now: Now,
    states: tuple[str, ...] = ("pending", "running", "preempting"),
) -> list[RunRecord]:  # fmt: skip
    """Every live run of the sweep is asked to stop; one without a process has ended by that."""
    stopped = []
    for found in _in(tx, sweep, states, now):
        record, outcome = apply(tx, found, StopAsked(by, CauseKind.SWEEP_CANCELLED, told), now)
        if isinstance(outcome, Changed):
            stopped.append(record)
    return stopped


def _in(tx: Transaction, sweep: Sweep, states: tuple[str, ...], now: Now) -> list[RunRecord]:
    wanted = {"sweep": sweep.id, "state": {"$in": list(states)}}
    question = Question(
        [(sweep.entity, sweep.project)], parse(wanted, now.wall), (), now, LIVE_RUNS_MAX
    )
    return list(tx.runs.query(question).runs)


def look_after(
    tx: Transaction, key: SweepKey, now: Now, healthy_since: Instant
) -> tuple[Tended, list[RunRecord]] | None:
    """Settle a sweep's trials, prune them, and finish what a cancel began; the runs it changed."""
    sweep = tx.sweeps.get(key, hold=True)
    if sweep is None:
        return None
    done = tend(tx, sweep, now, healthy_since)
    if done.sweep.status is Status.CANCELLED:
        # A process that was on its way when the sweep was cancelled has opened its run since.
        by = Actor("sweep", sweep.id)
        return done, [*done.touched, *_stop_all(tx, done.sweep, by, done.sweep.sentence, now)]
    return done, [*done.touched, *prune(tx, done.sweep, now, ended=done.climbed)]


def controls(sweep: Sweep, live: int, waiting: int) -> list[tuple[str, bool, str]]:
    """Each control: whether it can be used now, and what it will do, in a sentence."""
    going = {0: "", 1: "; the one that is live goes on"}.get(live, f"; the {live} live ones go on")
    ends = {0: "; none is live", 1: "; the one that is live becomes Killed"}
    never = f", and {waiting} that wait are never started" if waiting else ""
    told = {
        "pause": f"No new runs are made until you resume{going}.",
        "resume": "New runs are made again, for agents that wait and those that you start.",
        "stop": f"No new runs are made, for good{going}, and agents then go home.",
        "cancel": "No new runs are made, for good"
        + ends.get(live, f"; the {live} live ones become Killed")
        + f"{never}.",
    }
    found = []
    for action, event in EVENTS.items():
        allowed = after(sweep.status, event) is not None
        why = f"A {sweep.status} sweep cannot be {DONE[action]}."
        found.append((action, allowed, told[action] if allowed else why))
    return found
