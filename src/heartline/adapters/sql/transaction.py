"""One unit of work: the stores over one connection. Never commits by itself."""

from functools import cached_property

from sqlalchemy.engine import Connection

from heartline.adapters.sql.accounts import SqlAccounts
from heartline.adapters.sql.clock import SqlClock
from heartline.adapters.sql.deleted import SqlDeleted
from heartline.adapters.sql.files import SqlFiles
from heartline.adapters.sql.runs import SqlRuns
from heartline.adapters.sql.series import SqlSeries
from heartline.adapters.sql.sweeps import SqlSweeps


class SqlTransaction:
    """`Transaction` over a connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def runs(self) -> SqlRuns:
        """Runs and ledgers."""
        return SqlRuns(self._connection)

    @cached_property
    def deleted(self) -> SqlDeleted:
        """Deleted runs that are kept aside."""
        return SqlDeleted(self._connection, self.runs)

    @cached_property
    def series(self) -> SqlSeries:
        """Points and console lines."""
        return SqlSeries(self._connection)

    @cached_property
    def accounts(self) -> SqlAccounts:
        """Users, teams, projects, documents."""
        return SqlAccounts(self._connection)

    @cached_property
    def files(self) -> SqlFiles:
        """The index of run files."""
        return SqlFiles(self._connection)

    @cached_property
    def clock(self) -> SqlClock:
        """The server-alive clock."""
        return SqlClock(self._connection)

    @cached_property
    def sweeps(self) -> SqlSweeps:
        """Sweeps, trials and agents."""
        return SqlSweeps(self._connection)
