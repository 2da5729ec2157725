"""What a person is shown about a run's state: one sentence per ledger entry. Never judges."""

from collections.abc import Sequence
from dataclasses import dataclass

from heartline.core.lifecycle.classify import HANDLED
from heartline.core.lifecycle.evidence import LOST_NAMED_MAX, CauseKind, Evidence
from heartline.core.lifecycle.ledger import Entry
from heartline.core.lifecycle.run import Run, Writer
from heartline.core.lifecycle.states import LIVE, Confidence, State
from heartline.core.lifecycle.time import Now, silence_ms

MIB, GIB = 2**20, 2**30
KERNEL = frozenset({"pidfd", "zombie"})
"""Sources of evidence that are the kernel's own record of an end."""


@dataclass(frozen=True, slots=True)
class View:
    """The state as shown; `silent_ms` is since the last beat of the quietest live writer."""

    state: State
    since: int
    cause: CauseKind
    confidence: Confidence
    sentence: str
    by: str
    silent_ms: int | None
    heard_at: int | None
    attempt: int
    writers_live: int
    writers: int
    stopping: bool


def view(run: Run, last: Entry, now: Now) -> View:
    """The run as people see it; `last` is the newest entry that changed the state."""
    live = [writer for writer in run.writers if writer.state in LIVE and writer.id]
    silent = max((now.alive - writer.heard_at for writer in live), default=None)
    heard = max((writer.heard_wall for writer in run.writers if writer.id), default=None)
    return View(
        state=run.state,
        since=run.since,
        cause=last.cause,
        confidence=last.confidence,
        sentence=sentence(last),
        by=witness(last),
        silent_ms=None if silent is None else max(0, silent),
        heard_at=heard,
        attempt=run.attempt.epoch,
        writers_live=len(live),
        writers=len([writer for writer in run.writers if writer.id]),
        stopping=run.stop is not None and run.state in LIVE,
    )


def unheard(writers: Sequence[Writer], now: Now) -> list[Writer]:
    """The live writers that have been silent for longer than their own rhythm explains."""
    live = (writer for writer in writers if writer.state in LIVE and writer.id)
    return [each for each in live if now.alive - each.heard_at > silence_ms(each.lease)]


def witness(entry: Entry) -> str:
    """Who says so: a process that was killed says nothing, the kernel does.

    Of an exception the kernel knows only the exit code.
    """
    told = entry.cause is not CauseKind.EXCEPTION and entry.evidence.source in KERNEL
    return "kernel" if told and entry.by.kind == "process" else _by(entry)


def explaining(entries: Sequence[Entry]) -> Entry:
    """The entry that tells why the run is as it is: the newest that explains its state.

    Where several writers have ended, the last of them need not be the one to blame: it is the
    first whose own end is the run's.
    """
    last = next((entry for entry in reversed(entries) if explains(entry)), entries[-1])
    if last.after in LIVE or last.writer_state is None:
        return last
    ends = {e.writer: e for e in entries if e.attempt == last.attempt and e.writer_state}
    blamed = (entry for entry in ends.values() if entry.writer_state is last.after)
    return min(blamed, key=lambda entry: entry.seq, default=last)


def explains(entry: Entry) -> bool:
    """Whether this entry put the run into its state, or a surer witness confirmed it."""
    moved = entry.before is not entry.after
    confirmed = entry.input == "Exited" and entry.writer_state is entry.after
    return moved or confirmed or entry.cause in {CauseKind.OVERRIDDEN, CauseKind.RESUMED}


def sentence(entry: Entry) -> str:
    """One plain sentence: what happened, as far as the evidence goes and no further."""
    said = _sentence(entry)
    rank = "" if entry.rank is None else f"rank {entry.rank}: "
    return (rank + said)[:1].upper() + (rank + said)[1:]


def _sentence(entry: Entry) -> str:
    match entry.cause:
        case CauseKind.CREATED:
            return f"created by {_by(entry)}; waiting for a process to start"
        case CauseKind.STARTED | CauseKind.JOINED:
            return f"started{_on(entry)}"
        case CauseKind.RESUMED:
            return f"started again{_on(entry)} as attempt {entry.attempt.epoch}"
        case CauseKind.HEARD_AGAIN:
            return f"heard again after {_seconds(entry.evidence.silent_ms)} of silence"
        case CauseKind.PREEMPTION_NOTICE:
            return "it was told that it will be preempted"
        case CauseKind.PREEMPTION_WITHDRAWN:
            return "the notice of preemption was withdrawn"
        case CauseKind.STOP_ACKNOWLEDGED:
            return "the process received the stop request"
        case CauseKind.LOST_HEARTBEAT | CauseKind.NEVER_STARTED | CauseKind.SUPERSEDED:
            return _of_silence(entry)
        case CauseKind.OVERRIDDEN:
            return f"set to {entry.after} by {_by(entry)}: {entry.reason}"
        case CauseKind.UNDELETED:
            return f"brought back by {_by(entry)}; {entry.reason}"
        case _:
            return _of_end(entry)


