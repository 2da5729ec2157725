r"""Regular expressions that can be bounded: read as a tree, written for PostgreSQL. Never run here.

The language is the common part of Python's and PostgreSQL's: no back reference, no look-around,
letters and digits of `\w`, `\d`, `\b` are ASCII, `.` is all but a newline, `$` is the very end.
"""

from dataclasses import dataclass

from heartline.core.filters.tree import FilterError

PATTERN_CHARS_MAX = 200
PATTERN_DEPTH_MAX = 20
TEXT_CHARS_SEARCHED_MAX = 10_000
POINT_MAX = 0x10FFFF
FOLDED_MAX = 2_000
REPEAT_DIGITS_MAX = 3

Ranges = tuple[tuple[int, int], ...]
_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 13), (32, 32))
_SHORT = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_PLACES = {"A": "start", "Z": "end", "b": "border", "B": "inside"}
_WRITTEN = {"start": "^", "end": "$", "border": r"\y", "inside": r"\Y"}


@dataclass(frozen=True, slots=True)
class Chars:
    """One character out of sorted ranges of code points."""

    ranges: Ranges


@dataclass(frozen=True, slots=True)
class Place:
    """No character, but a place: start, end, border (of a word) or inside."""

    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """One after the other."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """Any of them."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Repeat:
    """The same `low` to `high` times; None is without end."""

    part: "Node"
    low: int
    high: int | None


Node = Chars | Place | Row | Either | Repeat


def union(ranges: list[tuple[int, int]]) -> Ranges:
    """Sorted, without overlap."""
    found: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def complement(ranges: Ranges) -> Ranges:
    """All other code points."""
    found, at = [], 0
    for low, high in ranges:
        if low > at:
            found.append((at, low - 1))
        at = high + 1
    return (*found, (at, POINT_MAX)) if at <= POINT_MAX else tuple(found)


def read(pattern: str) -> Node:
    """The tree of a pattern; FilterError says what it may not hold."""
    if len(pattern) > PATTERN_CHARS_MAX:
        raise FilterError(f"it has more than {PATTERN_CHARS_MAX} characters")
    fold = pattern.startswith("(?i)")
    reader = _Reader(pattern.removeprefix("(?i)"), fold=fold)
    tree = reader.either(0)
    if not reader.done:
        raise FilterError("a closing parenthesis has no opening one")
    return tree


