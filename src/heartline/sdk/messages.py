"""The few lines that the SDK prints. To standard error, never more than it must."""

import contextlib
import sys


def say(text: str, *, silent: bool = False) -> None:
    """One line to people."""
    if not silent and sys.stderr is not None:
        # Also in a signal handler that came in the middle of a print.
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            print(f"Heartline: {text}", file=sys.stderr, flush=True)  # noqa: T201


def warn_once(seen: set[str], key: str, text: str, *, silent: bool = False) -> None:
    """The same trouble is told once per run."""
    if key not in seen:
        seen.add(key)
        say(f"warning: {text}", silent=silent)
