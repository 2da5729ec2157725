"""The run lifecycle: one drawn table, one step function. Never performs I/O or reads a clock."""

from heartline.core.lifecycle.evidence import Actor, CauseKind, Evidence, Verdict
from heartline.core.lifecycle.inputs import (
    Created,
    DeadlinePassed,
    Exited,
    Heard,
    Input,
    Overridden,
    Started,
    StopAcknowledged,
    StopAsked,
)
from heartline.core.lifecycle.ledger import Entry, fold
from heartline.core.lifecycle.machine import Changed, Ignored, create, deadline, step
from heartline.core.lifecycle.run import Attempt, Run, Stop, Writer
from heartline.core.lifecycle.states import LIVE, TERMINAL, Confidence, State
from heartline.core.lifecycle.time import Instant, Millis, Now, Wall, lease_ms

__all__ = [
    "LIVE",
    "TERMINAL",
    "Actor",
    "Attempt",
    "CauseKind",
    "Changed",
    "Confidence",
    "Created",
    "DeadlinePassed",
    "Entry",
    "Evidence",
    "Exited",
    "Heard",
    "Ignored",
    "Input",
    "Instant",
    "Millis",
    "Now",
    "Overridden",
    "Run",
    "Started",
    "State",
    "Stop",
    "StopAcknowledged",
    "StopAsked",
    "Verdict",
    "Wall",
    "Writer",
    "create",
    "deadline",
    "fold",
    "lease_ms",
    "step",
]
