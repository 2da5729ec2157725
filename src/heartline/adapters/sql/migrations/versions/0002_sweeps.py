"""Sweeps, their trials and their agents."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Real: sa.types.TypeEngine[float] = sa.Double().with_variant(sa.REAL(), "sqlite")


def _c(name: str, kind: object, **options: object) -> sa.Column[object]:
    options.setdefault("nullable", False)
    return sa.Column(name, kind, **options)  # type: ignore[arg-type]


def upgrade() -> None:
    """Add three tables; one that is there already is left as it is."""
    known = set(sa.inspect(op.get_bind()).get_table_names())
    for name, make in (("sweeps", _sweeps), ("trials", _trials), ("sweep_agents", _agents)):
        if name not in known:
            make()


def _sweeps() -> None:
    op.create_table(
        "sweeps",
        _c("key", Int, primary_key=True, autoincrement=True),
        _c("entity", sa.Text()),
        _c("project", sa.Text()),
        _c("id", sa.Text()),
        _c("status", sa.Text()),
        _c("created_at", Int),
        _c("deleted_at", Int),
        _c("version", Int),
        _c("body", sa.LargeBinary()),
        sa.UniqueConstraint("entity", "project", "id", "deleted_at"),
        sqlite_strict=True,
    )


def _trials() -> None:
    op.create_table(
        "trials",
        _c("sweep", Int, primary_key=True, autoincrement=False),
        _c("number", Int, primary_key=True, autoincrement=False),
        _c("run", Int),
        _c("stage", sa.Text()),
        _c("value", Real, nullable=True),
        _c("body", sa.LargeBinary()),
        sqlite_strict=True,
    )
    op.create_index("trials_by_run", "trials", ["run"])
    op.create_index("trials_by_stage", "trials", ["stage", "sweep", "number"])
    op.create_index("trials_by_value", "trials", ["sweep", "value"])


def _agents() -> None:
    op.create_table(
        "sweep_agents",
        _c("id", sa.Text(), primary_key=True),
        _c("sweep", Int),
        _c("created_at", Int),
        _c("body", sa.LargeBinary()),
        sqlite_strict=True,
    )
    op.create_index("sweep_agents_by_sweep", "sweep_agents", ["sweep", "created_at"])
