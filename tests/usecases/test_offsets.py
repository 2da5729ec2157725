"""Lines at offsets, out of order: each is taken once, whenever it comes."""

from array import array

from heartline.core.records import Block, Column
from heartline.usecases.offsets import MISSING_MAX, NONE_YET, Lines, Place, put_rows
from tests.usecases.conftest import World

LINES = 3 * MISSING_MAX


def line(offset: int) -> Lines:
    """One line whose step is its offset."""
    step = array("q", [offset])
    return Lines(offset, 1, Block(step, step, (Column("loss", array("d", [1.0])),)), (0,))


def test_late_lines_are_taken_however_many_gaps_there_were(world: World) -> None:
    run = world.opened().run
    place = Place(run, 1, "client")

    def put(offset: int) -> int:
        newest: int = world.do(lambda tx: put_rows(tx, place, line(offset)))
        return newest

    for offset in range(1, LINES, 2):
        put(offset)
    assert put(LINES - 1) == NONE_YET, "a repeat"
    assert [put(offset) for offset in range(0, LINES, 2)] == list(range(0, LINES, 2))
    rows = world.do(lambda tx: tx.series.scan(run.key, None, limit=2 * LINES))
    assert [row.step for row in rows] == list(range(LINES))
