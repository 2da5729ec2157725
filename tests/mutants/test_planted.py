"""The laws have teeth: every planted bug is found, and the code as it stands is not accused."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .hunt import FOUND
from .planted import PLANTED

ROOT = Path(__file__).parents[2]


def hunt(source: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}"}
    return subprocess.run(
        [sys.executable, "-m", "tests.mutants.hunt"],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(("name", "file", "stands", "bug"), PLANTED, ids=[p[0] for p in PLANTED])
def test_a_planted_bug_is_found(
    name: str, file: str, stands: str, bug: str, tmp_path: Path
) -> None:
    source = tmp_path / "src"
    shutil.copytree(
        ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "static", "*.egg-info")
    )
    target = source / "heartline" / file
    text = target.read_text(encoding="utf-8")
    assert stands in text, f"the bug {name!r} has lost its place in {file}"
    target.write_text(text.replace(stands, bug, 1), encoding="utf-8")
    done = hunt(source)
    assert done.returncode == FOUND, f"nobody noticed: {done.stdout}{done.stderr}"


def test_the_code_as_it_stands_breaks_no_law() -> None:
    done = hunt(ROOT / "src")
    assert done.returncode == 0, done.stdout + done.stderr
