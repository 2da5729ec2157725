"""Views as they are kept: what they are listed by apart from their specs."""

import msgspec
import pytest

from heartline.core.records import Project
from heartline.server.wandb.resolve import reports
from tests.usecases.conftest import WALL, World
from tests.wandb import desk

SPEC = msgspec.json.encode("x" * 10_000).decode()
PUT = """mutation V($id: ID, $name: String, $spec: String, $said: String) {
    upsertView(input: {id: $id, entityName: "ada", projectName: "p", displayName: $name,
        spec: $spec, description: $said}) { view { id displayName description spec } } }"""
LIST = '{ project(name: "p", entityName: "ada") { allViews(viewType: "runs") { totalCount } } }'


@pytest.fixture
def world() -> World:
    made = World()
    made.do(lambda tx: tx.accounts.put_project(Project("ada", "p", WALL)))
    return made


def listed_by(world: World) -> bytes:
    """All that is read in order to count and choose."""
    kept = world.do(lambda tx: dict(tx.accounts.documents(reports.VIEW, "ada/p")))
    return msgspec.json.encode(kept)


def test_views_are_counted_and_chosen_without_reading_a_spec(world: World) -> None:
    for name in "ab":
        desk.data(world, PUT, name=name, spec=SPEC, said=SPEC)
    assert desk.data(world, LIST)["project"]["allViews"]["totalCount"] == 2
    assert len(listed_by(world)) < 1_000


def test_a_word_that_is_not_told_again_stays(world: World) -> None:
    made = desk.data(world, PUT, name="a", spec=SPEC, said="why")["upsertView"]["view"]
    changed = desk.data(world, PUT, id=made["id"], name="b")["upsertView"]["view"]
    assert changed == {**made, "displayName": "b"}
    blank = desk.data(world, PUT)["upsertView"]["view"]
    assert (blank["description"], blank["spec"]) == ("", "{}")


def test_a_deleted_view_leaves_no_spec(world: World) -> None:
    made = desk.data(world, PUT, spec=SPEC)["upsertView"]["view"]
    gone = "mutation D($id: ID!) { deleteView(input: {id: $id}) { success } }"
    assert desk.data(world, gone, id=made["id"])["deleteView"]["success"] is True
    assert world.db.state.documents == {}
