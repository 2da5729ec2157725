"""The lifecycle's laws as functions over a told story: each raises AssertionError when broken.

Kept apart from the tests so that planted bugs can be held against the same laws.
"""

from heartline.core.lifecycle import (
    LIVE,
    TERMINAL,
    Changed,
    Confidence,
    DeadlinePassed,
    Exited,
    Heard,
    Ignored,
    Overridden,
    Run,
    Started,
    State,
    StopAsked,
    Writer,
    fold,
    machine,
)
from heartline.core.lifecycle.states import WORST_FIRST
from heartline.core.lifecycle.time import AMNESTY_MS
from heartline.core.lifecycle.view import explaining, sentence, view

from .stories import Told, at


def _pairs(before: Run, after: Run) -> list[tuple[Writer, Writer]]:
    """The writers that both runs have, while the attempt stays the same."""
    if before.attempt != after.attempt:
        return []
    return [
        (writer, new) for writer in before.writers if (new := after.writer(writer.id)) is not None
    ]


def no_lease_ends_early(told: Told) -> None:
    """Law 3: nobody is judged before a full lease of healthy server time."""
    for before, said, now, after, _ in told.steps:
        if not isinstance(said, DeadlinePassed):
            continue
        for old, new in _pairs(before, after):
            if old.state in LIVE and new.state in TERMINAL:
                heard = old.heard_at
                if said.healthy_since > heard:
                    heard = said.healthy_since + AMNESTY_MS
                assert old.lease is not None
                assert now.alive - heard >= old.lease


def a_lease_ends_in_time(told: Told) -> None:
    """The other half of law 3: after a full lease of silence, waking up judges."""
    for before, said, now, after, _ in told.steps:
        if not isinstance(said, DeadlinePassed):
            continue
        for old, new in _pairs(before, after):
            if old.state in LIVE and old.lease is not None:
                heard = max(old.heard_at, said.healthy_since + AMNESTY_MS)
                assert new.state in TERMINAL or now.alive < heard + old.lease


def the_deadline_is_never_late(told: Told) -> None:
    """The stored deadline is at or before the end of every live lease."""
    for _, _, _, after, _ in told.steps:
        ends = [w.heard_at + w.lease for w in after.writers if w.state in LIVE and w.lease]
        assert machine.deadline(after) == min(ends, default=None)


def proven_stays(told: Told) -> None:
    """Law 5: a proven end never changes within an attempt."""
    for before, _, _, after, _ in told.steps:
        for old, new in _pairs(before, after):
            if old.state in TERMINAL and old.confidence is Confidence.PROVEN:
                assert new == old


def presumed_never_beats_better(told: Told) -> None:
    """Law 13: a verdict is only replaced by a surer one, or by life."""
    for before, _, _, after, _ in told.steps:
        for old, new in _pairs(before, after):
            if old.state in TERMINAL and new.state in TERMINAL and new != old:
                assert new.confidence > old.confidence


def reported_ends_are_not_undone_by_beats(told: Told) -> None:
    """Only a presumed end is taken back by a heartbeat."""
    for before, _, _, after, _ in told.steps:
        for old, new in _pairs(before, after):
            if old.state in TERMINAL and new.state in LIVE:
                assert old.confidence is Confidence.PRESUMED


def old_beats_move_nothing(told: Told) -> None:
    """Laws 6, 10 and 14: what is not newer than what was heard of a writer changes nothing."""
    for before, said, _, after, outcome in told.steps:
        if isinstance(said, Heard) and said.attempt == before.attempt:
            writer = before.writer(said.writer)
            if writer is not None and said.seq <= writer.seq:
                assert after == before
                assert isinstance(outcome, Ignored)
        if isinstance(said, Exited) and said.attempt == before.attempt:
            writer = before.writer(said.writer)
            if writer is not None and said.seq < writer.seq:
                assert after == before


def newer_beats_are_heard(told: Told) -> None:
    """A newer heartbeat of a live or presumed-ended writer makes it live and renews its lease."""
    for before, said, now, after, _ in told.steps:
        if not isinstance(said, Heard) or said.attempt != before.attempt:
            continue
        old, new = before.writer(said.writer), after.writer(said.writer)
        if old is None or new is None or said.seq <= old.seq:
            continue
        if old.state in LIVE or old.confidence is Confidence.PRESUMED:
            assert new.heard_at == now.alive
            assert new.state is (State.PREEMPTING if said.preempting else State.RUNNING)


