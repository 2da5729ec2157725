"""Numbers that JSON has no words for, back as floats. Never touches other text."""

import math
from typing import Any

SPECIAL = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def restored(value: Any) -> Any:
    """The value with `"NaN"`, `"Infinity"` and `"-Infinity"` as floats, at any depth."""
    if isinstance(value, str):
        return SPECIAL.get(value, value)
    if isinstance(value, dict):
        return {key: restored(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [restored(inner) for inner in value]
    return value
