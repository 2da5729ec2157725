"""A command with a limit in seconds, ended with all that it started when it does not end itself.

Its output goes through files: a helper that outlives it and holds a pipe must not hold us up.
"""

import contextlib
import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil

PR_SET_CHILD_SUBREAPER = 36
GONE_S = 5


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: `fault` says in words what was wrong, "" if nothing was."""

    out: str
    fault: str

    @property
    def last(self) -> str:
        """The last line that it printed."""
        return (self.out.strip().splitlines() or [""])[-1]


def adopt() -> None:
    """Helpers that leave their parent become children of this process."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def limited(words: Sequence[str], limit_s: float, *, shown: bool = False, **options: Any) -> Ended:
    """Run it; with `shown` its output goes where ours goes, else it is kept."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        files: dict[str, Any] = {} if shown else {"stdout": out, "stderr": err}
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, **files, **options)
        try:
            status = process.wait(limit_s)
            fault = f"ended with {status}" if status else ""
        except subprocess.TimeoutExpired:
            fault = f"did not end in {limit_s:.0f} s"
        finally:
            end(process)
        for file in (out, err):
            file.seek(0)
        said = err.read().decode(errors="replace").strip().splitlines()
        if fault.startswith("ended") and said:
            fault += f": {said[-1]}"
        return Ended(out.read().decode(errors="replace"), fault)


def end(process: "subprocess.Popen[Any]") -> None:
    """Kill it and its descendants, wherever they went; nothing if it has ended."""
    if process.poll() is None:
        kill_children(process.pid)
        process.kill()
    process.wait(GONE_S)


def kill_children(pid: int) -> None:
    """Whatever a process has left running."""
    for each in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            each.kill()
            each.wait(GONE_S)
