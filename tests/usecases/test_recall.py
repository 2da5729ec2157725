"""Laws 11 and 20 for launches that are told of when a newer attempt has begun."""

from array import array

import pytest

from heartline.core.lifecycle import Attempt, fold
from heartline.core.records import FileRecord, RunKey
from heartline.usecases import recall
from heartline.wire.ingest import Block, Column, Exit
from tests.usecases.conftest import World, Writer


def rows(value: float, *steps: int) -> Block:
    """A block whose rows all say the same."""
    values = array("d", [value] * len(steps)).tobytes()
    at = array("q", [1_000] * len(steps)).tobytes()
    return Block(array("q", steps).tobytes(), at, [Column("loss", b"", values)])


def shown(world: World, run: int) -> dict[int, object]:
    found = world.do(lambda tx: tx.series.scan(RunKey(run), ["loss"]))
    return {row.step: row.values["loss"] for row in found}


def recalled(world: World, launch: str, began: int, value: float, *steps: int) -> Writer:
    """What `heartline sync` sends of a launch, under the name that its rank has in each launch."""
    late = world.opened(
        launch=launch, resume="allow", offline=True, ended=True, started_at=began,
        sent_at=world.now.wall,
    )  # fmt: skip
    end = Exit(state="failed", cause="exit_code", confidence=3, records=len(steps), at=began)
    told = {"exit": end, "sent_at": world.now.wall}
    reply = late.say(count=len(steps), history=[rows(value, *steps)], **told)
    assert (reply.durable, reply.exit_taken, reply.stale) == (len(steps), True, True)
    return late


def test_launches_that_share_an_epoch_keep_their_own_records_and_their_order(
    world: World,
) -> None:
    first = world.opened()
    began = world.now.wall
    first.say(count=2, history=[rows(1.0, 0, 1)])
    world.at += 60_000
    newest = world.opened(launch="newest", resume="allow")
    newest.say(count=1, history=[rows(9.0, 6)])
    before = newest.run
    for launch, after, value, steps in (
        ("younger", 20_000, 3.0, (1, 2, 3, 6)),
        ("older", 10_000, 2.0, (0, 1, 2, 3, 4, 6, 7)),
    ):
        for _ in range(2):
            late = recalled(world, launch, began + after, value, *steps)
            assert late.reply.epoch == 1, "it began after the first attempt"
    assert shown(world, newest.reply.run) == {0: 1.0, 1: 1.0, 2: 3.0, 3: 3.0, 4: 2.0, 6: 9.0}
    assert newest.run.life.attempt == before.life.attempt
    assert (newest.run.state, fold(world.ledger(newest.reply.run))) == (before.state, before.state)


def test_what_is_sent_of_an_old_launch_again_goes_on_where_it_was(world: World) -> None:
    began, world.at = world.now.wall, world.at + 60_000
    newest = world.opened()
    recalled(world, "old", began, 2.0, 0, 1)
    again = world.opened(
        launch="old", offline=True, ended=True, started_at=began, sent_at=world.now.wall
    )
    assert again.reply.durable == 2
    assert newest.say(count=1, history=[rows(9.0, 1)]).durable == 1, "its own stream"
    assert shown(world, newest.reply.run) == {0: 2.0, 1: 9.0}


@pytest.mark.parametrize(
    ("epoch", "sha", "kept"),
    [
        (1, "other", "attempts/1-fir-t-/model.pt"),
        (1, "same", "model.pt"),
        (2, "other", "model.pt"),
        (3, "other", "model.pt"),
    ],
)
def test_a_file_of_an_older_attempt_is_kept_aside_of_another(
    world: World, epoch: int, sha: str, kept: str
) -> None:
    run = world.opened(launch="fir/t/..").reply.run
    world.opened(launch="second", resume="allow")
    there, sent = (FileRecord("model.pt", 1, "", 0, "b", of) for of in ("same", sha))
    attempt = Attempt(epoch, "fir/t/..")

    def placed() -> str:
        found: str = world.do(lambda tx: recall.file_path(tx, RunKey(run), attempt, sent))
        return found

    assert placed() == "model.pt", "there is no other"
    world.do(lambda tx: tx.files.put(RunKey(run), there))
    assert placed() == kept
