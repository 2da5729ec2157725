"""The clocks of this machine, always as something that can be sent. Never judges by them.

The wall clock may be wrong by years, or jump; lengths come from the boot clock, which also counts
while the machine sleeps.
"""

import time

WALL_MS_MAX = 253_402_300_799_000
"""The end of the year 9999: what a clock that is farther ahead is taken for."""


def wall_ms() -> int:
    """Milliseconds since 1970, by a clock that may say what no clock should."""
    try:
        now = time.time_ns() // 1_000_000
    except OverflowError:
        return WALL_MS_MAX
    return min(max(now, 0), WALL_MS_MAX)


def wall_s() -> float:
    """Likewise, in seconds."""
    return wall_ms() / 1000


def boot_ms() -> int:
    """Milliseconds since this machine was started, by the kernel's own record.

    Libraries that make programs believe in another time leave that alone.
    """
    try:
        with open("/proc/uptime", encoding="ascii") as file:
            return int(float(file.read().split()[0]) * 1000)
    except (OSError, ValueError, IndexError):
        return int(time.clock_gettime(time.CLOCK_BOOTTIME) * 1000)


def wrong() -> str:
    """What to say of a clock that nothing can be dated by; empty if it may be right."""
    now = wall_ms()
    if 0 < now < WALL_MS_MAX:
        return ""
    return (
        "the clock of this machine is before 1970 or after 9999: rows are dated as well as it "
        "goes, and when the run started and ended is told by the server's clock"
    )
