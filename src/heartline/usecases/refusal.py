"""Saying no with a value. Never raised, never HTTP."""

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "bad_request", "unauthorized", "forbidden", "not_found", "conflict", "gone", "unprocessable"
]


@dataclass(frozen=True, slots=True)
class Refused:
    """What was asked cannot be done; `reason` says why and what to do instead."""

    code: Code
    reason: str
