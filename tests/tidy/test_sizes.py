"""Code that fits on a screen."""

import pytest

from tests.tidy.tree import Source, sources

FUNCTION_LINES_MAX = 40
FUNCTION_LINES_P90 = 25
FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 600


def too_long(found: tuple[Source, ...], lines_max: int) -> list[str]:
    return [f"{each.name}: {each.lines} lines" for each in found if each.lines > lines_max]


def lengths() -> list[tuple[int, str]]:
    return [
        (node.end_lineno - node.lineno + 1, f"{each.name}:{node.lineno} {node.name}")
        for each in sources("src", "tools")
        for node in each.functions
        if node.end_lineno is not None
    ]


def test_no_function_is_longer_than_a_screen() -> None:
    found = [f"{where}: {n} lines" for n, where in lengths() if n > FUNCTION_LINES_MAX]
    assert found == [], "\n".join(found)


def test_nine_of_ten_functions_are_short() -> None:
    found = sorted(n for n, _ in lengths())
    assert found[len(found) * 9 // 10] <= FUNCTION_LINES_P90


@pytest.mark.parametrize(
    ("folder", "lines_max"),
    [("src", FILE_LINES_MAX), ("tools", FILE_LINES_MAX), ("tests", TEST_FILE_LINES_MAX)],
)
def test_no_file_is_too_long_to_be_read_at_once(folder: str, lines_max: int) -> None:
    found = too_long(sources(folder), lines_max)
    assert found == [], "\n".join(found)
