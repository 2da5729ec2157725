"""From the signs of a death to a verdict, by one order of precedence. Never looks for signs.

Whoever witnesses an end (the internal process, the launcher, an agent) fills in `Signs`.
"""

from dataclasses import dataclass, replace

from heartline.core.lifecycle.evidence import CauseKind, Evidence, Verdict
from heartline.core.lifecycle.states import Confidence, State

INTERRUPTS = frozenset({"SIGINT"})
FAULTS = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"})
"""Signals that a program brings upon itself; any other was sent, or is a limit that was set."""
SHELL_SIGNAL_BASE = 128
HANDLED = {SHELL_SIGNAL_BASE + 1: "SIGHUP", SHELL_SIGNAL_BASE + 15: "SIGTERM"}
"""Exit codes by which a program says that it was ended by a signal that it had caught."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything a witness could learn about an end; None where it could not look.

    `exit_code` and `signal` are the kernel's word (pidfd or parent); `noted_*` are what the SDK
    wrote into the spool from inside the process before it was gone; `received_signal` is the
    last signal that the process recorded, whether or not it died of it.
    """

    finish_called: bool = False
    finish_code: int = 0
    finish_reason: str | None = None
    exit_code: int | None = None
    signal: str | None = None
    core_dumped: bool | None = None
    oom: bool = False
    noted_exit_code: int | None = None
    noted_exception: str | None = None
    noted_interrupt: bool = False
    received_signal: str | None = None
    time_limit: bool = False
    given_back: bool = False
    oom_by_scheduler: bool = False
    preempted_by_scheduler: bool = False
    cancelled_by_scheduler: bool = False
    evidence: Evidence = Evidence()

    @property
    def witnessed(self) -> bool:
        """Whether the kernel itself told how the process ended."""
        return self.exit_code is not None or self.signal is not None


def classify(signs: Signs) -> Verdict:
    """The verdict: finish() > kernel signal with OOM > interrupt > exception > code > notes > lease."""
    verdict = _conclude(signs)
    facts = replace(
        verdict.evidence,
        exit_code=_code(signs),
        signal=signs.signal or signs.received_signal,
        core_dumped=signs.core_dumped,
        exception=signs.noted_exception,
    )
    return replace(verdict, evidence=facts)


def _code(signs: Signs) -> int | None:
    """The code that counts: what the program said of itself, then the kernel's, then the notes'."""
    if signs.finish_called:
        return signs.finish_code
    return signs.exit_code if signs.exit_code is not None else signs.noted_exit_code


def _conclude(signs: Signs) -> Verdict:
    kernel = Confidence.PROVEN if signs.witnessed else Confidence.STRONG
    if signs.finish_called:
        return _finished(signs)
    # The counter is of all who share the memory: who exits by a code did not die of it.
    if signs.oom and (signs.signal == "SIGKILL" or not signs.witnessed):
        return _say(signs, State.CRASHED, CauseKind.OUT_OF_MEMORY, kernel)
    if verdict := _by_scheduler(signs, kernel):
        return verdict
    if (signs.noted_interrupt and signs.exit_code != 0) or signs.signal in INTERRUPTS:
        return _say(signs, State.KILLED, CauseKind.INTERRUPTED, kernel)
    if signs.signal is not None:
        return _by_signal(signs, signs.signal, Confidence.PROVEN)
    if signs.noted_exception is not None and signs.exit_code != 0:
        return _say(signs, State.FAILED, CauseKind.EXCEPTION, kernel)
    if signs.exit_code is not None:
        return _by_code(signs, signs.exit_code, Confidence.PROVEN)
    if signs.received_signal is not None:
        return _by_signal(signs, signs.received_signal, Confidence.STRONG)
    if signs.noted_exit_code is not None:
        return _by_code(signs, signs.noted_exit_code, Confidence.STRONG)
    return _say(signs, State.CRASHED, CauseKind.VANISHED, Confidence.PRESUMED)


def _finished(signs: Signs) -> Verdict:
    """What the program said of itself with `finish()` is final."""
    if signs.finish_code == 0:
        return _say(signs, State.FINISHED, CauseKind.FINISHED, Confidence.PROVEN)
    noted = replace(signs, noted_exit_code=signs.finish_code)
    return _by_code(noted, signs.finish_code, Confidence.PROVEN)


def _by_scheduler(signs: Signs, confidence: Confidence) -> Verdict | None:
    if signs.oom_by_scheduler:
        return _say(signs, State.CRASHED, CauseKind.OUT_OF_MEMORY, confidence)
    if signs.time_limit:
        return _say(signs, State.KILLED, CauseKind.TIME_LIMIT, confidence)
    if signs.given_back:
        return _say(signs, State.PREEMPTED, CauseKind.GIVEN_BACK, Confidence.STRONG)
    if signs.preempted_by_scheduler:
        return _say(signs, State.PREEMPTED, CauseKind.SCHEDULER, Confidence.STRONG)
    if signs.cancelled_by_scheduler:
        return _say(signs, State.KILLED, CauseKind.SCHEDULER, confidence)
    return None


def _by_signal(signs: Signs, name: str, confidence: Confidence) -> Verdict:
    state = State.CRASHED if name in FAULTS else State.KILLED
    return _say(signs, state, CauseKind.SIGNAL, confidence)


def _by_code(signs: Signs, code: int, confidence: Confidence) -> Verdict:
    """Codes above 128 with the matching signal on record are that signal, passed on by a handler."""
    if code == 0:
        return _say(signs, State.FINISHED, CauseKind.FINISHED, confidence)
    if code == SHELL_SIGNAL_BASE + 2:
        return _say(signs, State.KILLED, CauseKind.INTERRUPTED, confidence)
    told = signs.received_signal is not None and signs.received_signal not in FAULTS
    if code in HANDLED or (code > SHELL_SIGNAL_BASE and told):
        return _say(signs, State.KILLED, CauseKind.SIGNAL, confidence)
    if signs.noted_exception is not None:
        return _say(signs, State.FAILED, CauseKind.EXCEPTION, confidence)
    return _say(signs, State.FAILED, CauseKind.EXIT_CODE, confidence)


def _say(signs: Signs, state: State, cause: CauseKind, confidence: Confidence) -> Verdict:
    return Verdict(state, cause, confidence, signs.evidence)
