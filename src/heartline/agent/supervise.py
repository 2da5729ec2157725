"""The launcher: the parent of a command, which is told by the kernel how it ended. Never guesses.

It passes signals on, stays in the command's process group so that the terminal works as ever, and
ends with the command's own code. Signals of the terminal reach the command by themselves (the
kernel sends them to the whole group), so only those sent by a process are passed on.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from heartline.agent.elsewhere import Elsewhere
from heartline.agent.memory import Limit, limit
from heartline.agent.spools import Spools
from heartline.sdk import clock, witness

VARIABLE = "HEARTLINE_LAUNCHER_DIR"
FORWARDED = frozenset({
    signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2,
})  # fmt: skip
WAITED = FORWARDED | {signal.SIGCHLD}
TICK_S = 0.25
TICK_S_WATCHING = 0.05
SHIP_S = 30.0
SIGNAL_BASE = 128
NOT_FOUND, NOT_EXECUTABLE = 127, 126
PR_SET_CHILD_SUBREAPER = 36


class CannotStart(Exception):
    """The command could not be started: check its name and its rights."""

    def __init__(self, told: str, code: int) -> None:
        super().__init__(told)
        self.code = code


@dataclass(frozen=True, slots=True)
class Ending:
    """How a command ended, by the kernel's word to its parent."""

    end: witness.End
    facts: dict[str, Any]
    seconds: float

    @property
    def code(self) -> int:
        """What a shell would report: the exit code, or 128 and the signal's number."""
        if self.end.signal is None:
            return self.end.exit_code or 0
        return SIGNAL_BASE + _number(self.end.signal)

    def told(self, command: Sequence[str]) -> str:
        """One line for people if the end was not the command's own doing; else nothing."""
        name = Path(command[0]).name
        if self.facts["oom"]:
            return f"{name} ran out of memory{_memory(self.facts)} (exit code {self.code})"
        if self.end.signal is None:
            return ""
        dumped = ", core dumped" if self.end.core_dumped else ""
        return f"{name} was ended by {self.end.signal}{dumped} (exit code {self.code})"


def supervise(
    command: Sequence[str],
    memory_bytes: int | None = None,
    say: Callable[[str], None] = lambda _: None,
    ship_s: float = SHIP_S,
) -> Ending:
    """Run a command to its end, and see that what it logged and how it ended reach the server."""
    directory = Path(tempfile.mkdtemp(prefix="heartline-launcher-"))
    bounds = limit(memory_bytes)
    if bounds.note:
        say(bounds.note)
    become_subreaper()
    spools, elsewhere = Spools(directory), Elsewhere(os.environ)
    environ = {**os.environ, **elsewhere.variables}
    old = signal.pthread_sigmask(signal.SIG_BLOCK, WAITED)
    try:
        launched = Launched(command, directory, bounds, spools, old, environ)
        ending = launched.wait()
        if told := ending.told(command):
            say(told)
        elsewhere.tell(ending.facts, ship_s)
        spools.see_home(ship_s, say, launched.turn)
        return ending
    finally:
        spools.close()
        bounds.remove()
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


class Launched:
    """A started command, until its end."""

    def __init__(
        self,
        command: Sequence[str],
        directory: Path,
        bounds: Limit,
        spools: Spools,
        mask: set[signal.Signals | int],
        environ: Mapping[str, str] | None = None,
        **how: Any,
    ) -> None:
        self._bounds, self._spools = bounds, spools
        self._ending: Ending | None = None
        self._began = time.monotonic()
        self.known: dict[str, Any] = {}
        more: Callable[[], None] = how.pop("prepare", lambda: None)

        def prepare() -> None:
            bounds.enter()
            more()
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)

        try:
            # The launcher has one thread, so that code between fork and exec is safe here. What
            # it was given open (a job server's pipe, a listening socket) the command gets as well.
            self._child = subprocess.Popen(
                command,
                env={**(os.environ if environ is None else environ), VARIABLE: str(directory)},
                close_fds=False,
                preexec_fn=prepare,  # noqa: PLW1509
                **how,
            )
        except FileNotFoundError:
            raise CannotStart(_missing(command[0]), NOT_FOUND) from None
        except (PermissionError, OSError, subprocess.SubprocessError) as error:
            told = f"cannot start {command[0]}: {getattr(error, 'strerror', None) or error}"
            raise CannotStart(told, NOT_EXECUTABLE) from None

    @property
    def pid(self) -> int:
        """The command's process."""
        return self._child.pid

    def wait(self) -> Ending:
        """Pass signals on and gather the dead until the command is among them."""
        while self._ending is None:
            said = self.round()
            if said is not None:
                self._pass_on(said)
        return self._ending

    @property
    def ending(self) -> Ending | None:
        """How it ended, if it has."""
        return self._ending

    def round(self) -> signal.struct_siginfo | None:
        """Wait for what happens next, a moment at most; a signal that was sent to us, if any."""
        tick = TICK_S_WATCHING if self._bounds.watching else TICK_S
        said = signal.sigtimedwait(WAITED, tick)
        if said is None:
            self._spools.look(self._facts)
        self.turn()
        if self._ending is None:
            self._bounds.look(self.pid)
        return None if said is None or said.si_signo == signal.SIGCHLD else said

    def _pass_on(self, said: signal.struct_siginfo) -> None:
        """Positive codes are the kernel's own: then the whole group, and so the command, has it."""
        if said.si_code <= 0 and self._ending is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, said.si_signo)

    def turn(self) -> None:
        """Reap whoever has ended; orphans of the command come to us as well."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            end = witness.from_status(status, "launcher")
            facts = {**self._facts(end, used if pid == self.pid else None), **self.known}
            self._spools.reaped(pid, facts)
            if pid == self.pid:
                self._child.returncode = os.waitstatus_to_exitcode(status)
                self._ending = Ending(end, facts, time.monotonic() - self._began)

    def _facts(self, end: witness.End, used: Any = None) -> dict[str, Any]:
        facts = {
            "exit_code": end.exit_code,
            "signal": end.signal,
            "core_dumped": end.core_dumped,
            "at": clock.wall_ms(),
            **asdict(self._bounds.use()),
        }
        # A process that ended by its own code did not die of what killed another one beside it.
        facts["oom"] = facts["oom"] and end.signal == "SIGKILL"
        if used is not None:
            facts["cpu_user_s"] = used.ru_utime
            facts["cpu_system_s"] = used.ru_stime
            facts["memory_peak_bytes"] = used.ru_maxrss * 1024
        return facts


def become_subreaper() -> bool:
    """Orphans below us become our children, so that their ends are not lost."""
    try:
        return bool(ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
    except (OSError, AttributeError):
        return False


def _number(name: str) -> int:
    try:
        return int(signal.Signals[name])
    except KeyError:
        return int(name.removeprefix("SIG"))


def _missing(name: str) -> str:
    if "/" not in name or not Path(name).exists():
        return f"{name}: command not found"
    interpreter = shutil.which(name) is not None
    return f"{name}: its interpreter was not found" if interpreter else f"{name}: cannot be run"


def _memory(facts: dict[str, Any]) -> str:
    used, allowed = facts["memory_bytes"], facts["memory_limit_bytes"]
    if used is None or allowed is None:
        return ""
    return f": {used / 2**20:.0f} of {allowed / 2**20:.0f} MiB in use"
