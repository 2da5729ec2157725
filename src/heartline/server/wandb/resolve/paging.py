"""Connections: pages of a list with cursors. Never reads the list."""

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError

PAGE_MAX = 1_000
CURSOR_CHARS_MAX = 15


def start_of(after: str | None) -> int:
    """Where a page begins: cursors are the number of items before the next one."""
    if not after:
        return 0
    if not (after.isascii() and after.isdigit() and len(after) <= CURSOR_CHARS_MAX):
        raise GraphQLError(f"`{after[:40]}` is no cursor of ours: take it from an answer")
    return int(after)


def count_of(first: int | None, usual: int = 50, most: int = PAGE_MAX) -> int:
    """How many to give."""
    return max(0, min(usual if first is None else first, most))


def connection(nodes: Sequence[Any], *, start: int = 0, total: int | None = None) -> dict[str, Any]:
    """A page that begins at `start`, of a list of `total` items (None: these are all)."""
    edges = [{"node": node, "cursor": str(start + n + 1)} for n, node in enumerate(nodes)]
    total = start + len(nodes) if total is None else total
    return {
        "edges": edges,
        "pageInfo": {
            "startCursor": str(start) if edges else None,
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": bool(edges) and start + len(edges) < total,
            "hasPreviousPage": start > 0,
        },
        "totalCount": total,
    }


def page(
    found: Sequence[Any], first: int | None, after: str | None, usual: int = 50
) -> dict[str, Any]:
    """One page of a list that is at hand."""
    start = start_of(after)
    return connection(found[start : start + count_of(first, usual)], start=start, total=len(found))
