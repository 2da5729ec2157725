"""Runs of a client that keeps no attempts, writers or sequences itself: we keep them for it.

Such a client says hello once per process, then posts lines at offsets; any post says that it
lives, one with an exit code that it ended. Each hello is an attempt whose nonce is ours, and each
posting client a writer. Never knows which protocol this is.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from heartline.core.lifecycle import (
    LIVE,
    Actor,
    Attempt,
    CauseKind,
    Changed,
    Confidence,
    Exited,
    Heard,
    Now,
    Started,
    State,
    Verdict,
    Writer,
    lease_ms,
    step,
)
from heartline.core.records import (
    ARTIFACTS_REFUSED,
    TABLES_REFUSED,
    ConsoleLine,
    RunKey,
    RunRecord,
)
from heartline.ports import Ids, Life, Transaction
from heartline.usecases.keep import apply, keep
from heartline.usecases.last_lines import LINE_CHARS_MAX, last_lines, texts
from heartline.usecases.offsets import (
    NONE_YET,
    Lines,
    Place,
    missing_rows,
    printed,
    put_console,
    put_rows,
    repeated,
)
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import index_summary

AGAIN, TOLD_OF = "sent_again", "process"
TRACEBACK_CHARS_MAX = 20_000
TRACEBACK = "Traceback (most recent call last):"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who speaks: `name` goes to the ledger; `shared` if several write to one run on purpose."""

    client: str
    name: str
    heartbeat_ms: int
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Post:
    """What one post says; `last_at` is the client's time of its newest row."""

    history: Lines | None = None
    events: Lines | None = None
    console: tuple[ConsoleLine, ...] = ()
    summary: Mapping[str, object] | None = None
    preempting: bool = False
    verdict: Verdict | None = None
    last_at: int = 0


def hello(
    tx: Transaction, record: RunRecord, who: Speaker, ids: Ids, now: Now, *, again: bool = False,
    primaries: Collection[str] = (),
) -> RunRecord:  # fmt: skip
    """A process begins to write: a new attempt, or one more writer where several share a run.

    `again`: the log of a process that is over is sent; of a run that is here that moves nothing.
    A hello that is repeated before anything was posted is the same one. One of a follower that
    comes when those who lead have finished starts nothing: nobody would tell its end.
    """
    begun = record.life.attempt.epoch > 0
    live = [writer for writer in record.life.writers if writer.state in LIVE and writer.id]
    if again and begun:
        return record if live else _sent_again(tx, record, record.life.attempt.epoch)
    if who.shared and live:
        return _joined(tx, record, who, now)
    if record.state is State.FINISHED and _is_led(record, who, primaries):
        return record
    if live and all(writer.seq == 0 for writer in live) and not record.life.overridden:
        return record
    return start(tx, record, who, ids, now)


def start(tx: Transaction, record: RunRecord, who: Speaker, ids: Ids, now: Now) -> RunRecord:
    """A new attempt of the run, with this client as its first writer."""
    tx.accounts.delete_document(AGAIN, str(record.key), "")
    attempt = Attempt(record.life.attempt.epoch + 1, f"w-{ids.run_id()}")
    lease, by = lease_ms(who.heartbeat_ms), Actor("process", who.name)
    said = Started(attempt, who.client, 0, lease, by, None, record.host)
    record = replace(
        record, started_at=record.started_at or now.wall, ended_at=None, client=who.name
    )
    return apply(tx, record, said, now)[0]


def _joined(tx: Transaction, record: RunRecord, who: Speaker, now: Now) -> RunRecord:
    lease, by = lease_ms(who.heartbeat_ms), Actor("process", who.name)
    said = Started(record.life.attempt, who.client, 0, lease, by, None, record.host)
    return apply(tx, record, said, now)[0]


def lives(tx: Transaction, record: RunRecord, client: str, now: Now) -> RunRecord:
    """A word of its process that is no post: a first post may be the only one for a long time."""
    writer = record.life.writer(client)
    if writer is None or writer.state not in LIVE:
        return record
    warned = writer.state is State.PREEMPTING
    return apply(tx, record, Heard(record.life.attempt, client, writer.seq + 1, warned), now)[0]


def told_of(tx: Transaction, record: RunRecord, process: str, *, again: bool) -> None:
    """The client named the process that writes, or wrote: so its attempt is found again."""
    scope = str(record.key)
    known = tx.accounts.document(TOLD_OF, scope, process)
    if known is None and not again:
        body = {"epoch": record.life.attempt.epoch}
        tx.accounts.put_document(TOLD_OF, scope, process, body)
    elif known is not None and again and tx.accounts.document(AGAIN, scope, "") is not None:
        _sent_again(tx, record, int(known["epoch"]))