def exits_are_believed(told: Told) -> None:
    """The end of a live writer, told in order, ends it."""
    for before, said, _, after, _ in told.steps:
        if not isinstance(said, Exited) or said.attempt != before.attempt:
            continue
        old, new = before.writer(said.writer), after.writer(said.writer)
        if old is None or new is None or said.seq < old.seq:
            continue
        if old.state in LIVE:
            assert new.state in TERMINAL
            assert new.evidence == said.verdict.evidence
            assert new.confidence == said.verdict.confidence
            if said.verdict.state is State.FINISHED:
                assert new.state is State.FINISHED
            elif before.stop is not None and said.verdict.state in {State.KILLED, State.FAILED}:
                assert new.state is State.KILLED
                assert new.cause is before.stop.cause
            elif before.stop is None and old.state is not State.PREEMPTING:
                assert new.state is said.verdict.state
        elif said.verdict.confidence > old.confidence:
            assert new.confidence is said.verdict.confidence


def preempting_then_bad_is_preempted(told: Told) -> None:
    """A bad end or silence under a notice of preemption is Preempted, unless memory ran out."""
    for before, said, _, after, _ in told.steps:
        for old, new in _pairs(before, after):
            if old.state is not State.PREEMPTING or new.state not in TERMINAL or before.stop:
                continue
            if isinstance(said, DeadlinePassed):
                assert new.state is State.PREEMPTED
            elif isinstance(said, Exited) and said.verdict.state is not State.FINISHED:
                assert new.state in {State.PREEMPTED, State.CRASHED}


def every_state_has_a_cause(told: Told) -> None:
    """Law 7: the shown state never changes without a ledger entry that says why."""
    for before, _, _, after, outcome in told.steps:
        if after.state is not before.state:
            assert isinstance(outcome, Changed)
            assert outcome.entries[-1].after is after.state
        if isinstance(outcome, Changed):
            for entry in outcome.entries:
                assert sentence(entry)
                assert entry.by.kind


def the_ledger_counts(told: Told) -> None:
    """Entries are numbered without gaps, and each begins where the one before it ended."""
    assert [entry.seq for entry in told.ledger] == list(range(1, len(told.ledger) + 1))
    assert told.run.entries == len(told.ledger)
    for one, other in zip(told.ledger, told.ledger[1:], strict=False):
        assert other.before is one.after


def state_is_the_fold(told: Told) -> None:
    """Law 9: the ledger alone gives the state back."""
    assert fold(told.ledger) is told.run.state


def old_attempts_move_nothing(told: Told) -> None:
    """Law 11: what an attempt other than the newest says changes nothing."""
    for before, said, _, after, outcome in told.steps:
        if isinstance(said, Heard | Exited) and said.attempt != before.attempt:
            assert after == before
            assert isinstance(outcome, Ignored)
        if isinstance(said, Started) and said.attempt != before.attempt:
            assert (after == before) == (said.attempt.epoch <= before.attempt.epoch)
        assert after.attempt.epoch >= before.attempt.epoch


def all_writers_must_end(told: Told) -> None:
    """Law 12: a run is terminal only when every writer of its newest attempt is."""
    for _, _, _, after, _ in told.steps:
        if after.overridden:
            continue
        live = {writer.state for writer in after.writers if writer.state in LIVE}
        if live:
            assert after.state is max(live, key=_loudness)
        else:
            ended = {writer.state for writer in after.writers}
            assert after.state is next(state for state in WORST_FIRST if state in ended)


def _loudness(state: State) -> int:
    return (State.PENDING, State.RUNNING, State.PREEMPTING).index(state)


def twice_is_once(told: Told) -> None:
    """Law 14: whatever was said, saying it again at once changes nothing more."""
    for before, said, now, after, _ in told.steps:
        again, outcome = machine.step(after, said, now)
        if isinstance(said, Overridden):
            assert again.state is after.state
        else:
            assert again == after, (before, said)
            assert isinstance(outcome, Ignored)


def stops_are_remembered(told: Told) -> None:
    """A stop request is an annotation while the run lives, and only one is kept."""
    for before, said, _, after, _ in told.steps:
        if not isinstance(said, StopAsked):
            continue
        if before.state in TERMINAL or before.stop is not None:
            assert after == before
        else:
            assert after.stop is not None
            waiting = all(writer.state is State.PENDING for writer in before.writers)
            assert after.overridden or after.state is (State.KILLED if waiting else before.state)


