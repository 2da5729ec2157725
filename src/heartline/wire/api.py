"""The JSON records of the native HTTP API, for clients and OpenAPI. Never holds a rule.

Names ending in `_at` are milliseconds since the Unix epoch, in `_ms` lengths in milliseconds,
in `_bytes` sizes. Absent values are null.
"""

from typing import Any, Literal

import msgspec


class Problem(msgspec.Struct, omit_defaults=True):
    """Every refusal: `error` says what is wrong and what to do; `code` is a stable word."""

    error: str
    code: str = "bad_request"


class StopView(msgspec.Struct):
    """A stop request and how far it has come."""

    by: str
    reason: str
    asked_at: int
    acknowledged_at: int | None = None


class RankView(msgspec.Struct):
    """One writer of the newest attempt."""

    writer: str
    rank: int | None
    host: str
    state: str
    cause: str
    confidence: str
    sentence: str
    heard_at: int
    silent_ms: int | None


class RunView(msgspec.Struct, kw_only=True):
    """A run as listed; config, summary and environment are filled only where asked for.

    `confidence` is presumed, strong or proven. `sentence` says why the run is in its state.
    `silent_ms` is null for runs that are not live. `qualifier` is unreachable, stopping or
    stalled where a live run is not simply well. `world_size` is how many ranks its launcher
    starts, of which `ranks` have opened the run. `not_stored` says what its program gave us that
    is not here; artifacts_not_stored and tables_without_media of its environment name it.
    """

    key: int
    entity: str
    project: str
    id: str
    name: str
    state: str
    since: int
    cause: str
    confidence: str
    sentence: str
    said_by: str
    created_at: int
    started_at: int | None = None
    ended_at: int | None = None
    heard_at: int | None = None
    silent_ms: int | None = None
    duration_ms: int | None = None
    progress_at: int | None = None
    last_step: int = -1
    attempt: int = 0
    ranks_live: int = 0
    ranks: int = 0
    world_size: int | None = None
    user: str = ""
    host: str = ""
    group: str = ""
    job_type: str = ""
    sweep: str = ""
    notes: str = ""
    client: str = ""
    tags: list[str] = []
    stop: StopView | None = None
    version: int = 0
    qualifier: str = ""
    not_stored: str = ""
    config: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    environment: dict[str, Any] | None = None


class RunDetail(msgspec.Struct, kw_only=True):
    """One run with everything but its series."""

    run: RunView
    writers: list[RankView]
    metrics: list[dict[str, Any]]
    alerts: list[dict[str, Any]] = []


class RunQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which runs: `filters` is a Mongo-like document or the same as text; order `-created_at`.

    `select` names the config.* and summary.* values to return with each run ("*" for all).
    """

    entity: str = ""
    project: str = ""
    filters: dict[str, Any] | str = ""
    order: str = "-created_at"
    limit: int = 50
    offset: int = 0
    select: list[str] = []


class RunPage(msgspec.Struct):
    """`total` counts all runs that match; `states` counts them by state."""

    runs: list[RunView]
    total: int
    states: dict[str, int]


class LedgerEntry(msgspec.Struct, kw_only=True):
    """One line of the ledger, with its sentence."""

    seq: int
    at: int
    input: str
    attempt: int
    before: str | None
    after: str
    cause: str
    sentence: str
    by: str
    confidence: str
    evidence: dict[str, Any]
    writer: str = ""
    writer_state: str | None = None
    rank: int | None = None
    host: str = ""
    reason: str = ""


class AttemptView(msgspec.Struct, kw_only=True):
    """One start of the run, told from the ledger."""

    epoch: int
    started_at: int
    ended_at: int | None
    state: str
    cause: str
    sentence: str
    writers: int
    hosts: list[str]


class KeyView(msgspec.Struct, kw_only=True):
    """A metric and its summary over all points; non-finite values are counted, never averaged.

    A key with any number is of kind number; `objects` counts its values that are none. `media`
    says what the newest value is if it is no number: image-file, table-file, histogram, …
    """

    key: str
    kind: str = "number"
    count: int = 0
    last: float | None = None
    first: float | None = None
    min: float | None = None
    max: float | None = None
    mean: float | None = None
    nan_count: int = 0
    inf_count: int = 0
    first_step: int = 0
    last_step: int = 0
    objects: int = 0
    media: str = ""


class RunUpdate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Edits from people; absent fields stay."""

    name: str | None = None
    notes: str | None = None
    tags: list[str] | None = None
    group: str | None = None
    job_type: str | None = None
    config: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None


