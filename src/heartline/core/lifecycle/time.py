"""Time as values: the server-alive clock, wall time and leases. Never reads a clock."""

from dataclasses import dataclass, replace
from typing import NewType

Instant = NewType("Instant", int)
"""Milliseconds on the server-alive clock: stands still while no server is healthy."""
Wall = NewType("Wall", int)
"""Milliseconds since the Unix epoch by the server's clock: shown to people, never judged by."""
Millis = NewType("Millis", int)

LEASE_BEATS = 3
LEASE_MS_MIN = Millis(15_000)
SILENT_BEATS = 2
SILENT_MS_MIN = Millis(10_000)
AMNESTY_MS = Millis(12_000)
TICK_MS = Millis(1_000)
TICK_ADVANCE_MS_MAX = Millis(2_000)
TICK_LATE_MS = Millis(3_000)


@dataclass(frozen=True, slots=True)
class Now:
    """One reading of both clocks, taken once at the door of the server."""

    alive: Instant
    wall: Wall


def lease_ms(heartbeat_ms: int) -> Millis:
    """Milliseconds of healthy server time a writer may be silent, from its declared interval."""
    return Millis(max(LEASE_BEATS * heartbeat_ms, LEASE_MS_MIN))


def silence_ms(lease: Millis | None) -> Millis:
    """How long a writer may say nothing before that is worth a word, from its lease."""
    return Millis(max(SILENT_BEATS * (lease or 0) // LEASE_BEATS, SILENT_MS_MIN))


@dataclass(frozen=True, slots=True)
class AliveClock:
    """The persisted server-alive clock: `version` changes with every tick of any replica.

    `healthy_since` is the instant since which the server has been healthy without a break:
    silence from before it is ours, and never counts against a run.
    """

    at: Instant = Instant(0)
    healthy_since: Instant = Instant(0)
    version: int = 0


def tick(clock: AliveClock, elapsed_ms: int) -> AliveClock:
    """Advance by at most two seconds; a late tick means that we were stalled, so all get amnesty.

    `elapsed_ms` is measured on the caller's monotonic clock since it saw this very version, so
    that several replicas together never run faster than real time.
    """
    at = Instant(clock.at + max(0, min(elapsed_ms, TICK_ADVANCE_MS_MAX)))
    late = elapsed_ms > TICK_LATE_MS
    return AliveClock(at, at if late else clock.healthy_since, clock.version + 1)


def started(clock: AliveClock) -> AliveClock:
    """A server has just started: nothing that was missed before this instant is held against runs."""
    return replace(clock, healthy_since=clock.at, version=clock.version + 1)
