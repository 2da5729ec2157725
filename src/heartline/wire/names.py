"""Names that people can say: what may be one, and how one is made from a number. Never draws lots."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

DEFAULT_PROJECT = "uncategorized"
ME = "me"
"""Stands for the caller's default entity in every path; nobody else is called so."""
NAME_CHARS_MAX = 128
DISPLAY_CHARS_MAX = 512
NOTES_CHARS_MAX = 262_144
TAGS_MAX, TAG_CHARS_MAX = 100, 64
VALUES_MAX, VALUES_DEPTH_MAX = 20_000, 32
_NAME = re.compile(r"^[^/\\#?%:\x00-\x1f\x7f\s][^/\\#?%:\x00-\x1f\x7f]*$")
FIRST = (
    "amber", "bold", "brave", "bright", "calm", "clear", "crisp", "deep", "eager", "fair",
    "fleet", "fresh", "gentle", "glad", "golden", "grand", "happy", "keen", "light", "lively",
    "lucky", "mellow", "merry", "mild", "misty", "noble", "polar", "proud", "quick", "quiet",
    "rapid", "ready", "rosy", "royal", "sharp", "silver", "smooth", "solar", "steady", "stellar",
    "still", "sunny", "swift", "tidal", "true", "vivid", "warm", "wild", "wise", "young",
)  # fmt: skip
SECOND = (
    "aspen", "badger", "bay", "beacon", "birch", "breeze", "brook", "canyon", "cedar", "cliff",
    "cloud", "comet", "coral", "crane", "creek", "dawn", "delta", "dune", "ember", "falcon",
    "fern", "field", "finch", "fjord", "fold", "forest", "fox", "glade", "grove", "harbor",
    "haze", "heron", "hill", "island", "lake", "lark", "leaf", "lynx", "maple", "meadow",
    "mesa", "moon", "orbit", "otter", "peak", "pine", "pond", "rain", "reef", "ridge",
    "river", "robin", "sage", "shore", "sky", "snow", "spark", "star", "stone", "stream",
    "swan", "thicket", "tide", "trail", "valley", "wave", "willow", "wind", "wolf", "wren",
)  # fmt: skip
NUMBERS = 900
RUN_NAMES = len(FIRST) * len(SECOND) * NUMBERS


def run_name(number: int) -> str:
    """A readable name such as `brave-fold-412` for a number below `RUN_NAMES`."""
    rest, tail = divmod(number % RUN_NAMES, NUMBERS)
    first, second = divmod(rest, len(SECOND))
    return f"{FIRST[first]}-{SECOND[second]}-{100 + tail}"


def misnamed(name: str, what: str) -> str | None:
    """None if the name can be part of a run's path, else what is wrong with it."""
    if not name or len(name) > NAME_CHARS_MAX:
        return f"{what}: between 1 and {NAME_CHARS_MAX} characters"
    if not _NAME.match(name) or name.strip() != name or name in {".", ".."}:
        return f"{what} `{name}`: no / \\ # ? % : and no control characters or outer spaces"
    return None


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
