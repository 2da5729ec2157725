"""Times as the client reads them."""

import pytest

from heartline.server.wandb.context import stamp


@pytest.mark.parametrize(
    ("wall_ms", "told"),
    [
        (0, "1970-01-01T00:00:00Z"),
        (2**53, None),
        (-(2**53), None),
        (2**63 - 1, None),
        (None, None),
    ],
)
def test_a_time_that_no_calendar_has_is_none(wall_ms: int | None, told: str | None) -> None:
    assert stamp(wall_ms) == told
