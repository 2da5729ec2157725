"""The page on sweeps is drawn from the table that the machine reads, and explains every word."""

import re
import subprocess
import sys
from pathlib import Path

from heartline.core.sweep.distributions import NAMES
from heartline.core.sweep.statuses import OPEN, OVER, TRANSITIONS, Event, Status, after

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "explanation" / "sweeps.md"


def test_the_page_shows_the_table_as_it_is():
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "draw_lifecycle.py"), "--check"], check=False
    )
    assert done.returncode == 0, "run `python tools/draw_lifecycle.py`"


def test_every_status_and_every_distribution_is_explained():
    page = PAGE.read_text(encoding="utf-8")
    assert [each for each in Status if f"| {each.value.capitalize()} |" not in page] == []
    assert [name for name in NAMES if not re.search(f"`{name}`", page)] == []


def test_no_status_is_a_trap_but_those_that_people_chose():
    stuck = {row for row, cells in TRANSITIONS.items() if not any(cells.values())}
    assert stuck == {Status.FINISHED, Status.CANCELLED}
    assert all(set(TRANSITIONS[status]) == set(Event) for status in Status)
    assert {status for status in Status if after(status, Event.CANCEL)} == set(Status) - stuck
    assert not OPEN & OVER and set(Status) - OPEN - OVER == {Status.PAUSED}
