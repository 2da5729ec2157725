"""When a thing that was told late had happened, as its client dates it. Never judges by it."""

from heartline.core.lifecycle import Now

LATE_MS = 1_000
SKEW_MS = 2_000
"""Clocks nearer to each other than this are one clock: the rest is the way of the message."""


def happened_at(at: int | None, sent_at: int | None, now: Now) -> int | None:
    """The moment by our clock of what a client dates `at` and told at `sent_at`; None if at once.

    How late it was told is a length on the client's own clock, which may go wrong by years.
    """
    if not at or sent_at is None or sent_at - at < LATE_MS:
        return None
    return max(0, min(now.wall, at - (clock_ahead_ms(sent_at, now) or 0)))


def clock_ahead_ms(sent_at: int | None, now: Now) -> int | None:
    """By how much the client's clock is ahead of ours; None if it is as good as ours."""
    ahead = 0 if sent_at is None else sent_at - now.wall
    return ahead if abs(ahead) > SKEW_MS else None
