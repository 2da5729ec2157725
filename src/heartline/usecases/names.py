"""What may be a name. Never normalises: a bad name is refused with the reason."""

import re

NAME_CHARS_MAX = 128
_NAME = re.compile(r"^[^/\\#?%:\x00-\x1f\x7f\s][^/\\#?%:\x00-\x1f\x7f]*$")
_RESERVED = frozenset({".", "..", "api", "settings", "login", "docs", "healthz", "readyz"})


def check_name(name: str, what: str) -> str | None:
    """None if the name is good, else what is wrong with it."""
    if not name or len(name) > NAME_CHARS_MAX:
        return f"{what}: between 1 and {NAME_CHARS_MAX} characters"
    if not _NAME.match(name) or name.strip() != name:
        return f"{what} `{name}`: no / \\ # ? % : and no control characters or outer spaces"
    if what in {"user", "team", "organisation"} and name.lower() in _RESERVED:
        return f"{what} `{name}` is reserved"
    return None if name not in {".", ".."} else f"{what} `{name}` is reserved"
