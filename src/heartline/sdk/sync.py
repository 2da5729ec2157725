"""Send spools later: the same records, resumable and exact. Never invents how a run ended."""

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from heartline.client import credentials
from heartline.client.transport import Unreachable
from heartline.core.lifecycle.evidence import Evidence
from heartline.sdk import birth as born
from heartline.sdk import clock, deathbed, tending, witness
from heartline.sdk.sending import Shipper
from heartline.sdk.tail import Tail, streams
from heartline.wire import spool
from heartline.wire.ingest import Exit

LIVE_POLL_S = 0.5
RETRY_S_MAX = 60.0
VERDICT_S = 6.0
VERDICT_POLL_S = 0.02
YOUNG_MS = 2_000
WRITTEN_WITHIN_S = 1.0
"""The clocks of files, processes and the machine tick in different steps."""
PUSH_POLL_S = 0.02

Progress = Callable[[int, int], None]


class SyncError(RuntimeError):
    """A spool could not be sent; the message says why, and nothing of it is lost."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What was sent: the run's page, how many records, how it ended, and what is to know of files.

    `files` names those that were not stored, or not where they were meant to be.
    """

    url: str
    records: int
    state: str
    files: tuple[str, ...] = ()


def spools(path: Path) -> list[Path]:
    """The spool directories at or below a path."""
    if (path / born.FILE).is_file():
        return [path]
    below = path / "heartline" if (path / "heartline").is_dir() else path
    if not below.is_dir():
        return []
    return sorted(each for each in below.iterdir() if (each / born.FILE).is_file())


def is_synced(directory: Path) -> bool:
    """Whether everything in it was acknowledged once."""
    return (directory / born.SYNCED).is_file()


def is_readable(directory: Path) -> bool:
    """Whether it can be said what this spool is."""
    try:
        born.load(directory)
    except born.Unreadable:
        return False
    return True


def is_sending(directory: Path) -> bool:
    """Whether its internal process still lives, and sends the rest by itself."""
    return born.load(directory).mode == "online" and tending.is_tended(directory)


def is_live(directory: Path) -> bool:
    """Whether the process that writes to this spool still runs (on this machine)."""
    try:
        birth = born.load(directory)
    except born.Unreadable:
        return False
    if not birth.is_of_this_boot() or (directory / born.VERDICT).is_file():
        return False
    # A number that another process has got since then is not taken for it.
    same = witness.started(birth.pid) == birth.ticks if birth.ticks else _began(directory, birth)
    return same and witness.process_state(birth.pid) not in {"", "Z"}


def _began(directory: Path, birth: born.Birth) -> bool:
    """Whether the process was there when an older version wrote this spool's certificate."""
    ticks = witness.started(birth.pid)
    written = (directory / born.FILE).stat().st_mtime - clock.wall_s() + clock.boot_ms() / 1000
    return bool(ticks) and int(ticks) / os.sysconf("SC_CLK_TCK") <= written + WRITTEN_WITHIN_S


def sync(
    directory: Path,
    *,
    live: bool = False,
    base_url: str | None = None,
    api_key: str | None = None,
    progress: Progress | None = None,
) -> Synced:
    """Send one spool; with `live` follow it until its run ends. Resumable at any point.

    A spool that was sent whole goes away, unless its internal process or a worker that it forked
    is still there.
    """
    birth = born.load(directory)
    address = base_url or _home(birth)
    known = credentials.load(address, api_key)
    if known is None:
        raise SyncError(f"no API key for {address}: run `heartline login`{credentials.elsewhere()}")
    shipper = Shipper(directory, key=known.api_key, live=False, base_url=known.base_url)
    running = is_live(directory) or _is_elsewhere(directory, birth)
    if running and not live:
        raise SyncError(f"{directory.name} is still being written: use --live to follow it")
    total = sum(records(directory, stream) for stream in streams(directory))
    try:
        while running:
            _push(shipper, progress, total, hasty=False)
            time.sleep(LIVE_POLL_S)
            running = is_live(directory) or _is_elsewhere(directory, birth)
        conclude(shipper)
        _push(shipper, progress, total, hasty=True)
    finally:
        shipper.close()
    sent = sum(stream.durable for stream in shipper.courier.streams.values())
    state = shipper.courier.exit.state if shipper.courier.exit is not None else ""
    if tending.is_tended(directory) or any(map(tending.is_alive, tending.workers(directory))):
        born.store(directory, born.SYNCED, {"records": sent, "state": state})
    else:
        shutil.rmtree(directory, ignore_errors=True)
    return Synced(shipper.url, sent, state, tuple(shipper.uploads.told))


