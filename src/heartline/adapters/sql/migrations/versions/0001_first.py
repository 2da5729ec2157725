"""The first schema."""

from alembic import op

from heartline.adapters.sql.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; later migrations must not touch this one."""
    metadata.create_all(op.get_bind())
