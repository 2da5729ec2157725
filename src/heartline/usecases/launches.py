"""What the launcher says of a process that logs through a client which is not ours. Never guesses.

Such a client passes a launch's name on with its hello; when the launcher has seen the end, the
runs that said hello under this name have ended as the kernel told.
"""

from dataclasses import replace

from heartline.core.lifecycle import Actor, Confidence, Exited, Now, Verdict
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, keyed
from heartline.usecases.keep import apply
from heartline.usecases.second_door import with_last_lines
from heartline.usecases.summary import index_summary

LAUNCHED = "launched"
RUNS_MAX = 1_000


def remember(tx: Transaction, launch: str, record: RunRecord, client: str) -> None:
    """The writer of this client in the run's newest attempt is a process of the launch."""
    body = {"epoch": record.life.attempt.epoch, "client": client}
    tx.accounts.put_document(LAUNCHED, launch, str(record.key), body)


def ended(
    tx: Transaction, who: Principal, launch: str, verdict: Verdict, now: Now
) -> list[RunRecord]:
    """The runs that ended by this; those that told their end themselves are not among them.

    One of several runs may have ended otherwise than the command that began them all.
    """
    known = list(tx.accounts.documents(LAUNCHED, launch).items())[:RUNS_MAX]
    if len(known) > 1:
        verdict = replace(verdict, confidence=Confidence.STRONG)
    moved = []
    for name, said in known:
        record = keyed(tx, who, RunKey(int(name)))
        if isinstance(record, RunRecord) and not who.may_write(record.path.entity):
            continue
        tx.accounts.delete_document(LAUNCHED, launch, name)
        if isinstance(record, RunRecord) and record.life.attempt.epoch == int(said["epoch"]):
            moved += _ended(tx, record, said["client"], verdict, now)
    return moved


def _ended(
    tx: Transaction, record: RunRecord, client: str, verdict: Verdict, now: Now
) -> list[RunRecord]:
    writer = record.life.writer(client)
    if writer is None:
        return []
    told = with_last_lines(tx, record, verdict)
    said = Exited(record.life.attempt, client, writer.seq + 1, told, Actor("launcher"))
    before = record.life
    record, _ = apply(tx, record, said, now)
    if record.life is before:
        return []
    index_summary(tx, record.key)
    return [record]
