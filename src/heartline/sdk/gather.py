"""What the internal process adds to the spool by itself: machine metrics, packages, git."""

import contextlib
import os
import time
from pathlib import Path
from typing import Any

import msgspec

from heartline.sdk import birth as born
from heartline.sdk import capture, clock
from heartline.sdk.child import Child, Tell
from heartline.sdk.deathbed import Watch
from heartline.sdk.spool import Spool
from heartline.sdk.tail import streams
from heartline.wire import spool

SEGMENT_BYTES = 256 * 1024
FIRST_SAMPLE_S = 0.5
"""Then each wait is twice the last one, up to the interval: a short run has a course too."""
CAPTURE_S = 0.2
CAPTURE_S_MAX = 20.0
CAPTURED = "captured"


class Gatherer:
    """Own streams, one per start of the internal process, so that none is overwritten."""

    def __init__(self, directory: Path, birth: born.Birth) -> None:
        self._directory, self._birth = directory, birth
        self._spool: Spool | None = None
        self._encode = msgspec.msgpack.Encoder().encode
        self._sampler: Any = None
        self._step = 0
        self._started = time.monotonic()
        self._pace = FIRST_SAMPLE_S
        self._sample_at = self._started + self._pace
        self._captured = not birth.captures or (directory / CAPTURED).exists()
        self._child: Child | None = None
        self.wrong = ""

    def step(self, watch: Watch) -> bool:
        """Do what is due; whether a new stream began."""
        before = self._spool
        now = time.monotonic()
        with contextlib.suppress(OSError):
            if not self._captured and now - self._started > CAPTURE_S:
                self._capture()
            wanted = self._birth.system_s > 0 and not self.wrong
            if wanted and now >= self._sample_at:
                self._pace = min(2 * self._pace, self._birth.system_s)
                self._sample_at = now + self._pace
                self._sample_if(watch)
        return self._spool is not before

    def last(self) -> None:
        """A run that was over at once still says where it came from."""
        if not self._captured:
            with contextlib.suppress(OSError):
                self._capture()

    @property
    def over(self) -> bool:
        """Whether nothing more will be added; a capture that hangs is given up."""
        if self._child is None or self._child.ended():
            return True
        if time.monotonic() - self._started > CAPTURE_S_MAX:
            self._child.stop()
        return False

    def _sample_if(self, watch: Watch) -> None:
        """A fault of what is only nice to have must not cost the run its witness."""
        try:
            self._sample(watch)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - of drivers and of packages that are not ours
            self.wrong = f"system metrics are not sampled: {error}"

    def _sample(self, watch: Watch) -> None:
        if self._sampler is None:
            from heartline.sdk.system import Sampler

            self._sampler = Sampler(self._birth.pid)
            count = sum(name.startswith(born.SYSTEM) for name in streams(self._directory))
            self._spool = Spool(self._directory, f"{born.SYSTEM}-{count}", SEGMENT_BYTES)
        assert self._spool is not None
        values = self._sampler.sample(time.monotonic())
        if "process.memory_bytes" in values:
            watch.memory_bytes = int(values["process.memory_bytes"])
        self._spool.append(self._encode([spool.SYSTEM, self._step, clock.wall_s(), values]))
        self._step += 1

    def _capture(self) -> None:
        """Once per run: git may be slow and packages many, so a child looks for them."""
        self._captured = True
        (self._directory / CAPTURED).touch()
        directory, birth = self._directory, self._birth
        self._child = Child(lambda _: captured(directory, birth, _))


def captured(directory: Path, birth: born.Birth, _tell: Tell) -> None:
    """Machine, git, packages, the program itself, as one stream; one that fails costs no other."""
    kept = Kept(directory)
    for part in (_machine, _git, _packages, _code):
        with contextlib.suppress(Exception):
            part(birth, kept)
    kept.close()


class Kept:
    """What was found: files beside the spool, and words about the surroundings."""

    def __init__(self, directory: Path) -> None:
        self.environment: dict[str, Any] = {}
        self._directory = directory
        self._spool = Spool(directory, "capture", SEGMENT_BYTES, lazy=True)
        self._encode = msgspec.msgpack.Encoder().encode

    def file(self, name: str, content: bytes) -> None:
        """A file of the run."""
        path = self._directory / name.rpartition("/")[2]
        path.write_bytes(content)
        self._spool.append(self._encode([spool.FILE, name, str(path)]))

    def close(self) -> None:
        """Nothing more was found."""
        if self.environment:
            self._spool.append(self._encode([spool.CHANGES, {"environment": self.environment}]))
        self._spool.close()


def _machine(birth: born.Birth, kept: Kept) -> None:
    if birth.system_s > 0:
        from heartline.sdk.system import machine

        kept.environment["machine"] = machine()


def _git(birth: born.Birth, kept: Kept) -> None:
    if birth.capture_git:
        found, diff = capture.git(birth.directory)
        if found:
            kept.environment["git"] = found
        if diff:
            kept.file("diff.patch", diff.encode("utf-8", "replace"))


def _packages(birth: born.Birth, kept: Kept) -> None:
    if birth.capture_packages and (names := capture.packages(birth.search_path)):
        kept.file("requirements.txt", ("\n".join(names) + "\n").encode("utf-8", "replace"))


def _code(birth: born.Birth, kept: Kept) -> None:
    if birth.capture_code and (path := capture.code(birth.directory, birth.program)):
        kept.file(f"code/{path.name}", path.read_bytes())


def flush(directory: Path) -> None:
    """Ask the disk to keep what is in the page cache: power loss then costs seconds, not a run."""
    for path in directory.glob(f"*{spool.SUFFIX}"):
        with contextlib.suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fdatasync(descriptor)
            finally:
                os.close(descriptor)
