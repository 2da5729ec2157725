"""Which points are shown when attempts and ranks overlap. Never reads or decodes a point."""

from collections.abc import Sequence
from dataclasses import dataclass

LATER = "later:"
BEGAN_DIGITS = 15
IN_ITS_TIME: int = 10**BEGAN_DIGITS


def later(began: int, launch: str, spool: str) -> str:
    """The spool of a launch that was told of when a newer attempt had begun: its own stream."""
    return f"{LATER}{began:0{BEGAN_DIGITS}}:{launch}:{spool}"


def told(spool: str) -> int:
    """A spool's place among those of one epoch: told later by its start, then told in its time."""
    began = spool[len(LATER) :][:BEGAN_DIGITS]
    if spool.startswith(LATER) and began.isascii() and began.isdigit():
        return int(began)
    return IN_ITS_TIME


@dataclass(frozen=True, slots=True)
class Piece:
    """Some points of one key from one stream: where they begin, and who wrote them.

    `told` orders the launches that share an epoch.
    """

    epoch: int
    rank: int
    stream: int
    first_step: int
    source: int
    told: int = IN_ITS_TIME


@dataclass(frozen=True, slots=True)
class Shown:
    """A piece of which the steps below `before` are shown (None: all)."""

    piece: Piece
    before: int | None


def shown(pieces: Sequence[Piece], rank: int | None = None) -> list[Shown]:
    """An attempt hides earlier ones from its own first step on; the lowest rank speaks.

    Of launches within one epoch that say the same step, the last in this order counts.
    """
    if not pieces:
        return []
    speaker = min(piece.rank for piece in pieces) if rank is None else rank
    mine = [piece for piece in pieces if piece.rank == speaker]
    starts: dict[int, int] = {}
    for piece in mine:
        starts[piece.epoch] = min(starts.get(piece.epoch, piece.first_step), piece.first_step)
    cuts: dict[int, int | None] = {}
    cut: int | None = None
    for epoch in sorted(starts, reverse=True):
        cuts[epoch] = cut
        cut = starts[epoch] if cut is None else min(cut, starts[epoch])
    return [
        Shown(piece, before)
        for piece in sorted(mine, key=lambda each: (each.epoch, each.told, each.source))
        if (before := cuts[piece.epoch]) is None or piece.first_step < before
    ]
