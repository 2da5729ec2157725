"""Promises between client and server that worlds rarely put to the test, one short story each."""

from heartline.adapters.memory.database import MemoryDatabase
from heartline.core.lifecycle import Instant, Now, State, Wall
from heartline.core.records import RunKey, RunPath, Stream, User
from heartline.core.series.shown import told
from heartline.sdk.courier import Courier
from heartline.sdk.courier import Stream as Shipped
from heartline.sdk.values import encode
from heartline.usecases.access import Principal
from heartline.usecases.control_run import ask_stop
from heartline.usecases.open_run import create_run, open_run
from heartline.usecases.receive import receive
from heartline.wire import ingest, spool

from .world import BO, Ids, Records, law

NOW = Now(Instant(0), Wall(1_700_000_000_000))


def _server() -> tuple[MemoryDatabase, ingest.OpenReply]:
    database = MemoryDatabase()
    database.state.users["bo"] = User("bo", admin=True)
    request = ingest.OpenRequest(
        project="p", launch="L", writer="w", seq=1, heartbeat_ms=5_000, id="r"
    )
    who: Principal = BO
    reply = database.write_now(lambda tx: open_run(tx, who, request, Ids(), NOW))
    assert isinstance(reply, ingest.OpenReply)
    return database, reply


def _batch(reply: ingest.OpenReply, first: int, count: int, **more: object) -> ingest.Batch:
    steps = b"".join(step.to_bytes(8, "little") for step in range(first, first + count))
    block = ingest.Block(steps, steps, [ingest.Column("loss", b"", bytes(8 * count))])
    return ingest.Batch(
        run=reply.run, epoch=reply.epoch, nonce="L", writer="w", spool="w", seq=10 + first,
        first=first, count=count, history=[block] if count else [], **more,
    )  # fmt: skip


def _send(database: MemoryDatabase, batch: ingest.Batch) -> ingest.BatchReply:
    return database.write_now(lambda tx: receive(tx, batch, NOW)).reply


def a_gap_and_a_repeat_change_nothing() -> None:
    database, reply = _server()
    law(_send(database, _batch(reply, 0, 3)).durable == 3, "the first batch was not taken")
    law(_send(database, _batch(reply, 0, 3)).durable == 3, "a repeat moved the offset")
    law(_send(database, _batch(reply, 1, 3)).durable == 3, "an overlap moved the offset")
    law(_send(database, _batch(reply, 7, 3)).durable == 3, "a gap moved the offset")
    stream = Stream(RunKey(reply.run), reply.epoch, "w")
    law(database.state.durable[stream] == 3, "the offset is wrong")
    points = database.state.points[RunKey(reply.run), 1, 0, "w", False, "loss"]
    law([point.step for point in points] == [0, 1, 2], "points were lost or doubled")


def finished_waits_for_the_last_record() -> None:
    database, reply = _server()
    end = ingest.Exit(state="finished", cause="finished", confidence=3, records=5, at=0)
    early = _send(database, _batch(reply, 0, 3, exit=end))
    law(not early.exit_taken, "Finished was taken before the data")
    law(database.state.runs[RunKey(reply.run)].state is State.RUNNING, "Finished too early")
    law(_send(database, _batch(reply, 3, 2, exit=end)).exit_taken, "Finished was not taken")
    law(database.state.runs[RunKey(reply.run)].state is State.FINISHED, "not Finished")


def _courier(count: int) -> tuple[Courier, Records]:
    records = Records()
    for step in range(count):
        records.payloads.append(encode([spool.LOG, step, 0.0, {"loss": 1.0}]))
    courier = Courier("w", "L")
    courier.add(Shipped("w", records))
    return courier, records


def a_good_end_comes_last_and_a_bad_one_at_once() -> None:
    for state, at_once in (("finished", False), ("killed", True)):
        courier, _ = _courier(20)
        courier.ended(ingest.Exit(state=state, cause="signal", confidence=3, records=0, at=0), 50)
        law((courier.batch(60).exit is not None) is at_once, f"{state} was told too early or late")


