"""An agent of a sweep: takes trials, has them run as child processes, and tells how they end.

It never judges a run, and never leaves one behind: every trial has a warden (`warden.py`), which
ends it when the agent is told to leave, and also when the agent is killed.
"""

import contextlib
import os
import select
import signal
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from heartline.agent import warden
from heartline.agent.line import Line, Say, SweepGone
from heartline.agent.supervise import NOT_EXECUTABLE
from heartline.agent.trial import Bench, check
from heartline.agent.warden import Ward
from heartline.client import errors
from heartline.client.calls import Calls
from heartline.wire.sweeps import BeatReply, Command, TrialEnd

LEAVING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
GRACE_S = 15.0
LOOK_S_MAX = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What an agent is asked to do: `shares` are the GPUs of each place, None for no choice."""

    shares: tuple[str | None, ...] = (None,)
    count: int | None = None
    grace_s: float = GRACE_S
    memory_bytes: int | None = None


@dataclass
class Outcome:
    """How an agent's work came to its end."""

    taken: int = 0
    status: str = ""
    told: str = ""
    by_signal: int = 0
    error: errors.HeartlineError | None = None


@dataclass
class _Work:
    """What is going on: the wards by run, the places that are free, the ends to be told."""

    free: list[str | None]
    wards: dict[str, Ward] = field(default_factory=dict)
    shares: dict[str, str | None] = field(default_factory=dict)
    ended: list[TrialEnd] = field(default_factory=list)


