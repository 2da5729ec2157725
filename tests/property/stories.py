"""Random stories about one run: what was said, and when. Shared by the laws and the mutants."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from heartline.core.lifecycle import (
    Actor,
    Attempt,
    CauseKind,
    Changed,
    Confidence,
    Created,
    DeadlinePassed,
    Entry,
    Exited,
    Heard,
    Ignored,
    Input,
    Instant,
    Millis,
    Now,
    Overridden,
    Run,
    Started,
    State,
    StopAcknowledged,
    StopAsked,
    Verdict,
    Wall,
    machine,
)

LEASE = Millis(30_000)
WRITERS = ("r0", "r1", "r2")
ATTEMPTS = (Attempt(1, "a"), Attempt(1, "x"), Attempt(2, "b"), Attempt(3, "c"))
PROCESS, BO = Actor("process"), Actor("user", "bo")

VERDICTS = (
    Verdict(State.FINISHED, CauseKind.FINISHED, Confidence.PROVEN),
    Verdict(State.FAILED, CauseKind.EXIT_CODE, Confidence.PROVEN),
    Verdict(State.FAILED, CauseKind.EXCEPTION, Confidence.STRONG),
    Verdict(State.KILLED, CauseKind.SIGNAL, Confidence.PROVEN),
    Verdict(State.KILLED, CauseKind.INTERRUPTED, Confidence.STRONG),
    Verdict(State.CRASHED, CauseKind.OUT_OF_MEMORY, Confidence.PROVEN),
    Verdict(State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED),
    Verdict(State.PREEMPTED, CauseKind.SCHEDULER, Confidence.STRONG),
)


@dataclass(frozen=True)
class Said:
    """One event of a story: milliseconds since the one before, and the input."""

    after_ms: int
    input: Input


attempts = st.sampled_from(ATTEMPTS)
writers = st.sampled_from(WRITERS)
seqs = st.integers(0, 40)


def inputs() -> st.SearchStrategy[Input]:
    """Anything that may be said, in any order: most of it wrong, late or twice."""
    return st.one_of(
        st.builds(Started, attempts, writers, seqs, st.just(LEASE), st.just(PROCESS)),
        st.builds(Heard, attempts, writers, seqs, st.booleans()),
        st.builds(Heard, attempts, writers, seqs, st.just(False)),
        st.builds(Exited, attempts, writers, seqs, st.sampled_from(VERDICTS), st.just(PROCESS)),
        st.builds(StopAsked, st.just(BO)),
        st.builds(StopAcknowledged, attempts, writers),
        st.builds(DeadlinePassed, st.integers(0, 200_000).map(Instant)),
        st.builds(
            Overridden,
            st.just(BO),
            st.sampled_from([State.FAILED, State.FINISHED, State.PENDING, State.RUNNING]),
            st.sampled_from(["looked at the logs", " "]),
        ),
    )


gaps = st.one_of(st.integers(0, 2_000), st.sampled_from([0, 29_999, 30_000, 41_999, 42_000]))
stories = st.lists(st.builds(Said, gaps, inputs()), max_size=30)


@dataclass
class Told:
    """A story as it went: the run after it, its ledger, and every step for the laws to look at."""

    run: Run
    ledger: list[Entry]
    steps: list[tuple[Run, Input, Now, Run, Changed | Ignored]] = field(default_factory=list)


def at(ms: int, wall: int | None = None) -> Now:
    """The moment `ms` on the server-alive clock."""
    return Now(Instant(ms), Wall(1_700_000_000_000 + ms if wall is None else wall))


def tell(
    story: list[Said],
    lease: Millis | None = None,
    wall: Callable[[int], int] | None = None,
) -> Told:
    """Let the machine live through a story."""
    now = at(0, None if wall is None else wall(0))
    run, made = machine.create(Created(BO, lease), now)
    told, ms = Told(run, list(made.entries)), 0
    for said in story:
        ms += said.after_ms
        now = at(ms, None if wall is None else wall(ms))
        after, outcome = machine.step(told.run, said.input, now)
        told.steps.append((told.run, said.input, now, after, outcome))
        told.run = after
        if isinstance(outcome, Changed):
            told.ledger.extend(outcome.entries)
    return told
