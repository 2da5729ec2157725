"""The laws have teeth: every planted bug is found, and the code as it stands is not accused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .hunt import FOUND
from .planted import PLANTED
from .planted_sweeps import PLANTED as PLANTED_SWEEPS

ROOT = Path(__file__).parents[2]
ALL = [("hunt", *each) for each in PLANTED] + [("hunt_sweeps", *each) for each in PLANTED_SWEEPS]


def hunt(source: Path, hunter: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, "-m", f"tests.mutants.{hunter}"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip


def plant(place: Path, name: str, file: str, stands: str, bug: str) -> Path:
    """A copy of the sources with this bug in it."""
    source = place / "src"
    shutil.copytree(
        ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "static", "*.egg-info")
    )
    target = source / "heartline" / file
    text = target.read_text(encoding="utf-8")
    assert stands in text, f"the bug {name!r} has lost its place in {file}"
    target.write_text(text.replace(stands, bug, 1), encoding="utf-8")
    return source


@pytest.mark.parametrize(
    ("hunter", "name", "file", "stands", "bug"), ALL, ids=[each[1] for each in ALL]
)
def test_a_planted_bug_is_found(
    hunter: str, name: str, file: str, stands: str, bug: str, tmp_path: Path
) -> None:
    source = plant(tmp_path, name, file, stands, bug)
    done = hunt(source, hunter)
    assert done.returncode == FOUND, f"nobody noticed: {done.stdout}{done.stderr}"


@pytest.mark.parametrize("hunter", ["hunt", "hunt_sweeps"])
def test_the_code_as_it_stands_breaks_no_law(hunter: str) -> None:
    done = hunt(ROOT / "src", hunter)
    assert done.returncode == 0, done.stdout + done.stderr
