"""The filter language as text: `state = crashed and config.lr > 0.01`. Never evaluates."""

import re
from typing import Any

from heartline.core.filters.document import DEPTH_MAX, TERMS_MAX, compare
from heartline.core.filters.fields import Naming, canonical
from heartline.core.filters.tree import And, Compare, Filter, FilterError, Not, Or

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<op><=|>=|!=|==|!~|=|<|>|~|\(|\)|\[|\]|,)
    |(?P<word>[^\s()<>=!~,\[\]"']+))""",
    re.VERBOSE,
)
_OPERATORS = {
    "=": "eq", "==": "eq", "!=": "ne", "<": "lt", "<=": "lte", ">": "gt", ">=": "gte",
    "~": "regex",
}  # fmt: skip
CHARS_MAX = 10_000
# Any other backslash stays, so that a regular expression is written as one.
_ESCAPED = re.compile(r"""\\([\\"'])""")


def from_text(text: str, now_wall: int, named: Naming = canonical) -> Filter:
    """The tree of a text; empty text matches every run."""
    if len(text) > CHARS_MAX:
        raise FilterError(f"the filter is longer than {CHARS_MAX} characters")
    tokens = _tokens(text)
    if not tokens:
        return And()
    if len(tokens) > 4 * TERMS_MAX:
        raise FilterError(f"the filter has more than {TERMS_MAX} terms")
    reader = _Reader(tokens, now_wall, named)
    tree = reader.any_of(0)
    if not reader.done:
        raise FilterError(f"did not expect `{reader.peek()}` here; join terms with `and` or `or`")
    return tree


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, position = [], 0
    text = text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise FilterError(
                f"cannot read `{text[position : position + 20]}`; is a quote missing?"
            )
        kind = match.lastgroup or ""
        tokens.append((kind, match[kind]))
        position = match.end()
    return tokens


class _Reader:
    """A recursive descent over the tokens: or < and < not < term."""

    def __init__(self, tokens: list[tuple[str, str]], now_wall: int, named: Naming) -> None:
        self._tokens, self._at, self._now, self._named = tokens, 0, now_wall, named

    @property
    def done(self) -> bool:
        return self._at >= len(self._tokens)

    def peek(self) -> str:
        return "the end" if self.done else self._tokens[self._at][1]

    def _take(self) -> tuple[str, str]:
        if self.done:
            raise FilterError("the filter ends too early; write for example `state = crashed`")
        self._at += 1
        return self._tokens[self._at - 1]

    def _word(self, word: str) -> bool:
        if self.done:
            return False
        kind, text = self._tokens[self._at]
        found = kind != "string" and text.lower() == word
        self._at += found
        return found

    def any_of(self, depth: int) -> Filter:
        if depth > DEPTH_MAX:
            raise FilterError(f"the filter is nested deeper than {DEPTH_MAX} levels")
        parts = [self._all_of(depth)]
        while self._word("or"):
            parts.append(self._all_of(depth))
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all_of(self, depth: int) -> Filter:
        parts = [self._one(depth)]
        while self._word("and"):
            parts.append(self._one(depth))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self, depth: int) -> Filter:
        negations = 0
        while self._word("not"):
            negations += 1
        part = self._plain(depth)
        return Not(part) if negations % 2 else part

    def _plain(self, depth: int) -> Filter:
        if self._word("("):
            inner = self.any_of(depth + 1)
            if not self._word(")"):
                raise FilterError(f"expected `)` before `{self.peek()}`")
            return inner
        return self._comparison(self._named(self._take()[1]))

    def _comparison(self, field: str) -> Filter:
        if self._word("exists"):
            return Compare(field, "exists", True)
        if self._word("missing"):
            return Compare(field, "exists", False)
        if self._word("in"):
            return compare(field, "in", self._items(), self._now)
        if self._word("not") and self._word("in"):
            return compare(field, "nin", self._items(), self._now)
        _, sign = self._take()
        if sign == "!~":
            return Not(compare(field, "regex", self._value(text=True), self._now))
        if sign not in _OPERATORS:
            raise FilterError(
                f"unknown operator `{sign}` after `{field}`. "
                "Known: = != < <= > >= ~ !~ in, not in, exists, missing"
            )
        value = self._value(text=_OPERATORS[sign] == "regex")
        return compare(field, _OPERATORS[sign], value, self._now)

    def _items(self) -> list[Any]:
        closing = ")" if self._word("(") else "]" if self._word("[") else None
        if closing is None:
            raise FilterError("`in` takes a list: state in (running, crashed)")
        items = [self._value()]
        while self._word(","):
            items.append(self._value())
        if not self._word(closing):
            raise FilterError(f"expected `{closing}` before `{self.peek()}`")
        return items

    def _value(self, *, text: bool = False) -> Any:
        kind, token = self._take()
        if kind == "op":
            raise FilterError(f"expected a value, got `{token}`")
        if kind == "string":
            return _ESCAPED.sub(r"\1", token[1:-1])
        return token if text else _literal(token)


def _literal(word: str) -> Any:
    lowered = word.lower()
    if lowered in {"true", "false"}:
        return lowered == "true"
    if lowered in {"null", "none"}:
        return None
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word