def _sent_again(tx: Transaction, record: RunRecord, epoch: int) -> RunRecord:
    tx.accounts.put_document(AGAIN, str(record.key), "", {"epoch": epoch})
    return record


def post(
    tx: Transaction,
    key: RunKey,
    said: Post,
    who: Speaker,
    ids: Ids,
    now: Now,
    primaries: Collection[str] = (),
) -> RunRecord | Refused:
    """Take a post; the record as it stands after it.

    `primaries` are the clients whose end is the run's, where several share it; the others follow.
    """
    record = tx.runs.get(key)
    if record is None:
        return Refused("gone", "this run was deleted")
    again, before = _epoch_sent_again(tx, record), record
    if again is None and _is_late(tx, record, said, who):
        return record
    if again is None:
        record = _heard(tx, record, said, who, ids, now, primaries)
    epoch = record.life.attempt.epoch if again is None else again
    record = _kept(tx, record, said, who, epoch, now, again=again is not None)
    if again is not None:
        record = _over_later(tx, record, said, now)
    if record.version == before.version and record.life is not before.life:
        record = _beaten(tx, record)
    if said.verdict is not None:
        record = _ended(tx, record, said, who, now, primaries)
    return record


def _is_late(tx: Transaction, record: RunRecord, said: Post, who: Speaker) -> bool:
    """Whether a post is older than the end of its run: it says only what was here before that end.

    Such a client numbers its lines and nothing else. A post with anything new, or with nothing at
    all, is of a process that lives.
    """
    writer = record.life.writer(who.client)
    lines = [(each, system) for each, system in ((said.history, False), (said.events, True))
             if each is not None]  # fmt: skip
    if said.verdict is not None or writer is None or not lines:
        return False
    if writer.confidence is Confidence.PRESUMED or any(
        each.state in LIVE for each in record.life.writers
    ):
        return False
    place = Place(record, record.life.attempt.epoch, who.client)
    if said.console and not printed(tx, place, said.console):
        return False
    return all(repeated(tx, place, each, system=system) for each, system in lines)


def _epoch_sent_again(tx: Transaction, record: RunRecord) -> int | None:
    """The attempt whose log is being sent again, if nobody lives in this run."""
    if any(writer.state in LIVE for writer in record.life.writers):
        return None
    known = tx.accounts.document(AGAIN, str(record.key), "")
    return None if known is None else int(known["epoch"])


def _heard(
    tx: Transaction, record: RunRecord, said: Post, who: Speaker, ids: Ids, now: Now,
    primaries: Collection[str],
) -> RunRecord:  # fmt: skip
    """Heard; a run that had not started, or had ended for sure, is started again.

    A last post that comes once more, since our answer to it was lost, starts nothing; nor does
    one that was on its way when the launcher saw the process end.
    """
    writer, seen_version = record.life.writer(who.client), record.version
    ended = not any(each.state in LIVE for each in record.life.writers)
    begun = record.life.attempt.epoch > 0
    sure = writer is None or writer.confidence is not Confidence.PRESUMED
    seen = writer is not None and writer.by.kind == "launcher"
    over = _is_led(record, who, primaries) or (sure and (said.verdict is not None or seen))
    if ended and begun and over:
        return record
    if not begun or (ended and sure):
        record = start(tx, record, who, ids, now)
    elif writer is None:
        record = _joined(tx, record, who, now)
    writer = record.life.writer(who.client)
    assert writer is not None, "it was started or joined just now"
    warned = said.preempting or writer.state is State.PREEMPTING
    heard = Heard(record.life.attempt, who.client, writer.seq + 1, warned)
    life, outcome = step(record.life, heard, now)
    if isinstance(outcome, Changed) and (outcome.entries or record.version != seen_version):
        return keep(tx, record, life, outcome.entries, now)
    # Nothing for the ledger: it is saved once, with the lines that came along.
    return replace(record, life=life)


def _is_led(record: RunRecord, who: Speaker, primaries: Collection[str]) -> bool:
    """Whether a run is over since those who lead it said so, though a follower still speaks."""
    return (
        who.shared
        and who.client not in primaries
        and any(
            each.id in primaries and each.confidence is not Confidence.PRESUMED
            for each in record.life.writers
        )
    )


