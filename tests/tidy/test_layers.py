"""Who may know whom: drawn in ARCHITECTURE.md, written in .importlinter, true of the code."""

import configparser
import re
import subprocess
import sys
from pathlib import Path

from tests.tidy.tree import PACKAGE, ROOT, sources

# What thinking needs. A module that tells time, chance or identity, or touches the world, is not
# among them, and nothing from a registry is.
PURE = {
    "__future__", "abc", "bisect", "collections", "dataclasses", "difflib", "enum", "fractions",
    "functools", "heapq", "itertools", "math", "operator", "re", "statistics", "string", "struct",
    "typing", "zlib",
}  # fmt: skip
LIGHT = {"heartline", "msgspec"}


def floors(text: str) -> list[list[str]]:
    """Rooms per floor, from the top down."""
    return [
        sorted(re.split(r"\s*\|\s*", line.strip())) for line in text.split("\n") if line.strip()
    ]


def written() -> configparser.ConfigParser:
    found = configparser.ConfigParser()
    found.read(ROOT / ".importlinter", encoding="utf-8")
    return found


def test_imports_point_down() -> None:
    linter = str(Path(sys.executable).with_name("lint-imports"))
    done = subprocess.run(
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=90, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_drawing_in_the_architecture_is_what_the_linter_holds() -> None:
    drawing = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```layers\n(.*?)^```", drawing, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1
    assert floors(blocks[0]) == floors(written()["importlinter:contract:floors"]["layers"])


def test_every_room_has_a_floor_and_every_floor_a_room() -> None:
    rooms = {path.stem for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    rooms |= {path.stem for path in PACKAGE.glob("*.py")} - {"__init__", "__main__"}
    drawn = floors(written()["importlinter:contract:floors"]["layers"])
    assert rooms == {room for floor in drawn for room in floor}


def test_the_linter_looks_away_only_where_the_architecture_says() -> None:
    ignored = [
        line.strip()
        for section in written().values()
        for line in section.get("ignore_imports", "").split("\n")
        if line.strip()
    ]
    assert all(line.startswith("heartline.server.wiring -> ") for line in ignored)


def test_the_core_imports_nothing_that_could_surprise_it() -> None:
    surprises = {
        f"{each.name}: {name}"
        for each in sources("src/heartline/core")
        for name in each.imports
        if name.split(".")[0] not in PURE and not name.startswith("heartline")
    }
    assert surprises == set()


def test_importing_heartline_brings_in_at_most_msgspec() -> None:
    code = (
        "import sys; before = set(sys.modules); import heartline; "
        "print(*{name.split('.')[0] for name in set(sys.modules) - before})"
    )
    command = [sys.executable, "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert {*done.stdout.split()} - set(sys.stdlib_module_names) <= LIGHT
