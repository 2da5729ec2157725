"""What is asked about runs, and the answer. Never asks; stores do.

The question holds everything that it depends on, so that the same one has the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heartline.core.filters import Filter, Order
from heartline.core.lifecycle import Now, Run
from heartline.core.records import RunRecord


@dataclass(frozen=True, slots=True)
class Question:
    """Which runs: those of the given projects that match; `order` first, then newest first.

    `projects` are (entity, name) pairs that the asker may see; `now` serves ages and durations.
    Counting all that match costs more than a page: `counted` is whether that is wanted.
    """

    projects: Sequence[tuple[str, str]]
    filter: Filter
    order: Sequence[Order]
    now: Now
    limit: int = 50
    offset: int = 0
    counted: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of runs; `total` counts all that match, `states` counts them by state."""

    runs: Sequence[RunRecord]
    total: int
    states: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Life:
    """The part of a run that every heartbeat touches, and its (entity, project)."""

    run: Run
    version: int
    progress_at: int | None
    last_step: int
    place: tuple[str, str]
