"""The table as Markdown and as a diagram, for the docs. Never hand-drawn: a test compares."""

from heartline.core.lifecycle.states import Confidence, State
from heartline.core.lifecycle.table import TRANSITIONS, Outcome, Signal, Standing

_MOVES = {
    Outcome.RUNNING: "Running",
    Outcome.PREEMPTING: "Preempting",
    Outcome.CRASHED: "Crashed",
    Outcome.PREEMPTED: "Preempted",
    Outcome.SUPERSEDED: "Crashed",
}
_NODES = {
    Standing.PENDING: "Pending",
    Standing.RUNNING: "Running",
    Standing.PREEMPTING: "Preempting",
}


def markdown_table() -> str:
    """Rows are standings, columns are signals, exactly as the machine reads them."""
    head = "| stands as | " + " | ".join(signal.value for signal in Signal) + " |"
    rule = "|---" * (len(Signal) + 1) + "|"
    rows = [
        f"| {row.value} | " + " | ".join(cells[signal].value for signal in Signal) + " |"
        for row, cells in TRANSITIONS.items()
    ]
    return "\n".join([head, rule, *rows])


def mermaid() -> str:
    """The diagram of what moves a writer between the words that people see."""
    lines = ["stateDiagram-v2", "    [*] --> Pending: created", "    [*] --> Running: started"]
    for row, node in _NODES.items():
        for signal, outcome in TRANSITIONS[row].items():
            if (target := _MOVES.get(outcome)) and target != node:
                lines.append(f"    {node} --> {target}: {signal.value}")
    for state in ("Finished", "Failed", "Killed", "Crashed"):
        lines.append(f"    Running --> {state}: exit")
    lines.append("    Preempting --> Preempted: exit, not zero")
    for presumed in ("Crashed", "Preempted"):
        lines.append(f"    {presumed} --> Running: heard again (presumed only)")
    return "\n".join(lines)


def words() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every state and every confidence, so that the docs can be checked for all of them."""
    return tuple(State), tuple(level.name.lower() for level in Confidence)
