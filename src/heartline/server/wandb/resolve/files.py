"""Files of runs as lists with signed links. Never their bytes."""

import posixpath
from collections.abc import Callable
from typing import Any

from ariadne import ObjectType
from graphql import GraphQLError

from heartline.core.records import FileRecord, RunRecord
from heartline.server.wandb.context import Context, opaque, stamp
from heartline.server.wandb.resolve.paging import page

run, file = ObjectType("Run"), ObjectType("File")
TYPES = (run, file)

PATTERN_CHARS_MAX = 1_000

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
    fits = None if pattern is None else like(pattern)
    wanted = {posixpath.normpath(name) for name in names or () if name}
    found = [
        (it, each) for each in ctx.tx.files.list(it.key)
        if (not wanted or each.path in wanted) and (fits is None or fits(each.path))
    ]  # fmt: skip
    return page(found, first, after)


def like(pattern: str) -> Callable[[str], bool]:
    """SQL's LIKE: % is any text, _ any character.

    All places in the pattern that a reader may stand at are followed at once, a bit for each: a
    regular expression would go back for every %.
    """
    if len(pattern) > PATTERN_CHARS_MAX:
        raise GraphQLError(f"pattern: at most {PATTERN_CHARS_MAX} characters")
    end, stays, any_char, steps = 1, 0, 0, dict[str, int]()
    for char in pattern.lower():
        if char == "%":
            stays |= end
            continue
        if char == "_":
            any_char |= end
        else:
            steps[char] = steps.get(char, 0) | end
        end <<= 1

    def fits(text: str) -> bool:
        at = 1
        for char in text.lower():
            at = at & stays | (at & (any_char | steps.get(char, 0))) << 1
        return bool(at & end)

    return fits


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
