"""Every door out of the house, in one file: what use cases ask of the world. Never an adapter.

All stores are reached through a `Transaction`, which is synchronous and short; `Database` runs it
off the event loop and answers after the commit. Times are server wall ms unless `Instant`.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from heartline.core.lifecycle import Entry, Instant, Now
from heartline.core.lifecycle.time import AliveClock
from heartline.core.questions import Answer as Answer  # noqa: PLC0414 - asked of `RunStore`
from heartline.core.questions import Life as Life  # noqa: PLC0414 - likewise
from heartline.core.questions import Question as Question  # noqa: PLC0414 - likewise
from heartline.core.records import (
    ApiKey,
    Block,
    ConsoleLine,
    Deleted,
    Envelope,
    FileRecord,
    KeyStats,
    Membership,
    Objects,
    Project,
    Row,
    RunKey,
    RunPath,
    RunRecord,
    Stream,
    Team,
    User,
)
from heartline.core.records import News as News  # noqa: PLC0414 - told through `Feed`
from heartline.core.sweep.config import SweepConfig
from heartline.core.sweep.search import Trials
from heartline.core.sweep.space import Args
from heartline.core.sweep.trials import Agent, Standing, Sweep, SweepKey, Trial

T = TypeVar("T")


class Conflict(Exception):
    """Someone else saved first; the unit of work is run again from the start."""


class RunStore(Protocol):
    """Runs, their ledgers, and the index over config and summary values."""

    def create(self, record: RunRecord, entries: Sequence[Entry]) -> RunRecord:
        """Store a new run (its `key` is given here); Conflict if the path is taken."""

    def find(self, path: RunPath) -> RunRecord | None:
        """The run at this path, unless deleted."""

    def get(self, key: RunKey, *, hold: bool = False) -> RunRecord | None:
        """The run with this key, unless deleted; held, no other unit changes it until this ends."""

    def get_many(self, keys: Sequence[RunKey]) -> Sequence[RunRecord]:
        """Those of the keys that exist, in any order."""

    def life(self, key: RunKey) -> Life | None:
        """Only what the lifecycle needs of a run: the quick way for heartbeats; None if deleted."""

    def save_life(self, key: RunKey, life: Life) -> None:
        """Compare-and-set an unchanged state with its newer heartbeat; no index moves."""

    def save(self, record: RunRecord, entries: Sequence[Entry] = ()) -> RunRecord:
        """Compare-and-set on `record.version`; append the entries; Conflict if it was overtaken."""

    def ledger(self, key: RunKey) -> Sequence[Entry]:
        """All entries, oldest first."""

    def overdue(self, now: Instant, limit: int) -> Sequence[RunKey]:
        """Runs whose stored deadline is at or before `now`, earliest first."""

    def next_deadline(self) -> Instant | None:
        """The earliest stored deadline."""

    def defer(self, record: RunRecord, until: Instant | None) -> None:
        """Ask about this run again then, or no more, unless it was changed since it was read."""

    def live(self) -> Sequence[RunKey]:
        """All runs that have not ended, in any order."""

    def query(self, question: Question) -> Answer:
        """A page of runs with counts."""

    def keys(self, question: Question) -> Sequence[RunKey]:
        """Of that page only the keys."""

    def fields(self, project: tuple[str, str], contains: str, limit: int) -> Sequence[str]:
        """Known `config.*` and `summary.*` fields of a project, for suggestions and columns."""

    def values(self, project: tuple[str, str], field: str, limit: int) -> Sequence[tuple[Any, int]]:
        """The commonest values of a field with counts, for suggestions."""

    def indexed(
        self, keys: Sequence[RunKey], fields: Sequence[str] | None
    ) -> Mapping[RunKey, Mapping[str, float | str]]:
        """The indexed config.* and summary.* values of these runs (None: all fields)."""

    def index_summary(self, key: RunKey, values: Mapping[str, float | str | bool | None]) -> None:
        """Refresh the indexed last values of series; a flat map of key to value."""

    def delete(self, key: RunKey) -> None:
        """Hide the run at once, for good; its series are swept later by `SeriesStore.drop`."""

    def states(self, project: tuple[str, str]) -> Mapping[str, int]:
        """Count of runs by state."""

    def changed_since(self, seq: int, limit: int) -> Sequence[tuple[int, RunKey]]:
        """(global ledger sequence, run) of changes after `seq`: what SSE clients missed."""

    def last_seq(self) -> int:
        """The newest global ledger sequence."""


class DeletedStore(Protocol):
    """Deleted runs, kept aside with their ledgers for a time: nothing that reads runs sees them."""

    def put(self, key: RunKey, by: str, at: int) -> None:
        """Set aside the run as it is now, and free its path; Conflict if it is gone already."""

    def get(self, key: RunKey) -> Deleted | None: ...
    def before(self, at: int, limit: int) -> Sequence[RunKey]: ...
    def newest(self, entity: str, project: str, limit: int) -> tuple[Sequence[Deleted], int]:
        """The last deleted, and how many there are; of all projects of the entity if none named."""

    def bring_back(self, key: RunKey) -> RunRecord:
        """Where it was and as it was; Conflict if it is not aside any more, or the path is taken."""

    def drop(self, key: RunKey) -> bool:
        """Forget it for good; whether it was still aside. Only one unit is told so."""


class SeriesStore(Protocol):
    """Points, objects, console lines and system metrics of runs, in compressed columnar chunks.

    The view over attempts: for each key, an attempt hides what earlier attempts said from its own
    first step of that key on. Ranks: the lowest rank that has the key is shown unless asked.
    """

    def durable(self, stream: Stream, *, hold: bool = False) -> int:
        """The next record wanted from this stream (0: none yet); held, only this unit moves it."""

    def append(
        self, stream: Stream, first: int, count: int, *, history: Sequence[Block] = (),
        system: Sequence[Block] = (), lines: Sequence[ConsoleLine] = (),
    ) -> int:  # fmt: skip
        """Take records `first`..`first+count` if `first` is the durable offset; the new offset.

        Anything else (a gap, a repeat) changes nothing and returns the durable offset as it was.
        """

    def keys(
        self, runs: Sequence[RunKey], *, system: bool = False
    ) -> Mapping[RunKey, Sequence[KeyStats]]:
        """Every key of each of these runs with its summary, sorted by key."""

    def objects(
        self, runs: Sequence[RunKey], keys: Sequence[str], *, limit: int
    ) -> Sequence[Objects]:
        """The newest `limit` values that are no numbers, of each run and key that has any."""

    def window(
        self, runs: Sequence[RunKey], keys: Sequence[str], *, x: str = "_step",
        x_min: float | None = None, x_max: float | None = None, width: int = 600,
        system: bool = False, rank: int | None = None,
    ) -> Sequence[Envelope]:  # fmt: skip
        """At most `width` buckets for each run and key that has points in the range.

        `x` is `_step`, `_timestamp` (ms) or a metric's key (joined by step).
        """

    def scan(
        self, run: RunKey, keys: Sequence[str] | None, *, min_step: int = 0,
        max_step: int | None = None, limit: int = 1000, system: bool = False,
        rank: int | None = None,
    ) -> Sequence[Row]:  # fmt: skip
        """Every row in [min_step, max_step) by step, no sampling; with keys: rows that have any.

        At most `limit` rows; ask again from the last step + 1.
        """

    def sample(
        self, run: RunKey, keys: Sequence[str] | None, samples: int, *, system: bool = False
    ) -> Sequence[Row]:
        """About `samples` rows spread over the run, first and last included; all if fewer."""

    def truncate(self, run: RunKey, after_step: int) -> None:
        """Rewind: drop history after this step."""

    def put_lines(self, run: RunKey, stream: Stream, lines: Sequence[ConsoleLine]) -> None:
        """Write console lines without moving the durable offset (for line-offset protocols)."""

    def console(
        self, run: RunKey, *, first: int = 0, limit: int = 1000
    ) -> tuple[Sequence[ConsoleLine], int]:
        """Lines in order of printing over all streams, from ordinal `first`; and the total."""

    def tail(self, run: RunKey, last: int) -> Sequence[ConsoleLine]:
        """The `last` lines, at a cost that does not grow with how many were printed."""

    def drop(self, run: RunKey) -> None:
        """Forget all series of a deleted run."""

    def merge(self, limit: int) -> int:
        """Merge small chunks of the busiest runs into large ones with roll-ups; runs merged."""


class AccountStore(Protocol):
    """Users (held: unchanged by others until the unit ends), teams, projects, small documents."""

    def user(self, name: str) -> User | None: ...
    def users(self, *, hold: bool = False) -> Sequence[User]: ...
    def put_user(self, user: User) -> None: ...
    def delete_user(self, name: str) -> None: ...
    def set_password(self, user: str, digest: str) -> None: ...
    def password(self, user: str) -> str | None: ...
    def user_by_key(self, digest: str) -> User | None: ...
    def keys(self, user: str) -> Sequence[ApiKey]: ...
    def put_key(self, key: ApiKey) -> None: ...
    def delete_key(self, key_id: str) -> None: ...
    def team(self, name: str) -> Team | None: ...
    def teams(self, org: str | None = None) -> Sequence[Team]: ...
    def put_team(self, team: Team) -> None: ...
    def organisations(self) -> Sequence[str]: ...
    def put_organisation(self, name: str, created_at: int) -> None: ...
    def memberships(self, *, user: str = "", entity: str = "") -> Sequence[Membership]: ...
    def put_membership(self, membership: Membership) -> None: ...
    def delete_membership(self, entity: str, user: str) -> None: ...
    def project(self, entity: str, name: str) -> Project | None: ...
    def projects(self, entities: Sequence[str]) -> Sequence[Project]: ...
    def put_project(self, project: Project) -> None: ...
    def delete_project(self, entity: str, name: str) -> None: ...
    def document(self, kind: str, scope: str, name: str) -> Mapping[str, Any] | None:
        """A small JSON document (saved view, report, custom chart, setting) by kind, scope, name."""

    def documents(self, kind: str, scope: str) -> Mapping[str, Mapping[str, Any]]: ...
    def put_document(self, kind: str, scope: str, name: str, body: Mapping[str, Any]) -> None: ...
    def delete_document(self, kind: str, scope: str, name: str) -> bool: ...


class FileStore(Protocol):
    """The index of run files; bytes are in the `BlobStore`."""

    def put(self, run: RunKey, file: FileRecord) -> None: ...
    def get(self, run: RunKey, path: str) -> FileRecord | None: ...
    def list(self, run: RunKey) -> Sequence[FileRecord]: ...
    def delete(self, run: RunKey, path: str) -> FileRecord | None: ...


class ClockStore(Protocol):
    """The persisted server-alive clock."""

    def load(self) -> AliveClock: ...
    def swap(self, seen: AliveClock, new: AliveClock) -> bool:
        """Store `new` if the stored version is still `seen.version`."""


class SweepStore(Protocol):
    """Sweeps, their trials and agents. What a run is shown as is read from the runs themselves."""

    def create(self, sweep: Sweep) -> Sweep:
        """Store a new sweep (its `key` is given here); Conflict if the id is taken."""

    def find(self, entity: str, project: str, sweep_id: str) -> Sweep | None:
        """The sweep at this path, unless deleted."""

    def get(self, key: SweepKey, *, hold: bool = False) -> Sweep | None:
        """The sweep with this key, unless deleted; held, no other unit holds it until this ends."""

    def of_projects(self, projects: Sequence[tuple[str, str]]) -> Sequence[Sweep]:
        """The sweeps of these projects, newest first."""

    def count(self, project: tuple[str, str]) -> int:
        """How many sweeps this project has."""

    def save(self, sweep: Sweep) -> Sweep:
        """Compare-and-set on `sweep.version`; Conflict if it was overtaken."""

    def delete(self, key: SweepKey) -> None:
        """Hide the sweep at once, with its trials and agents; its runs stay."""

    def unsettled(self) -> Sequence[SweepKey]:
        """Sweeps with trials that have not ended."""

    def put_trial(self, trial: Trial) -> None: ...
    def trial_of(self, run: RunKey) -> Trial | None:
        """The trial that a run is, if it is one."""

    def open_trials(self, sweep: SweepKey) -> Sequence[Trial]:
        """Those that have not ended, by number."""

    def trials(self, sweep: SweepKey, first: int, limit: int) -> Sequence[Trial]:
        """Those numbered from `first` on, by number; prior ones have numbers below 0."""

    def standings(self, keys: Sequence[RunKey]) -> Mapping[RunKey, Standing]:
        """What these runs are shown as; deleted ones are missing."""

    def states(self, sweep: SweepKey) -> Mapping[str, int]:
        """Count of the runs of all trials by state."""

    def best(self, sweep: SweepKey, before: int, *, largest: bool) -> Trial | None:
        """Of those numbered below `before` the one whose value is best; the earliest of equals."""

    def put_agent(self, agent: Agent) -> None: ...
    def agent(self, agent_id: str) -> Agent | None: ...
    def agents(self, sweep: SweepKey) -> Sequence[Agent]:
        """The newest `AGENTS_MAX`, oldest first."""


class Transaction(Protocol):
    """One atomic unit of work over all stores. Valid only inside its `write` or `read`."""

    @property
    def runs(self) -> RunStore: ...
    @property
    def deleted(self) -> DeletedStore: ...
    @property
    def series(self) -> SeriesStore: ...
    @property
    def accounts(self) -> AccountStore: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def clock(self) -> ClockStore: ...
    @property
    def sweeps(self) -> SweepStore: ...


class Database(Protocol):
    """Runs units of work; several writes may share one commit, each still all or nothing."""

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run and commit; returns after the commit is durable. Reruns the unit on Conflict."""

    async def read(self, unit: Callable[[Transaction], T]) -> T:
        """Run on a snapshot; nothing is saved."""

    async def backup(self, target: str) -> None:
        """A consistent copy into the file `target` while running."""

    async def close(self) -> None:
        """Finish what was accepted, then let go."""