def a_stop_before_the_start_awaits_it(told: Told) -> None:
    """Whoever opens a run that was stopped while Pending is told so; later attempts are not."""
    for before, said, _, after, _ in told.steps:
        if isinstance(said, Started) and after.attempt != before.attempt:
            assert after.stop == (None if before.attempt.epoch else before.stop)


def a_lapsed_stop_is_killed(told: Told) -> None:
    """Silence under a stop request is its confirmation, presumed."""
    for before, said, _, after, _ in told.steps:
        if isinstance(said, DeadlinePassed) and before.stop is not None:
            for old, new in _pairs(before, after):
                if old.state in LIVE and new.state in TERMINAL:
                    assert new.state is State.KILLED
                    assert new.confidence is Confidence.PRESUMED


def silence_is_only_presumed(told: Told) -> None:
    """What nobody saw is never more than presumed, and says how long the silence was."""
    for before, said, now, after, _ in told.steps:
        if not isinstance(said, DeadlinePassed):
            continue
        for old, new in _pairs(before, after):
            if old.state in LIVE and new.state in TERMINAL:
                assert new.confidence is Confidence.PRESUMED
                assert new.evidence.silent_ms == now.alive - old.heard_at
                assert new.evidence.heartbeat_at == old.heard_wall


def an_override_needs_a_reason(told: Told) -> None:
    """A person's word is pinned with name and reason; nobody can order a run to be running."""
    for before, said, _, after, _ in told.steps:
        if not isinstance(said, Overridden):
            continue
        if said.state is State.RUNNING or not said.reason.strip():
            assert after == before
        else:
            assert after.state is said.state
            assert after.overridden


def an_override_is_pinned(told: Told) -> None:
    """Until a newer attempt opens, nothing but another override moves an overridden run."""
    for before, said, _, after, _ in told.steps:
        if before.overridden and not isinstance(said, Overridden):
            assert after.state is before.state or after.attempt != before.attempt


def a_new_attempt_ends_the_old_one(told: Told) -> None:
    """Every live writer of the attempt before is told superseded, presumed."""
    for before, said, _, after, outcome in told.steps:
        opened = isinstance(said, Started) and after.attempt != before.attempt
        if not opened or before.attempt.epoch == 0:
            continue
        assert isinstance(outcome, Changed)
        live = {writer.id for writer in before.writers if writer.state in LIVE}
        ended = [entry for entry in outcome.entries if entry.attempt == before.attempt]
        assert {entry.writer for entry in ended} == live
        assert all(entry.writer_state is State.CRASHED for entry in ended)


def refusals_change_nothing(told: Told) -> None:
    """An ignored input leaves no trace and says why."""
    for before, _, _, after, outcome in told.steps:
        if isinstance(outcome, Ignored):
            assert after == before
            assert outcome.reason


def the_view_tells_the_state(told: Told) -> None:
    """What is shown is the state, with the entry that put the run there."""
    entry = explaining(told.ledger)
    shown = view(told.run, entry, at(10_000_000))
    assert shown.state is told.run.state
    assert told.run.state in {entry.after, entry.writer_state}
    if told.run.state in TERMINAL and entry.writer_state is not None:
        assert entry.writer_state is told.run.state, "somebody else is blamed"
    assert (shown.silent_ms is None) == (shown.writers_live == 0)


LAWS = (
    no_lease_ends_early,
    a_lease_ends_in_time,
    the_deadline_is_never_late,
    proven_stays,
    presumed_never_beats_better,
    reported_ends_are_not_undone_by_beats,
    old_beats_move_nothing,
    newer_beats_are_heard,
    exits_are_believed,
    preempting_then_bad_is_preempted,
    every_state_has_a_cause,
    the_ledger_counts,
    state_is_the_fold,
    old_attempts_move_nothing,
    all_writers_must_end,
    twice_is_once,
    stops_are_remembered,
    a_stop_before_the_start_awaits_it,
    a_lapsed_stop_is_killed,
    silence_is_only_presumed,
    an_override_needs_a_reason,
    an_override_is_pinned,
    a_new_attempt_ends_the_old_one,
    refusals_change_nothing,
    the_view_tells_the_state,
)
