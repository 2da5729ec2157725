"""A training script as a real process against the stub, and everything one may ask about it."""

import contextlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tests.sdk.stub import Kept, Stub

T = TypeVar("T")
PATIENCE_S = 20.0
START = "import heartline, os, sys, time, signal\nrun = heartline.init(project='p', id='r')\n"


def until(look: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
    """What `look` gives as soon as it gives something true."""
    deadline = time.monotonic() + patience_s
    while not (found := look()):
        assert time.monotonic() < deadline, f"still not so after {patience_s} s"
        time.sleep(0.005)
    return found


@dataclass
class Training:
    """Scripts begin with a run of project `p` and id `r`; quick beats, no captures."""

    stub: Stub
    home: Path
    extra: dict[str, str] = field(default_factory=dict)
    processes: list[Any] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        plain = {k: v for k, v in os.environ.items() if not k.startswith("HEARTLINE_")}
        return {
            **plain,
            "HEARTLINE_BASE_URL": self.stub.url, "HEARTLINE_API_KEY": "good-key",
            "HEARTLINE_DIR": str(self.home), "HEARTLINE_HEARTBEAT": "0.2",
            "HEARTLINE_SYSTEM_METRICS": "0", "HEARTLINE_GIT": "0", "HEARTLINE_PACKAGES": "0",
            "HEARTLINE_CODE": "0", "XDG_CONFIG_HOME": str(self.home / "config"),
            "PYTHONUNBUFFERED": "1", **self.extra,
        }  # fmt: skip

    def start(self, script: str, *, begin: str = START, **more: Any) -> "subprocess.Popen[str]":
        path = self.home / f"train-{len(self.processes)}.py"
        path.write_text(begin + textwrap.dedent(script))
        said = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **more}
        process = subprocess.Popen(
            [sys.executable, str(path)], env=self.environment, cwd=self.home, **said
        )
        self.processes.append(process)
        return process

    def run(self, script: str, **more: Any) -> "subprocess.CompletedProcess[str]":
        """To its end."""
        process = self.start(script, **more)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def ended(self) -> Kept:
        """What the stub holds once a verdict is there and the spool is gone: all was sent."""
        until(lambda: self.stub.runs and self.stub.only.exits)
        until(lambda: not self.spools)
        return self.stub.only

    @property
    def spools(self) -> list[Path]:
        root = self.home / "heartline"
        return [each for each in root.iterdir() if each.is_dir()] if root.is_dir() else []

    @property
    def internal(self) -> int | None:
        """The internal process of the only spool."""
        return next(iter(self.internals), None)

    @property
    def internals(self) -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit():
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    mine = os.fsencode(self.home) in b"\0".join(words)
                    if mine and any(each.endswith(b"shipper.py") for each in words):
                        found.append(int(entry.name))
        return found

    def end(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        for pid in self.internals:
            with contextlib.suppress(OSError):
                os.kill(pid, 9)
