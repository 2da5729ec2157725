"""Pages that can be built, whose links lead somewhere, and that agree on the version."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from heartline.core.lifecycle.evidence import CauseKind
from heartline.wire.version import VERSION
from tests.tidy.tree import ROOT

ADR_PARTS = ("Context", "Decision", "Alternatives considered", "Not covered")


def test_the_site_builds_and_no_link_of_it_is_dead(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-d", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_links_between_the_pages_of_the_root_lead_somewhere() -> None:
    dead = [
        f"{page.name}: {link}"
        for page in ROOT.glob("*.md")
        for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
        if not (ROOT / link).exists()
    ]
    assert dead == []


def test_every_decision_tells_what_else_was_considered_and_what_it_leaves_open() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    assert pages
    missing = [
        f"{page.name}: {part}"
        for page in pages
        for part in ADR_PARTS
        if f"\n## {part}\n" not in page.read_text("utf-8")
    ]
    assert missing == []


def test_every_law_is_held_by_something_that_exists() -> None:
    page = (ROOT / "docs" / "explanation" / "laws.md").read_text("utf-8")
    laws = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", page, re.MULTILINE)
    assert [int(number) for number, _ in laws] == list(range(1, 23))
    missing = [
        f"law {number}: {path}::{name}"
        for number, holders in laws
        for path, name in re.findall(r"`([^`]+)::([^`]+)`", holders) or [("nothing", "at all")]
        if not (place := ROOT / "tests" / path).is_file()
        or f"def {name}(" not in place.read_text("utf-8")
    ]
    assert missing == []


def test_every_cause_is_explained() -> None:
    page = (ROOT / "docs" / "explanation" / "lifecycle.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page.partition("\n## Causes\n")[2], re.MULTILINE)
    assert listed and set(listed) == set(CauseKind)


def test_decisions_are_numbered_without_a_gap() -> None:
    names = sorted(page.name for page in (ROOT / "docs" / "adr").glob("*.md"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_the_package_and_its_description_are_of_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == VERSION
