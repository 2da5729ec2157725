"""Acknowledged means on disk: a traced writer, its power cut at any call, its database opened."""

import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from heartline.adapters.sql.database import SqlDatabase, open_engine
from heartline.core.records import RunKey, Stream
from tests.contract.conftest import World
from tests.power import trace
from tests.tidy.tree import ROOT

CUTS = 60
WRITER_S = 100


def traced(directory: Path, synchronous: str = "") -> list[trace.Event]:
    log, marker = directory / "trace", directory / "told"
    done = subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "10000000", "-e", f"trace={trace.CALLS}",
         "-o", str(log), sys.executable, "-m", "tests.power.writer",
         str(directory / "heartline.db"), str(marker), synchronous],
        cwd=ROOT, capture_output=True, text=True, timeout=WRITER_S, check=False,
    )  # fmt: skip
    if done.returncode != 0 and "ptrace" in done.stderr:
        pytest.skip("this system lets nobody trace a process")
    assert done.returncode == 0, done.stderr
    return list(trace.events(log, str(marker)))


def lost(found: list[trace.Event], directory: Path, cut: int, dice: Random) -> int:
    """How many acknowledged rows are gone when the power goes before this call."""
    disk = trace.Disk()
    for event in found[:cut]:
        disk.play(event)
    if not disk.told:
        return 0
    place = directory / f"cut-{cut}"
    place.mkdir()
    disk.lose_power(place, dice)
    kept = rows(place / "heartline.db")
    shutil.rmtree(place)
    assert kept == list(range(len(kept))), "a hole, or a row twice"
    return max(0, disk.told - len(kept))


def rows(path: Path) -> list[int]:
    engine = open_engine(str(path))
    if not sa.inspect(engine).has_table("streams"):
        return []
    world = World(SqlDatabase(engine))
    run = RunKey(1)
    durable = world.read(lambda tx: tx.series.durable(Stream(run, 1, "w", None)))
    found = world.read(lambda tx: tx.series.scan(run, ["loss"], limit=100_000))
    assert durable == len(found), "the offset told to clients is not what is stored"
    assert [row.values["loss"] for row in found] == [float(row.step) for row in found]
    return [row.step for row in found]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
class TestPowerLoss:
    def test_no_acknowledged_row_is_lost_whenever_the_power_goes(self, tmp_path: Path) -> None:
        found, dice = traced(tmp_path), Random(4)
        cuts = sorted(dice.sample(range(len(found)), CUTS))
        assert [lost(found, tmp_path, cut, dice) for cut in cuts] == [0] * CUTS

    def test_a_database_that_does_not_sync_each_commit_is_caught(self, tmp_path: Path) -> None:
        found, dice = traced(tmp_path, "NORMAL"), Random(4)
        cuts = sorted(dice.sample(range(len(found)), CUTS))
        assert sum(lost(found, tmp_path, cut, dice) for cut in cuts) > 0