def _kept(
    tx: Transaction, record: RunRecord, said: Post, who: Speaker, epoch: int, now: Now, *,
    again: bool,
) -> RunRecord:  # fmt: skip
    """The lines in their places, and what they change about the run."""
    place = Place(record, epoch, who.client, again, after=who.shared)
    newest = NONE_YET if said.history is None else put_rows(tx, place, said.history)
    if said.events is not None:
        put_rows(tx, place, said.events, system=True)
    if said.console:
        put_console(tx, place, said.console)
    if newest != NONE_YET:
        record = replace(record, last_step=max(record.last_step, newest), progress_at=now.wall)
    if said.summary is None or epoch != record.life.attempt.epoch:
        return record if newest == NONE_YET else _beaten(tx, record)
    summary = {**record.summary, **said.summary} if who.shared else said.summary
    return tx.runs.save(replace(record, summary=summary))


def _over_later(tx: Transaction, record: RunRecord, said: Post, now: Now) -> RunRecord:
    """What is sent again may go on after we had heard the last: the run was not over before it."""
    last, over = min(said.last_at, now.wall), record.ended_at
    if over is None or last <= over or record.told.confidence is not Confidence.PRESUMED:
        return record
    return tx.runs.save(replace(record, ended_at=last))


def _beaten(tx: Transaction, record: RunRecord) -> RunRecord:
    """Saved as far as every post changes it: when it was heard, and how far it has come."""
    place = (record.path.entity, record.path.project)
    life = Life(record.life, record.version, record.progress_at, record.last_step, place)
    tx.runs.save_life(record.key, life)
    return replace(record, version=record.version + 1)


def _ended(
    tx: Transaction, record: RunRecord, said: Post, who: Speaker, now: Now,
    primaries: Collection[str],
) -> RunRecord:  # fmt: skip
    assert said.verdict is not None, "the caller looked"
    verdict = with_last_lines(tx, record, said.verdict)
    before = record
    record, changed = _exit(tx, record, who.client, verdict, now)
    if not changed:
        return record
    if who.shared and who.client in primaries:
        for each in before.life.writers:
            if each.state in LIVE and each.id not in primaries and each.id != who.client:
                follows = replace(verdict, confidence=Confidence.PRESUMED)
                record, _ = _exit(tx, record, each.id, follows, now)
    told_late = "offline" in record.environment or said.verdict.cause is CauseKind.VANISHED
    if told_late and said.last_at and record.state not in LIVE:
        record = tx.runs.save(replace(record, ended_at=min(said.last_at, now.wall)))
    index_summary(tx, record.key)
    return record


def _exit(
    tx: Transaction, record: RunRecord, client: str, verdict: Verdict, now: Now
) -> tuple[RunRecord, bool]:
    writer: Writer | None = record.life.writer(client)
    if writer is None:
        return record, False
    end = Exited(record.life.attempt, client, writer.seq + 1, verdict, Actor("process"))
    record, outcome = apply(tx, record, end, now)
    return record, isinstance(outcome, Changed)


def with_last_lines(tx: Transaction, record: RunRecord, verdict: Verdict) -> Verdict:
    """What the program printed last, what of it is not here; a code of a traceback is an exception."""
    verdict = replace(verdict, evidence=replace(
        verdict.evidence, artifacts_not_stored=len(record.refused(ARTIFACTS_REFUSED)) or None,
        tables_without_media=len(record.refused(TABLES_REFUSED)) or None,
        missing_rows=missing_rows(tx, record) or None,
    ))  # fmt: skip
    if verdict.state is State.FINISHED:
        return verdict
    found = last_lines(tx, record.key)
    facts = replace(verdict.evidence, last_lines=texts(found))
    traceback = _traceback([line.text for line in found if line.stream.startswith("stderr")])
    uncaught = verdict.cause is CauseKind.VANISHED or (
        verdict.cause is CauseKind.EXIT_CODE and facts.exit_code == 1
    )
    if not uncaught or traceback is None:
        return replace(verdict, evidence=facts)
    facts = replace(facts, exception=traceback[0], traceback=traceback[1])
    sure = max(verdict.confidence, Confidence.STRONG)
    return Verdict(State.FAILED, CauseKind.EXCEPTION, sure, facts)


def _traceback(lines: list[str]) -> tuple[str, str] | None:
    """The exception and its traceback, if they are the program's last words."""
    starts = [n for n, line in enumerate(lines) if line.startswith(TRACEBACK)]
    said = [line for line in lines[starts[-1] :] if line.strip()] if starts else []
    frames = [n for n, line in enumerate(said) if line.startswith(" ")]
    after = said[frames[-1] + 1 :] if frames else []
    if not after:
        return None
    return after[0][:LINE_CHARS_MAX], "\n".join(said)[-TRACEBACK_CHARS_MAX:]
