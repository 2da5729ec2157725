"""Real chance: names and tokens. The only place on the server that draws lots."""

import secrets
import string

from heartline.wire import names

_ALPHABET = string.ascii_lowercase + string.digits
RUN_ID_CHARS = 8
KEY_BYTES = 32


class SystemIds:
    """`Ids`."""

    def run_id(self) -> str:
        """Eight of a-z0-9, as the field writes run ids."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(RUN_ID_CHARS))

    def run_name(self) -> str:
        """A readable name such as `brave-fold-412`."""
        return names.run_name(secrets.randbelow(names.RUN_NAMES))

    def api_key(self) -> str:
        """`hl-` and 64 hexadecimal digits."""
        return f"hl-{secrets.token_hex(KEY_BYTES)}"

    def token(self) -> str:
        """For links and sessions."""
        return secrets.token_urlsafe(KEY_BYTES)
