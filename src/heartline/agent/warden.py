"""The warden: the parent of one trial's command, and all that ends it. Never talks to the server.

The agent forks one per trial. It is told by the kernel how the command ended, and it outlives an
agent that is killed: then it ends the command, so that no trial ever holds a GPU for nobody. Were
it killed itself, the kernel would end the command (PR_SET_PDEATHSIG; it has one thread, so that
this means its own end and nothing else).
"""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import traceback
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from heartline.agent.elsewhere import Elsewhere
from heartline.agent.memory import limit
from heartline.agent.spools import Spools
from heartline.agent.supervise import (
    SHIP_S,
    WAITED,
    CannotStart,
    Ending,
    Launched,
    become_subreaper,
)
from heartline.agent.trial import Job

STOP, GIVE_BACK, KILL = b"s", b"g", b"k"
PASSED_ON = {signal.SIGUSR1: b"1", signal.SIGUSR2: b"2"}
"""Orders to a warden, one byte each."""
SETTLE_S = 5.0
REST_S = 5.0
POLL_S = 0.02
PR_SET_PDEATHSIG = 1
TOLD_BYTES = 65_536
AGENT_KILLED = "its agent was killed"
AGENT_LEFT = "its agent was told to leave"


class Ward:
    """A warden as its agent sees it: orders go down one pipe, and what it tells comes up another."""

    def __init__(self, job: Job, others: Iterable["Ward"]) -> None:
        self.job = job
        self.told: dict[str, Any] = {}
        self.stopping = False
        listen, self._orders = os.pipe()
        self.pipe, tell = os.pipe()
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, WAITED)
        self._agent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            # An end of another warden's pipe in our hands would keep that one from hearing it close.
            for each in (self, *others):
                each.let_go()
            _guard(job, self._agent, mask, listen, tell)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        os.close(listen)
        os.close(tell)
        os.set_blocking(self.pipe, False)
        self._heard = b""

    @property
    def ended(self) -> dict[str, Any] | None:
        """How the trial ended, once that is settled."""
        found: dict[str, Any] | None = self.told.get("ended")
        return found

    def order(self, letter: bytes) -> None:
        """Tell it something; one that is gone needs no orders."""
        with contextlib.suppress(OSError):
            os.write(self._orders, letter)

    def hear(self) -> bool:
        """Take up what it has told; False once it is gone."""
        while True:
            try:
                said = os.read(self.pipe, TOLD_BYTES)
            except BlockingIOError:
                return True
            if not said:
                self._buried()
                return False
            *lines, self._heard = (self._heard + said).split(b"\n")
            for line in lines:
                self.told.update(json.loads(line))

    def _buried(self) -> None:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self.let_go()
        if self.ended is None:
            # Somebody killed the warden; the kernel has killed the command, we see to the rest.
            _signalled(int(self.told.get("pid") or 0), signal.SIGKILL)
            self.told["ended"] = {"signal": "SIGKILL", "note": "its warden was killed from outside"}

    def let_go(self) -> None:
        """Close our ends."""
        for each in (self.pipe, self._orders):
            with contextlib.suppress(OSError):
                os.close(each)


def _guard(
    job: Job, agent: int, mask: set[int | signal.Signals], listen: int, tell: int
) -> NoReturn:
    """The forked child, to its end."""
    try:
        os.setsid()
        os.set_blocking(listen, False)
        _Warden(job, agent, listen, tell).work(mask)
    except BaseException:  # noqa: BLE001 - it has no caller
        traceback.print_exc()
    finally:
        os._exit(0)


