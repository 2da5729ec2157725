"""What waits to be merged is found without a look at all that is."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the index of fresh chunks, unless 0001 already made it."""
    fresh = sa.text("merged = 0")
    op.create_index(
        "chunks_fresh",
        "chunks",
        ["run", "stream", "system", "points", "merged"],
        if_not_exists=True,
        sqlite_where=fresh,
        postgresql_where=fresh,
    )