class SweepAgent:
    """One agent, from its first word to its last."""

    def __init__(self, calls: Calls, path: tuple[str, str, str], plan: Plan, say: Say) -> None:
        self._line = Line(calls, path, "heartline", say)
        self._plan, self._say = plan, say
        self._work = _Work(list(plan.shares))
        self._outcome = Outcome()
        self._status = ""
        self._going = False
        self._base_url = calls.base_url

    def work(self) -> Outcome:
        """Until the sweep is over, `count` trials have ended, or somebody tells us to leave."""
        me = self._line.join()
        try:
            check(me)
            with tempfile.TemporaryDirectory(prefix="heartline-agent-") as place, self._signals():
                plan = self._plan
                self._bench = Bench(
                    me, self._base_url, Path(place), plan.grace_s, plan.memory_bytes
                )
                self._loop()
        finally:
            self._line.leave(self._work.ended)
        return self._outcome

    def _loop(self) -> None:
        while self._work.wards or not self._over:
            if time.monotonic() >= self._line.due:
                self._beat()
            self._wait()

    @property
    def _over(self) -> bool:
        """Whether no trial is wanted any more."""
        return self._going or self._full

    @property
    def _full(self) -> bool:
        return self._plan.count is not None and self._outcome.taken >= self._plan.count

    def _beat(self) -> None:
        work = self._work
        telling = tuple(work.ended)
        listed = [run for run, ward in work.wards.items() if run in work.shares]
        wants = bool(work.free) and not self._over
        try:
            reply = self._line.beat(listed, telling, wants=wants)
        except SweepGone as error:
            self._end("deleted", f"{error}; running trials go on to their end")
            self._line.due = time.monotonic() + LOOK_S_MAX
            return
        except errors.HeartlineError as error:
            self._outcome.error = error
            self._end("", f"{error}; running trials go on to their end")
            self._line.due = time.monotonic() + LOOK_S_MAX
            return
        if reply is not None:
            work.ended = [each for each in work.ended if each not in telling]
            self._heed(reply)

    def _end(self, status: str, told: str) -> None:
        if not self._going:
            self._say(told)
            self._going = True
            self._outcome.status, self._outcome.told = status, told

    def _heed(self, reply: BeatReply) -> None:
        """Do what the server says."""
        if reply.status != self._status:
            self._status = reply.status
            if reply.status not in {"running", "pending"}:
                self._say(f"the sweep is {reply.status}: {reply.sentence}")
        for said in reply.commands:
            match said.type:
                case "run" | "resume":
                    self._start(said)
                case "stop":
                    self._stop(said)
                case "exit":
                    self._going = True
                    self._outcome.status, self._outcome.told = reply.status, reply.sentence
                case other:
                    self._say(f"the server asks for `{other}`, which this version does not know")

    def _start(self, said: Command) -> None:
        work = self._work
        if said.run in work.wards or not work.free or self._going:
            return
        share = work.free.pop(0)
        self._outcome.taken += 1
        try:
            ward = self._warded(said, share)
        except OSError as error:
            # No room for its parameters, or for one more process.
            work.free.append(share)
            self._tell_end(said.run, {"exit_code": NOT_EXECUTABLE, "note": str(error)})
            return
        work.shares[said.run], work.wards[said.run] = share, ward
        if self._outcome.by_signal:
            # It came while the warden was made, and knew only the others.
            ward.order(warden.GIVE_BACK)
        if work.free:
            self._line.hurry()

    def _warded(self, said: Command, share: str | None) -> Ward:
        job = self._bench.job(said, share)
        again = " again" if said.type == "resume" else ""
        gpus = "" if share is None else f" on GPU {share}"
        self._say(f"trial {said.run} starts{again}{gpus}: {' '.join(job.command)}")
        return Ward(job, self._work.wards.values())

    def _stop(self, said: Command) -> None:
        ward = self._work.wards.get(said.run)
        if ward is not None and not ward.stopping:
            ward.stopping = True
            ward.order(warden.STOP)
            self._say(f"trial {said.run} is stopped: {said.reason}")

    def _wait(self) -> None:
        """Until a warden tells something, a signal comes, or the next beat is due."""
        pause = min(max(0.0, self._line.due - time.monotonic()), LOOK_S_MAX)
        pipes = {ward.pipe: run for run, ward in self._work.wards.items()}
        ready, _, _ = select.select([*pipes, self._bell], [], [], pause)
        if self._bell in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._bell, 1_024)
        for run in [pipes[each] for each in ready if each in pipes]:
            self._hear(run)

    def _hear(self, run: str) -> None:
        work = self._work
        ward = work.wards[run]
        gone = not ward.hear()
        if ward.ended is not None and run in work.shares:
            work.free.append(work.shares.pop(run))
            self._bench.done(run)
            self._tell_end(run, ward.ended)
            self._line.hurry()
        if gone:
            del work.wards[run]

    def _tell_end(self, run: str, facts: dict[str, Any]) -> None:
        end = {key: value for key, value in facts.items() if key != "given_back"}
        if facts.get("given_back"):
            self._say(f"trial {run} is given back, to be handed out again")
            return
        self._work.ended.append(TrialEnd(run=run, **end))
        self._say(f"trial {run} {_sentence(facts)}")

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Signals reach the trials at once, even while we wait for the server's answer."""
        self._bell, ring = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        old_ring = signal.set_wakeup_fd(ring, warn_on_full_buffer=False)
        before = {
            each: signal.signal(each, self._signalled)
            for each in (*LEAVING, *warden.PASSED_ON)
            if signal.getsignal(each) is not signal.SIG_IGN
        }
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
            signal.set_wakeup_fd(old_ring)
            os.close(self._bell)
            os.close(ring)

    def _signalled(self, number: int, _frame: Any) -> None:
        if number in warden.PASSED_ON:
            letter = warden.PASSED_ON[signal.Signals(number)]
        else:
            letter = warden.KILL if self._outcome.by_signal else warden.GIVE_BACK
            name = signal.Signals(number).name
            then = (
                "trials are killed now"
                if letter == warden.KILL
                else "trials are told with "
                f"SIGTERM, killed after {self._plan.grace_s:g} s, and given back"
            )
            self._outcome.by_signal, self._going = number, True
            self._say(f"{name}: this agent leaves; {then}")
        for ward in list(self._work.wards.values()):
            ward.order(letter)


def _sentence(facts: dict[str, Any]) -> str:
    note = f" ({facts['note']})" if facts.get("note") else ""
    if facts.get("oom"):
        return f"ran out of memory{note}"
    if facts.get("signal"):
        return f"was ended by {facts['signal']}{note}"
    code = facts.get("exit_code")
    return f"ended well{note}" if code == 0 else f"failed with exit code {code}{note}"


def work_on(calls: Calls, path: tuple[str, str, str], plan: Plan, say: Say) -> Outcome:
    """Be an agent of a sweep; see `SweepAgent`. CannotWork if its program is not here."""
    return SweepAgent(calls, path, plan, say).work()
