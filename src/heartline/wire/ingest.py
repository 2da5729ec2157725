"""The ingest protocol: how a writer opens a run and ships its records. Never interprets them.

Bodies are MessagePack (`application/vnd.msgpack`), optionally `Content-Encoding: gzip`. Times are
milliseconds since the Unix epoch, arrays are little-endian.
"""

from typing import Annotated, Any

import msgspec

PROTOCOL = 1
BATCH_BYTES_MAX = 8 * 2**20
LINE_CHARS_MAX = 65_536
KEY_CHARS_MAX = 512
TOKEN_CHARS_MAX = 256
INTEGER_MAX = 2**53
SEQ_MAX = 2**62
HEARTBEAT_MS_MIN, HEARTBEAT_MS_MAX = 100, 600_000

Count = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
Seq = Annotated[int, msgspec.Meta(ge=-SEQ_MAX, le=SEQ_MAX)]
Time = Annotated[int, msgspec.Meta(ge=-INTEGER_MAX, le=INTEGER_MAX)]
Rank = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=TOKEN_CHARS_MAX)]


class OpenRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Open an attempt of a run, or join it (same `launch`) as one more writer. Idempotent.

    `launch` names one start of the job and is shared by its ranks: it becomes the fencing nonce.
    `resume` is "", "allow", "must", "never" or "auto". `seq` never goes back within a writer.
    `started_at` and `sent_at` are the start and this very moment by the client's clock: data.
    `offline` or `ended` (its process is over) is told later, and supersedes nobody who lives.
    """

    project: str
    launch: Token
    writer: Token
    seq: Seq
    heartbeat_ms: Annotated[int, msgspec.Meta(ge=HEARTBEAT_MS_MIN, le=HEARTBEAT_MS_MAX)]
    id: str
    entity: str = ""
    resume: str = ""
    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    group: str | None = None
    job_type: str | None = None
    sweep: str | None = None
    config: dict[str, Any] = msgspec.field(default_factory=dict)
    rank: Rank | None = None
    world_size: Rank | None = None
    host: str = ""
    environment: dict[str, Any] = msgspec.field(default_factory=dict)
    client: str = ""
    started_at: Time | None = None
    sent_at: Time | None = None
    offline: bool = False
    ended: bool = False
    protocol: int = PROTOCOL


class StopOrder(msgspec.Struct, omit_defaults=True):
    """A stop request for the script."""

    by: str
    reason: str = ""
    asked_at: int = 0


class OpenReply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where the run stands; `run` is its key in `Batch`, `durable` the next record wanted.

    `stop` was asked for already, perhaps before any process had started.
    """

    run: int
    entity: str
    project: str
    id: str
    name: str
    path: str
    epoch: int
    durable: int = 0
    resumed: bool = False
    last_step: int = -1
    config: dict[str, Any] = msgspec.field(default_factory=dict)
    summary: dict[str, Any] = msgspec.field(default_factory=dict)
    heartbeat_ms: int = 5_000
    stop: StopOrder | None = None


class Column(msgspec.Struct, array_like=True):
    """One metric within a block: `rows` are u32 row indices (empty: one value per row), f64 values."""

    key: str
    rows: bytes
    values: bytes


class ObjectValue(msgspec.Struct, array_like=True):
    """A non-scalar or text history value as JSON, at a row of its block."""

    key: str
    row: Count
    json: bytes


class Block(msgspec.Struct, array_like=True):
    """Rows of history (or of system metrics) in columns: i64 steps, i64 times in ms."""

    steps: bytes
    times: bytes
    columns: list[Column] = []
    objects: list[ObjectValue] = []


class Line(msgspec.Struct, array_like=True):
    """A console line; the same (stream, number) again overwrites it, as a progress bar does."""

    stream: Token
    number: Count
    at: Time
    text: str


class MetricDefinition(msgspec.Struct, omit_defaults=True):
    """`define_metric`: `summary` holds words of min, max, mean, first, last, best, none."""

    name: str
    step_metric: str = ""
    summary: list[str] = []
    goal: str = ""
    hidden: bool = False


class Alert(msgspec.Struct, omit_defaults=True):
    """What a program tells people; `level` is INFO, WARN or ERROR."""

    title: str
    text: str = ""
    level: str = "INFO"
    at: Time = 0


class Changes(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What the program changed about its run; absent fields stay as they are."""

    config: dict[str, Any] | None = None
    config_removed: list[str] = []
    summary: dict[str, Any] | None = None
    summary_removed: list[str] = []
    metrics: list[MetricDefinition] = []
    alerts: list[Alert] = []
    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    group: str | None = None
    job_type: str | None = None
    environment: dict[str, Any] | None = None


class Exit(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A witness's verdict: words and fields of `core.lifecycle` (state, cause, evidence).

    `records` is how many the spool holds in all; Finished is refused until that many are durable.
    `at` is the end by the writer's clock, kept as data. `by`: process, launcher, agent, scheduler.
    """

    state: str
    cause: str
    confidence: Annotated[int, msgspec.Meta(ge=1, le=3)]
    records: Count
    at: Time
    by: str = "process"
    evidence: dict[str, Any] = msgspec.field(default_factory=dict)


class Batch(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Records `first` to `first + count` of one spool, and a heartbeat. Empty ones only beat.

    `writer` is the process whose life is told; `spool` the stream whose records these are. They
    differ for forked workers only, which log without being ranks of their own.
    """

    run: Count
    epoch: Count
    nonce: Token
    writer: Token
    spool: Token
    seq: Seq
    first: Count = 0
    count: Count = 0
    history: list[Block] = []
    system: list[Block] = []
    lines: list[Line] = []
    changes: list[Changes] = []
    rank: int | None = None
    preempting: bool = False
    stop_acknowledged: bool = False
    process_state: str = ""
    exit: Exit | None = None
    sent_at: Time | None = None


class BatchReply(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Sent after the commit. The client goes on from `durable`, wherever it believed to be.

    `refused` says why nothing was taken: a gap, a repeat, a stale attempt, an unknown run.
    `stale` means for ever: a newer attempt holds the run. `reopen` means: open again, then resend.
    `stacks_at` is when somebody asked to see where the program stands; 0 if nobody waits for it.
    """

    durable: int
    refused: str = ""
    stale: bool = False
    reopen: bool = False
    exit_taken: bool = False
    stop: StopOrder | None = None
    stacks_at: int = 0
