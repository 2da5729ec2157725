"""How long something took, in words: the same for the command line and for what needs a person."""

import pytest

from heartline.core.texts import length

DAY = 24 * 3_600_000


@pytest.mark.parametrize(("ms", "said"), [
    (0, "0 s"), (80, "80 ms"), (400, "0.4 s"), (3_000, "3 s"), (9_900, "9.9 s"),
    (12_400, "12 s"), (59_700, "1 min"), (3_599_000, "59 min"), (3_600_000, "1 h"),
    (5_400_000, "1 h 30 min"), (11 * 3_600_000, "11 h"), (DAY - 1_000, "23 h"), (4 * DAY, "4 d"),
    (-5, "0 s"), (299_999.5, "5 min"),
])  # fmt: skip
def test_a_length_is_said_in_two_units_at_most(ms: float, said: str) -> None:
    assert length(ms) == said
