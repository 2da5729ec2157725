"""What the launcher says of a process that logs through a client which is not ours. Never guesses.

Such a client passes a launch's name on with its hello; when the launcher has seen the end, the
runs that said hello under this name have ended as the kernel told.
"""

from dataclasses import replace

from heartline.core.lifecycle import Actor, Confidence, Exited, Now, Verdict
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal
from heartline.usecases.keep import apply
from heartline.usecases.second_door import with_last_lines
from heartline.usecases.summary import index_summary

LAUNCHED, LAUNCH_OF = "launched", "launch_of"
WRITERS_MAX = 1_000


def remember(tx: Transaction, launch: str, record: RunRecord, client: str) -> None:
    """The writer of this client in the run's newest attempt is a process of the launch."""
    body = {"epoch": record.life.attempt.epoch, "client": client}
    tx.accounts.put_document(LAUNCHED, launch, f"{record.key}/{client}", body)
    tx.accounts.put_document(LAUNCH_OF, str(record.key), launch, {})


def forget(tx: Transaction, key: RunKey) -> None:
    """No launch has to do with this run any more."""
    for launch in list(tx.accounts.documents(LAUNCH_OF, str(key))):
        for name in list(tx.accounts.documents(LAUNCHED, launch)):
            if _run_of(name) == key:
                tx.accounts.delete_document(LAUNCHED, launch, name)
        tx.accounts.delete_document(LAUNCH_OF, str(key), launch)


def _run_of(name: str) -> RunKey:
    return RunKey(int(name.partition("/")[0]))


def ended(
    tx: Transaction, who: Principal, launch: str, verdict: Verdict, now: Now
) -> list[RunRecord]:
    """The runs that ended by this; those that told their end themselves are not among them.

    One of several writers may have ended otherwise than the command that began them all.
    """
    known = list(tx.accounts.documents(LAUNCHED, launch).items())[:WRITERS_MAX]
    if len(known) > 1:
        verdict = replace(verdict, confidence=Confidence.STRONG)
    moved: dict[RunKey, RunRecord] = {}
    for name, said in known:
        record = tx.runs.get(_run_of(name))
        if record is not None and not who.may_write(record.path.entity):
            continue
        tx.accounts.delete_document(LAUNCHED, launch, name)
        tx.accounts.delete_document(LAUNCH_OF, str(_run_of(name)), launch)
        if record is None or record.life.attempt.epoch != int(said["epoch"]):
            continue
        after = _ended(tx, record, said["client"], verdict, now)
        if after is not None:
            moved[after.key] = after
    return list(moved.values())


def _ended(
    tx: Transaction, record: RunRecord, client: str, verdict: Verdict, now: Now
) -> RunRecord | None:
    writer = record.life.writer(client)
    if writer is None:
        return None
    told = with_last_lines(tx, record, verdict)
    said = Exited(record.life.attempt, client, writer.seq + 1, told, Actor("launcher"))
    before = record.life
    record, _ = apply(tx, record, said, now)
    if record.life is before:
        return None
    index_summary(tx, record.key)
    return record