class _Warden:
    """In the forked child: one command from its start until nothing of it is left."""

    def __init__(self, job: Job, agent: int, listen: int, tell: int) -> None:
        self._job, self._agent, self._listen, self._pipe = job, agent, listen, tell
        self._term_at: float | None = None
        self._kill_at: float | None = None
        self._stopped = False

    def work(self, mask: set[int | signal.Signals]) -> None:
        """Start it, see it through, clear up after it, and see that its records are sent."""
        directory = Path(tempfile.mkdtemp(prefix="heartline-trial-"))
        bounds = limit(self._job.memory_bytes)
        become_subreaper()
        self._spools, elsewhere = Spools(directory), Elsewhere(self._job.environ)
        environ = {**self._job.environ, **elsewhere.variables}
        try:
            self._started = Launched(
                self._job.command, directory, bounds, self._spools, mask, environ,
                stdin=subprocess.DEVNULL, process_group=0, prepare=_tied(os.getpid()),
            )  # fmt: skip
            self._tell(pid=self._started.pid)
            self._see_through(elsewhere)
        except CannotStart as error:
            self._tell(ended={"exit_code": error.code, "note": str(error)})
        finally:
            self._spools.close()
            bounds.remove()
            shutil.rmtree(directory, ignore_errors=True)
            if os.getppid() != self._agent:
                self._tidy_up_for_agent()

    def _tidy_up_for_agent(self) -> None:
        """The last trial of an agent that was killed takes its directory of parameters along."""
        for each in self._job.files:
            each.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                each.parent.rmdir()

    def _see_through(self, elsewhere: Elsewhere) -> None:
        while (ending := self._started.ending) is None:
            said = self._started.round()
            self._listen_to_agent(None if said is None else signal.Signals(said.si_signo))
            self._bring_to_an_end()
        left = self._clear_up()
        self._settle()
        elsewhere.tell(ending.facts, SETTLE_S)
        self._tell(ended=_told(ending, left))
        self._spools.see_home(SHIP_S, lambda _: None, self._started.turn)

    def _listen_to_agent(self, said: signal.Signals | None) -> None:
        orders = b""
        with contextlib.suppress(BlockingIOError):
            orders = os.read(self._listen, TOLD_BYTES)
        if said in {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}:
            # Somebody signals all of the agent's processes: it means the agent.
            orders += GIVE_BACK
        now = time.monotonic()
        if os.getppid() != self._agent:
            self._give_back(AGENT_KILLED, now)
        for order in (orders[at : at + 1] for at in range(len(orders))):
            match order:
                case b"g":
                    self._give_back(AGENT_LEFT, now)
                case b"s":
                    self._asked_to_stop(now)
                case b"k":
                    self._term_at = self._kill_at = now
                case _:
                    number = next(key for key, value in PASSED_ON.items() if value == order)
                    _signalled(self._started.pid, number, group=False)

    def _give_back(self, why: str, now: float) -> None:
        if self._term_at is None or self._term_at > now:
            self._term_at = now
            if not self._stopped:
                self._started.known["given_back"] = why

    def _asked_to_stop(self, now: float) -> None:
        """A program with a run hears it from the server as well, and may save its work first."""
        self._stopped = True
        self._spools.scan()
        patience = self._job.grace_s if self._spools.known else 0.0
        self._term_at = now + patience if self._term_at is None else self._term_at

    def _bring_to_an_end(self) -> None:
        """SIGTERM to the command when it is time, and SIGKILL to its whole group after the grace."""
        now, pid = time.monotonic(), self._started.pid
        if self._kill_at is not None and now >= self._kill_at:
            _signalled(pid, signal.SIGKILL)
        elif self._kill_at is None and self._term_at is not None and now >= self._term_at:
            self._kill_at = now + self._job.grace_s
            _signalled(pid, signal.SIGTERM, group=False)
            _signalled(pid, signal.SIGCONT)

    def _clear_up(self) -> bool:
        """What the command left in its group is ended with it; whether there was anything."""
        pid = self._started.pid
        if not _signalled(pid, signal.SIGTERM):
            return False
        term_until = self._kill_at or time.monotonic() + self._job.grace_s
        for until in (term_until, time.monotonic() + self._job.grace_s + REST_S):
            while _signalled(pid, 0) and time.monotonic() < until:
                self._started.turn()
                time.sleep(POLL_S)
            _signalled(pid, signal.SIGKILL)
        return True

    def _settle(self) -> None:
        """The server should know the end, and the last values, before it hands out the next."""
        until = time.monotonic() + SETTLE_S
        while self._spools.left and time.monotonic() < until:
            self._started.turn()
            time.sleep(POLL_S)

    def _tell(self, **what: Any) -> None:
        with contextlib.suppress(OSError):
            os.write(self._pipe, json.dumps(what).encode() + b"\n")


def _told(ending: Ending, left: bool) -> dict[str, Any]:
    """The end as it goes to the server."""
    facts = ending.facts
    words = ("exit_code", "signal", "core_dumped", "oom", "memory_bytes", "memory_limit_bytes")
    told = {word: facts[word] for word in words}
    told["given_back"] = bool(facts.get("given_back")) and ending.code != 0
    return {**told, "note": "it left processes behind, which were ended"} if left else told


def _tied(warden: int) -> Any:
    """In the command before it begins: it ends with its warden, however that ends."""
    libc = ctypes.CDLL(None)

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != warden:
            os._exit(1)

    return tie


def _signalled(pid: int, number: int, *, group: bool = True) -> bool:
    """Signal a process or its whole group; False if nobody is there any more."""
    if pid <= 0:
        return False
    try:
        (os.killpg if group else os.kill)(pid, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True
