"""Locks name versions and hashes, never where to fetch them from, so that mirrors work."""

import json
import re
import tomllib

import pytest

from tests.tidy.tree import ROOT

LOCKS = sorted((ROOT / "locks").glob("*.txt"))
ADDRESS = re.compile(
    r"\w+://|file:|^\s*(?:--index|--extra-index|--find-links|-[fi]\s)", re.MULTILINE
)
PINNED = re.compile(r"^[\w.-]+(?:\[[\w,-]+\])?==\S+", re.MULTILINE)
HEAVY = re.compile(r"^(?:torch|tensorflow|jax|nvidia-\S+|triton)==", re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_pins_every_package_by_hash_and_names_no_place(lock) -> None:
    text = lock.read_text(encoding="utf-8")
    assert ADDRESS.search(text) is None
    assert HEAVY.search(text) is None
    requirements = re.split(r"\n(?=[\w])", text)
    assert requirements
    bare = [each for each in requirements if not PINNED.match(each) or "--hash=sha256:" not in each]
    assert bare == []


def test_the_four_locks_are_there() -> None:
    assert {path.stem for path in LOCKS} >= {"base", "server", "dev", "bench"}


def test_locks_agree_with_each_other() -> None:
    """Server and dev were locked at once: no version is tested that is not shipped."""
    server, dev = (
        set(PINNED.findall((ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")))
        for name in ("server", "dev")
    )
    assert server - dev == set()


def test_every_dependency_of_the_project_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    for extra in ("server", "postgres", "s3", "demo"):
        asked += project["optional-dependencies"][extra]
    names = {re.split(r"[\[<>=!~; ]", each)[0].lower().replace("_", "-") for each in asked}
    pinned = PINNED.findall((ROOT / "locks" / "dev.txt").read_text(encoding="utf-8"))
    locked = {re.split(r"[\[=]", each)[0].lower() for each in pinned}
    assert names - locked - {"heartline"} == set(), "run `make lock`"


def test_the_lock_of_the_web_app_names_no_place() -> None:
    path = ROOT / "web" / "package-lock.json"
    if not path.exists():
        pytest.skip("there is no web app in this checkout")
    packages = json.loads(path.read_text(encoding="utf-8"))["packages"]
    assert [
        name for name, each in packages.items() if "resolved" in each and not each.get("link")
    ] == []
