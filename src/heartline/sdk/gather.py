"""What the internal process adds to the spool by itself: machine metrics, packages, git."""

import contextlib
import os
import time
from pathlib import Path
from typing import Any

import msgspec

from heartline.sdk import birth as born
from heartline.sdk import capture
from heartline.sdk.deathbed import Watch
from heartline.sdk.spool import Spool
from heartline.sdk.tail import streams
from heartline.wire import spool

SEGMENT_BYTES = 256 * 1024
FIRST_SAMPLE_S = 0.5
CAPTURE_S = 0.2


class Gatherer:
    """Own stream `system-N`, one per start of the internal process, so that none is overwritten."""

    def __init__(self, directory: Path, birth: born.Birth) -> None:
        self._directory, self._birth = directory, birth
        self._spool: Spool | None = None
        self._encode = msgspec.msgpack.Encoder().encode
        self._sampler: Any = None
        self._step = 0
        self._started = time.monotonic()
        self._sampled_at = self._started - birth.system_s + FIRST_SAMPLE_S
        self._captured = False

    def _append(self, record: list[Any]) -> None:
        if self._spool is None:
            count = sum(name.startswith(born.SYSTEM) for name in streams(self._directory))
            self._spool = Spool(self._directory, f"{born.SYSTEM}-{count}", SEGMENT_BYTES)
        self._spool.append(self._encode(record))

    def step(self, watch: Watch) -> bool:
        """Do what is due; whether a new stream began."""
        before = self._spool
        now = time.monotonic()
        with contextlib.suppress(OSError):
            if not self._captured and now - self._started > CAPTURE_S:
                self._captured = True
                self._capture()
            if self._birth.system_s > 0 and now - self._sampled_at >= self._birth.system_s:
                self._sampled_at = now
                self._sample(watch)
        return self._spool is not before

    def last(self) -> None:
        """A run that was over at once still says where it came from."""
        with contextlib.suppress(OSError):
            if not self._captured:
                self._captured = True
                self._capture()

    def _sample(self, watch: Watch) -> None:
        if self._sampler is None:
            from heartline.sdk.system import Sampler

            self._sampler = Sampler(self._birth.pid)
        values = self._sampler.sample(time.monotonic())
        if "process.memory_bytes" in values:
            watch.memory_bytes = int(values["process.memory_bytes"])
        self._append([spool.SYSTEM, self._step, time.time(), values])
        self._step += 1

    def _capture(self) -> None:
        """Once: machine, git, packages, the program itself; each can be switched off."""
        birth = self._birth
        environment: dict[str, Any] = {}
        if birth.system_s > 0:
            from heartline.sdk.system import machine

            environment["machine"] = machine()
        if birth.capture_git:
            found, diff = capture.git(birth.directory)
            if found:
                environment["git"] = found
            if diff:
                self._file("diff.patch", diff)
        if birth.capture_packages:
            names = capture.packages(birth.search_path)
            if names:
                self._file("requirements.txt", "\n".join(names) + "\n")
        if birth.capture_code:
            path = capture.code(birth.directory, birth.program)
            if path is not None:
                self._append([spool.FILE, f"code/{path.name}", str(path)])
        if environment:
            self._append([spool.CHANGES, {"environment": environment}])

    def _file(self, name: str, text: str) -> None:
        path = self._directory / name
        path.write_text(text, encoding="utf-8")
        self._append([spool.FILE, name, str(path)])


def flush(directory: Path) -> None:
    """Ask the disk to keep what is in the page cache: power loss then costs seconds, not a run."""
    for path in directory.glob(f"*{spool.SUFFIX}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
