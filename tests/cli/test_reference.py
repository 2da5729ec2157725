"""The reference pages say what the code says."""

import dataclasses
import re
from pathlib import Path

import pytest

from heartline.client import errors
from heartline.client.api import Api
from heartline.client.run import Run
from heartline.sdk.settings import Settings
from tools.write_cli_reference import page

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs/reference"


def test_the_page_of_commands_is_what_the_commands_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEARTLINE_PROJECT", "HEARTLINE_BASE_URL", "HEARTLINE_SERVER_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    assert (REFERENCE / "cli.md").read_text() == page(), "run: python tools/write_cli_reference.py"


def test_every_variable_that_the_code_reads_is_in_the_reference() -> None:
    told = (REFERENCE / "configuration.md").read_text()
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in re.findall(r"HEARTLINE_[A-Z_]*[A-Z]", path.read_text())
    }
    read |= {f"HEARTLINE_{field.name.upper()}" for field in dataclasses.fields(Settings)}
    assert {name for name in read if f"`{name}`" not in told} == set()


@pytest.mark.parametrize("kind", [Api, Run])
def test_every_public_name_of_the_read_api_is_in_the_reference(kind: type) -> None:
    told = (REFERENCE / "python.md").read_text()
    names = {name for name in vars(kind) if not name.startswith("_")}
    assert {name for name in names if not re.search(rf"`{name}\b", told)} == set()


def test_every_error_is_in_the_reference() -> None:
    told = (REFERENCE / "python.md").read_text()
    names = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.HeartlineError)
    }
    assert {name for name in names if name not in told} == set()


def test_links_between_pages_lead_somewhere() -> None:
    for path in (ROOT / "docs").rglob("*.md"):
        for link in re.findall(r"\]\(([^)#:]+\.md)", path.read_text()):
            assert (path.parent / link).is_file(), f"{path}: {link}"
