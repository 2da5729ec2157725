"""The whole machine on one screen: what moves a writer, and to what. Never anything but the table.

The diagram in the docs is generated from here.
"""

from enum import Enum

from heartline.core.lifecycle.run import Writer
from heartline.core.lifecycle.states import LIVE, Confidence


class Standing(Enum):
    """The rows of the table: how a writer stands, as far as what may still move it."""

    PENDING = "pending"
    RUNNING = "running"
    PREEMPTING = "preempting"
    PRESUMED = "ended, presumed"
    REPORTED = "ended, reported"
    PROVEN = "ended, proven"


class Signal(Enum):
    """The columns of the table: what may be heard of a writer."""

    BEAT = "heartbeat"
    WARNING = "heartbeat, preempting"
    EXIT = "exit"
    LEASE = "lease ends"
    NEWER = "newer attempt opens"


class Outcome(Enum):
    """The cells of the table. A verdict is what the witness says; see `_by_exit`."""

    RUNNING = "Running"
    PREEMPTING = "Preempting"
    CRASHED = "Crashed, presumed"
    PREEMPTED = "Preempted, presumed"
    SUPERSEDED = "Crashed, superseded"
    VERDICT = "its verdict"
    BETTER = "its verdict, if surer"
    STAYS = "stays"


_RUN, _PRE, _STAY = Outcome.RUNNING, Outcome.PREEMPTING, Outcome.STAYS
_VERDICT, _BETTER = Outcome.VERDICT, Outcome.BETTER
_CRASH, _GONE, _OLD = Outcome.CRASHED, Outcome.PREEMPTED, Outcome.SUPERSEDED

_COLUMNS = tuple(Signal)
_ROWS = {
    #                    BEAT   WARNING EXIT      LEASE   NEWER
    Standing.PENDING:    (_RUN,  _PRE,  _VERDICT, _CRASH, _OLD),
    Standing.RUNNING:    (_RUN,  _PRE,  _VERDICT, _CRASH, _OLD),
    Standing.PREEMPTING: (_RUN,  _PRE,  _VERDICT, _GONE,  _OLD),
    Standing.PRESUMED:   (_RUN,  _PRE,  _BETTER,  _STAY,  _STAY),
    Standing.REPORTED:   (_STAY, _STAY, _BETTER,  _STAY,  _STAY),
    Standing.PROVEN:     (_STAY, _STAY, _STAY,    _STAY,  _STAY),
}  # fmt: skip
TRANSITIONS = {row: dict(zip(_COLUMNS, cells, strict=True)) for row, cells in _ROWS.items()}


def standing(writer: Writer) -> Standing:
    """The row of the table that a writer is on."""
    if writer.state in LIVE:
        return Standing(writer.state.value)
    return {
        Confidence.PRESUMED: Standing.PRESUMED,
        Confidence.STRONG: Standing.REPORTED,
        Confidence.PROVEN: Standing.PROVEN,
    }[writer.confidence]
