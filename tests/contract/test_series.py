"""What every SeriesStore promises: exactly once, attempts, ranks, envelopes; merged or not."""

import math
import random
from array import array

import msgspec
import pytest
import sqlalchemy as sa

from heartline.adapters.sql.database import opened
from heartline.core.records import Block, Column, ConsoleLine, ObjectPoint, RunKey, Stream
from heartline.usecases.last_lines import last_lines
from heartline.usecases.summary import summary_of

from .conftest import World
from .test_runs import make


def block(steps, at=1_000, **columns):
    made = []
    for key, values in columns.items():
        rows = [n for n, value in enumerate(values) if value is not None]
        kept = array("d", [value for value in values if value is not None])
        full = len(rows) == len(steps)
        made.append(Column(key, kept, None if full else array("I", rows)))
    return Block(array("q", steps), array("q", [at + step for step in steps]), tuple(made))


def seed(world, names=("r1",)):
    return [world.write(lambda tx, n=name: make(tx, n)).key for name in names]


def values(world, run, key, **how):
    rows = world.read(lambda tx: tx.series.scan(run, [key], **how))
    return [(row.step, row.values[key]) for row in rows]


def merged(world):
    while world.write(lambda tx: tx.series.merge(100)):
        pass


@pytest.fixture(params=["fresh", "merged"])
def settle(request, world):
    """Do nothing, or merge: what is read back must not change."""
    return (lambda: merged(world)) if request.param == "merged" else (lambda: None)


def append(world, stream, first, count, **what):
    return world.write(lambda tx: tx.series.append(stream, first, count, **what))


def test_a_repeat_and_a_gap_change_nothing(world):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    assert append(world, stream, 0, 2, history=[block([0, 1], loss=[1.0, 2.0])]) == 2
    assert append(world, stream, 0, 2, history=[block([0, 1], loss=[9.0, 9.0])]) == 2
    assert append(world, stream, 5, 1, history=[block([5], loss=[9.0])]) == 2
    assert world.read(lambda tx: tx.series.durable(stream)) == 2
    assert values(world, run, "loss") == [(0, 1.0), (1, 2.0)]


def test_streams_have_offsets_of_their_own(world):
    (run,) = seed(world)
    append(world, Stream(run, 1, "w"), 0, 3)
    assert world.read(lambda tx: tx.series.durable(Stream(run, 2, "w"))) == 0
    assert world.read(lambda tx: tx.series.durable(Stream(run, 1, "v"))) == 0


def many(world, run, epoch, spool, rank, start, count, key="loss", shift=0.0):
    stream = Stream(run, epoch, spool, rank)
    for n in range(count):
        step = start + n
        append(world, stream, n, 1, history=[block([step], **{key: [step + shift]})])


def test_the_keys_of_many_runs_are_those_of_each(world, settle):
    one, other, empty = seed(world, ("r1", "r2", "r3"))
    many(world, one, 1, "a", None, 0, 3)
    many(world, one, 2, "b", None, 1, 1, shift=50.0)
    many(world, other, 1, "a", None, 0, 4, key="acc")
    settle()
    found = world.read(lambda tx: tx.series.keys([one, empty, other]))
    seen = {run: [(k.key, k.count, k.last) for k in keys] for run, keys in found.items()}
    assert seen == {one: [("loss", 2, 51.0)], empty: [], other: [("acc", 4, 3.0)]}
    assert found[one] == world.read(lambda tx: tx.series.keys([one]))[one]


def test_a_newer_attempt_hides_the_older_from_its_first_step_on(world, settle):
    (run,) = seed(world)
    many(world, run, 1, "a", None, 0, 20)
    many(world, run, 2, "b", None, 10, 5, shift=100.0)
    settle()
    found = values(world, run, "loss")
    assert found == [(n, float(n)) for n in range(10)] + [(n, n + 100.0) for n in range(10, 15)]
    (stats,) = world.read(lambda tx: tx.series.keys([run])[run])
    assert (stats.count, stats.last, stats.max, stats.last_step) == (15, 114.0, 114.0, 14)