def what_follows_the_end_is_no_heartbeat() -> None:
    courier, _ = _courier(20)
    law(courier.batch(60).seq == 60, "a live batch is a heartbeat")
    end = ingest.Exit(state="crashed", cause="vanished", confidence=1, records=0, at=0)
    courier.ended(end, 70)
    law(courier.batch(80).seq == 70, "late data would bring the dead back")


def what_is_sent_before_a_good_end_is_told_is_heard() -> None:
    courier, _ = _courier(20)
    courier.ended(
        ingest.Exit(state="finished", cause="finished", confidence=3, records=0, at=0), 70
    )
    for seq, records in ((80, 7), (90, 14), (100, 20)):
        batch = courier.batch(seq)
        law(batch.seq == seq, "a lease would end while the last records are on their way")
        courier.replied(ingest.BatchReply(durable=records))
    end = courier.batch(110)
    law(end.exit is not None and end.seq == 110, "the end is older than what was heard before it")
    courier.replied(ingest.BatchReply(durable=20, exit_taken=True))
    law(courier.batch(120).seq == 110, "what follows the end is a heartbeat")


def a_restored_server_is_told_again() -> None:
    courier, records = _courier(14)
    end = ingest.Exit(state="killed", cause="signal", confidence=3, records=0, at=0)
    courier.batch(1)
    courier.replied(ingest.BatchReply(durable=7))
    courier.ended(end, 2)
    courier.batch(3)
    courier.replied(ingest.BatchReply(durable=14, exit_taken=True))
    courier.batch(4)
    courier.replied(ingest.BatchReply(durable=7))
    law(records.next == 7, "the client did not rewind to the durable offset")
    law(not courier.exit_taken, "the end was not told again")


def a_lost_reply_counts_for_nothing() -> None:
    courier, records = _courier(7)
    courier.batch(1)
    courier.lost()
    law(records.next == 0, "what was perhaps lost was not sent again")
    law(not courier.drained or records.next == 0, "lost records were called durable")


def a_file_is_handed_on_once_and_again_to_a_restored_server() -> None:
    courier, records = _courier(1)
    courier.batch(1)
    courier.lost()
    # Sent again after an outage, with what came meanwhile.
    records.payloads.append(encode([spool.FILE, "model.pt", "/here/model.pt"]))
    courier.batch(2)
    law(courier.files == [("model.pt", "/here/model.pt")], "a saved file was never sent")
    courier.lost()
    courier.batch(3)
    law(len(courier.files) == 1, "one file is sent for each time that its record is")
    courier.replied(ingest.BatchReply(durable=2))
    courier.batch(4)
    courier.replied(ingest.BatchReply(durable=1))
    courier.batch(5)
    law(len(courier.files) == 2, "a restored server has lost the file for good")


def a_stop_before_the_start_is_not_forgotten() -> None:
    database, path = MemoryDatabase(), RunPath("bo", "p", "r")
    database.state.users["bo"] = User("bo", admin=True)
    request = ingest.OpenRequest(
        project="p", launch="L", writer="w", seq=1, heartbeat_ms=5_000, id="r"
    )
    database.write_now(lambda tx: create_run(tx, path, "r", "bo", NOW))
    database.write_now(lambda tx: ask_stop(tx, BO, path, "", NOW))
    reply = database.write_now(lambda tx: open_run(tx, BO, request, Ids(), NOW))
    law(isinstance(reply, ingest.OpenReply) and reply.stop is not None, "the stop was forgotten")


