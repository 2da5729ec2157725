"""Groups of runs: what is looked at is bounded, and told."""

from collections.abc import Sequence

from heartline.core.records import Envelope, RunRecord
from heartline.ports import Transaction
from heartline.usecases.group_runs import KEYS_MAX, LINES_MAX, GroupLines, group_lines
from heartline.wire.charts import GroupWindowQuery
from tests.usecases.conftest import World

KEYS = [f"k{n}" for n in range(KEYS_MAX)]
FITTING = LINES_MAX // KEYS_MAX


def test_groups_are_of_the_newest_runs_and_drawn_one_after_the_other(world: World) -> None:
    for n in range(FITTING + 4):
        world.opened(id=f"r{n}", launch=f"l{n}", group=f"g{n % 2}")
    asked = GroupWindowQuery(entity="ada", project="digits", by="group", keys=KEYS)
    read: list[int] = []
    drawn: list[tuple[str, int]] = []

    def window(_: Transaction, runs: Sequence[RunRecord]) -> Sequence[Envelope]:
        read.append(len(runs))
        return [Envelope(run.key, "k7", [0.0], *[[1.0]] * 4, [1], [0], [0]) for run in runs]

    def draw(group: GroupLines) -> GroupLines:
        drawn.append((group.name, len(read)))
        return group

    who = world.who()
    found = world.do(lambda tx: group_lines(tx, who, asked, world.now, window, draw))
    assert sum(read) == FITTING
    assert drawn in ([("g0", 1), ("g1", 2)], [("g1", 1), ("g0", 2)])
    assert {(each.counted, each.total) for each in found} == {(FITTING, FITTING + 4)}
    assert [(each.key, each.of, len(each.lines)) for each in found] == [("k7", 50, 50)] * 2