class BlobStore(Protocol):
    """Bytes by name: local disk or an object store."""

    async def put(self, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Store atomically; the size in bytes."""

    def get(self, name: str, start: int = 0, length: int | None = None) -> AsyncIterator[bytes]:
        """The bytes; FileNotFoundError if absent."""

    async def delete(self, name: str) -> None: ...


class Feed(Protocol):
    """Tells other parts, and other replicas, that a run changed."""

    def signal(self, news: News) -> None:
        """Never blocks; slow listeners lose detail, not the fact that something changed."""

    def listen(self) -> AsyncIterator[News]:
        """News from now on."""


class Clock(Protocol):
    """The only way to time for use cases; `alive` as last ticked by the clockwork."""

    def now(self) -> Now: ...
    def healthy_since(self) -> Instant: ...


class Ids(Protocol):
    """The only way to chance: names and tokens."""

    def run_id(self) -> str: ...
    def run_name(self) -> str:
        """A readable name such as `brave-fold-412`."""

    def api_key(self) -> str:
        """86 characters of which 40 or more follow the prefix."""

    def token(self) -> str: ...


class Search(Protocol):
    """Chooses trials: any method of a configuration, the same for the same seed."""

    def lacks(self, config: SweepConfig) -> str:
        """What is not installed that this configuration needs, and what to do; empty if nothing."""

    def next(self, config: SweepConfig, trials: Trials, seed: str) -> Args | None:
        """The next trial, or None when nothing is left to try."""
