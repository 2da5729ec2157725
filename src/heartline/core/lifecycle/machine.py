"""The state machine: `step` and `deadline`, over the drawn table. Nothing else assigns a state.

Never reads a clock, never loads or saves, never raises for what a client may say.
"""

from dataclasses import dataclass, replace

from heartline.core.lifecycle.evidence import SERVER, Actor, CauseKind, Evidence, Verdict
from heartline.core.lifecycle.inputs import (
    Created,
    DeadlinePassed,
    Exited,
    Heard,
    Input,
    Overridden,
    Started,
    StopAcknowledged,
    StopAsked,
)
from heartline.core.lifecycle.ledger import Entry, note, shown
from heartline.core.lifecycle.run import NO_ATTEMPT, Attempt, Run, Stop, Writer
from heartline.core.lifecycle.states import LIVE, TERMINAL, Confidence, State
from heartline.core.lifecycle.table import TRANSITIONS, Outcome, Signal, standing
from heartline.core.lifecycle.time import AMNESTY_MS, Instant, Now


@dataclass(frozen=True, slots=True)
class Changed:
    """The input was accepted; `entries` go to the ledger (none for a plain heartbeat)."""

    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """The input moved nothing, and why; a refusal that the caller must look at."""

    reason: str


def create(said: Created, now: Now) -> tuple[Run, Changed]:
    """A new run waiting for its start, with the first line of its ledger."""
    waiting = Writer(
        id="",
        state=State.PENDING,
        seq=-1,
        heard_at=now.alive,
        heard_wall=now.wall,
        lease=said.lease,
        confidence=Confidence.PROVEN,
        cause=CauseKind.CREATED,
        by=said.by,
        evidence=said.evidence,
    )
    run = Run(NO_ATTEMPT, (waiting,), State.PENDING, now.wall)
    entry = _entry(run, "Created", waiting, now, before=None)
    return replace(run, entries=1), Changed((entry,))


def step(run: Run, said: Input, now: Now) -> tuple[Run, Changed | Ignored]:
    """One input, one decision: the new run and its ledger entries, or why nothing moved."""
    match said:
        case Created():
            return run, Ignored("already created")
        case Started():
            return _open(run, said, now)
        case Heard():
            signal = Signal.WARNING if said.preempting else Signal.BEAT
            return _hear(run, said, signal, now)
        case Exited():
            return _exit(run, said, now)
        case StopAsked():
            return _ask_stop(run, said, now)
        case StopAcknowledged():
            return _acknowledge_stop(run, said, now)
        case DeadlinePassed():
            return _expire(run, said, now)
        case Overridden():
            return _override(run, said, now)


def deadline(run: Run, healthy_since: Instant = Instant(0)) -> Instant | None:
    """When the sleeper must look at this run again; None when no lease is running."""
    ends = [_lease_end(writer, healthy_since) for writer in run.writers]
    return min((end for end in ends if end is not None), default=None)


def _lease_end(writer: Writer, healthy_since: Instant) -> Instant | None:
    """Server downtime never counts: silence is measured from when we could have heard."""
    if writer.lease is None or writer.state not in LIVE:
        return None
    amnesty = healthy_since + AMNESTY_MS if healthy_since > writer.heard_at else writer.heard_at
    return Instant(max(writer.heard_at, amnesty) + writer.lease)


def _refusal(run: Run, attempt: Attempt) -> Ignored | None:
    """The fence: only the newest attempt, with its own token, may move the run."""
    if attempt == run.attempt:
        return None
    if attempt.epoch > run.attempt.epoch:
        return Ignored("unknown attempt: open it first")
    return Ignored("stale attempt")


def _open(run: Run, said: Started, now: Now) -> tuple[Run, Changed | Ignored]:
    if said.attempt == run.attempt:
        return _join(run, said, now)
    if said.attempt.epoch <= run.attempt.epoch:
        return run, Ignored("stale attempt")
    entries: list[Entry] = []
    if run.attempt != NO_ATTEMPT:
        run, entries = _supersede(run, now)
    before, first = run.state, run.attempt == NO_ATTEMPT
    writer = _started(said, CauseKind.STARTED if first else CauseKind.RESUMED, now)
    # A stop asked for before anything had started is for the process that comes nevertheless.
    stop = run.stop if first else None
    run = replace(run, attempt=said.attempt, writers=(), stop=stop, overridden=False)
    run = _put(run, writer, now)
    entry = _entry(run, "Started", writer, now, before=before)
    return replace(run, entries=run.entries + 1), Changed((*entries, entry))


def _join(run: Run, said: Started, now: Now) -> tuple[Run, Changed | Ignored]:
    if run.writer(said.writer) is not None:
        return _hear(run, Heard(said.attempt, said.writer, said.seq), Signal.BEAT, now)
    before = run.state
    writer = _started(said, CauseKind.JOINED, now)
    run = _put(run, writer, now)
    entry = _entry(run, "Started", writer, now, before=before)
    return replace(run, entries=run.entries + 1), Changed((entry,))


