"""The values that rooms hand to each other: runs, accounts, series blocks. Never rows or JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NewType

from heartline.core.lifecycle import Entry, Run, State

RunKey = NewType("RunKey", int)
"""The server's number of a run, unique across projects, never reused."""


@dataclass(frozen=True, slots=True)
class RunPath:
    """Where people find a run: `id` is the short one in addresses, unique in its project."""

    entity: str
    project: str
    id: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.id}"


@dataclass(frozen=True, slots=True)
class MetricRule:
    """What `define_metric` said about a key (or a glob of keys)."""

    name: str
    step_metric: str = ""
    summary: tuple[str, ...] = ()
    goal: str = ""
    hidden: bool = False


WORLD_SIZE, CLOCK_AHEAD_MS = "world_size", "clock_ahead_ms"
"""What the server adds to a run's environment: how many ranks its launcher starts, and by how much
the clock where it runs is ahead of ours."""
ARTIFACTS_REFUSED, TABLES_REFUSED = "artifacts_not_stored", "tables_without_media"
"""The same: what its program gave us and we have no place for, each once; at most `LOST_NAMED_MAX`
of a kind. Of a table its rows are here as a file, but not the media in its cells."""


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run as stored. `version` changes with every save; times are server wall ms.

    `told` is the ledger entry that explains the state, so that a list of runs needs no ledger.
    `config`, `summary` and `environment` are nested plain values; `summary` here is what the
    program or a person set by hand, and wins over what is computed from the series.
    """

    key: RunKey
    path: RunPath
    name: str
    user: str
    life: Run
    told: Entry
    created_at: int
    started_at: int | None = None
    ended_at: int | None = None
    progress_at: int | None = None
    last_step: int = -1
    group: str = ""
    job_type: str = ""
    sweep: str = ""
    notes: str = ""
    host: str = ""
    client: str = ""
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    metrics: tuple[MetricRule, ...] = ()
    version: int = 0

    @property
    def state(self) -> State:
        """As the lifecycle shows it."""
        return self.life.state

    @property
    def world_size(self) -> int | None:
        """How many ranks its launcher starts; they need not all open the run."""
        said = self.environment.get(WORLD_SIZE)
        return said if isinstance(said, int) else None

    def refused(self, what: str) -> Sequence[str]:
        """The artifacts, or the tables, that were given to us and are not, or not all, here."""
        said = self.environment.get(what)
        return said if isinstance(said, list) else ()

    @property
    def began_at(self) -> int:
        """When it started, by the clock that dates its rows."""
        ahead = self.environment.get(CLOCK_AHEAD_MS)
        return (self.started_at or self.created_at) + (ahead if isinstance(ahead, int) else 0)


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted run that is kept aside: what it is called, whose it was, who deleted it and when."""

    key: RunKey
    path: RunPath
    name: str
    user: str
    state: State
    created_at: int
    by: str
    at: int


@dataclass(frozen=True, slots=True)
class User:
    """A person or service account; the default entity is the user's own name until changed."""

    name: str
    admin: bool = False
    disabled: bool = False
    service: bool = False
    email: str = ""
    default_entity: str = ""
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """A team is an entity with members; `org` is its organisation, "" if it has none."""

    name: str
    org: str = ""
    created_at: int = 0


@dataclass(frozen=True, slots=True)
class Membership:
    """Who belongs where: role is admin, member or viewer; `entity` a team's or organisation's name."""

    entity: str
    user: str
    role: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as stored: only its SHA-256; `hint` are its last characters, for people."""

    id: str
    user: str
    digest: str
    hint: str
    created_at: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """A project of an entity."""

    entity: str
    name: str
    created_at: int
    description: str = ""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of a run; its bytes live in the blob store under `blob`."""

    path: str
    size_bytes: int
    mimetype: str
    updated_at: int
    blob: str
    sha256: str = ""
    md5: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One metric of a block; `rows` are indices into its steps (None: every row)."""

    key: str
    values: Sequence[float]
    rows: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class ObjectPoint:
    """A non-scalar or text value of a row, as JSON bytes."""

    key: str
    row: int
    json: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Rows in columns: int64 steps, int64 times in ms (any buffer-backed sequences)."""

    steps: Sequence[int]
    times: Sequence[int]
    columns: tuple[Column, ...] = ()
    objects: tuple[ObjectPoint, ...] = ()


@dataclass(frozen=True, slots=True)
class ConsoleLine:
    """A console line; the same (stream, number) again replaces it."""

    stream: str
    number: int
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Stream:
    """One exactly-once stream of records: a spool within an attempt of a run."""

    run: RunKey
    epoch: int
    spool: str
    rank: int | None = None


@dataclass(frozen=True, slots=True)
class KeyStats:
    """A key's summary over all its finite points, with NaN and infinity counted apart.

    A step counts once, with the value that was said last, as in a chart.
    `kind` is number if any of its values is one, else object. `objects` counts the values that
    are no numbers, and `last_json` holds the newest value where that is one of them.
    """

    key: str
    kind: str = "number"
    count: int = 0
    first: float | None = None
    last: float | None = None
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    nan_count: int = 0
    inf_count: int = 0
    first_step: int = 0
    last_step: int = 0
    last_json: bytes = b""
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Envelope:
    """A key of a run in buckets along x: what a chart of N pixels needs, no spike lost.

    Sequences have one item per non-empty bucket, in order: first x, last value, smallest and
    largest finite value, mean, points, NaN and infinity counts. `x` values are floats.
    """

    run: RunKey
    key: str
    x: Sequence[float]
    last: Sequence[float]
    min: Sequence[float]
    max: Sequence[float]
    mean: Sequence[float]
    count: Sequence[int]
    nan: Sequence[int]
    inf: Sequence[int]


@dataclass(frozen=True, slots=True)
class Objects:
    """What a run logged under a key that is no number: the newest (step, time, JSON), by step."""

    run: RunKey
    key: str
    rows: Sequence[tuple[int, int, bytes]]
    total: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row of history read back: numbers (NaN and infinities included) and decoded objects."""

    step: int
    at: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class News:
    """That something changed, never what: `seq` is the global ledger sequence (0: series only).

    News of a sweep names it, and `run` is 0.
    """

    project: tuple[str, str]
    run: RunKey
    seq: int = 0
    topics: frozenset[str] = field(default_factory=frozenset)
    sweep: str = ""
