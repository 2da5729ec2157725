"""The one composition root: which adapter stands behind which port. Never handles a request."""

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from heartline.adapters.blobs.local import LocalBlobs
from heartline.adapters.memory.feed import MemoryFeed
from heartline.adapters.search import Seeker
from heartline.adapters.sql.database import READERS, SqlDatabase, open_engine
from heartline.adapters.sql.migrate import migrate
from heartline.adapters.system import SystemIds
from heartline.core.records import User
from heartline.server.fair import FairDatabase
from heartline.server.hearts import Hearts, ListeningFeed
from heartline.server.house import House, Recent, ServerClock
from heartline.usecases.accounts import add_key, create_user
from heartline.usecases.refusal import Refused

DATABASE = "heartline.db"
PID_FILE, ADDRESS_FILE = "server.pid", "server.address"
KEEP_DELETED_DAYS, DAY_MS = 7, 86_400_000
FAULTS = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError, OSError)


class DataDirInUse(Exception):
    """Another server uses this data directory: stop it, or choose another with --data-dir."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server is started."""

    host: str = "127.0.0.1"
    port: int = 8787
    data_dir: Path = Path()
    database_url: str = ""
    keep_deleted_days: int = KEEP_DELETED_DAYS

    @property
    def address(self) -> str:
        """As people type it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"127.0.0.1", "localhost", "::1"} or self.host.startswith("127.")


def default_data_dir() -> Path:
    """Where an account's server keeps its data."""
    home = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local/share")
    return Path(home) / "heartline"


def lock(data_dir: Path) -> int:
    """Hold the directory for this process; the kernel lets go when it ends, however it ends."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise DataDirInUse(_in_use(data_dir)) from None
    return descriptor


def _in_use(data_dir: Path) -> str:
    """Whose server it is, where it listens, and what can be done, as far as it wrote that down."""
    try:
        pid = int((data_dir / PID_FILE).read_text())
        address = (data_dir / ADDRESS_FILE).read_text().strip()
        owner = (data_dir / PID_FILE).owner()
    except (OSError, ValueError, KeyError):
        return f"another server uses {data_dir}: stop it, or choose another with --data-dir"
    return (
        f"a server of {owner} is up already at {address} (process {pid}, data in {data_dir}): use "
        f"it (export HEARTLINE_BASE_URL={address}), stop it (kill {pid}), or start another with "
        "--port and --data-dir"
    )


def open_database(settings: Settings) -> SqlDatabase:
    """The database of these settings, at this version's schema."""
    engine = open_engine(settings.database_url or str(settings.data_dir / DATABASE))
    migrate(engine)
    return SqlDatabase(engine)


async def compose(settings: Settings) -> House:
    """Everything a server needs."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = open_database(settings)
    hearts = Hearts(hold=not settings.database_url)
    recent = Recent()
    return House(
        db=FairDatabase(db, READERS - 1),
        feed=ListeningFeed(MemoryFeed(), hearts, recent.add),
        recent=recent,
        hearts=hearts,
        search=Seeker(),
        clock=ServerClock(),
        ids=SystemIds(),
        blobs=LocalBlobs(settings.data_dir / "blobs"),
        data_dir=settings.data_dir,
        secret=await db.write(_secret),
        keep_deleted_ms=settings.keep_deleted_days * DAY_MS,
        loopback=settings.loopback,
        shared=bool(settings.database_url),
        faults=FAULTS,
    )


def _secret(tx: Any) -> bytes:
    """Signs sessions and upload links; made once, shared by all replicas."""
    found = tx.accounts.document("secret", "server", "sign")
    if found is None:
        found = {"hex": secrets.token_hex(32)}
        tx.accounts.put_document("secret", "server", "sign", found)
    return bytes.fromhex(found["hex"])


async def first_user(house: House, name: str, known_key: str | None) -> str | None:
    """The local user's key: a new one on the first start or when the known one is not ours."""
    now = house.clock.now().wall

    def unit(tx: Any) -> str | None:
        from heartline.usecases.accounts import digest

        if known_key and tx.accounts.user_by_key(digest(known_key)) is not None:
            return None
        if not tx.accounts.users():
            made = create_user(tx, User(name, admin=True), None, house.ids, now)
            assert not isinstance(made, Refused), made
            return made[1]
        if tx.accounts.user(name) is None:
            return None
        added = add_key(tx, name, None, "this machine", house.ids, now)
        assert not isinstance(added, Refused), added
        return added[1]

    return await house.db.write(unit)
