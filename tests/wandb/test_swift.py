"""The swift executor answers as the executor does, errors and all."""

import json
from typing import Any

import pytest
from graphql import build_schema, execute_sync, parse

from heartline.server.wandb.swift import Swift

SCHEMA = """
type Query { all: [Item]! one(n: Int!): Item sure: [Item!] }
type Mutation { count: Counted }
type Counted { times: Int }
type Item { id: ID! name: String size: Int bad: Int tags: [String!] part: Item said(text: String): String }
"""


class Item:
    def __init__(self, n: int, *, sick: bool = False) -> None:
        self.id, self.size, self.tags = n, n * 2, ["a", str(n)]
        self.name = None if sick else f"item {n}"
        self.part = None
        self.sick = sick
        if sick:
            self.id = None  # type: ignore[assignment]

    def said(self, _info: Any, text: str = "") -> str:
        return text * 2

    def bad(self, _info: Any) -> Any:
        if self.sick:
            raise ValueError("it is broken")
        return "no number" if self.size == 2 else 7


class Root:
    def __init__(self, sick: tuple[int, ...]) -> None:
        self.all = self.sure = [Item(n, sick=n in sick) for n in range(4)]
        self.times = 0

    def one(self, _info: Any, n: int) -> Item:
        return self.all[n]

    def count(self, _info: Any) -> Any:
        root = self

        class Counted:
            def times(self, _info: Any) -> int:
                root.times += 1
                return root.times

        return Counted()


@pytest.mark.parametrize("sick", [(), (2,), (0, 3)])
@pytest.mark.parametrize(
    "query",
    [
        "{ all { name id size tags } }",
        "{ all { name bad x: size ...F } sure { size name } } fragment F on Item { tags size }",
        '{ sure { id bad } all { said(text: "x") also: said part { id } __typename } }',
        "query Q($w: Boolean!) { all { name @skip(if: $w) size @include(if: $w) } }",
        "{ one(n: 2) { id name bad } again: one(n: 0) { name } }",
        "mutation { count { times } twice: count { times } }",
    ],
)  # fmt: skip
def test_an_answer_is_that_of_the_executor(query: str, sick: tuple[int, ...]) -> None:
    schema = build_schema(SCHEMA)
    plain, swift = (
        execute_sync(
            schema, parse(query), Root(sick), variable_values={"w": True}, executor_class=each
        )
        for each in (None, Swift)
    )
    assert json.dumps(swift.formatted) == json.dumps(plain.formatted)
