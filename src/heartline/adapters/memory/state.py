"""Everything that the memory adapter holds: plain dicts of frozen values. Never a rule."""

from dataclasses import dataclass, field
from typing import Any, Self

from heartline.core.lifecycle import Entry, Instant
from heartline.core.lifecycle.time import AliveClock
from heartline.core.records import (
    ApiKey,
    ConsoleLine,
    FileRecord,
    Membership,
    Project,
    RunKey,
    RunRecord,
    Stream,
    Team,
    User,
)
from heartline.core.sweep.trials import Agent, Sweep, SweepKey, Trial


@dataclass(frozen=True, slots=True)
class Point:
    """One value at a step: a number, or the JSON of something else."""

    step: int
    at: int
    value: float | bytes


Series = tuple[RunKey, int, int, str, bool, str]
"""Run, epoch, rank, spool, system, key."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A deleted run with what the index held of it."""

    run: RunRecord
    indexed: dict[str, float | str]
    by: str
    at: int


@dataclass
class State:
    """One copy of the world; a unit of work that fails gets the copy from before it back."""

    next_key: int = 1
    runs: dict[RunKey, RunRecord] = field(default_factory=dict)
    deleted: dict[RunKey, Aside] = field(default_factory=dict)
    deadlines: dict[RunKey, Instant] = field(default_factory=dict)
    ledger: tuple[tuple[RunKey, Entry], ...] = ()
    indexed: dict[RunKey, dict[str, float | str]] = field(default_factory=dict)
    durable: dict[Stream, int] = field(default_factory=dict)
    points: dict[Series, tuple[Point, ...]] = field(default_factory=dict)
    lines: dict[RunKey, dict[tuple[str, str, int], ConsoleLine]] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    organisations: dict[str, int] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Membership] = field(default_factory=dict)
    projects: dict[tuple[str, str], Project] = field(default_factory=dict)
    documents: dict[tuple[str, str, str], bytes] = field(default_factory=dict)
    files: dict[tuple[RunKey, str], FileRecord] = field(default_factory=dict)
    clock: AliveClock = AliveClock()
    sweeps: dict[SweepKey, Sweep] = field(default_factory=dict)
    trials: dict[tuple[SweepKey, int], Trial] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)

    def copy(self) -> Self:
        """As it is now: containers are copied, the values in them are frozen."""
        values: dict[str, Any] = {
            name: dict(value) if isinstance(value, dict) else value
            for name, value in vars(self).items()
        }
        values["lines"] = {run: dict(lines) for run, lines in self.lines.items()}
        return type(self)(**values)
