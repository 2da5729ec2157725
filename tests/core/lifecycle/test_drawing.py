"""The lifecycle page in the docs is drawn from the table that the machine reads."""

import subprocess
import sys
from pathlib import Path

from heartline.core.lifecycle.drawing import words

ROOT = Path(__file__).parents[3]


def test_the_page_shows_the_table_as_it_is() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "draw_lifecycle.py"), "--check"], check=False
    )
    assert done.returncode == 0, "run `python tools/draw_lifecycle.py`"


def test_every_state_and_confidence_is_explained() -> None:
    page = (ROOT / "docs" / "explanation" / "lifecycle.md").read_text(encoding="utf-8").lower()
    states, levels = words()
    assert [word for word in (*states, *levels) if word not in page] == []
