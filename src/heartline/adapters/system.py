"""Real chance: names and tokens. The only place on the server that draws lots."""

import secrets
import string

_ALPHABET = string.ascii_lowercase + string.digits
_FIRST = (
    "amber", "bold", "brave", "bright", "calm", "clear", "crisp", "deep", "eager", "fair",
    "fleet", "fresh", "gentle", "glad", "golden", "grand", "happy", "keen", "light", "lively",
    "lucky", "mellow", "merry", "mild", "misty", "noble", "polar", "proud", "quick", "quiet",
    "rapid", "ready", "rosy", "royal", "sharp", "silver", "smooth", "solar", "steady", "stellar",
    "still", "sunny", "swift", "tidal", "true", "vivid", "warm", "wild", "wise", "young",
)  # fmt: skip
_SECOND = (
    "aspen", "badger", "bay", "beacon", "birch", "breeze", "brook", "canyon", "cedar", "cliff",
    "cloud", "comet", "coral", "crane", "creek", "dawn", "delta", "dune", "ember", "falcon",
    "fern", "field", "finch", "fjord", "fold", "forest", "fox", "glade", "grove", "harbor",
    "haze", "heron", "hill", "island", "lake", "lark", "leaf", "lynx", "maple", "meadow",
    "mesa", "moon", "orbit", "otter", "peak", "pine", "pond", "rain", "reef", "ridge",
    "river", "robin", "sage", "shore", "sky", "snow", "spark", "star", "stone", "stream",
    "swan", "thicket", "tide", "trail", "valley", "wave", "willow", "wind", "wolf", "wren",
)  # fmt: skip
RUN_ID_CHARS = 8
KEY_BYTES = 32


class SystemIds:
    """`Ids`."""

    def run_id(self) -> str:
        """Eight of a-z0-9, as the field writes run ids."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(RUN_ID_CHARS))

    def run_name(self) -> str:
        """A readable name such as `brave-fold-412`."""
        words = f"{secrets.choice(_FIRST)}-{secrets.choice(_SECOND)}"
        return f"{words}-{secrets.randbelow(900) + 100}"

    def api_key(self) -> str:
        """`hl-` and 64 hexadecimal digits."""
        return f"hl-{secrets.token_hex(KEY_BYTES)}"

    def token(self) -> str:
        """For links and sessions."""
        return secrets.token_urlsafe(KEY_BYTES)
