"""Scripts that log through the `wandb` client: they bear the launch's name, and we tell its end.

The client sends what is in one of its variables as headers, so that the server knows which runs
belong to the command. Never speaks to a server that the command was not pointed to.
"""

import contextlib
import netrc
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec

from heartline.client import credentials
from heartline.client.transport import Connection
from heartline.sdk.environment import random_id
from heartline.wire.launch import LaunchEnd, LaunchEnded

HEADERS, HEADER = "WANDB__EXTRA_HTTP_HEADERS", "X-Heartline-Launch"
ADDRESS, KEY = "WANDB_BASE_URL", "WANDB_API_KEY"
LAUNCH_CHARS = 24
TIMEOUT_S, PAUSE_S = 5.0, 0.5
STATUS_OK, STATUS_AGAIN = 200, 500


class Elsewhere:
    """The name of one launch, as the client passes it on, and what is told of it at its end."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.launch = random_id(LAUNCH_CHARS)
        self._environ = environ

    @property
    def variables(self) -> dict[str, str]:
        """What the command is started with; headers that are set already stay."""
        try:
            given = msgspec.json.decode(self._environ.get(HEADERS) or "{}", type=dict[str, str])
        except msgspec.MsgspecError:
            return {}
        return {HEADERS: msgspec.json.encode({**given, HEADER: self.launch}).decode()}

    def tell(self, facts: Mapping[str, Any], patience_s: float) -> int:
        """How many runs have ended by this; tries for a while if the server is away."""
        address = self._environ.get(ADDRESS, "")
        key = _key(self._environ, address) if address else None
        if key is None:
            return 0
        names = LaunchEnd.__struct_fields__
        said = LaunchEnd(**{name: facts[name] for name in names if facts.get(name) is not None})
        until = time.monotonic() + patience_s
        while True:
            with contextlib.suppress(OSError, ValueError):
                connection = Connection(address, key, TIMEOUT_S)
                path = f"/api/v1/launches/{self.launch}/end"
                answer = connection.request("POST", path, msgspec.json.encode(said))
                if answer.status == STATUS_OK:
                    return len(msgspec.json.decode(answer.body, type=LaunchEnded).runs)
                if answer.status < STATUS_AGAIN:
                    return 0
            if time.monotonic() + PAUSE_S > until:
                return 0
            time.sleep(PAUSE_S)


def _key(environ: Mapping[str, str], address: str) -> str | None:
    """As the client finds it: its variable, ours, the file that its login writes."""
    if environ.get(KEY):
        return environ[KEY]
    with contextlib.suppress(credentials.UnsafeCredentials):
        found = credentials.load(address)
        if found is not None:
            return found.api_key
    file = environ.get("NETRC") or os.path.join(os.path.expanduser("~"), ".netrc")
    with contextlib.suppress(OSError, netrc.NetrcParseError):
        entry = netrc.netrc(file).authenticators(urlsplit(address).netloc)
        return None if entry is None else entry[2]
    return None
