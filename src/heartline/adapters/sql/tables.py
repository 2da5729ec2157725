"""The tables. STRICT on SQLite; the same names and columns on PostgreSQL. Never a query."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from heartline.core.texts import clean


class CleanText(sa.types.TypeDecorator[str]):
    """Text in the order of its code points on every database; what none can keep is marked."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """Bytewise on PostgreSQL too: the alphabet of its locale would order pages differently."""
        return sa.Text(collation="C") if dialect.name == "postgresql" else sa.Text()

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Everything that is stored or compared passes here."""
        return clean(value) if isinstance(value, str) else value


metadata = sa.MetaData()

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")
Text, Blob = CleanText(), sa.LargeBinary()


def _table(name: str, *columns: sa.Column[object] | sa.Constraint | sa.Index) -> sa.Table:
    return sa.Table(name, metadata, *columns, sqlite_strict=True)


def _c(name: str, kind: object, **options: object) -> sa.Column[object]:
    options.setdefault("nullable", False)
    return sa.Column(name, kind, **options)  # type: ignore[arg-type]


projects = _table(
    "projects",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("entity", Text),
    _c("name", Text),
    _c("created_at", Int),
    _c("description", Text),
    sa.UniqueConstraint("entity", "name"),
)

runs = _table(
    "runs",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("project", Int),
    _c("id", Text),
    _c("name", Text),
    _c("user", Text),
    _c("group", Text),
    _c("job_type", Text),
    _c("sweep", Text),
    _c("notes", Text),
    _c("host", Text),
    _c("client", Text),
    _c("created_at", Int),
    _c("started_at", Int, nullable=True),
    _c("ended_at", Int, nullable=True),
    _c("state", Text),
    _c("since", Int),
    _c("cause", Text),
    _c("confidence", Text),
    _c("attempt", Int),
    _c("deleted_at", Int),
    sa.UniqueConstraint("project", "id", "deleted_at"),
    sa.Index("runs_by_created", "project", "deleted_at", "created_at", "key"),
    sa.Index("runs_by_state", "project", "deleted_at", "state", "created_at", "key"),
    sa.Index("runs_by_name", "project", "deleted_at", "name", "key"),
)

# What `lives`, `bodies`, `tags` and `fields` held of a deleted run; its row in `runs` stays hidden.
deleted_runs = _table(
    "deleted_runs",
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("entity", Text),
    _c("project", Text),
    _c("deleted_by", Text),
    _c("deleted_at", Int),
    _c("body", Blob),
    sa.Index("deleted_runs_by_place", "entity", "project", "deleted_at", "run"),
    sa.Index("deleted_runs_by_time", "deleted_at", "run"),
)

# Apart from `runs`, whose rows stay so short that looking at all of them is quick.
bodies = _table(
    "bodies",
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("told", Blob),
    _c("body", Blob),
)

lives = _table(
    "lives",
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("version", Int),
    _c("deadline", Int, nullable=True),
    _c("heard_at", Int, nullable=True),
    _c("progress_at", Int, nullable=True),
    _c("last_step", Int),
    _c("life", Blob),
    sa.Index("lives_by_deadline", "deadline"),
)

ledger = _table(
    "ledger",
    _c("seq", Int, primary_key=True, autoincrement=True),
    _c("run", Int),
    _c("number", Int),
    _c("entry", Blob),
    sa.UniqueConstraint("run", "number"),
)

tags = _table(
    "tags",
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("tag", Text, primary_key=True),
    sa.Index("tags_by_tag", "tag", "run"),
)

field_names = _table(
    "field_names",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("project", Int),
    _c("name", Text),
    sa.UniqueConstraint("project", "name"),
)

