"""`$regex` costs what its text is long, says the same everywhere, and refuses what it cannot bound."""

import random
import re
import tracemalloc

import pytest

from heartline.core.filters import FilterError, parse
from heartline.core.filters.automaton import Pattern, compiled
from heartline.core.filters.pattern import PATTERN_CHARS_MAX

from .test_runs import NOW, ask, make

TEXTS = ["resnet50", "ResNet-101", "bs=16 lr=0.1", "", "aab", "abab", "a.b", "a\nb", "x_1", "Ünï",
         "naïve\u00a0x", "(x)", "[y]", "a\\d", "end$", "^top", "tab\tx", "9", "été"]  # fmt: skip
PATTERNS = ["resnet", "(?i)resnet", "^resnet", "50$", "^bs=(16|32)", "lr=0\\.\\d", "^$", "a+b",
            "^(ab)+$", "^(ab){2}$", "a.b", "\\w_\\d", "[^a-z]", "[A-Z][a-z]+[A-Z]", "\\(x\\)",
            "[\\[\\]]", "\\\\d", "end\\$", "\\^top", "\\s", "\\S\\s\\S", "^\\d$", "ï", "^.{3}$",
            "^.{0,2}$", "(a|b)*c?$", "(?:a|ab)(?:c|bcd)?", "\\bx", "x|", "[a\\-z]", "[\\w.]+$",
            "(?i)ÉTÉ", "a??b", "a{2}b", "\\t", "[.]", "\\Aa", "b\\Z", "a{,2}b", "\\W",
            "(?i)RESNET-1", "a\\.b", "(?i)\\[Y\\]", "é", "(?i)É", "(?i)[aA]B", "[aA]", "(?i)[-x]", "x_1",
            "(?i)ünï", "a\nb", "(?i)A", "(?i)[bB]", "[Ii]", "(?i)", "=16 LR", "(?i)=16 LR"]  # fmt: skip

PEAK_BYTES_MAX = 8_000_000


def test_every_database_finds_what_the_reference_finds(world):
    def some(tx):
        for n, text in enumerate(TEXTS):
            make(tx, f"r{n}", config={"t": text}, tags=(text,) if text else (), notes=text)

    world.write(some)
    for pattern in PATTERNS:
        matches = compiled(pattern).search
        wanted = {f"r{n}" for n, text in enumerate(TEXTS) if matches(text)}
        assert set(ask(world, {"config.t": {"$regex": pattern}})[0]) == wanted, pattern
        kept = {run for run in wanted if TEXTS[int(run[1:])]}
        assert set(ask(world, {"tags": {"$regex": pattern}})[0]) == kept, pattern
        assert set(ask(world, {"notes": {"$regex": pattern}})[0]) == kept, pattern


@pytest.mark.parametrize(
    "pattern", ["(a+)+$", "(a|a)*$", "(a*)*b", "(.*a){12}", ".*.*.*.*.*=x", "(a|aa)+$", "(a?){30}a{30}"]
)  # fmt: skip
def test_a_pattern_that_would_never_end_elsewhere_is_answered(world, pattern):
    world.write(lambda tx: make(tx, config={"t": "a" * 256}, notes="a" * 9_000 + "!"))
    assert len(ask(world, {"config.t": {"$regex": pattern}})[0]) in {0, 1}
    assert len(ask(world, {"notes": {"$regex": pattern}})[0]) in {0, 1}


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(a)\\1", "back"),
        ("(?=a)", "look"),
        ("(?<!a)b", "look"),
        ("(?P<n>a)", "group"),
        ("a{1000}", "states"),
        ("a{999}", "states"),
        ("(){999999999}", "states"),
        ("(((){99}){99}){99}", "states"),
        ("(a{50}){50}", "states"),
        ("((((((((((((((((((((((a))))))))))))))))))))))", "nested"),
        ("a" * (PATTERN_CHARS_MAX + 1), "characters"),
        ("(a", "parenthesis"),
        ("a)", "parenthesis"),
        ("[a", "class"),
        ("*a", "repeat"),
        ("a**", "repeat"),
        ("[z-a]", "range"),
        ("a\\", "backslash"),
        ("\\p{L}", "escape"),
        ("a{3,2}", "repeat"),
    ],
)
def test_what_cannot_be_bounded_is_refused_by_name(pattern, says):
    with pytest.raises(FilterError, match=says):
        parse({"name": {"$regex": pattern}}, NOW.wall)


def made(dice, depth=0):
    kind = dice.random()
    if depth > 3 or kind < 0.45:
        return dice.choice(["a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d", "1"])
    if kind < 0.65:
        return made(dice, depth + 1) + made(dice, depth + 1)
    if kind < 0.8:
        return f"(?:{made(dice, depth + 1)}|{made(dice, depth + 1)})"
    times = dice.choice(["*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}"])
    return f"(?:{made(dice, depth + 1)}){times}"


def test_random_patterns_agree_with_python():
    dice = random.Random(4)
    for _ in range(1_500):
        pattern = dice.choice(["", "^"]) + made(dice) + dice.choice(["", "$"])
        for _ in range(4):
            text = "".join(dice.choice("abc1\n") for _ in range(dice.randint(0, 7)))
            expected = re.search(pattern.replace("$", "\\Z"), text, re.ASCII) is not None
            assert compiled(pattern).search(text) is expected, (pattern, text)


def test_random_patterns_find_the_same_in_every_database(world):
    dice = random.Random(3)
    texts = ["".join(dice.choice("abc1\n") for _ in range(n % 8)) for n in range(40)]

    def some(tx):
        for n, text in enumerate(texts):
            make(tx, f"r{n}", config={"t": text})

    world.write(some)
    for _ in range(60):
        pattern = dice.choice(["", "^"]) + made(dice) + dice.choice(["", "$"])
        wanted = {f"r{n}" for n, text in enumerate(texts) if compiled(pattern).search(text)}
        assert set(ask(world, {"config.t": {"$regex": pattern}})[0]) == wanted, pattern


def test_a_hostile_pattern_over_hostile_texts_keeps_little():
    pattern = Pattern("(a|b)*a(a|b){100}c")
    dice = random.Random(2)
    tracemalloc.start()
    for _ in range(6):
        assert not pattern.search("".join(dice.choice("ab") for _ in range(256)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < PEAK_BYTES_MAX
