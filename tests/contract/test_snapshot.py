"""A read sees one moment, however many statements it takes."""

from threading import Thread

from heartline.core.records import Stream

from .test_runs import make
from .test_series import append, block, seed


def test_a_read_of_several_statements_sees_one_moment(world):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    append(world, stream, 0, 1, history=[block([0], loss=[1.0])])

    def meanwhile():
        append(world, stream, 1, 1, history=[block([1], loss=[2.0])])
        world.write(lambda tx: make(tx, "r2"))

    def unit(tx):
        before = tx.series.durable(stream), tx.runs.states(("bo", "digits")), tx.runs.last_seq()
        other = Thread(target=meanwhile)
        other.start()
        other.join()
        rows = tx.series.scan(run, None)
        after = tx.series.durable(stream), tx.runs.states(("bo", "digits")), tx.runs.last_seq()
        return before, after, [row.step for row in rows]

    before, after, steps = world.read(unit)
    assert before == after == (1, {"pending": 1}, 1)
    assert steps == [0]
    assert world.read(lambda tx: tx.series.durable(stream)) == 2
