"""Whether a text holds a pattern, in time that grows with the text alone. Never backtracks.

A pattern becomes a set of places that a reader may stand at; all are followed at once, and what
was worked out for a set and a character is kept (Thompson 1968; the lazy way of RE2).
"""

from functools import lru_cache
from typing import Self

from heartline.core.filters.pattern import (
    TEXT_CHARS_SEARCHED_MAX,
    Chars,
    Either,
    Node,
    Place,
    Ranges,
    Repeat,
    Row,
    read,
)
from heartline.core.filters.tree import FilterError

PATTERN_STATES_MAX = 255
PATTERN_PARTS_MAX = 4 * PATTERN_STATES_MAX
PLACES_KEPT_MAX = 50_000
PATTERNS_KEPT_MAX = 16
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_ACCEPT = 0
_EDGE = ""


class _Places(list[tuple[str, object, tuple[int, ...]]]):
    """The pattern as numbered places: (what it asks, of which, where it leads)."""

    def __init__(self) -> None:
        super().__init__([("accept", None, ())])
        self._built = self._states = 0

    def add(self, asks: str, of: object, *leads: int) -> int:
        """A new place."""
        self.append((asks, of, leads))
        return len(self) - 1

    def build(self, node: Node, then: int) -> int:
        """Where to begin in order to see the node and go on at `then`."""
        self._built += 1
        if self._built > PATTERN_PARTS_MAX:
            raise _too_large()
        match node:
            case Chars(ranges):
                self._states += 1
                if self._states > PATTERN_STATES_MAX:
                    raise _too_large()
                return self.add("char", ranges, then)
            case Place(kind):
                return self.add("place", kind, then)
            case Row(parts):
                for part in reversed(parts):
                    then = self.build(part, then)
                return then
            case Either(parts):
                return self.add("go", None, *(self.build(part, then) for part in parts))
            case Repeat():
                return self._repeat(node, then)

    def _repeat(self, node: Repeat, then: int) -> int:
        if node.high is None:
            again = self.add("go", None)
            self[again] = ("go", None, (self.build(node.part, again), then))
            then = again
        for _ in range(0 if node.high is None else node.high - node.low):
            then = self.add("go", None, self.build(node.part, then), then)
        for _ in range(node.low):
            then = self.build(node.part, then)
        return then


def _too_large() -> FilterError:
    return FilterError(f"written out it has more than {PATTERN_STATES_MAX} states; repeat less")


class _Stand(dict[str, "_Stand"]):
    """All places at once; a missing character is worked out and kept."""

    __slots__ = ("_pattern", "before", "found", "places")

    def __init__(self, pattern: "Pattern", places: frozenset[int], before: str) -> None:
        super().__init__()
        self._pattern, self.places, self.before = pattern, places, before
        self.found: bool | None = None

    def __missing__(self, char: str) -> Self:
        after = self._pattern.step(self, char)
        self[char] = after
        return after  # type: ignore[return-value]


class Pattern:
    """A compiled pattern."""

    def __init__(self, pattern: str) -> None:
        self._places = _Places()
        self._begin = self._places.build(read(pattern), _ACCEPT)
        self._kept: dict[tuple[frozenset[int], str], _Stand] = {}
        self._held = 0
        self._found = _Stand(self, frozenset(), _EDGE)
        self._start = self._stand(frozenset((self._begin,)), _EDGE)

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the first characters of the text."""
        stand = self._start
        for char in text[:TEXT_CHARS_SEARCHED_MAX]:
            stand = stand[char]
            if stand is self._found:
                return True
        if stand.found is None:
            stand.found = _ACCEPT in self._reached(stand, _EDGE)
        return stand.found

    def step(self, stand: _Stand, char: str) -> _Stand:
        """Where all places lead over one character, and a new beginning."""
        here = self._reached(stand, char)
        if _ACCEPT in here:
            return self._found
        point = ord(char)
        places = {leads[0] for asks, of, leads in map(self._places.__getitem__, here)
                  if asks == "char" and _holds(of, point)}  # type: ignore[arg-type]  # fmt: skip
        places.add(self._begin)
        self._held += 1 + len(places)
        if self._held > PLACES_KEPT_MAX:
            self._kept, self._held = {}, 0
            self._start = self._stand(frozenset((self._begin,)), _EDGE)
        return self._stand(frozenset(places), char if char in _WORD else " ")

    def _stand(self, places: frozenset[int], before: str) -> _Stand:
        kind = before and ("w" if before in _WORD else " ")
        found = self._kept.get((places, kind))
        if found is None:
            found = self._kept[places, kind] = _Stand(self, places, kind)
        return found

    def _reached(self, stand: _Stand, char: str) -> set[int]:
        """All places that can be stood at without a character, between `before` and `char`."""
        border = (stand.before == "w") is not (char in _WORD and char != _EDGE)
        true = {"start": stand.before == _EDGE, "end": char == _EDGE,
                "border": border, "inside": not border}  # fmt: skip
        reached: set[int] = set()
        waiting = list(stand.places)
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            asks, of, leads = self._places[place]
            reached.add(place)
            if asks == "go" or (asks == "place" and true[str(of)]):
                waiting += leads
        return reached


def _holds(ranges: Ranges, point: int) -> bool:
    return any(low <= point <= high for low, high in ranges)


@lru_cache(PATTERNS_KEPT_MAX)
def compiled(pattern: str) -> Pattern:
    """A pattern ready to search; FilterError says why it cannot be bounded."""
    return Pattern(pattern)
