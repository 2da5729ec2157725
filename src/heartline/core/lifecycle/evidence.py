"""What is known about an end: cause, evidence, actor. Never concludes; see `classify`."""

from dataclasses import dataclass
from enum import StrEnum

from heartline.core.lifecycle.states import Confidence, State


class CauseKind(StrEnum):
    """Why a run is in its state, as one word for filters, tables and alerts."""

    CREATED = "created"
    STARTED = "started"
    JOINED = "joined"
    RESUMED = "resumed"
    HEARD_AGAIN = "heard_again"
    PREEMPTION_NOTICE = "preemption_notice"
    PREEMPTION_WITHDRAWN = "preemption_withdrawn"
    FINISHED = "finished"
    EXIT_CODE = "exit_code"
    EXCEPTION = "exception"
    INTERRUPTED = "interrupted"
    SIGNAL = "signal"
    OUT_OF_MEMORY = "out_of_memory"
    STOP_REQUESTED = "stop_requested"
    STOP_ACKNOWLEDGED = "stop_acknowledged"
    TIME_LIMIT = "time_limit"
    SCHEDULER = "scheduler"
    GIVEN_BACK = "given_back"
    SWEEP_CANCELLED = "sweep_cancelled"
    EARLY_STOPPING = "early_stopping"
    LOST_HEARTBEAT = "lost_heartbeat"
    NEVER_STARTED = "never_started"
    VANISHED = "vanished"
    SUPERSEDED = "superseded"
    OVERRIDDEN = "overridden"
    UNDELETED = "undeleted"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who said it: `kind` is process, user, sweep, agent, scheduler, launcher or server."""

    kind: str
    name: str = ""


SERVER = Actor("server")
LOST_NAMED_MAX = 100
PROCESS = Actor("process")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts around a change of state, as measured; absent facts are None, never guessed.

    Memory is in bytes, times in milliseconds since the Unix epoch, lengths in milliseconds.
    `happened_at` is when it was by its client's word, where that was told late; `lost_records`
    could not be kept where the program ran, for want of space or rights; `artifacts_not_stored`
    were given to a server that has no place for them, `tables_without_media` were but for their
    rows; `missing_rows` were counted by their client, and have not come.
    """

    source: str = ""
    exit_code: int | None = None
    signal: str | None = None
    core_dumped: bool | None = None
    exception: str | None = None
    traceback: str | None = None
    native_stack: str | None = None
    oom_kills_before: int | None = None
    oom_kills_after: int | None = None
    memory_bytes: int | None = None
    memory_limit_bytes: int | None = None
    last_lines: tuple[str, ...] = ()
    scheduler: str | None = None
    heartbeat_at: int | None = None
    happened_at: int | None = None
    silent_ms: int | None = None
    lease_ms: int | None = None
    lost_records: int | None = None
    artifacts_not_stored: int | None = None
    tables_without_media: int | None = None
    missing_rows: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a process ended, with the reason and how sure the witness is."""

    state: State
    cause: CauseKind
    confidence: Confidence
    evidence: Evidence = Evidence()
