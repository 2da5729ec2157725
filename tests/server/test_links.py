"""Links that begin a session: kept until they are old or too many, each good once."""

import asyncio
from pathlib import Path

import pytest

from heartline.server import sessions
from tests.server.test_clockwork import house_in


def test_a_link_makes_room_for_itself_only_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LINKS_MAX", most := 6)
    house = house_in(tmp_path)

    async def made() -> tuple[str, int]:
        url = await sessions.link(house, "ada")
        kept = await house.db.read(lambda tx: tx.accounts.documents(sessions.LINK, sessions.SERVER))
        return url.partition("token=")[2], len(kept)

    async def story() -> None:
        links = [await made() for _ in range(most + 2)]
        assert [count for _, count in links] == [*range(1, most + 1), most, most]
        newest = links[-1][0]
        assert [await sessions.follow(house, newest) for _ in range(2)] == ["ada", None]

    asyncio.run(story())
