"""A table that fits its terminal: what people copy is whole, one column takes what is left.

Never cuts anything in a pipe, and never shows half a column where it can leave out a lesser one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from heartline.cli import terminal

REST_WIDTH, CAP = 12, 20
GAP = 2
Row = Mapping[str, Text | str]


@dataclass(frozen=True, slots=True)
class Fit:
    """Which columns are never cut, which takes what is left, and which go first for want of room.

    `caps` are the widest that others may be; `heads` what a column is called.
    """

    whole: frozenset[str]
    rest: str
    lesser: Sequence[str] = ()
    right: frozenset[str] = frozenset()
    caps: Mapping[str, int] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)


def fitted(
    names: Sequence[str], rows: Sequence[Row], fit: Fit, out: Console, title: str | None = None
) -> Table:
    """The table, with as many of the named columns as there is room for."""
    widths: Mapping[str, int] = {}
    if out.is_terminal or out.width < terminal.PIPE_WIDTH:
        widths = _widths(names, rows, fit, out.width)
        names = list(widths)
    made = terminal.table(title=title)
    for name in names:
        whole = name in fit.whole
        made.add_column(
            fit.heads.get(name, name),
            no_wrap=not whole, overflow="fold" if whole else "ellipsis",
            justify="right" if name in fit.right else "left", max_width=widths.get(name),
        )  # fmt: skip
    for row in rows:
        made.add_row(*(row[name] for name in names))
    return made


def _widths(
    names: Sequence[str], rows: Sequence[Row], fit: Fit, room: int
) -> Mapping[str, int]:  # fmt: skip
    """The columns that stay, each with what it may take."""
    widest = {
        name: max([cell_len(fit.heads.get(name, name)), *(_len(row[name]) for row in rows)])
        for name in names
    }
    caps = dict.fromkeys(fit.whole, room) | {fit.rest: REST_WIDTH} | dict(fit.caps)
    widths = {name: min(width, caps.get(name, CAP)) for name, width in widest.items()}
    for name in (*fit.lesser, fit.rest):
        if sum(widths.values()) + GAP * (len(widths) - 1) > room:
            widths.pop(name, None)
    if fit.rest in widths:
        left = room - sum(widths.values()) - GAP * (len(widths) - 1)
        widths[fit.rest] += max(left, 0)
    return widths


def _len(cell: Text | str) -> int:
    return cell_len(str(cell))
