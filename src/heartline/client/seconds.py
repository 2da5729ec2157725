"""How long a caller of the read API is ready to wait. Never waits itself."""

import time

from heartline.client import errors
from heartline.wire.seconds import misfit


def deadline(timeout: float | None) -> float | None:
    """When a wait of so long is over, on the monotonic clock; None waits without an end."""
    if timeout is None:
        return None
    if wrong := misfit(timeout):
        raise errors.InvalidRequest(f"timeout: {wrong}, or None to wait without an end")
    return time.monotonic() + timeout
