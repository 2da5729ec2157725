"""Names that people can say: what may be one, and how one is made from a number. Never draws lots."""

import re

NAME_CHARS_MAX = 128
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