def _started(said: Started, cause: CauseKind, now: Now) -> Writer:
    return Writer(
        id=said.writer,
        state=State.RUNNING,
        seq=said.seq,
        heard_at=now.alive,
        heard_wall=now.wall,
        lease=said.lease,
        confidence=Confidence.PROVEN,
        cause=cause,
        by=said.by,
        rank=said.rank,
        host=said.host,
        evidence=said.evidence,
    )


def _supersede(run: Run, now: Now) -> tuple[Run, list[Entry]]:
    entries: list[Entry] = []
    for writer in run.writers:
        if TRANSITIONS[standing(writer)][Signal.NEWER] is Outcome.SUPERSEDED:
            ended = _ended(
                writer,
                Verdict(State.CRASHED, CauseKind.SUPERSEDED, Confidence.PRESUMED),
                writer.seq,
                SERVER,
            )
            run, entry = _record(run, "Started", ended, now)
            entries.append(entry)
    return run, entries


def _hear(run: Run, said: Heard, signal: Signal, now: Now) -> tuple[Run, Changed | Ignored]:
    if refusal := _refusal(run, said.attempt):
        return run, refusal
    writer = run.writer(said.writer)
    if writer is None:
        return run, Ignored("unknown writer: open it first")
    if said.seq <= writer.seq:
        return run, Ignored("already heard")
    match TRANSITIONS[standing(writer)][signal]:
        case Outcome.RUNNING:
            state = State.RUNNING
        case Outcome.PREEMPTING:
            state = State.PREEMPTING
        case _:
            return run, Ignored("already ended")
    heard = replace(writer, seq=said.seq, heard_at=now.alive, heard_wall=now.wall)
    if state is writer.state:
        return _put(run, heard, now), Changed()
    moved = replace(
        heard,
        state=state,
        confidence=Confidence.PROVEN,
        cause=_beat_cause(writer, state),
        evidence=_silence(writer, now) if writer.state in TERMINAL else Evidence(),
    )
    run, entry = _record(run, "Heard", moved, now)
    return run, Changed((entry,))


def _beat_cause(writer: Writer, state: State) -> CauseKind:
    if state is State.PREEMPTING:
        return CauseKind.PREEMPTION_NOTICE
    if writer.state is State.PREEMPTING:
        return CauseKind.PREEMPTION_WITHDRAWN
    return CauseKind.STARTED if writer.state is State.PENDING else CauseKind.HEARD_AGAIN


def _exit(run: Run, said: Exited, now: Now) -> tuple[Run, Changed | Ignored]:
    if refusal := _refusal(run, said.attempt):
        return run, refusal
    writer = run.writer(said.writer)
    if writer is None:
        return run, Ignored("unknown writer: open it first")
    if said.seq < writer.seq:
        return run, Ignored("older than what was heard since")
    outcome = TRANSITIONS[standing(writer)][Signal.EXIT]
    better = outcome is Outcome.BETTER and said.verdict.confidence > writer.confidence
    if outcome is not Outcome.VERDICT and not better:
        return run, Ignored("already ended")
    verdict = _by_exit(run, writer, said.verdict)
    stopped = run.stop is not None and verdict.cause is run.stop.cause
    by = run.stop.by if run.stop is not None and stopped else said.by
    run, entry = _record(run, "Exited", _ended(writer, verdict, said.seq, by), now)
    return run, Changed((entry,))


def _by_exit(run: Run, writer: Writer, verdict: Verdict) -> Verdict:
    """A bad end under a notice of preemption is Preempted; one under a stop request is Killed."""
    if verdict.state is State.FINISHED:
        return verdict
    if run.stop is not None and verdict.state in {State.KILLED, State.FAILED}:
        return replace(verdict, state=State.KILLED, cause=run.stop.cause)
    preempting = writer.state in {State.PREEMPTING, State.PREEMPTED}
    if preempting and verdict.cause is not CauseKind.OUT_OF_MEMORY:
        return replace(verdict, state=State.PREEMPTED)
    return verdict


def _expire(run: Run, said: DeadlinePassed, now: Now) -> tuple[Run, Changed | Ignored]:
    entries: list[Entry] = []
    for writer in run.writers:
        end = _lease_end(writer, said.healthy_since)
        if end is None or now.alive < end:
            continue
        run, entry = _record(run, "DeadlinePassed", _lapsed(run, writer, now), now)
        entries.append(entry)
    return (run, Changed(tuple(entries))) if entries else (run, Ignored("no lease has ended"))


