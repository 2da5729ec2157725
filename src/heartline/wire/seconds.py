"""Lengths of time as people give them, in seconds: checked and bounded. Never waits."""

from typing import Any

SECONDS_MAX = 366 * 24 * 3600


def misfit(said: Any) -> str | None:
    """None if so long can be waited; else what is wanted instead. Not a number fits nowhere."""
    if isinstance(said, int | float) and not isinstance(said, bool) and 0 <= said <= SECONDS_MAX:
        return None
    return f"a number of seconds from 0 to {SECONDS_MAX}, got {_shown(said)}"


def _shown(said: Any) -> str:
    if isinstance(said, bool) or not isinstance(said, int | float):
        return type(said).__name__
    try:
        return f"{said:.6g}"
    except OverflowError:
        return "far more"
