"""What may be a name. Never normalises: a bad name is refused with the reason."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

NAME_CHARS_MAX = 128
DISPLAY_CHARS_MAX = 512
NOTES_CHARS_MAX = 262_144
TAGS_MAX, TAG_CHARS_MAX = 100, 64
VALUES_MAX, VALUES_DEPTH_MAX = 20_000, 32
METRIC_RULES_MAX = 5_000
_NAME = re.compile(r"^[^/\\#?%:\x00-\x1f\x7f\s][^/\\#?%:\x00-\x1f\x7f]*$")
# The first words of addresses of the app and of the protocols: no user or team may be called so.
_RESERVED = frozenset({
    ".", "..", "api", "artifacts", "artifactsv2", "assets", "attention", "authorize", "docs",
    "files", "graphql", "healthz", "hosts", "login", "logout", "metrics", "oidc", "orgs",
    "readyz", "settings", "static", "storage",
})  # fmt: skip


def check_name(name: str, what: str) -> str | None:
    """None if the name is good, else what is wrong with it."""
    if not name or len(name) > NAME_CHARS_MAX:
        return f"{what}: between 1 and {NAME_CHARS_MAX} characters"
    if not _NAME.match(name) or name.strip() != name:
        return f"{what} `{name}`: no / \\ # ? % : and no control characters or outer spaces"
    if what in {"user", "team", "organisation"} and name.lower() in _RESERVED:
        return f"{what} `{name}` is reserved"
    return None if name not in {".", ".."} else f"{what} `{name}` is reserved"


def check_words(
    *,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    **short: str | None,
) -> str | None:
    """What people and programs write on runs; None if it fits."""
    for what, value in (("name", name), *short.items()):
        if value is not None and (len(value) > DISPLAY_CHARS_MAX or "\0" in value):
            return f"{what}: at most {DISPLAY_CHARS_MAX} characters, none of them NUL"
    if notes is not None and (len(notes) > NOTES_CHARS_MAX or "\0" in notes):
        return f"notes: at most {NOTES_CHARS_MAX} characters, none of them NUL"
    if tags is not None and len(tags) > TAGS_MAX:
        return f"tags: at most {TAGS_MAX}"
    if tags is not None and any(not t or len(t) > TAG_CHARS_MAX or "\0" in t for t in tags):
        return f"tags: each has 1 to {TAG_CHARS_MAX} characters, none of them NUL"
    return None


def check_values(what: str, values: Mapping[str, Any]) -> str | None:
    """Nested plain values: not too many, not too deep; None if they fit."""
    left = VALUES_MAX
    waiting: list[tuple[Any, int]] = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        left -= 1
        if left < 0 or depth > VALUES_DEPTH_MAX:
            return f"{what}: at most {VALUES_MAX} values, nested at most {VALUES_DEPTH_MAX} deep"
        if isinstance(value, Mapping):
            waiting.extend((item, depth + 1) for item in value.values())
        elif isinstance(value, list | tuple):
            waiting.extend((item, depth + 1) for item in value)
    return None