def _lapsed(run: Run, writer: Writer, now: Now) -> Writer:
    """The verdict of silence; a stop request that nobody answered any more is taken as done."""
    evidence = _silence(writer, now)
    if run.stop is not None:
        verdict = Verdict(State.KILLED, run.stop.cause, Confidence.PRESUMED, evidence)
        return _ended(writer, verdict, writer.seq, run.stop.by)
    outcome = TRANSITIONS[standing(writer)][Signal.LEASE]
    state = State.PREEMPTED if outcome is Outcome.PREEMPTED else State.CRASHED
    pending = writer.state is State.PENDING
    cause = CauseKind.NEVER_STARTED if pending else CauseKind.LOST_HEARTBEAT
    return _ended(writer, Verdict(state, cause, Confidence.PRESUMED, evidence), writer.seq, SERVER)


def _silence(writer: Writer, now: Now) -> Evidence:
    return Evidence(
        source="lease",
        heartbeat_at=writer.heard_wall,
        silent_ms=now.alive - writer.heard_at,
        lease_ms=writer.lease,
    )


def _ask_stop(run: Run, said: StopAsked, now: Now) -> tuple[Run, Changed | Ignored]:
    if run.state in TERMINAL:
        return run, Ignored(f"the run has already ended: {run.state}")
    if run.stop is not None:
        return run, Ignored("a stop was already asked for")
    run = replace(run, stop=Stop(said.by, said.cause, said.reason, now.wall))
    entry = note(run, "StopAsked", said.cause, said.by, now, said.reason)
    run = replace(run, entries=run.entries + 1)
    waiting = [writer for writer in run.writers if writer.state is State.PENDING]
    entries = [entry]
    for writer in waiting:
        # Nothing has started, so nobody needs to confirm that it has ended.
        verdict = Verdict(State.KILLED, said.cause, Confidence.PROVEN)
        run, end = _record(run, "StopAsked", _ended(writer, verdict, writer.seq, said.by), now)
        entries.append(end)
    return run, Changed(tuple(entries))


def _acknowledge_stop(run: Run, said: StopAcknowledged, now: Now) -> tuple[Run, Changed | Ignored]:
    if refusal := _refusal(run, said.attempt):
        return run, refusal
    if run.stop is None or run.stop.acknowledged_at is not None:
        return run, Ignored("no stop request is waiting")
    run = replace(run, stop=replace(run.stop, acknowledged_at=now.wall))
    by = Actor("process", said.writer)
    entry = note(run, "StopAcknowledged", CauseKind.STOP_ACKNOWLEDGED, by, now, "")
    return replace(run, entries=run.entries + 1), Changed((entry,))


def _override(run: Run, said: Overridden, now: Now) -> tuple[Run, Changed | Ignored]:
    if said.state in {State.RUNNING, State.PREEMPTING}:
        return run, Ignored(f"a run is {said.state} when it is heard, not when it is told")
    if not said.reason.strip():
        return run, Ignored("an override needs a reason")
    before = run.state
    run = replace(run, state=said.state, since=now.wall, overridden=True)
    entry = note(run, "Overridden", CauseKind.OVERRIDDEN, said.by, now, said.reason)
    entry = replace(entry, before=before)
    return replace(run, entries=run.entries + 1), Changed((entry,))


def _ended(writer: Writer, verdict: Verdict, seq: int, by: Actor) -> Writer:
    return replace(
        writer,
        state=verdict.state,
        confidence=verdict.confidence,
        cause=verdict.cause,
        evidence=verdict.evidence,
        seq=max(seq, writer.seq),
        by=by,
    )


def _put(run: Run, writer: Writer, now: Now) -> Run:
    """Replace one writer and fold: the only place where a run's state follows its writers."""
    others = tuple(other for other in run.writers if other.id != writer.id)
    writers = tuple(sorted((*others, writer), key=lambda each: each.id))
    if run.overridden:
        return replace(run, writers=writers)
    state = shown([each.state for each in writers])
    since = run.since if state is run.state else now.wall
    return replace(run, writers=writers, state=state, since=since)


def _record(run: Run, said: str, writer: Writer, now: Now) -> tuple[Run, Entry]:
    before = run.state
    run = _put(run, writer, now)
    entry = _entry(run, said, writer, now, before=before)
    return replace(run, entries=run.entries + 1), entry


def _entry(run: Run, said: str, writer: Writer, now: Now, before: State | None) -> Entry:
    return Entry(
        seq=run.entries + 1,
        at=now.wall,
        input=said,
        attempt=run.attempt,
        before=before,
        after=run.state,
        cause=writer.cause,
        by=writer.by,
        confidence=writer.confidence,
        evidence=writer.evidence,
        writer=writer.id,
        writer_state=writer.state,
        rank=writer.rank,
        host=writer.host,
        reason=_asked_why(run, writer),
    )


def _asked_why(run: Run, writer: Writer) -> str:
    """The reason of the stop request that this end confirms, if it does."""
    if run.stop is None or writer.state is not State.KILLED or writer.cause is not run.stop.cause:
        return ""
    return run.stop.reason