class _Reader:
    """A recursive descent: either < row < repeat < atom."""

    def __init__(self, text: str, *, fold: bool) -> None:
        self._text, self._at, self._fold = text, 0, fold

    @property
    def done(self) -> bool:
        return self._at >= len(self._text)

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _next(self, text: str) -> bool:
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def either(self, depth: int) -> Node:
        if depth > PATTERN_DEPTH_MAX:
            raise FilterError(f"groups are nested deeper than {PATTERN_DEPTH_MAX} levels")
        parts = [self._row(depth)]
        while self._next("|"):
            parts.append(self._row(depth))
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def _row(self, depth: int) -> Node:
        parts: list[Node] = []
        while not self.done and self._text[self._at] not in "|)":
            part = self._atom(depth)
            if (times := self._times()) is not None:
                if isinstance(part, Place) or self._times() is not None:
                    raise FilterError("a repeat must follow a character or a group")
                part = Repeat(part, *times)
            parts.append(part)
        return parts[0] if len(parts) == 1 else Row(tuple(parts))

    def _times(self) -> tuple[int, int | None] | None:
        for sign, times in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._next(sign):
                self._next("?")
                return times
        end = self._text.find("}", self._at)
        if not self._text.startswith("{", self._at) or end < 0:
            return None
        low, comma, high = self._text[self._at + 1 : end].partition(",")
        if not (low + high).isdecimal() or not (low + high).isascii():
            return None
        self._at = end + 1
        self._next("?")
        if max(len(low), len(high)) > REPEAT_DIGITS_MAX:
            raise FilterError("a repeat of more than three digits has too many states; repeat less")
        least = int(low or 0)
        most = least if not comma else int(high) if high else None
        if most is not None and most < least:
            raise FilterError("a repeat ends below its start")
        return least, most

    def _atom(self, depth: int) -> Node:
        char = self._take()
        match char:
            case "(":
                return self._group(depth)
            case "[":
                return self._class()
            case ".":
                return Chars(complement(((10, 10),)))
            case "^" | "$":
                return Place("start" if char == "^" else "end")
            case "*" | "+" | "?":
                raise FilterError(f"nothing to repeat before `{char}`")
            case "\\":
                return self._escape()
            case _:
                return Chars(self._folded([(ord(char), ord(char))]))

    def _group(self, depth: int) -> Node:
        if self._next("?") and not self._next(":"):
            if self._text.startswith(("=", "!", "<=", "<!"), self._at):
                raise FilterError("it may not look ahead or behind: that cannot be bounded")
            raise FilterError("a group is (...) or (?:...), and (?i) stands at the beginning")
        inner = self.either(depth + 1)
        if not self._next(")"):
            raise FilterError("a parenthesis is not closed")
        return inner

    def _escape(self) -> Node:
        if self.done:
            raise FilterError("it ends in a backslash")
        if self._text[self._at] in _PLACES:
            return Place(_PLACES[self._take()])
        return Chars(self._escaped())

    def _escaped(self) -> Ranges:
        if self.done:
            raise FilterError("it ends in a backslash")
        char = self._take()
        if char.lower() in _SHORT:
            short = _SHORT[char.lower()]
            return short if char.islower() else complement(short)
        if char.isdecimal():
            raise FilterError("it may not refer back to a group: that cannot be bounded")
        if char in _CONTROL:
            char = _CONTROL[char]
        elif char.isalnum():
            raise FilterError(f"unknown escape `\\{char}`")
        return ((ord(char), ord(char)),)

    def _class(self) -> Node:
        negated = self._next("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self._next("]"):
            if self.done:
                raise FilterError("a class [...] is not closed")
            low = self._member()
            high = low
            if self._text.startswith("-", self._at) and self._text[self._at + 1 :][:1] not in {
                "]", "",
            }:  # fmt: skip
                self._at += 1
                high = self._member()
            ranges += self._span(low, high)
            first = False
        found = self._folded(ranges)
        return Chars(complement(found) if negated else found)

    def _member(self) -> Ranges:
        char = self._take()
        return self._escaped() if char == "\\" else ((ord(char), ord(char)),)

    @staticmethod
    def _span(low: Ranges, high: Ranges) -> list[tuple[int, int]]:
        if low is high:
            return list(low)
        single = all(len(each) == 1 and each[0][0] == each[0][1] for each in (low, high))
        if not single or low[0][0] > high[0][0]:
            raise FilterError("a range goes from a lower character to a higher one")
        return [(low[0][0], high[0][0])]

    def _folded(self, ranges: list[tuple[int, int]]) -> Ranges:
        """With the other case of every letter, if case does not count."""
        if self._fold:
            points = [point for low, high in ranges
                      for point in range(low, min(high, low + FOLDED_MAX) + 1)]  # fmt: skip
            both = {each for point in points for each in (chr(point).lower(), chr(point).upper())}
            ranges = ranges + [(ord(each), ord(each)) for each in both if len(each) == 1]
        return union(ranges)


def plain(pattern: str) -> tuple[str, bool] | None:
    """The text that is looked for, if the pattern is no more, and whether case does not count.

    Then it is in small letters, and none of its letters is one that only Unicode folds.
    """
    node, fold = read(pattern), pattern.startswith("(?i)")
    parts = node.parts if isinstance(node, Row) else (node,)
    found = [_one_char(part, fold=fold) for part in parts]
    text = "".join(char for char in found if char)
    return (text, fold) if found and len(text) == len(found) else None


def _one_char(node: Node, *, fold: bool) -> str:
    """The character that this is; empty if it may be others, or if its place counts."""
    match node:
        case Chars(((low, high),)) if low == high:
            return chr(low)
        case Chars(((capital, _), (small, _))) if fold and chr(small).isascii():
            both = union([(ord(char), ord(char)) for char in (chr(small).upper(), chr(small))])
            return chr(small) if node.ranges == both and capital != small else ""
        case _:
            return ""


def written(node: Node) -> str:
    """The same for PostgreSQL, every character by its number so that no locale has a say."""
    match node:
        case Chars(ranges):
            return _chars(ranges)
        case Place(kind):
            return _WRITTEN[kind]
        case Row(parts):
            return "".join(_grouped(part) if isinstance(part, Either) else written(part)
                           for part in parts)  # fmt: skip
        case Either(parts):
            return "|".join(written(part) for part in parts)
        case Repeat(part, low, high):
            inner = written(part) if isinstance(part, Chars) else _grouped(part)
            return f"{inner}{{{low},{'' if high is None else high}}}"


def _grouped(node: Node) -> str:
    return f"(?:{written(node)})"


def _chars(ranges: Ranges) -> str:
    sign = ""
    if ranges and ranges[-1][1] == POINT_MAX:
        ranges, sign = complement(ranges), "^"
    # PostgreSQL's texts have no NUL, and its patterns cannot name it.
    spans = [(max(low, 1), high) for low, high in ranges if high > 0]
    if not spans:
        return "(?:.|\\n)" if sign else "(?:$.)"
    return f"[{sign}{''.join(f'{_point(low)}-{_point(high)}' for low, high in spans)}]"


def _point(code: int) -> str:
    return f"\\U{code:08x}"
