"""The JSON records of sweeps, trials and agents. Never holds a rule.

Names ending in `_at` are milliseconds since the Unix epoch, in `_ms` lengths in milliseconds.
"""

from typing import Annotated, Any

import msgspec

from heartline.wire.ingest import HEARTBEAT_MS_MAX, HEARTBEAT_MS_MIN, Count


class SweepCreate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A new sweep. `config` is a mapping, or the text of a sweep file; `prior_runs` are run ids."""

    config: dict[str, Any] | str
    name: str = ""
    project: str = ""
    entity: str = ""
    id: str = ""
    prior_runs: list[str] = []


class SweepCheck(msgspec.Struct, kw_only=True):
    """Only to be checked: nothing is made."""

    config: Any


class SweepUpdate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """New words for people; null leaves what stands."""

    name: str | None = None
    description: str | None = None


class Checked(msgspec.Struct, kw_only=True):
    """What is wrong with a configuration (nothing if `faults` is empty); `planned` null: no end."""

    faults: list[dict[str, str]] = []
    planned: int | None = None


class Control(msgspec.Struct):
    """One control of a sweep: whether it can be used now, and what it will do, in a sentence."""

    action: str
    allowed: bool
    told: str


class Best(msgspec.Struct):
    """The best finished trial so far."""

    run: str
    name: str
    value: float
    args: dict[str, Any]


class SweepView(msgspec.Struct, kw_only=True):
    """A sweep as listed.

    `status` is pending, running, paused, stopped, cancelled, finished, failed or crashed, and
    `sentence` says why. `made` trials of `planned` (null: no end); `states` counts their runs by
    state; `waiting` are those to be handed out again. `warnings` are sentences for people.
    """

    key: int
    entity: str
    project: str
    id: str
    name: str
    description: str
    user: str
    method: str
    metric: str
    goal: str
    target: float | None
    status: str
    since: int
    sentence: str
    created_at: int
    made: int
    planned: int | None
    waiting: int
    states: dict[str, int]
    agents: int
    agents_live: int
    best: Best | None
    warnings: list[str]
    controls: list[Control]
    version: int


class SweepAgentView(msgspec.Struct, kw_only=True):
    """An agent: `state` is running, lost (not heard of for its lease) or ended; `runs` it has now."""

    id: str
    host: str
    user: str
    kind: str
    state: str
    created_at: int
    heard_at: int
    silent_ms: int | None
    total_runs: int
    runs: list[str]


class TurnView(msgspec.Struct, kw_only=True):
    """One change of a sweep's status, by `user NAME`, an agent or the server.

    `door` is app, heartline (the command line and Python), wandb or api; empty for the server.
    """

    at: int
    status: str
    by: str
    door: str
    sentence: str


class SweepDetail(msgspec.Struct, kw_only=True):
    """One sweep with its configuration as given, its parameters, its agents, and its `turns`.

    `parameters` have name (dotted), distribution, values, and the numbers of the distribution.
    """

    sweep: SweepView
    config: dict[str, Any]
    parameters: list[dict[str, Any]]
    agents: list[SweepAgentView]
    turns: list[TurnView] = []


class TrialView(msgspec.Struct, kw_only=True):
    """A trial: its arguments, its run, and what became of it.

    `stage` is handed (no process yet), running, queued (to be handed out again) or ended. `value`
    is what the metric came to; `best_so_far` over the trials up to this one. `state`, `cause` and
    `sentence` are the run's own; empty if the run was deleted.
    """

    number: int
    run: int
    run_id: str
    name: str
    args: dict[str, Any]
    stage: str
    agent: str
    handouts: int
    state: str
    cause: str
    sentence: str
    value: float | None
    best_so_far: float | None
    created_at: int
    ended_at: int | None = None
    prior: bool = False


class ParameterShare(msgspec.Struct, kw_only=True):
    """How much a parameter says about the metric.

    `importance` of all parameters adds up to 1; `correlation` is of ranks, null for words and
    for what does not differ.
    """

    name: str
    importance: float
    correlation: float | None


class SweepImportance(msgspec.Struct, kw_only=True):
    """Which parameters move the metric, over the trials that have a value of it."""

    metric: str
    trials: int
    warning: str
    parameters: list[ParameterShare]


class TrialPage(msgspec.Struct):
    """Trials by number; `total` counts all."""

    trials: list[TrialView]
    total: int


class ControlBody(msgspec.Struct, omit_defaults=True):
    """Why, for the record."""

    reason: str = ""


class AgentCreate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An agent that offers to work."""

    host: str = ""
    kind: str = "heartline"
    beat_ms: Annotated[int, msgspec.Meta(ge=HEARTBEAT_MS_MIN, le=HEARTBEAT_MS_MAX)] = 5_000


class AgentCreated(msgspec.Struct, kw_only=True):
    """The agent's id, and what it needs to start trials."""

    id: str
    sweep: str
    entity: str
    project: str
    program: str
    command: list[str]
    beat_ms: int


class TrialEnd(msgspec.Struct, kw_only=True, omit_defaults=True):
    """How a trial's process ended, by the kernel's word to the agent, its parent."""

    run: str
    exit_code: Annotated[int, msgspec.Meta(ge=-(2**31), lt=2**31)] | None = None
    signal: str | None = None
    core_dumped: bool | None = None
    oom: bool = False
    memory_bytes: Count | None = None
    memory_limit_bytes: Count | None = None
    note: str = ""


class AgentBeat(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What an agent says every few seconds: what runs, what has ended, whether it wants a trial.

    `leaving` is said once, by an agent that goes home. `seq` rises with every beat, so that one
    that was long on its way is told from news; 0 where the agent does not count.
    """

    running: list[str] = []
    ended: list[TrialEnd] = []
    wants: bool = False
    leaving: bool = False
    seq: Count = 0


class Command(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the agent shall do: run, resume (a preempted run), stop, or exit."""

    type: str
    run: str = ""
    name: str = ""
    args: dict[str, Any] = {}
    reason: str = ""


class BeatReply(msgspec.Struct, kw_only=True):
    """The sweep's status with its sentence, and the commands."""

    status: str
    sentence: str
    commands: list[Command]
