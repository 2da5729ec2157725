"""Deleted runs are kept aside for a time. Those deleted before are not among them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One table, unless 0001 already made it."""
    if "deleted_runs" in sa.inspect(op.get_bind()).get_table_names():
        return
    bytewise = op.get_bind().dialect.name == "postgresql"
    text = sa.Text(collation="C") if bytewise else sa.Text()
    op.create_table(
        "deleted_runs",
        sa.Column("run", Int, primary_key=True, autoincrement=False),
        sa.Column("entity", text, nullable=False),
        sa.Column("project", text, nullable=False),
        sa.Column("deleted_by", text, nullable=False),
        sa.Column("deleted_at", Int, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sqlite_strict=True,
    )
    places = ["entity", "project", "deleted_at", "run"]
    op.create_index("deleted_runs_by_place", "deleted_runs", places)
    op.create_index("deleted_runs_by_time", "deleted_runs", ["deleted_at", "run"])
