"""What servers on one database tell each other beside what runs do.

Stacks asked for, accounts changed. Never waited for: each looks with its next tick.
"""

from collections.abc import Mapping
from typing import Any

from heartline.core.lifecycle import Wall
from heartline.core.records import RunKey
from heartline.server.auth import CACHE
from heartline.server.house import House
from heartline.server.wishes import WISH_MS_MAX

WISHES, ACCOUNTS = "wishes", "accounts"
KIND, CHANGED = "replicas", "changed"

Told = tuple[Mapping[str, Any], str]


async def accounts_changed(house: House) -> None:
    """What was remembered of accounts is asked again, here at once."""
    CACHE.clear()
    if house.shared:
        house.accounts_seen = token = house.ids.token()
        body = {"token": token}
        await house.db.write(lambda tx: tx.accounts.put_document(KIND, ACCOUNTS, CHANGED, body))


async def ask_stacks(house: House, run: RunKey, now: Wall) -> None:
    """The run's programs are told with their next heartbeat, whichever server it goes to."""
    house.wishes.ask(run, now)
    if not house.shared:
        return

    def unit(tx: Any) -> None:
        for name, body in tx.accounts.documents(KIND, WISHES).items():
            if now - body["at"] >= WISH_MS_MAX:
                tx.accounts.delete_document(KIND, WISHES, name)
        tx.accounts.put_document(KIND, WISHES, str(run), {"at": now})

    await house.db.write(unit)


def read(tx: Any) -> Told:
    """What others have told, once a tick."""
    changed = tx.accounts.document(KIND, ACCOUNTS, CHANGED) or {"token": ""}
    return tx.accounts.documents(KIND, WISHES), changed["token"]


def take(house: House, told: Told) -> None:
    """Do as they said."""
    wishes, token = told
    for name, body in wishes.items():
        house.wishes.hear(RunKey(int(name)), Wall(body["at"]))
    if token != house.accounts_seen:
        house.accounts_seen = token
        CACHE.clear()
