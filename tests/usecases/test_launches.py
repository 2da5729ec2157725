"""What the launcher says of runs whose client is not ours."""

from heartline.core.lifecycle.classify import Signs, classify
from heartline.core.records import RunKey, RunPath, RunRecord, User
from heartline.ports import Transaction
from heartline.usecases import alerts, launches, offsets, second_door
from heartline.usecases.access import Principal
from heartline.usecases.control_run import delete_run
from heartline.usecases.forget_deleted import DOCUMENTS, forget_deleted
from heartline.usecases.open_run import create_run
from heartline.usecases.second_door import Post, Speaker
from tests.usecases.conftest import World
from tests.usecases.test_offsets import line

LAUNCH = "a-launch"
PATH = RunPath("ada", "digits", "shared")


def hello(world: World, *clients: str) -> RunKey:
    """A run that several clients of one launch write to."""

    def unit(tx: Transaction) -> RunRecord:
        record = create_run(tx, PATH, "shared", "ada", world.now)
        for client in clients:
            who = Speaker(client, "wandb", 15_000, shared=True)
            record = second_door.hello(tx, record, who, world.ids, world.now)
            launches.remember(tx, LAUNCH, record, client)
        return record

    key: RunKey = world.do(unit).key
    return key


def test_all_clients_of_a_launch_end_with_it(world: World) -> None:
    key = hello(world, "one", "two")
    who, verdict = world.who(), classify(Signs(signal="SIGKILL"))
    moved = world.do(lambda tx: launches.ended(tx, who, LAUNCH, verdict, world.now))
    assert [record.key for record in moved] == [key], "told once"
    run = world.run(key)
    assert (run.state.value, moved[0].state.value) == ("killed", "killed")
    assert {writer.state.value for writer in run.life.writers if writer.id} == {"killed"}


def test_a_stranger_who_knows_its_name_neither_ends_a_launch_nor_makes_it_forgotten(
    world: World,
) -> None:
    key = hello(world, "one")
    stranger, verdict = Principal(User("eve"), {"eve": "admin"}), classify(Signs(exit_code=1))
    assert world.do(lambda tx: launches.ended(tx, stranger, LAUNCH, verdict, world.now)) == []
    assert world.run(key).state.value == "running"
    owner = world.who()
    told = world.do(lambda tx: launches.ended(tx, owner, LAUNCH, verdict, world.now))
    assert [record.state.value for record in told] == ["failed"]


def test_nothing_is_left_of_a_deleted_run(world: World) -> None:
    key, who = hello(world, "one"), world.who()

    def fill(tx: Transaction) -> None:
        record = tx.runs.get(key)
        assert record is not None
        speaker = Speaker("one", "wandb", 15_000)
        second_door.told_of(tx, record, "a-process", again=False)
        second_door.post(tx, key, Post(history=line(3)), speaker, world.ids, world.now)
        alerts.raise_alert(tx, key, "hot", "", "WARN", 0)

    world.do(fill)
    scopes = [*((kind, str(key)) for kind in DOCUMENTS),
              (launches.LAUNCHED, LAUNCH), (launches.LAUNCH_OF, str(key))]  # fmt: skip
    assert world.do(lambda tx: tx.accounts.documents(offsets.OFFSETS, str(key)))
    assert world.do(lambda tx: tx.accounts.documents(launches.LAUNCHED, LAUNCH))
    world.do(lambda tx: delete_run(tx, who, PATH, world.now))
    world.do(lambda tx: forget_deleted(tx, world.now.wall))
    left = world.do(lambda tx: [tx.accounts.documents(*place) for place in scopes])
    assert left == [{}] * len(scopes)
