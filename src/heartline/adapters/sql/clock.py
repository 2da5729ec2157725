"""The persisted server-alive clock as one row. Never reads a real clock."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql.tables import clock
from heartline.core.lifecycle import Instant
from heartline.core.lifecycle.time import AliveClock

ROW = 1


class SqlClock:
    """`ClockStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection

    def load(self) -> AliveClock:
        """The clock as last ticked by any replica."""
        row = self._db.execute(sa.select(clock).where(clock.c.id == ROW)).first()
        if row is None:
            return AliveClock()
        return AliveClock(Instant(row.at), Instant(row.healthy_since), row.version)

    def swap(self, seen: AliveClock, new: AliveClock) -> bool:
        """Store `new` if nobody ticked since `seen`."""
        values = {"at": new.at, "healthy_since": new.healthy_since, "version": new.version}
        done = self._db.execute(
            sa.update(clock)
            .where(clock.c.id == ROW, clock.c.version == seen.version)
            .values(**values)
        )
        if done.rowcount:
            return True
        if seen.version == 0 and self.load().version == 0:
            self._db.execute(sa.insert(clock).values(id=ROW, **values))
            return True
        return False
