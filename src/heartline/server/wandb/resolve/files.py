"""Files of runs as lists with signed links. Never their bytes."""

import posixpath
import re
from typing import Any

from ariadne import ObjectType

from heartline.core.records import FileRecord, RunRecord
from heartline.server.wandb.context import Context, opaque, stamp
from heartline.server.wandb.resolve.paging import page

run, file = ObjectType("Run"), ObjectType("File")
TYPES = (run, file)

Place = tuple[RunRecord, FileRecord]


@run.field("fileCount")
def _file_count(it: RunRecord, info: Any) -> int:
    ctx: Context = info.context
    return len(ctx.tx.files.list(it.key))


@run.field("files")
def _files(
    it: RunRecord, info: Any, names: list[str] | None = None, after: str | None = None,
    first: int | None = None, pattern: str | None = None, upload: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    ctx: Context = info.context
    like = None if pattern is None else _like(pattern)
    wanted = {posixpath.normpath(name) for name in names or () if name}
    found = [
        (it, each) for each in ctx.tx.files.list(it.key)
        if (not wanted or each.path in wanted) and (like is None or like.fullmatch(each.path))
    ]  # fmt: skip
    return page(found, first, after)


def _like(pattern: str) -> re.Pattern[str]:
    """SQL's LIKE: % is any text, _ any character."""
    words = {"%": ".*", "_": "."}
    parts = re.split(r"%+", pattern)
    made = ".*".join("".join(words.get(char, re.escape(char)) for char in part) for part in parts)
    return re.compile(made, re.DOTALL | re.IGNORECASE)


file.set_field("id", lambda it, _: opaque("File", str(it[0].key), it[1].path))
file.set_field("name", lambda it, _: it[1].path)
file.set_field("sizeBytes", lambda it, _: it[1].size_bytes)
file.set_field("mimetype", lambda it, _: it[1].mimetype)
file.set_field("updatedAt", lambda it, _: stamp(it[1].updated_at))
file.set_field("md5", lambda it, _: it[1].md5 or None)
file.set_field("digest", lambda it, _: it[1].md5 or None)
file.set_field("storagePath", lambda it, _: it[1].path)
file.set_field("directUrl", lambda it, info: info.context.link(it[0].key, it[1].path))
file.set_field("url", lambda it, info, upload=None: info.context.link(it[0].key, it[1].path))
