"""The promises hold."""

from collections.abc import Callable

import pytest

from .promises import PROMISES


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_a_promise_is_kept(promise: Callable[[], None]) -> None:
    promise()