fields = sa.Table(
    "fields",
    metadata,
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("field", Int, primary_key=True, autoincrement=False),
    _c("number", Real, nullable=True),
    _c("text", Text, nullable=True),
    sa.Index("fields_by_number", "field", "number", "run"),
    sa.Index("fields_by_text", "field", "text", "run", sqlite_where=sa.text("text IS NOT NULL")),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

files = _table(
    "files",
    _c("run", Int, primary_key=True, autoincrement=False),
    _c("path", Text, primary_key=True),
    _c("size_bytes", Int),
    _c("mimetype", Text),
    _c("updated_at", Int),
    _c("blob", Text),
    _c("sha256", Text),
    _c("md5", Text),
)

users = _table(
    "users",
    _c("name", Text, primary_key=True),
    _c("admin", Int),
    _c("disabled", Int),
    _c("service", Int),
    _c("email", Text),
    _c("default_entity", Text),
    _c("created_at", Int),
    _c("password", Text, nullable=True),
)

api_keys = _table(
    "api_keys",
    _c("id", Text, primary_key=True),
    _c("user", Text),
    _c("digest", Text, unique=True),
    _c("hint", Text),
    _c("created_at", Int),
    _c("description", Text),
)

teams = _table(
    "teams",
    _c("name", Text, primary_key=True),
    _c("org", Text),
    _c("created_at", Int),
)

organisations = _table(
    "organisations",
    _c("name", Text, primary_key=True),
    _c("created_at", Int),
)

memberships = _table(
    "memberships",
    _c("entity", Text, primary_key=True),
    _c("user", Text, primary_key=True),
    _c("role", Text),
    sa.Index("memberships_by_user", "user"),
)

documents = _table(
    "documents",
    _c("kind", Text, primary_key=True),
    _c("scope", Text, primary_key=True),
    _c("name", Text, primary_key=True),
    _c("body", Blob),
)

clock = _table(
    "clock",
    _c("id", Int, primary_key=True, autoincrement=False),
    _c("at", Int),
    _c("healthy_since", Int),
    _c("version", Int),
)

streams = _table(
    "streams",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("run", Int),
    _c("epoch", Int),
    _c("spool", Text),
    _c("rank", Int),
    _c("durable", Int),
    sa.UniqueConstraint("run", "epoch", "spool"),
)

chunks = _table(
    "chunks",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("run", Int),
    _c("stream", Int),
    _c("system", Int),
    _c("merged", Int),
    _c("points", Int),
    _c("head", Blob),
    _c("body", Blob),
    sa.Index("chunks_by_run", "run", "system", "merged", "key"),
    sa.Index(
        "chunks_fresh",
        *("run", "stream", "system", "points", "merged"),
        sqlite_where=sa.text("merged = 0"),
        postgresql_where=sa.text("merged = 0"),
    ),
)

columns = _table(
    "columns",
    _c("chunk", Int, primary_key=True, autoincrement=False),
    _c("metric", Text, primary_key=True),
    _c("body", Blob),
)

lines = _table(
    "lines",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("run", Int),
    _c("stream", Int),
    _c("source", Text),
    _c("number", Int),
    _c("at", Int),
    _c("text", Text),
    sa.UniqueConstraint("stream", "source", "number"),
    sa.Index("lines_by_run", "run", "key"),
)

sweeps = _table(
    "sweeps",
    _c("key", Int, primary_key=True, autoincrement=True),
    _c("entity", Text),
    _c("project", Text),
    _c("id", Text),
    _c("status", Text),
    _c("created_at", Int),
    _c("deleted_at", Int),
    _c("version", Int),
    _c("body", Blob),
    sa.UniqueConstraint("entity", "project", "id", "deleted_at"),
)

trials = _table(
    "trials",
    _c("sweep", Int, primary_key=True, autoincrement=False),
    _c("number", Int, primary_key=True, autoincrement=False),
    _c("run", Int),
    _c("stage", Text),
    _c("value", Real, nullable=True),
    _c("body", Blob),
    sa.Index("trials_by_run", "run"),
    sa.Index("trials_by_stage", "stage", "sweep", "number"),
    sa.Index("trials_by_value", "sweep", "value"),
)

sweep_agents = _table(
    "sweep_agents",
    _c("id", Text, primary_key=True),
    _c("sweep", Int),
    _c("created_at", Int),
    _c("body", Blob),
    sa.Index("sweep_agents_by_sweep", "sweep", "created_at"),
)