def _of_silence(entry: Entry) -> str:
    if entry.cause is CauseKind.SUPERSEDED:
        return "a newer attempt of this run was started before this one had ended"
    if entry.cause is CauseKind.NEVER_STARTED:
        return "no process started within the time that its scheduler promised"
    silent = _seconds(entry.evidence.silent_ms)
    return f"no heartbeat for {silent}; the machine or the process died unheard"


def _of_end(entry: Entry) -> str:
    facts = entry.evidence
    match entry.cause:
        case CauseKind.FINISHED:
            return f"finished: the program ended well {_kept(facts)}"
        case CauseKind.EXIT_CODE:
            after = f" after it had received {facts.signal}" if facts.signal else ""
            return f"exited with code {facts.exit_code}{after}"
        case CauseKind.EXCEPTION:
            return f"{facts.exception or 'an uncaught exception'}"
        case CauseKind.INTERRUPTED:
            return "interrupted by the user (Ctrl-C)"
        case CauseKind.SIGNAL:
            return _of_signal(entry)
        case CauseKind.OUT_OF_MEMORY:
            return f"out of memory{_memory(entry)}"
        case CauseKind.TIME_LIMIT:
            return f"the scheduler's time limit was reached{_reason(entry)}"
        case CauseKind.SCHEDULER:
            return f"ended by its scheduler{_reason(entry)}"
        case CauseKind.GIVEN_BACK:
            return ": ".join(("given back", *facts.notes[-1:]))
        case CauseKind.STOP_REQUESTED:
            return f"stop requested by {_by(entry)}{_reason(entry)}"
        case CauseKind.SWEEP_CANCELLED:
            return f"its sweep was cancelled{_reason(entry)}"
        case CauseKind.EARLY_STOPPING:
            return f"stopped early by its sweep{_reason(entry)}"
        case CauseKind.VANISHED:
            return "the process vanished without an exit status"
        case _:
            return entry.cause.replace("_", " ")


def _kept(facts: Evidence) -> str:
    lost = []
    if facts.lost_records:
        lost.append(f"{facts.lost_records} records could not be kept where it ran")
    if facts.missing_rows:
        rows = "1 row has" if facts.missing_rows == 1 else f"{facts.missing_rows} rows have"
        lost.append(f"{rows} not arrived")
    if facts.artifacts_not_stored:
        lost.append(not_stored(facts.artifacts_not_stored, 0))
    if lost:
        return f"but {', and '.join(lost)}"
    tables = facts.tables_without_media
    return f"and all data is stored{f', but for {_media_in(tables)}' if tables else ''}"


def not_stored(artifacts: int, tables: int) -> str:
    """What is said of artifacts that were given to us, or else of tables; nothing of none."""
    if artifacts:
        more = " or more" if artifacts >= LOST_NAMED_MAX else ""
        were = "1 artifact was" if artifacts == 1 else f"{artifacts}{more} artifacts were"
        return f"{were} not stored: this server keeps none yet"
    return f"{_media_in(tables)}, if there are any" if tables else ""


def _media_in(tables: int) -> str:
    return f"media in the cells of {'a table' if tables == 1 else f'{tables} tables'}"


def _of_signal(entry: Entry) -> str:
    facts = entry.evidence
    if facts.exit_code and facts.signal is None:
        return f"exited with code {facts.exit_code}, which says: {HANDLED.get(facts.exit_code)}"
    if facts.exit_code:
        return f"received {facts.signal} and exited with code {facts.exit_code}"
    if facts.signal == "SIGKILL":
        return "killed by SIGKILL from outside; no out-of-memory event"
    dumped = ", core dumped" if facts.core_dumped else ""
    return f"ended by signal {facts.signal}{dumped}"


def _memory(entry: Entry) -> str:
    used, limit = entry.evidence.memory_bytes, entry.evidence.memory_limit_bytes
    if used is None:
        return ""
    of = "" if limit is None else f" of {_size(limit)}"
    return f": {_size(used)}{of} in use"


def _size(count: int) -> str:
    return f"{count / GIB:.2f} GiB" if count >= GIB else f"{count / MIB:.0f} MiB"


def _reason(entry: Entry) -> str:
    told = entry.evidence.scheduler or entry.reason
    return f": {told}" if told else ""


def _by(entry: Entry) -> str:
    return f"{entry.by.kind} {entry.by.name}".strip()


def _on(entry: Entry) -> str:
    return f" on {entry.host}" if entry.host else ""


def _seconds(length_ms: int | None) -> str:
    return "some time" if length_ms is None else f"{length_ms / 1000:.0f} s"


def is_presumed(entry: Entry) -> bool:
    """Whether the verdict may be taken back when the run is heard again."""
    return entry.confidence is Confidence.PRESUMED
