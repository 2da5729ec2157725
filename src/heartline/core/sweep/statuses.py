"""A sweep's own machine on one screen: its statuses and what moves them. Never moves a run."""

from enum import StrEnum


class Status(StrEnum):
    """What a sweep is shown as: it says whether new runs are made, never how a run is doing."""

    PENDING = "pending"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FINISHED = "finished"
    FAILED = "failed"
    CRASHED = "crashed"


class Event(StrEnum):
    """What may happen to a sweep."""

    AGENT = "an agent asks"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    CANCEL = "cancel"
    EXHAUSTED = "last trial ended"
    TRIPPED = "first runs all failed"
    ABANDONED = "agents lost with trials"


_RUN, _PAUSE, _STOP, _CANCEL = Status.RUNNING, Status.PAUSED, Status.STOPPED, Status.CANCELLED
_DONE, _FAIL, _CRASH, _NO = Status.FINISHED, Status.FAILED, Status.CRASHED, None

_COLUMNS = tuple(Event)
# None: the event changes nothing. No cell anywhere reaches a run; only `cancel` sends to runs.
_ROWS: dict[Status, tuple[Status | None, ...]] = {
    #                  AGENT  PAUSE   RESUME  STOP   CANCEL   EXHAUST TRIPPED ABANDON
    Status.PENDING:   (_RUN,  _PAUSE, _NO,    _STOP, _CANCEL, _DONE,  _NO,    _NO),
    Status.RUNNING:   (_NO,   _PAUSE, _NO,    _STOP, _CANCEL, _DONE,  _FAIL,  _CRASH),
    Status.PAUSED:    (_NO,   _NO,    _RUN,   _STOP, _CANCEL, _NO,    _NO,    _NO),
    Status.CRASHED:   (_RUN,  _PAUSE, _RUN,   _STOP, _CANCEL, _DONE,  _NO,    _NO),
    Status.FAILED:    (_NO,   _NO,    _RUN,   _STOP, _CANCEL, _NO,    _NO,    _NO),
    Status.STOPPED:   (_NO,   _NO,    _NO,    _NO,   _CANCEL, _NO,    _NO,    _NO),
    Status.FINISHED:  (_NO,   _NO,    _NO,    _NO,   _NO,     _NO,    _NO,    _NO),
    Status.CANCELLED: (_NO,   _NO,    _NO,    _NO,   _NO,     _NO,    _NO,    _NO),
}  # fmt: skip
TRANSITIONS = {row: dict(zip(_COLUMNS, cells, strict=True)) for row, cells in _ROWS.items()}

OPEN = frozenset({Status.PENDING, Status.RUNNING, Status.CRASHED})
"""Statuses in which trials are handed out to whoever asks."""
OVER = frozenset({Status.STOPPED, Status.CANCELLED, Status.FINISHED, Status.FAILED})
"""Statuses in which an agent that has nothing to do goes home."""


def after(status: Status, event: Event) -> Status | None:
    """The status after an event; None if the event changes nothing."""
    return TRANSITIONS[status][event]


def markdown_table() -> str:
    """The table as the docs show it."""
    head = "| status | " + " | ".join(event.value for event in Event) + " |"
    rule = "|---" * (len(Event) + 1) + "|"
    rows = [
        f"| {row.value} | "
        + " | ".join(cell.value if (cell := cells[event]) else "–" for event in Event)
        + " |"
        for row, cells in TRANSITIONS.items()
    ]
    return "\n".join([head, rule, *rows])


def mermaid() -> str:
    """The same as a diagram."""
    lines = ["stateDiagram-v2", "    [*] --> pending: create"]
    for row, cells in TRANSITIONS.items():
        lines += [
            f"    {row.value} --> {cell.value}: {event.value}"
            for event, cell in cells.items()
            if cell is not None
        ]
    return "\n".join(lines)
