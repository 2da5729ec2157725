"""Which files a pattern names, and in what time."""

import pytest
from graphql import GraphQLError

from heartline.server.wandb.resolve.files import PATTERN_CHARS_MAX, like


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("weight%.t_t", "weights.txt", True),
        ("weight%.t_t", "weights.tt", False),
        ("weight%.t_t", "a/weights.txt", False),
        ("%.txt", "a/WEIGHTS.TXT", True),
        ("%ab%ab%", "abab", True),
        ("%ab%ab%", "aba b", False),
        ("%aab", "aaaab", True),
        ("a%", "a", True),
        ("a%%b", "a\nb", True),
        ("a.b", "axb", False),
        ("[a]", "[a]", True),
        ("_", "", False),
        ("", "", True),
        ("", "a", False),
        ("%", "", True),
    ],
)
def test_a_pattern_fits_as_it_does_in_sql(pattern: str, path: str, *, fits: bool) -> None:
    assert like(pattern)(path) is fits


def test_many_wild_pieces_are_no_more_work_than_one() -> None:
    assert like("%a" * 250 + "%")("a" * 512)
    assert not like("%a" * 250 + "%b")("a" * 512)
    assert not like("%a_a" * 200 + "%b")("a" * 512)


def test_a_pattern_without_end_is_refused() -> None:
    like("%" * PATTERN_CHARS_MAX)
    with pytest.raises(GraphQLError, match="at most"):
        like("%" * (PATTERN_CHARS_MAX + 1))
