"""Tables as files: nothing of a value is lost on the way."""

import io

import pyarrow.parquet as pq

from heartline.server.tables import KeptRows, parquet


def test_a_column_that_holds_a_word_on_its_last_page_holds_every_digit_as_text() -> None:
    kept = KeptRows(io.BytesIO())
    kept.add([["a", 123456789.0, 1, 0.5], ["b", 0.1234567890123, 2, None]])
    kept.add([["c", "auto", 3, 1e300]])
    file = parquet(kept, ["name", "rate", "step", "loss"], frozenset({"name"}), frozenset({"step"}))
    assert pq.read_table(io.BytesIO(file)).to_pydict() == {
        "name": ["a", "b", "c"],
        "rate": ["123456789", "0.1234567890123", "auto"],
        "step": [1, 2, 3],
        "loss": [0.5, None, 1e300],
    }