class StopBody(msgspec.Struct, omit_defaults=True):
    """Why the run should stop, for its ledger."""

    reason: str = ""


class OverrideBody(msgspec.Struct):
    """A state set by hand, with its reason."""

    state: str
    reason: str


class BulkAction(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One action on many runs: `tag` for tag and untag, `reason` for stop, a project for move.

    `for_good` frees the space of what is deleted soon, also of what was deleted before.
    """

    keys: list[int]
    action: Literal["stop", "delete", "undelete", "tag", "untag", "move"]
    for_good: bool = False
    tag: str = ""
    reason: str = ""
    entity: str = ""
    project: str = ""


class BulkResult(msgspec.Struct, kw_only=True):
    """The keys that were done, and why the others were refused.

    `kept_ms`: for so long what was deleted can be brought back.
    """

    done: list[int] = []
    refused: dict[str, str] = {}
    kept_ms: int = 0


class HistoryPage(msgspec.Struct):
    """Rows of history: each has `_step`, `_timestamp` (s) and its keys; `next_step` to page on.

    Non-finite numbers are the strings "NaN", "Infinity" and "-Infinity", as JSON has none.
    """

    rows: list[dict[str, Any]]
    next_step: int | None = None


class WindowQuery(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Charts of `width` pixels: for every run and key, buckets of step (or time) with their envelope.

    `x` is _step, _relative (ms since the run's start), _timestamp (ms) or a metric's key.
    """

    runs: list[int]
    keys: list[str]
    x: str = "_step"
    width: int = 600
    x_min: float | None = None
    x_max: float | None = None


class ConsolePage(msgspec.Struct):
    """Console lines `[number, stream, at, text]`, oldest first; `total` lines exist."""

    lines: list[tuple[int, str, int, str]]
    total: int


class FileView(msgspec.Struct):
    """A file of a run."""

    path: str
    size_bytes: int
    mimetype: str
    updated_at: int
    sha256: str = ""


class ProjectView(msgspec.Struct, kw_only=True):
    """A project with its sweeps, how many runs are in which state, and the newest of them.

    `active_at` is when something last happened to that run, or when the project was made.
    """

    entity: str
    name: str
    created_at: int
    description: str = ""
    runs: int = 0
    states: dict[str, int] = {}
    sweeps: int = 0
    newest: RunView | None = None
    active_at: int = 0


class UserView(msgspec.Struct, kw_only=True):
    """A person or a service account."""

    name: str
    admin: bool = False
    disabled: bool = False
    teams: list[str] = []
    default_entity: str = ""
    email: str = ""


class ServerView(msgspec.Struct, kw_only=True):
    """What this server is and how it has been: nothing is judged from before `healthy_since`."""

    version: str
    protocol: int
    alive_ms: int
    healthy_since: int
    time_at: int
    login_required: bool = False


class LoginBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One of: user and password, an API key, or the token of a login link."""

    user: str = ""
    password: str = ""
    api_key: str = ""
    token: str = ""


class LoginLink(msgspec.Struct, kw_only=True):
    """The path of an address that signs one browser in, once, and for how long it is good."""

    path: str
    good_ms: int


class NewUser(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A user to create; without `api_key` one is made and told once."""

    name: str
    admin: bool = False
    service: bool = False
    email: str = ""
    password: str = ""
    api_key: str | None = None


class UserUpdate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Changes to a user; absent fields stay."""

    disabled: bool | None = None
    admin: bool | None = None
    password: str | None = None
    default_entity: str | None = None
    email: str | None = None


class NewKey(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An API key to add; without `api_key` one is made."""

    description: str = ""
    api_key: str | None = None


class KeyMade(msgspec.Struct, kw_only=True):
    """An API key; `api_key` is told only when it was just made."""

    id: str
    hint: str
    description: str
    created_at: int
    api_key: str | None = None


class UserMade(msgspec.Struct, kw_only=True):
    """A new user with the first key, told once."""

    user: UserView
    api_key: str


class NewOrganisation(msgspec.Struct):
    """An organisation and its first admin."""

    name: str
    admin: str


class NewTeam(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A team, perhaps of an organisation, and its first admin."""

    name: str
    admin: str
    org: str = ""


class MemberBody(msgspec.Struct):
    """A user with a role: admin, member or viewer."""

    user: str
    role: str


class ProjectUpdate(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Edits to a project."""

    description: str | None = None
