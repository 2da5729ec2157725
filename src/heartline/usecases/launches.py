"""What the launcher says of a process that logs through a client which is not ours. Never guesses.

Such a client passes a launch's name on with its hello; when the launcher has seen the end, the
runs that said hello under this name have ended as the kernel told.
"""

from dataclasses import dataclass

from heartline.core.lifecycle import Actor, Confidence, Exited, Now, Verdict
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, keyed
from heartline.usecases.keep import apply
from heartline.usecases.second_door import with_last_lines
from heartline.usecases.summary import index_summary

LAUNCHED = "launched"
RUNS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """The runs of a launch whose state the launcher's word has moved."""

    runs: tuple[RunRecord, ...]


def remember(tx: Transaction, launch: str, record: RunRecord, client: str) -> None:
    """The writer of this client in the run's newest attempt is a process of the launch."""
    body = {"epoch": record.life.attempt.epoch, "client": client}
    tx.accounts.put_document(LAUNCHED, launch, str(record.key), body)


def ended(tx: Transaction, who: Principal, launch: str, verdict: Verdict, now: Now) -> Told:
    """Everything that the launch ran is over: its runs end so, unless they said so themselves."""
    moved = []
    for name, said in list(tx.accounts.documents(LAUNCHED, launch).items())[:RUNS_MAX]:
        record = keyed(tx, who, RunKey(int(name)))
        if isinstance(record, RunRecord) and who.may_write(record.path.entity):
            after = _ended(tx, record, int(said["epoch"]), said["client"], verdict, now)
            moved += [] if after is None else [after]
        tx.accounts.delete_document(LAUNCHED, launch, name)
    return Told(tuple(moved))


def _ended(
    tx: Transaction, record: RunRecord, epoch: int, client: str, verdict: Verdict, now: Now
) -> RunRecord | None:
    writer = record.life.writer(client)
    if writer is None or record.life.attempt.epoch != epoch:
        return None
    if writer.confidence is Confidence.STRONG:
        return None
    told = with_last_lines(tx, record, verdict)
    said = Exited(record.life.attempt, client, writer.seq + 1, told, Actor("launcher"))
    before = record.life
    record, _ = apply(tx, record, said, now)
    if record.life is before:
        return None
    index_summary(tx, record.key)
    return record
