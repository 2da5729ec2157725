"""Rows that do not all have the same keys, in forms that want columns."""

import pytest

from heartline.client.errors import MissingPackage
from heartline.client.events import Parser
from heartline.client.frames import shaped

ROWS = [{"_step": 0, "loss": 1}, {"_step": 1, "loss": 0.5, "note": "x"}, {"_step": 2, "note": 3}]


def test_keys_that_a_row_lacks_are_null_and_mixed_types_become_text() -> None:
    pytest.importorskip("pyarrow")
    table = shaped(ROWS, "arrow")
    assert table.column("loss").to_pylist() == [1.0, 0.5, None]
    assert table.column("note").to_pylist() == [None, "x", "3"]


def test_a_package_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(MissingPackage, match="pip install polars"):
        shaped(ROWS, "polars")


@pytest.mark.parametrize("cut", range(1, 12))
def test_events_are_whole_however_the_stream_was_cut(cut: int) -> None:
    said = (
        b'event: hello\r\ndata: {"a":1}\r\n\r\n: awake\n\nid: 3\nevent: run\ndata: {"run": 7}\n\n'
    )
    parser, found = Parser(), []
    for start in range(0, len(said), cut):
        found += parser.feed(said[start : start + cut])
    assert found == [("hello", b'{"a":1}'), ("run", b'{"run": 7}')]
