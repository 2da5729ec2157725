"""What a run printed last, as evidence beside its end. Never concludes from it."""

from heartline.core.records import ConsoleLine, RunKey
from heartline.ports import Transaction

LINES_MAX, LINE_CHARS_MAX = 40, 500


def last_lines(tx: Transaction, key: RunKey) -> tuple[ConsoleLine, ...]:
    """The newest lines over all writers, oldest first."""
    return tuple(tx.series.tail(key, LINES_MAX))


def texts(lines: tuple[ConsoleLine, ...]) -> tuple[str, ...]:
    """Their texts, as long as evidence may be."""
    return tuple(line.text[:LINE_CHARS_MAX] for line in lines)
