"""Look for a broken law in whatever `heartline` is on the path: stories, deaths, then worlds.

Run as `python -m tests.mutants.hunt`; exits 0 if everything holds, 3 with the law that broke.
"""

import random
import sys

from heartline.core.lifecycle import (
    Actor,
    Attempt,
    DeadlinePassed,
    Exited,
    Heard,
    Instant,
    Overridden,
    Started,
    State,
    StopAcknowledged,
    StopAsked,
)
from heartline.core.lifecycle.classify import classify
from heartline.core.lifecycle.time import TICK_ADVANCE_MS_MAX, AliveClock, tick
from tests.core.lifecycle.test_classify import MATRIX
from tests.property.laws import LAWS
from tests.property.stories import ATTEMPTS, LEASE, PROCESS, VERDICTS, WRITERS, Said, tell
from tests.simulation.promises import PROMISES
from tests.simulation.world import play

STORIES = 2_500
WORLDS = 260
BO = Actor("user", "bo")
FOUND = 3


def story(dice: random.Random) -> list[Said]:
    """Like Hypothesis' stories, but quick and bent towards what goes on after a start."""
    said = [Said(0, Started(Attempt(1, "a"), "r0", 0, LEASE, PROCESS))]
    for _ in range(dice.randint(1, 14)):
        attempt, writer, seq = dice.choice(ATTEMPTS), dice.choice(WRITERS[:2]), dice.randint(0, 12)
        if dice.random() < 0.6:
            attempt = Attempt(1, "a")
        moves = [
            Started(attempt, writer, seq, LEASE, PROCESS),
            Heard(attempt, writer, seq, dice.random() < 0.3),
            Heard(attempt, writer, seq, dice.random() < 0.3),
            Exited(attempt, writer, seq, dice.choice(VERDICTS), PROCESS),
            Exited(attempt, writer, seq, dice.choice(VERDICTS), PROCESS),
            StopAsked(BO),
            StopAcknowledged(attempt, writer),
            DeadlinePassed(Instant(dice.choice([0, 0, dice.randint(0, 90_000)]))),
            DeadlinePassed(Instant(0)),
            Overridden(
                BO, dice.choice([State.FAILED, State.RUNNING]), dice.choice(["looked", " "])
            ),
        ]
        gap = dice.choice([0, 1, 500, 29_999, 30_000, 41_999, 42_000, dice.randint(0, 50_000)])
        said.append(Said(gap, dice.choice(moves)))
    return said


def stories() -> None:
    """All laws over many stories."""
    dice = random.Random(1)
    for _ in range(STORIES):
        told = tell(story(dice))
        for law in LAWS:
            law(told)


def clocks() -> None:
    """The server-alive clock is never fast, and forgives after a stall."""
    for elapsed in (0, 500, 2_000, 2_500, 3_001, 60_000):
        after = tick(AliveClock(), elapsed)
        assert after.at <= min(elapsed, TICK_ADVANCE_MS_MAX), "the clock is fast"
        assert (after.healthy_since == after.at) or elapsed <= 3_000, "no amnesty after a stall"


def deaths() -> None:
    """Every death of the matrix has its verdict."""
    for name, signs, state, cause, confidence in MATRIX:
        verdict = classify(signs)
        assert (verdict.state, verdict.cause.value, verdict.confidence) == (
            state,
            cause,
            confidence,
        ), name


def promises() -> None:
    """The short stories between client and server."""
    for promise in PROMISES:
        promise()


def worlds() -> None:
    """Whole worlds."""
    for seed in range(WORLDS):
        play(seed)


def main() -> int:
    for search in (deaths, clocks, promises, stories, worlds):
        try:
            search()
        except Exception as broken:
            print(f"{search.__name__}: {type(broken).__name__}: {str(broken)[:200]}")
            return FOUND
    print("every law holds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
