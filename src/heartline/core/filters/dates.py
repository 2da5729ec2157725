"""Points in time and lengths as people write them. Never reads a clock: `now` is given."""

import re

from heartline.core.filters.tree import FilterError

_LENGTH = re.compile(r"^(\d{1,9}(?:\.\d+)?)(ms|s|m|h|d|w)$")
_UNITS_MS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DATE = re.compile(
    r"^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?)?"
    r"(Z|[+-]\d{2}:?\d{2})?$"
)
SECONDS_BELOW = 10**11
MS_MAX = 10**15
DAYS_TO_EPOCH = 719_468


def instant_ms(field: str, value: object, now_ms: int) -> int:
    """Milliseconds since the Unix epoch from ms, seconds, an ISO date (UTC) or an age `-2h`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) < MS_MAX:
            raise FilterError(f"`{field}` is a time, and that number lies beyond all calendars")
        return int(value if abs(value) >= SECONDS_BELOW else value * 1000)
    text = str(value).strip()
    if text.startswith("-") and (match := _LENGTH.match(text[1:])):
        return now_ms - int(float(match[1]) * _UNITS_MS[match[2]])
    if match := _DATE.match(text):
        return _from_parts(match)
    raise FilterError(
        f"`{field}` is a time: write 2026-11-23, 2026-11-23T14:05:00Z, or an age such as -2h; "
        f"got `{text}`"
    )


def length_ms(field: str, value: object) -> float:
    """Milliseconds from seconds, or from a length with its unit: `90`, `90s`, `1.5h`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * 1000
    if match := _LENGTH.match(text := str(value).strip()):
        return float(match[1]) * _UNITS_MS[match[2]]
    raise FilterError(
        f"`{field}` is a length: write seconds, or a unit as in 90s, 5m, 1.5h or 2d; got `{text}`"
    )


def _from_parts(match: re.Match[str]) -> int:
    year, month, day = int(match[1]), int(match[2]), int(match[3])
    hour, minute, second = int(match[4] or 0), int(match[5] or 0), int(match[6] or 0)
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        raise FilterError(f"`{match[0]}` is on no calendar or clock")
    millis = int((match[7] or "0").ljust(3, "0")[:3])
    seconds = _days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    return (seconds - _offset_seconds(match[8])) * 1000 + millis


def _days(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 in the Gregorian calendar (Howard Hinnant's days_from_civil)."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - DAYS_TO_EPOCH


def _offset_seconds(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    seconds = int(digits[:2]) * 3_600 + int(digits[2:]) * 60
    return -seconds if zone[0] == "-" else seconds
