"""A trial's own machine: handed out, running, to be handed out again, ended. Never moves a run.

A trial is one run of a sweep. It is leased to an agent: it comes back when the agent falls silent
or its process never starts, and its run is then started again as a new attempt, so that counts
stay exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NewType

from heartline.core.lifecycle import LIVE, CauseKind, Instant, State
from heartline.core.records import RunKey
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.stopping import Rung

SweepKey = NewType("SweepKey", int)

TOLD = frozenset({State.FINISHED, State.FAILED})
"""Ends that the program itself came to: such a trial is never run again."""
START_MS = 60_000
HANDOUTS_MAX = 3
TURNS_MAX = 200
AGENTS_MAX = 1_000
"""How many agents of a sweep, the newest, are shown and looked at as a whole."""
ASKED = frozenset({
    CauseKind.STOP_REQUESTED, CauseKind.SWEEP_CANCELLED, CauseKind.EARLY_STOPPING,
})  # fmt: skip


class Stage(StrEnum):
    """Where a trial is: the process of a handed one has not been heard of yet."""

    HANDED = "handed"
    RUNNING = "running"
    QUEUED = "queued"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of a sweep's status: when (wall ms), to what, by whom, through which door, why.

    `door` is app, heartline (command line and Python), wandb or api; empty where nobody came in.
    """

    at: int
    status: Status
    by: str
    sentence: str
    door: str = ""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep as stored.

    `turns` are the newest `TURNS_MAX` changes of its status, oldest first. `fails` are the causes
    of the first bad ends, until a run ends well; `prior` counts the runs taken over from before.
    """

    key: SweepKey
    entity: str
    project: str
    id: str
    name: str
    user: str
    given: Mapping[str, Any]
    status: Status
    since: int
    sentence: str
    created_at: int
    made: int = 0
    good: bool = False
    fails: tuple[str, ...] = ()
    finished: int = 0
    unmeasured: int = 0
    prior: int = 0
    description: str = ""
    controller: str = ""
    scheduler: str = ""
    turns: tuple[Turn, ...] = ()
    version: int = 0

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.id}"


def turned(sweep: Sweep, turn: Turn) -> Sweep:
    """The sweep with another status, and the story of how it came to it."""
    turns = (*sweep.turns, turn)[-TURNS_MAX:]
    return replace(sweep, status=turn.status, since=turn.at, sentence=turn.sentence, turns=turns)


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial. `epoch` is the run's attempt when it was last handed out; prior ones count down.

    `given_beat` is the beat of its agent that was last answered with it: what the agent has said
    up to that one says nothing of it.
    """

    sweep: SweepKey
    number: int
    run: RunKey
    run_id: str
    args: Mapping[str, Any]
    stage: Stage
    created_at: int
    agent: str = ""
    epoch: int = 0
    handed_at: Instant = Instant(0)
    given_beat: int = 0
    handouts: int = 0
    claimed: bool = False
    ended_at: int | None = None
    value: float | None = None
    rungs: tuple[Rung, ...] = ()

    @property
    def prior(self) -> bool:
        """Taken over from before the sweep."""
        return self.number < 0


@dataclass(frozen=True, slots=True)
class Agent:
    """A process that works on a sweep; `running` are the run ids of its newest beat."""

    id: str
    sweep: SweepKey
    host: str
    user: str
    kind: str
    created_at: int
    heard_at: Instant
    heard_wall: int
    lease_ms: int
    running: tuple[str, ...] = ()
    total: int = 0
    left: bool = False
    seq: int = 0
    beats: int = 0

    def lost(self, now: Instant, healthy_since: Instant = Instant(0)) -> bool:
        """Silent for its lease; the time when no server could hear it does not count."""
        return not self.left and now - max(self.heard_at, healthy_since) >= self.lease_ms


@dataclass(frozen=True, slots=True)
class Standing:
    """What the run of a trial is shown as."""

    state: State
    epoch: int
    cause: CauseKind

    @property
    def live(self) -> bool:
        """Whether it may still do work."""
        return self.state in LIVE

    @property
    def asked(self) -> bool:
        """Whether it ended because somebody wanted it to."""
        return self.cause in ASKED


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of the agent that has a trial: gone silent, gone home, and what it lists.

    `unheard`: not since it was given the trial, so that its list says nothing of it yet.
    """

    lost: bool = True
    left: bool = False
    lists: bool = False
    unheard: bool = False

    @property
    def gone(self) -> bool:
        """Whether nobody looks after the trial any more."""
        return self.lost or self.left


NOBODY = Holder()


@dataclass(frozen=True, slots=True)
class Finding:
    """The stage that a trial is in now; `never` says that its process never started, for good."""

    stage: Stage
    never: bool = field(default=False)


def found(trial: Trial, run: Standing | None, by: Holder, now: Instant) -> Finding:
    """Where a trial is, from what its run is shown as and what its agent says."""
    if run is None or trial.stage is Stage.ENDED:
        return Finding(Stage.ENDED)
    if run.epoch > trial.epoch:
        return Finding(_started(trial, run, by))
    return _not_started(trial, run, by, now)


def _started(trial: Trial, run: Standing, by: Holder) -> Stage:
    """Its process opened an attempt since it was handed out."""
    if run.live:
        return Stage.RUNNING
    if run.state in TOLD or run.asked:
        return Stage.ENDED
    if trial.stage is Stage.QUEUED:
        return Stage.QUEUED
    # The warden that tells of such an end has seen the agent die or leave: nobody waits for it.
    held = (by.lists or by.unheard) and not by.gone and run.cause is not CauseKind.GIVEN_BACK
    if run.state is State.PREEMPTED:
        return Stage.RUNNING if held else Stage.QUEUED
    # Killed or crashed while nobody wanted it: its agent tells whether that was its end.
    if by.lost:
        return Stage.QUEUED if trial.handouts < HANDOUTS_MAX else Stage.ENDED
    return Stage.RUNNING if held else Stage.ENDED


def _not_started(trial: Trial, run: Standing, by: Holder, now: Instant) -> Finding:
    """Handed out, and no process has opened an attempt since."""
    if not run.live and (run.asked or not run.epoch):
        return Finding(Stage.ENDED)
    if by.lists and not by.gone:
        return Finding(Stage.HANDED)
    # An attempt of before, thought dead, may be heard again and end by itself.
    if run.epoch and run.live:
        return Finding(Stage.RUNNING)
    if run.state in TOLD:
        return Finding(Stage.ENDED)
    if trial.stage is Stage.QUEUED:
        return Finding(Stage.QUEUED)
    late = now - trial.handed_at >= START_MS
    if not (by.gone or trial.claimed or late):
        return Finding(Stage.HANDED)
    again = trial.handouts < HANDOUTS_MAX
    return Finding(Stage.QUEUED if again else Stage.ENDED, never=not again)
