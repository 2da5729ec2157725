"""Tables in terminals of every width: what people copy stays whole, lesser columns go."""

import io

import pytest
from rich.console import Console

from heartline.cli.fitting import Fit, fitted
from heartline.cli.terminal import PIPE_WIDTH

NAMES = ["state", "run", "why", "age"]
FIT = Fit(frozenset({"state", "run"}), "why", ("age",), frozenset({"age"}))
ROW = {
    "state": "failed",
    "run": "me/digits/3k2a9fq1",
    "why": "ValueError: " + "no " * 40,
    "age": "3 min",
}


def shown(width: int) -> list[str]:
    out = Console(file=io.StringIO(), width=width, markup=False)
    out.print(fitted(NAMES, [ROW], FIT, out))
    assert isinstance(out.file, io.StringIO)
    return [line.rstrip() for line in out.file.getvalue().splitlines()]


@pytest.mark.parametrize("width", range(26, 120, 7))
def test_a_path_is_whole_in_every_width_that_holds_it(width: int) -> None:
    lines = shown(width)
    assert max(map(len, lines)) <= width
    assert lines[1].startswith("failed  me/digits/3k2a9fq1")


@pytest.mark.parametrize(("width", "heads"), [
    (26, "state   run"), (40, "state   run                 why"),
    (47, "state   run                 why             age"),
])  # fmt: skip
def test_lesser_columns_go_before_the_cause_does(width: int, heads: str) -> None:
    assert shown(width)[0].split() == heads.split()


def test_what_is_narrower_than_a_path_folds_it_and_loses_no_letter() -> None:
    told = "".join("".join(line.split()) for line in shown(14)[1:])
    assert all(letter in told for letter in "3k2a9fq1") and "…" not in told


def test_a_pipe_loses_nothing() -> None:
    line = shown(PIPE_WIDTH)[1]
    assert ROW["why"].strip() in line and line.endswith("3 min")
