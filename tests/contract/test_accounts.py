"""What every database answers about accounts."""

from typing import Any

from heartline.core.records import ApiKey, Membership, Team, User
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
