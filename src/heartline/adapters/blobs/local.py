"""Blobs as files, stored atomically. Never follows a name out of its directory."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

CHUNK_BYTES = 256 * 1024


class LocalBlobs:
    """`BlobStore` under one directory, in two levels of folders so that none grows large."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def _path(self, name: str) -> Path:
        if not name or not all(char.isalnum() or char in "-_." for char in name) or ".." in name:
            raise ValueError(f"not a blob name: {name!r}")
        return self._root / name[:2] / name

    async def put(self, name: str, chunks: AsyncIterator[bytes]) -> int:
        """Write beside, sync, then rename: a reader sees all or nothing."""
        path = self._path(name)
        path.parent.mkdir(exist_ok=True)
        beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        size = 0
        try:
            with beside.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    await asyncio.to_thread(file.write, chunk)
                await asyncio.to_thread(_sync, file.fileno(), file.flush)
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return size

    async def get(
        self, name: str, start: int = 0, length: int | None = None
    ) -> AsyncIterator[bytes]:
        """The bytes, in pieces; FileNotFoundError if absent."""
        with self._path(name).open("rb") as file:
            file.seek(start)
            left = length
            while left is None or left > 0:
                wanted = CHUNK_BYTES if left is None else min(CHUNK_BYTES, left)
                chunk = await asyncio.to_thread(file.read, wanted)
                if not chunk:
                    return
                left = None if left is None else left - len(chunk)
                yield chunk

    async def delete(self, name: str) -> None:
        """Gone, whether it was there or not."""
        self._path(name).unlink(missing_ok=True)


def _sync(descriptor: int, flush: object) -> None:
    flush()  # type: ignore[operator]
    os.fsync(descriptor)