def test_the_lowest_rank_speaks_unless_another_is_asked(world, settle):
    (run,) = seed(world)
    many(world, run, 1, "r0", 0, 0, 18)
    many(world, run, 1, "r1", 1, 0, 18, shift=0.5)
    many(world, run, 1, "r1k", 1, 0, 18, key="only_one", shift=0.5)
    settle()
    assert values(world, run, "loss")[3] == (3, 3.0)
    assert values(world, run, "loss", rank=1)[3] == (3, 3.5)
    assert values(world, run, "only_one")[3] == (3, 3.5)


def test_a_step_that_is_said_again_counts_once_with_what_was_said_last(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    said = [([0, 1, 1, 2], [0.0, 99.0, 1.0, 2.0]), ([2, 3], [2.5, 3.0]), ([1], [-7.0])]
    for n in range(4, 20):
        said.append(([n, n], [n * 1000.0, float(n)]))
    for n, (steps, losses) in enumerate(said):
        append(world, stream, n, 1, history=[block(steps, loss=losses, other=losses)])
    texts = [ObjectPoint("text", row, b'"%d"' % row) for row in range(3)]
    append(
        world, stream, 19, 1, history=[Block(array("q", [5, 6, 5]), array("q", [1] * 3), (), texts)]
    )
    settle()
    wanted = [0.0, -7.0, 2.5, 3.0, *map(float, range(4, 20))]
    kept = {stats.key: stats for stats in world.read(lambda tx: tx.series.keys([run])[run])}
    for key in ("loss", "other"):
        stats = kept[key]
        assert [value for _, value in values(world, run, key)] == wanted
        assert (stats.count, stats.first, stats.last) == (20, 0.0, 19.0)
        assert (stats.min, stats.max, stats.mean) == (-7.0, 19.0, sum(wanted) / 20)
    assert (kept["text"].count, kept["text"].objects, kept["text"].last_json) == (2, 2, b'"1"')


def test_a_chart_from_afar_shows_no_value_that_was_said_again(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        steps = [step for step in range(50 * n, 50 * n + 50) for _ in range(2)]
        said = [value for step in steps[::2] for value in (1e9, float(step))]
        append(world, stream, n, 1, history=[block(steps, loss=said)])
    append(world, stream, 20, 1, history=[block([999], loss=[-1.0])])
    settle()
    (line,) = world.read(lambda tx: tx.series.window([run], ["loss"], width=3))
    assert (sum(line.count), max(line.max), min(line.min)) == (1000, 998.0, -1.0)


def test_not_a_number_is_kept_counted_and_never_averaged(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    said = [1.0, math.nan, math.inf, -math.inf, 3.0]
    for n, value in enumerate(said * 4):
        append(world, stream, n, 1, history=[block([n], loss=[value])])
    settle()
    (stats,) = world.read(lambda tx: tx.series.keys([run])[run])
    assert (stats.min, stats.max, stats.mean) == (1.0, 3.0, 2.0)
    assert (stats.count, stats.nan_count, stats.inf_count) == (20, 4, 8)
    found = [value for _, value in values(world, run, "loss")][:5]
    assert str(found) == str(said)
    (line,) = world.read(lambda tx: tx.series.window([run], ["loss"], width=2))
    assert [list(line.count), list(line.nan), list(line.inf)] == [[10, 10], [2, 2], [4, 4]]


def test_of_equal_steps_in_a_stream_the_last_is_shown(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        append(world, stream, n, 1, history=[block([n // 2], loss=[float(n)])])
    settle()
    assert values(world, run, "loss") == [(n, 2.0 * n + 1) for n in range(10)]


def test_objects_stand_beside_numbers(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        part = block([n], loss=[float(n)])
        if n % 5 == 0:
            part = Block(
                part.steps, part.times, part.columns, (ObjectPoint("note", 0, b'{"n":%d}' % n),)
            )
        append(world, stream, n, 1, history=[part])
    settle()
    rows = world.read(lambda tx: tx.series.scan(run, None))
    assert rows[5].values == {"loss": 5.0, "note": {"n": 5}}
    assert rows[6].values == {"loss": 6.0}
    kinds = {stats.key: stats.kind for stats in world.read(lambda tx: tx.series.keys([run])[run])}
    assert kinds == {"loss": "number", "note": "object"}
    ((told),) = world.read(lambda tx: tx.series.objects([run], ["loss", "note", "no"], limit=3))
    assert (told.run, told.key, told.total) == (run, "note", 4)
    assert told.rows == [(n, 1_000 + n, b'{"n":%d}' % n) for n in (5, 10, 15)]


def said(world, stream, first, step, value):
    """One row of the key `tc` with a number, or with anything else."""
    if isinstance(value, float):
        part = block([step], tc=[value])
    else:
        point = ObjectPoint("tc", 0, msgspec.json.encode(value))
        part = Block(array("q", [step]), array("q", [1_000 + step]), (), (point,))
    append(world, stream, first, 1, history=[part])


def summarised(world, run):
    (stats,) = world.read(lambda tx: tx.series.keys([run])[run])
    summary = summary_of(world.read(lambda tx: tx.runs.get(run)), [stats])
    return stats, summary


def test_numbers_and_texts_under_one_key_are_all_kept(world, settle):
    (run,) = seed(world)
    given = [*map(float, range(10)), "text", *map(float, range(11, 20))]
    for n, value in enumerate(given):
        said(world, Stream(run, 1, "w"), n, n, value)
    settle()
    assert values(world, run, "tc") == list(enumerate(given))
    rows = world.read(lambda tx: tx.series.sample(run, ["tc"], 100))
    assert [row.values["tc"] for row in rows] == given
    (line,) = world.read(lambda tx: tx.series.window([run], ["tc"]))
    assert list(line.x) == [float(n) for n in range(20) if n != 10]
    stats, summary = summarised(world, run)
    assert (stats.kind, stats.count, stats.objects, stats.max) == ("number", 19, 1, 19.0)
    assert (stats.first_step, stats.last_step) == (0, 19)
    assert summary == {"tc": 19.0}


def test_a_batch_may_hold_both_kinds_of_a_key(world, settle):
    """Text first: its numbers are summarised; and of one step the value said last is shown."""
    (run,) = seed(world)
    stream, times = Stream(run, 1, "w"), array("q", range(4))
    number = Column("tc", array("d", [2.0, 5.0, 7.0]), array("I", [1, 2, 3]))
    part = Block(array("q", [0, 1, 2, 2]), times, (number,), (ObjectPoint("tc", 0, b'"a"'),))
    append(world, stream, 0, 4, history=[part])
    assert summarised(world, run)[1] == {"tc": 7.0}
    part = Block(
        array("q", [3, 3, 4, 4]), times,
        (Column("tc", array("d", [1.0, 9.0]), array("I", [1, 2])),),
        (ObjectPoint("tc", 0, b'"b"'), ObjectPoint("tc", 3, b'"c"')),
    )  # fmt: skip
    append(world, stream, 4, 4, history=[part])
    for n in range(20):
        append(world, stream, 8 + n, 1, history=[block([n], other=[0.0])])
    settle()
    assert values(world, run, "tc") == [(0, "a"), (1, 2.0), (2, 7.0), (3, 1.0), (4, "c")]
    (line,) = world.read(lambda tx: tx.series.window([run], ["tc"]))
    assert list(zip(line.x, line.last, strict=True)) == [(1, 2.0), (2, 7.0), (3, 1.0), (4, 9.0)]
    stats = next(k for k in world.read(lambda tx: tx.series.keys([run])[run]) if k.key == "tc")
    assert (stats.kind, stats.last, stats.last_json) == ("number", 9.0, b'"c"')


def test_an_attempt_hides_both_kinds_of_a_key(world, settle):
    (run,) = seed(world)
    for n in range(20):
        said(world, Stream(run, 1, "a"), n, n, float(n) if n % 2 else f"v{n}")
    for n, value in enumerate(["new", 6.0]):
        said(world, Stream(run, 2, "b"), n, 5 + n, value)
    settle()
    shown = [(0, "v0"), (1, 1.0), (2, "v2"), (3, 3.0), (4, "v4"), (5, "new"), (6, 6.0)]
    assert values(world, run, "tc") == shown
    stats, summary = summarised(world, run)
    assert (stats.count, stats.objects, stats.last_step, summary) == (3, 4, 6, {"tc": 6.0})


def test_forks_that_say_the_same_step_agree_on_the_last(world, settle):
    """The younger stream counts, whichever of them is merged and whichever wrote last."""
    (run,) = seed(world)
    for step in range(3):
        for place, spool in enumerate(("fork-1", "fork-2")):
            said(world, Stream(run, 1, spool), step, step, float(10 * step + place))
    for n in range(20):
        said(world, Stream(run, 1, "fork-1"), 3 + n, 2, 99.0)
    settle()
    assert values(world, run, "tc") == [(0, 1.0), (1, 11.0), (2, 21.0)]
    stats, summary = summarised(world, run)
    assert (stats.first, stats.last, summary) == (1.0, 21.0, {"tc": 21.0})


def test_a_scan_pages_without_gap_or_repeat(world, settle):
    (run,) = seed(world)
    many(world, run, 1, "w", None, 0, 25)
    settle()
    steps, at = [], 0
    while page := world.read(lambda tx, a=at: tx.series.scan(run, None, min_step=a, limit=7)):
        steps += [row.step for row in page]
        at = steps[-1] + 1
    assert steps == list(range(25))
    assert [s for s, _ in values(world, run, "loss", min_step=3, max_step=6)] == [3, 4, 5]


def test_a_spike_is_never_lost_however_narrow_the_chart(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        steps = list(range(n * 1_000, (n + 1) * 1_000))
        line = [0.0] * 1_000
        if n == 13:
            line[777] = 42.0
        append(world, stream, n, 1, history=[block(steps, loss=line)])
    settle()
    for width in (1, 7, 60):
        (line,) = world.read(lambda tx, w=width: tx.series.window([run], ["loss"], width=w))
        assert max(line.max) == 42.0
        assert len(line.x) <= width
        assert sum(line.count) == 20_000
    (near,) = world.read(
        lambda tx: tx.series.window([run], ["loss"], x_min=13_770, x_max=13_780, width=100)
    )
    assert list(near.x) == [float(n) for n in range(13_770, 13_781)]


def test_a_chart_may_run_along_time_or_another_metric(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    for n in range(20):
        append(world, stream, n, 1, history=[block([n], loss=[float(n)], epoch=[n / 10])])
    settle()
    (by_time,) = world.read(lambda tx: tx.series.window([run], ["loss"], x="_timestamp"))
    assert list(by_time.x) == [1_000.0 + n for n in range(20)]
    (by_epoch,) = world.read(lambda tx: tx.series.window([run], ["loss"], x="epoch"))
    assert list(by_epoch.x) == [n / 10 for n in range(20)]


def test_rewinding_forgets_what_came_after(world, settle):
    (run,) = seed(world)
    many(world, run, 1, "w", None, 0, 20)
    settle()
    world.write(lambda tx: tx.series.truncate(run, 4))
    assert [step for step, _ in values(world, run, "loss")] == [0, 1, 2, 3, 4]


def test_a_sample_has_the_first_and_the_last_row(world, settle):
    (run,) = seed(world)
    many(world, run, 1, "w", None, 0, 50)
    settle()
    rows = world.read(lambda tx: tx.series.sample(run, ["loss"], 5))
    assert (rows[0].step, rows[-1].step, len(rows)) == (0, 49, 5)
    assert len(world.read(lambda tx: tx.series.sample(run, None, 100))) == 50


def test_a_progress_bar_stays_one_line(world):
    (run,) = seed(world)
    stream = Stream(run, 1, "w")
    lines = [ConsoleLine("stdout", 0, 1, "start"), ConsoleLine("stdout", 1, 2, "10%")]
    append(world, stream, 0, 2, lines=lines)
    append(world, stream, 2, 2, lines=[
        ConsoleLine("stdout", 1, 3, "100%"), ConsoleLine("stderr", 0, 4, "warn"),
    ])  # fmt: skip
    found, total = world.read(lambda tx: tx.series.console(run))
    assert ([line.text for line in found], total) == (["start", "100%", "warn"], 3)
    tail = world.read(lambda tx: tx.series.tail(run, 2))
    assert [line.text for line in tail] == ["100%", "warn"]
    assert world.read(lambda tx: tx.series.console(run, limit=0)) == ([], 3)
    page, _ = world.read(lambda tx: tx.series.console(run, first=1, limit=1))
    assert [line.text for line in page] == ["100%"]


def test_what_was_printed_last_is_read_without_counting_what_came_before(tmp_path):
    asked = []
    with opened(tmp_path / "tail.db") as database:
        world = World(database)
        (run,) = seed(world)
        lines = [ConsoleLine("stdout", n, n, f"line {n}") for n in range(50)]
        append(world, Stream(run, 1, "w"), 0, 50, lines=lines)

        @sa.event.listens_for(database.engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_rest):
            asked.append(statement)

        found = world.read(lambda tx: last_lines(tx, run))
    assert [line.number for line in found] == list(range(10, 50))
    assert [each for each in asked if "lines" in each and "count(" in each] == []
    assert any("LIMIT" in each for each in asked)


def test_system_metrics_are_kept_apart(world, settle):
    (run,) = seed(world)
    stream = Stream(run, 1, "w/system")
    for n in range(20):
        append(world, stream, n, 1, system=[block([n], **{"cpu.percent": [5.0]})])
    settle()
    assert world.read(lambda tx: tx.series.keys([run])[run]) == []
    (stats,) = world.read(lambda tx: tx.series.keys([run], system=True)[run])
    assert (stats.key, stats.count) == ("cpu.percent", 20)


def test_a_deleted_runs_series_are_gone(world, settle):
    runs = seed(world, ("r1", "r2"))
    for run in runs:
        many(world, run, 1, "w", None, 0, 20)
    settle()
    world.write(lambda tx: tx.series.drop(runs[0]))
    assert world.read(lambda tx: tx.series.keys([runs[0]])[runs[0]]) == []
    assert len(values(world, runs[1], "loss")) == 20


def test_random_histories_read_the_same_everywhere(world):
    """Attempts, ranks, gaps, merges at random moments: compared with a plain model."""
    (run,) = seed(world)
    dice = random.Random(3)
    model = {}
    offsets = {}
    for n in range(120):
        epoch, rank = dice.choice([(1, 0), (1, 1), (2, 0)])
        stream = Stream(run, epoch, f"w{rank}", rank)
        start = dice.randint(0, 40)
        steps = sorted(dice.randint(start, start + 20) for _ in range(dice.randint(1, 6)))
        key = dice.choice(["loss", "acc"])
        said = [dice.choice([float(n), math.nan, 0.25]) for _ in steps]
        first = offsets.get(stream, 0)
        append(world, stream, first, len(steps), history=[block(steps, **{key: said})])
        offsets[stream] = first + len(steps)
        for step, value in zip(steps, said, strict=True):
            model.setdefault((key, rank, epoch), {})[step] = value
        if dice.random() < 0.05:
            merged(world)
    for key in ("loss", "acc"):
        for rank in (0, 1):
            older, newer = model.get((key, rank, 1), {}), model.get((key, rank, 2), {})
            cut = min(newer, default=10**9)
            expected = {s: v for s, v in older.items() if s < cut} | newer
            found = dict(values(world, run, key, rank=rank, limit=10_000))
            assert str(sorted(found.items())) == str(sorted(expected.items()))


def test_a_flipped_byte_is_noticed_and_named(tmp_path):
    import asyncio

    import sqlalchemy as sa

    from heartline.adapters.sql.codec import DamagedChunk
    from heartline.adapters.sql.database import opened
    from heartline.adapters.sql.tables import chunks

    with opened(tmp_path / "x.db") as database:

        def write(tx):
            run = make(tx).key
            tx.series.append(Stream(run, 1, "w"), 0, 1, history=[block([0, 1], loss=[1.0, 2.0])])
            return run

        run = asyncio.run(database.write(write))
        with database.engine.begin() as connection:
            body = connection.execute(sa.select(chunks.c.body)).scalar()
            broken = body[:-3] + bytes([body[-3] ^ 1]) + body[-2:]
            connection.execute(sa.update(chunks).values(body=broken))
        with pytest.raises(DamagedChunk, match="chunk 1"):
            asyncio.run(database.read(lambda tx: tx.series.scan(RunKey(run), None)))
