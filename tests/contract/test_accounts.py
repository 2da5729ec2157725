"""What every database answers about accounts."""

from typing import Any

from heartline.core.records import ApiKey, Membership, Project, Team, User
from heartline.usecases.delete_project import delete_project
from tests.contract.conftest import World


def test_a_deleted_user_leaves_no_key_and_no_membership(world: World) -> None:
    def make(tx: Any) -> None:
        accounts = tx.accounts
        for name in ("ann", "ben"):
            accounts.put_user(User(name))
            accounts.put_key(ApiKey(f"key-{name}", name, f"digest-{name}", "1234", 1))
            accounts.put_membership(Membership("lab", name, "admin"))
        accounts.put_team(Team("lab"))

    world.write(make)
    world.write(lambda tx: tx.accounts.delete_user("ann"))
    assert world.read(lambda tx: tx.accounts.user("ann")) is None
    assert world.read(lambda tx: tx.accounts.user_by_key("digest-ann")) is None
    assert list(world.read(lambda tx: tx.accounts.keys("ann"))) == []
    left = world.read(lambda tx: tx.accounts.memberships(entity="lab"))
    assert [each.user for each in left] == ["ben"]
    assert world.read(lambda tx: tx.accounts.user_by_key("digest-ben")) == User("ben")


def test_a_document_is_there_to_be_taken_once(world: World) -> None:
    world.write(lambda tx: tx.accounts.put_document("link", "server", "a", {"user": "ann"}))
    taken = [world.write(lambda tx: tx.accounts.delete_document("link", "server", name))
             for name in ("b", "a", "a")]  # fmt: skip
    assert taken == [False, True, False]


def test_a_project_of_a_deleted_ones_name_begins_without_its_views(world: World) -> None:
    def make(tx: Any) -> None:
        for name in ("old", "other"):
            tx.accounts.put_project(Project("lab", name, 1))
            for kind in ("view", "wandb-view", "wandb-view-text"):
                tx.accounts.put_document(kind, f"lab/{name}", "mine", {"text": "x"})

    world.write(make)
    world.write(lambda tx: delete_project(tx, Project("lab", "old", 1)))
    world.write(lambda tx: tx.accounts.put_project(Project("lab", "old", 2)))
    for kind in ("view", "wandb-view", "wandb-view-text"):
        kept = [list(world.read(lambda tx, k=kind, n=name: tx.accounts.documents(k, f"lab/{n}")))
                for name in ("old", "other")]  # fmt: skip
        assert kept == [[], ["mine"]]
