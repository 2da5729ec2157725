"""Files that are replaced, or lost, while they are read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heartline.core.records import FileRecord
from heartline.ports import Transaction
from heartline.server.native.files import opened
from heartline.server.problems import ProblemError

from .test_clockwork import house_in


async def one(chunk: bytes) -> AsyncIterator[bytes]:
    yield chunk


def entry(blob: str, said: bytes) -> FileRecord:
    return FileRecord("model.pt", len(said), "text/plain", 0, blob, "", "")


def test_a_file_that_is_replaced_between_the_look_and_the_reading_is_looked_up_again(
    tmp_path: Path,
) -> None:
    house, looks = house_in(tmp_path), [entry("gone", b"old"), entry("here", b"newer")]

    def find(_: Transaction) -> FileRecord:
        return looks.pop(0)

    async def story() -> None:
        await house.blobs.put("here", one(b"newer"))
        file, chunks = await opened(house, find)
        await house.blobs.delete("here")
        assert file.size_bytes == 5
        assert b"".join([chunk async for chunk in chunks]) == b"newer"

    asyncio.run(story())


def test_bytes_that_are_not_there_are_missed_in_words(tmp_path: Path) -> None:
    house = house_in(tmp_path)
    with pytest.raises(ProblemError, match="are not in the store of files") as told:
        asyncio.run(opened(house, lambda _: entry("gone", b"old")))
    assert told.value.code == "not_found"