def _sent_late(database: MemoryDatabase, launch: str, began: int, sent: int) -> ingest.OpenReply:
    """An offline launch that is opened `sent` ms after the first one, of which it began `began`."""
    request = ingest.OpenRequest(
        project="p", launch=launch, writer=launch, seq=1, heartbeat_ms=5_000, id="r", offline=True,
        started_at=NOW.wall + began, sent_at=NOW.wall + sent,
    )  # fmt: skip
    now = Now(Instant(sent), Wall(NOW.wall + sent))
    reply = database.write_now(lambda tx: open_run(tx, BO, request, Ids(), now))
    law(isinstance(reply, ingest.OpenReply), "it was refused")
    return reply  # type: ignore[no-any-return]


def what_is_told_later_takes_the_place_of_its_own_start() -> None:
    database, newest = _server()
    before = _sent_late(database, "before", -60_000, 90_000)
    law(before.epoch < newest.epoch, "an old spool took the run over")
    law(database.state.runs[RunKey(newest.run)].state is State.RUNNING, "an old spool moved it")
    end = ingest.Exit(state="killed", cause="signal", confidence=3, records=0, at=0)
    _send(database, _batch(newest, 0, 0, exit=end))
    after = _sent_late(database, "after", 60_000, 90_000)
    law(after.epoch > newest.epoch, "a newer attempt was called old")
    between = _sent_late(database, "between", 30_000, 95_000)
    law(between.epoch == newest.epoch, "it is not put where it began, among three")
    first = _sent_late(database, "first", -30_000, 97_000)
    law(first.epoch < newest.epoch, "who began first of all is put after the second")
    over = _batch(after, 0, 0, exit=end)
    over.nonce = over.writer = over.spool = "after"
    law(_send(database, over).exit_taken, "the end of the newest attempt was not taken")
    last = _sent_late(database, "last", 75_000, 99_000)
    law(last.epoch > after.epoch, "who began last is put where the one before was told of")


def an_end_that_is_told_later_is_one_line_and_its_rows_stay_apart() -> None:
    database, _ = _server()
    old = [_sent_late(database, f"old-{n}", -50_000 + n, 90_000) for n in range(2)]
    end = ingest.Exit(state="failed", cause="exit_code", confidence=3, records=0, at=0)
    for n in (1, 0, 1, 0):
        batch = _batch(old[n], 0, 3, exit=end)
        batch.nonce = batch.writer = f"old-{n}"
        law(_send(database, batch).durable == 3, "a row of an old spool is not kept")
    lines = [line for _, line in database.state.ledger]
    ends = [line for line in lines if line.writer_state is State.FAILED]
    law(
        [line.writer for line in ends] == ["old-1", "old-0"],
        "an end is told as often as it is sent",
    )
    law(all(line.after is State.RUNNING for line in ends), "an old end moved the run")
    streams = sorted((s.spool for s in database.state.durable if s.epoch == 0), key=told)
    law(len(set(streams)) == len(old), "two launches share a stream")
    law(
        [s.split(":")[2] for s in streams] == ["old-0", "old-1"], "not in the order of their starts"
    )


def a_newer_verdict_must_be_surer() -> None:
    courier, _ = _courier(0)
    courier.ended(ingest.Exit(state="killed", cause="signal", confidence=3, records=0, at=0), 5)
    courier.ended(ingest.Exit(state="crashed", cause="vanished", confidence=1, records=0, at=0), 6)
    law(courier.exit is not None and courier.exit.state == "killed", "presumed beat proven")


PROMISES = (
    a_gap_and_a_repeat_change_nothing,
    finished_waits_for_the_last_record,
    a_good_end_comes_last_and_a_bad_one_at_once,
    what_follows_the_end_is_no_heartbeat,
    what_is_sent_before_a_good_end_is_told_is_heard,
    a_restored_server_is_told_again,
    a_lost_reply_counts_for_nothing,
    a_file_is_handed_on_once_and_again_to_a_restored_server,
    a_stop_before_the_start_is_not_forgotten,
    what_is_told_later_takes_the_place_of_its_own_start,
    an_end_that_is_told_later_is_one_line_and_its_rows_stay_apart,
    a_newer_verdict_must_be_surer,
)