def _is_elsewhere(directory: Path, birth: born.Birth) -> bool:
    """Whether it lives where its number says nothing to us: in a container, on another machine."""
    _await_verdict(directory, birth)
    if (directory / born.VERDICT).is_file():
        return False
    if tending.is_tended(directory):
        return True
    far = birth.request.host not in {"", os.uname().nodename}
    return far and tending.has_pulse(directory, 2 * tending.PULSE_S + LIVE_POLL_S)


def _home(birth: born.Birth) -> str:
    """Where the run belongs; where no key is kept for that server, the one that is named now."""
    named = os.environ.get("HEARTLINE_BASE_URL")
    return birth.base_url if credentials.is_known(birth.base_url) or not named else named


def _await_verdict(directory: Path, birth: born.Birth) -> None:
    """An internal process that still lives, or has not yet begun, may know more than the spool."""
    until = time.monotonic() + VERDICT_S
    while time.monotonic() < until:
        young = birth.is_of_this_boot() and clock.boot_ms() - (birth.boot_ms or 0) < YOUNG_MS
        written = (directory / born.VERDICT).is_file()
        if tending.is_tended(directory):
            # Offline it still writes down what it captures, and leaves by itself.
            if written and birth.mode == "online":
                return
        elif written or not young:
            return
        time.sleep(VERDICT_POLL_S)


def records(directory: Path, stream: str) -> int:
    """How many whole records a stream holds."""
    tail = Tail(directory, stream)
    while tail.read(10_000, 8 * 2**20):
        pass
    return tail.next


def conclude(shipper: Shipper) -> None:
    """The verdict that was written down; without one only the last record can speak."""
    shipper.scan(force=True)
    shipper.recall()
    if shipper.courier.exit is not None:
        return
    shipper.read_notes()
    verdict = (
        deathbed.finished(shipper.notes, ())
        or deathbed.by_launcher(shipper.directory, shipper.notes)
        or vanished(shipper)
    )
    shipper.conclude(verdict, seen=False)


def vanished(shipper: Shipper) -> Exit:
    """Power was lost, or both processes were killed: Crashed, at the time of the last record."""
    at = int(last_written(shipper.directory) * 1000)
    evidence = Evidence(source="spool", heartbeat_at=at)
    return deathbed.as_exit(deathbed.from_notes(shipper.notes, evidence), at=at)


def last_written(directory: Path) -> float:
    """When the spool was last touched by a record, in seconds since the epoch."""
    newest = 0.0
    for stream in streams(directory):
        tail = Tail(directory, stream)
        while payloads := tail.read(10_000, 8 * 2**20):
            newest = max(newest, _time_of(payloads[-1]))
    return newest or (directory / born.FILE).stat().st_mtime


def _time_of(payload: bytes) -> float:
    record = spool.decode(payload)
    if record[0] in {spool.LOG, spool.SYSTEM}:
        return float(record[2])
    return record[3] / 1000 if record[0] == spool.LINE else 0.0


def _push(shipper: Shipper, progress: Progress | None, total: int, *, hasty: bool) -> None:
    """Until the server has everything that is there now, however long that takes."""
    while True:
        shipper.scan(force=True)
        complete = shipper.ship(force=True)
        if progress is not None:
            done = sum(each.durable for each in shipper.courier.streams.values())
            progress(done, max(total, done))
        if shipper.why_offline:
            raise SyncError(shipper.why_offline)
        if complete or (not hasty and shipper.courier.drained):
            return
        away = shipper.away_since or shipper.uploads.away_since
        if away is not None and time.monotonic() - away > RETRY_S_MAX:
            raise SyncError(str(Unreachable(f"{shipper.address} does not answer")))
        if not shipper.hungry:
            time.sleep(max(PUSH_POLL_S, shipper.retry_in_s))
