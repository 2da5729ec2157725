"""What a run says of itself stands apart from what runs are found by; texts in one order."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

Int = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move two columns, unless 0001 already made the tables so; then the order of texts."""
    found = sa.inspect(op.get_bind())
    if "bodies" not in found.get_table_names():
        op.create_table(
            "bodies",
            sa.Column("run", Int, primary_key=True, autoincrement=False),
            sa.Column("told", sa.LargeBinary(), nullable=False),
            sa.Column("body", sa.LargeBinary(), nullable=False),
            sqlite_strict=True,
        )
        op.execute(
            "INSERT INTO bodies (run, told, body)"
            " SELECT key, told, body FROM runs WHERE deleted_at = 0"
        )
        op.drop_column("runs", "told")
        op.drop_column("runs", "body")
    if op.get_bind().dialect.name == "postgresql":
        _order_by_code_point(found)


def _order_by_code_point(found: sa.Inspector) -> None:
    for table in found.get_table_names():
        for column in found.get_columns(table):
            kind = column["type"]
            if isinstance(kind, sa.Text) and kind.collation != "C":
                op.alter_column(table, column["name"], type_=sa.Text(collation="C"))
