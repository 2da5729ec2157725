"""What each death means: one line of the evidence matrix per case."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heartline.core.lifecycle import CauseKind, Confidence, Evidence, State
from heartline.core.lifecycle.classify import Signs, classify

F, C, K, X, P = State.FINISHED, State.CRASHED, State.KILLED, State.FAILED, State.PREEMPTED
PROVEN, STRONG, PRESUMED = Confidence.PROVEN, Confidence.STRONG, Confidence.PRESUMED

MATRIX = [
    ("finish()", Signs(finish_called=True, exit_code=0), F, "finished", PROVEN),
    ("finish() then killed", Signs(finish_called=True, signal="SIGKILL"), F, "finished", PROVEN),
    ("finish(5)", Signs(finish_called=True, finish_code=5, exit_code=0), X, "exit_code", PROVEN),
    ("exit 0", Signs(exit_code=0), F, "finished", PROVEN),
    ("exit 0, noted only", Signs(noted_exit_code=0), F, "finished", STRONG),
    ("exit 3", Signs(exit_code=3), X, "exit_code", PROVEN),
    ("exception", Signs(exit_code=1, noted_exception="ValueError: x"), X, "exception", PROVEN),
    ("exception, noted only", Signs(noted_exception="ValueError: x"), X, "exception", STRONG),
    ("exception in a thread", Signs(exit_code=0, noted_exception="E"), F, "finished", PROVEN),
    ("Ctrl-C", Signs(signal="SIGINT", noted_interrupt=True), K, "interrupted", PROVEN),
    ("Ctrl-C, exit 130", Signs(exit_code=130), K, "interrupted", PROVEN),
    ("Ctrl-C, noted only", Signs(noted_interrupt=True), K, "interrupted", STRONG),
    ("Ctrl-C at a prompt, exit 0", Signs(exit_code=0, noted_interrupt=True), F, "finished", PROVEN),
    ("SIGTERM", Signs(signal="SIGTERM"), K, "signal", PROVEN),
    ("SIGTERM, record only", Signs(received_signal="SIGTERM"), K, "signal", STRONG),
    ("SIGTERM, exit 0", Signs(exit_code=0, received_signal="SIGTERM"), F, "finished", PROVEN),
    ("SIGTERM, exit 143", Signs(exit_code=143, received_signal="SIGTERM"), K, "signal", PROVEN),
    ("exit 143 without a record", Signs(exit_code=143), K, "signal", PROVEN),
    ("exit 144", Signs(exit_code=144), X, "exit_code", PROVEN),
    ("SIGKILL", Signs(signal="SIGKILL"), K, "signal", PROVEN),
    ("SIGUSR2 of a scheduler", Signs(signal="SIGUSR2"), K, "signal", PROVEN),
    ("SIGPIPE", Signs(signal="SIGPIPE"), K, "signal", PROVEN),
    ("a real-time signal", Signs(signal="SIG40"), K, "signal", PROVEN),
    ("SIGTRAP", Signs(signal="SIGTRAP"), C, "signal", PROVEN),
    ("nothing known", Signs(), C, "vanished", PRESUMED),
    ("out of memory", Signs(signal="SIGKILL", oom=True), C, "out_of_memory", PROVEN),
    ("out of memory, unseen", Signs(oom=True), C, "out_of_memory", STRONG),
    ("a neighbour out of memory", Signs(exit_code=0, oom=True), F, "finished", PROVEN),
    ("a worker out of memory", Signs(exit_code=1, oom=True), X, "exit_code", PROVEN),
    (
        "a worker's, says Slurm",
        Signs(exit_code=1, oom_by_scheduler=True),
        C,
        "out_of_memory",
        PROVEN,
    ),
    ("segfault", Signs(signal="SIGSEGV", core_dumped=True), C, "signal", PROVEN),
    ("abort, record only", Signs(received_signal="SIGABRT"), C, "signal", STRONG),
    ("time limit", Signs(signal="SIGKILL", time_limit=True), K, "time_limit", PROVEN),
    ("scheduler", Signs(signal="SIGKILL", preempted_by_scheduler=True), P, "scheduler", STRONG),
    ("agent", Signs(signal="SIGTERM", given_back=True), P, "given_back", STRONG),
    ("scancel", Signs(signal="SIGTERM", cancelled_by_scheduler=True), K, "scheduler", PROVEN),
]


@pytest.mark.parametrize(
    ("signs", "state", "cause", "confidence"),
    [row[1:] for row in MATRIX],
    ids=[row[0] for row in MATRIX],
)
def test_each_death_has_its_verdict(
    signs: Signs, state: State, cause: str, confidence: Confidence
) -> None:
    verdict = classify(signs)
    assert (verdict.state, verdict.cause.value, verdict.confidence) == (state, cause, confidence)


flags = st.booleans()
codes = st.one_of(st.none(), st.integers(0, 255))
names = st.one_of(
    st.none(), st.sampled_from(["SIGTERM", "SIGKILL", "SIGSEGV", "SIGINT", "SIGUSR2"])
)


@given(
    st.builds(
        Signs,
        finish_called=flags,
        finish_code=st.integers(0, 255),
        exit_code=codes,
        signal=names,
        oom=flags,
        noted_exit_code=codes,
        noted_exception=st.one_of(st.none(), st.just("E: x")),
        noted_interrupt=flags,
        received_signal=names,
        time_limit=flags,
        given_back=flags,
        oom_by_scheduler=flags,
        preempted_by_scheduler=flags,
        cancelled_by_scheduler=flags,
    )
)
def test_no_exit_code_is_ever_invented(signs: Signs) -> None:
    verdict = classify(signs)
    codes = {
        signs.exit_code,
        signs.noted_exit_code,
        signs.finish_code if signs.finish_called else None,
    }
    assert verdict.evidence.exit_code in codes | {None}
    if verdict.confidence is PROVEN:
        assert signs.witnessed or signs.finish_called
    if verdict.state is F:
        good = {signs.exit_code, signs.noted_exit_code}
        assert 0 in good or (signs.finish_called and signs.finish_code == 0)


def test_evidence_gathered_by_the_witness_is_kept() -> None:
    facts = Evidence(source="pidfd", oom_kills_before=1, oom_kills_after=2, last_lines=("a",))
    evidence = classify(Signs(signal="SIGKILL", oom=True, evidence=facts)).evidence
    assert evidence.oom_kills_after == 2
    assert evidence.signal == "SIGKILL"
    assert evidence.source == "pidfd"


def test_every_cause_of_an_end_can_be_told() -> None:
    ends = {classify(row[1]).cause for row in MATRIX}
    assert ends <= set(CauseKind)
    assert len(list(itertools.chain(ends))) >= 9
