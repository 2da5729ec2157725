"""Which live runs need a decision, of what kind and since when. Never decides for anybody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from heartline.core.filters import Compare, Order
from heartline.core.lifecycle import LIVE, Now, State, Writer
from heartline.core.lifecycle.view import unheard
from heartline.core.records import FileRecord, RunKey, RunRecord
from heartline.core.texts import length
from heartline.ports import Question, Transaction

STALLED_MS = 15 * 60 * 1000
STOP_MS = 60 * 1000
STOP_ENDS_MS = 10 * 60 * 1000
PENDING_MS = 10 * 60 * 1000
PENDING_TIMES, STARTS_LOOKED_AT = 3, 20
DISK_PERCENT, DISK_HOSTS_MAX = 95.0, 100
DISK_KEYS = ("disk.percent", "system.disk./.usagePercent")
STEPS_FOR_A_PACE = 10
CHECKPOINTS = (".pt", ".pth", ".ckpt", ".safetensors", ".h5", ".keras", ".npz", ".pkl",
               ".joblib", ".bin", ".onnx", ".msgpack", ".tar")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trouble:
    """One reason to decide about a live run.

    Its kind in a word, a sentence, since when (wall ms).
    """

    kind: str
    why: str
    since: int


def qualifier(record: RunRecord, now: Now) -> str:
    """What a live run is besides its state: unreachable, stopping or stalled; nothing if well."""
    if record.state not in LIVE:
        return ""
    if unheard(record.life.writers, now):
        return "unreachable"
    if record.life.stop is not None:
        return "stopping"
    return "stalled" if _stalled(record, now) else ""


def troubles(
    tx: Transaction, running: Sequence[RunRecord], now: Now
) -> list[tuple[RunRecord, Trouble]]:
    """Every live run that needs a decision, with why; the rest are well."""
    waits: dict[tuple[str, str], float] = {}
    found = [(each, _trouble(tx, each, now, waits)) for each in running]
    told = [(record, trouble) for record, trouble in found if trouble is not None]
    known = {record.key for record, _ in told}
    full = [each for each in _disks(tx, running) if each[0].key not in known]
    return _with_neighbours(told) + full


def _trouble(
    tx: Transaction, record: RunRecord, now: Now, waits: dict[tuple[str, str], float]
) -> Trouble | None:
    if stop := _of_stop(record, now):
        return stop
    if silent := unheard(record.life.writers, now):
        return _of_silence(min(silent, key=lambda writer: writer.heard_at), now)
    if record.state is State.PREEMPTING:
        return _of_preemption(record, tx.files.list(record.key))
    if _stalled(record, now):
        return _of_stall(record, now)
    if record.state is State.PENDING and now.wall - record.life.since > PENDING_MS:
        place = record.path.entity, record.path.project
        if place not in waits:
            waits[place] = _usual_wait_ms(tx, place, now)
        return _of_wait(record, waits[place], now)
    return None


def _of_stop(record: RunRecord, now: Now) -> Trouble | None:
    stop = record.life.stop
    if stop is None or record.state is State.PENDING:
        return None
    by = f"{stop.by.kind} {stop.by.name}".strip()
    if stop.acknowledged_at is None:
        late = now.wall - stop.asked_at > STOP_MS
        told = f"{by} asked it to stop, and no process has acknowledged that"
        return Trouble("stop", told, stop.asked_at) if late else None
    if now.wall - stop.acknowledged_at > STOP_ENDS_MS:
        told = f"{by} asked it to stop; the process acknowledged that, and still runs"
        return Trouble("stop", told, stop.acknowledged_at)
    return None


def _of_silence(writer: Writer, now: Now) -> Trouble:
    silent = now.alive - writer.heard_at
    of = f" from {writer.host}" if writer.host else ""
    left = None if writer.lease is None else writer.lease - silent
    verdict = "" if left is None else f"; verdict {f'in {length(left)}' if left > 0 else 'is due'}"
    return Trouble("unreachable", f"nothing heard{of} for {length(silent)}{verdict}",
                   writer.heard_wall)  # fmt: skip


def _of_preemption(record: RunRecord, files: Sequence[FileRecord]) -> Trouble | None:
    saved = [each.updated_at for each in files if _is_checkpoint(each.path)]
    if any(at >= record.life.since for at in saved):
        return None
    told = "it is being preempted, and has saved no checkpoint here"
    return Trouble("preempting", told + (" since" if saved else ""), record.life.since)


def _is_checkpoint(path: str) -> bool:
    low = path.lower()
    return low.endswith(CHECKPOINTS) or "checkpoint" in low or "ckpt" in low


def _stalled(record: RunRecord, now: Now) -> bool:
    at = record.progress_at
    return record.state is State.RUNNING and bool(at) and now.wall - (at or 0) > STALLED_MS


def _of_stall(record: RunRecord, now: Now) -> Trouble:
    at, began = record.progress_at or 0, record.started_at
    told = f"alive, but no new step for {length(now.wall - at)}"
    if began is not None and record.last_step >= STEPS_FOR_A_PACE:
        told += f" (usual: {length((at - began) / record.last_step)})"
    return Trouble("stalled", told, at)


def _of_wait(record: RunRecord, usual: float, now: Now) -> Trouble | None:
    waited = now.wall - record.life.since
    if waited <= usual * PENDING_TIMES:
        return None
    known = f"; usual in {record.path.project}: {length(usual)}" if usual else ""
    return Trouble("pending", f"no process has started for {length(waited)}{known}",
                   record.life.since)  # fmt: skip


def _usual_wait_ms(tx: Transaction, place: tuple[str, str], now: Now) -> float:
    """From being made to the start: the median of the newest that did start; 0 if none did."""
    started = Compare("started", "gt", 0)
    newest = (Order("created", descending=True),)
    asked = Question([place], started, newest, now, STARTS_LOOKED_AT)
    waits = [
        max(0, each.started_at - each.created_at)
        for each in tx.runs.query(asked).runs
        if each.started_at is not None
    ]
    return median(waits) if waits else 0


def hosts_of(record: RunRecord) -> set[str]:
    """Where its writers run, or ran."""
    return ({w.host for w in record.life.writers if w.host} or {record.host}) - {""}


def _with_neighbours(
    told: list[tuple[RunRecord, Trouble]],
) -> list[tuple[RunRecord, Trouble]]:
    """A host that took several runs with it says more than each of them."""
    silent: dict[str, int] = {}
    for record, trouble in told:
        for host in hosts_of(record) if trouble.kind == "unreachable" else ():
            silent[host] = silent.get(host, 0) + 1
    return [(record, _beside(record, trouble, silent)) for record, trouble in told]


def _beside(record: RunRecord, trouble: Trouble, silent: dict[str, int]) -> Trouble:
    others = max((silent.get(host, 1) for host in hosts_of(record)), default=1) - 1
    if trouble.kind != "unreachable" or not others:
        return trouble
    more = "1 other run on that host is" if others == 1 else f"{others} others there are"
    return replace(trouble, why=f"{trouble.why}; {more} silent too")


def _disks(tx: Transaction, running: Sequence[RunRecord]) -> list[tuple[RunRecord, Trouble]]:
    """The newest live run of each host whose disk is nearly full, by what it measured last."""
    newest: dict[str, RunRecord] = {}
    for record in running:
        for host in hosts_of(record) if record.state is not State.PENDING else ():
            newest.setdefault(host, record)
    asked = dict(list(newest.items())[:DISK_HOSTS_MAX])
    keys: list[RunKey] = sorted({record.key for record in asked.values()})
    stats = tx.series.keys(keys, system=True) if keys else {}
    found = []
    for host, record in asked.items():
        last = [s.last for s in stats.get(record.key, ()) if s.key in DISK_KEYS]
        used = max((each for each in last if each is not None), default=0.0)
        if used >= DISK_PERCENT:
            told = f"the disk of {host} is {used:.0f} % full"
            found.append((record, Trouble("disk", told, record.life.since)))
    return found
