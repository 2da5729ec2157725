"""The internal process: watches the trainer, ships its spool, outlives it. Never imported by it.

Started as `python -I -S shipper.py <spool directory> <pidfd> <control fd> <events fd>
<hold fd> <paths…>`.
It keeps its own session, so a signal to the trainer's group does not reach it, and it prints
nothing: what people should know goes through the events pipe to the SDK.
"""

import contextlib
import gc
import os
import select
import signal
import sys
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    # Not a child of the trainer any more: its `os.wait()` must not wait for us.
    if os.fork():
        os._exit(0)
    sys.path[:0] = sys.argv[6:]
    # A quicker start: msgspec does without it where `typing` has all, and there is no garbage yet.
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]
    gc.disable()

import msgspec

from heartline.sdk import birth as born
from heartline.sdk import tending, witness
from heartline.sdk.exits import LEAVING
from heartline.sdk.sending import Shipper

if TYPE_CHECKING:
    from heartline.sdk.deathbed import Watch
    from heartline.sdk.gather import Gatherer

TICK_S = 0.25
HASTE_S = 0.01
WORKERS_S = 2.0
FAULTS_MAX, FAULT_S = 60, 1.0
AWAY_S_MAX = 7 * 24 * 3600.0


class Vigil:
    """The loop of the internal process around a shipper."""

    def __init__(self, shipper: Shipper, pidfd: int, control: int, hold: int) -> None:
        self.shipper, self.pidfd, self.control, self.hold = shipper, pidfd, control, hold
        self._leaving = self._level = False
        self._synced_at = time.monotonic()
        self._left_at: float | None = None
        self._told_done = False
        self._workers_at = 0.0
        self._workers_gone = False
        self._faults = 0
        shipper.meanwhile(self._wait_for)

    @cached_property
    def watch(self) -> "Watch":
        """What is needed at the end only is loaded once the run is open."""
        from heartline.sdk.deathbed import Watch

        return Watch(self.shipper.birth, self.pidfd)

    @cached_property
    def gatherer(self) -> "Gatherer":
        """Likewise."""
        from heartline.sdk.gather import Gatherer

        return Gatherer(self.shipper.directory, self.shipper.birth)

    def run(self) -> None:
        """Until everything is told, or nobody will ever listen."""
        self.shipper.say("ready", pid=os.getpid())
        self.shipper.ship()
        while not self._step_whole():
            self._pause()
        self._done()
        self.shipper.close()

    def _done(self) -> None:
        if not self._told_done:
            self._told_done = True
            self.shipper.say("done")

    def _pause(self) -> None:
        """Wake when the trainer dies, when the SDK asks, or when something is due."""
        shipper = self.shipper
        if shipper.hungry:
            return
        ended = shipper.courier.exit is not None
        seconds = TICK_S
        if ended and not self._told_done:
            seconds = min(TICK_S, max(HASTE_S, shipper.retry_in_s))
        elif self._leaving:
            seconds = HASTE_S
        inputs = [each for each in (self.control,) if each >= 0]
        if self.pidfd >= 0 and not ended:
            inputs.append(self.pidfd)
        ready, _, _ = select.select(inputs, [], [], seconds)
        if self.control in ready:
            said = os.read(self.control, 4096)
            self._leaving = self._leaving or LEAVING in said
            if not said:
                # The trainer let go of its end, or became another program.
                self.control = -1

    def _wait_for(self, answer: Any, seconds: float) -> None:
        """For an answer of the server; a trainer that ends meanwhile is judged at once."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            inputs = [answer]
            if self.pidfd >= 0 and self.shipper.courier.exit is None:
                inputs.append(self.pidfd)
            ready, _, _ = select.select(inputs, [], [], left)
            if answer in ready:
                return
            if self.pidfd in ready:
                self._judge()

    def _step_whole(self) -> bool:
        """One round. While the program lives the SDK starts us again after a fault; then nobody."""
        try:
            return self._step()
        except Exception:
            self._faults += 1
            if self.watch.alive or self._faults > FAULTS_MAX:
                raise
            import traceback

            traceback.print_exc()
            time.sleep(FAULT_S)
            return False

    def _step(self) -> bool:
        """One round; whether the vigil is over."""
        shipper = self.shipper
        shipper.scan()
        shipper.read_notes()
        self._judge()
        if self.gatherer.step(self.watch):
            shipper.scan(force=True)
        if self.gatherer.wrong:
            shipper.say_once("file", self.gatherer.wrong)
        now = time.monotonic()
        if now - self._synced_at > tending.PULSE_S:
            self._synced_at = now
            from heartline.sdk.gather import flush

            flush(shipper.directory)
            tending.pulse(shipper.directory)
        ended = shipper.courier.exit is not None
        gathered = self.gatherer.over
        if ended and gathered:
            shipper.scan(force=True)
        elif not ended:
            shipper.courier.process_state = witness.process_state(shipper.birth.pid)
        complete = shipper.ship() and gathered
        if self._leaving:
            self._let_go(complete or self._hopeless)
        return self._over(complete)

    @property
    def _hopeless(self) -> bool:
        """Whether nothing is sent, or the server has never been there."""
        never = self.shipper.courier.must_open and self.shipper.retry_in_s > 0
        return self.shipper.offline or never

    def _let_go(self, told: bool) -> None:
        """Of a program that waits for us at its end: first for what it logged, then for its end."""
        if told and self.shipper.courier.exit is None and not self._level:
            self._level = True
            self.shipper.say("level")
        elif told and self.shipper.courier.exit is not None:
            self._release()

    def _release(self) -> None:
        if self.hold >= 0:
            os.close(self.hold)
            self.hold = -1

    def _judge(self) -> None:
        from heartline.sdk import deathbed

        shipper = self.shipper
        if shipper.courier.exit is not None:
            return
        lines = tuple(shipper.lines)
        verdict = deathbed.finished(shipper.notes, lines)
        if verdict is None and self._leaving:
            verdict = deathbed.leaving(
                shipper.directory, shipper.notes, self.watch, lines, shipper.write_down
            )
            if verdict is not None and verdict.state == "finished" and self._goes_on(None):
                self._leaving = False
                self._release()
                return
        if verdict is None and not self.watch.alive:
            shipper.read_notes()
            if self._goes_on(witness.kernel_record(self.pidfd, shipper.birth.pid)):
                return
            verdict = deathbed.finished(shipper.notes, lines) or deathbed.died(
                shipper.directory, shipper.notes, self.watch, lines, shipper.write_down
            )
        if verdict is not None:
            shipper.scan(force=True)
            shipper.conclude(verdict)
            self.gatherer.last()
            if verdict.state == "finished":
                self._forget_latest()

    def _goes_on(self, end: witness.End | None) -> bool:
        """Whether the program has become a daemon: then that process is watched instead."""
        from heartline.sdk import deathbed, heirs

        shipper, birth = self.shipper, self.shipper.birth
        if birth.launcher or not (
            pid := heirs.find(shipper.directory, birth.session, shipper.notes, end)
        ):
            return False
        with contextlib.suppress(OSError):
            os.close(self.pidfd)
        try:
            self.pidfd = os.pidfd_open(pid)
        except OSError:
            self.pidfd = -1
        shipper.notes = heirs.inherit(shipper.directory, shipper.notes)
        shipper.birth = msgspec.structs.replace(birth, pid=pid)
        self.watch = deathbed.Watch(shipper.birth, self.pidfd)
        return True

    def _forget_latest(self) -> None:
        """A run that ended well is not one that `resume='auto'` goes on with."""
        latest = self.shipper.directory.parent / born.LATEST
        with contextlib.suppress(OSError, msgspec.MsgspecError, KeyError, TypeError):
            if msgspec.json.decode(latest.read_bytes())["id"] == self.shipper.birth.request.id:
                latest.unlink()

    def _over(self, complete: bool) -> bool:
        shipper = self.shipper
        if shipper.courier.exit is None:
            return False
        if shipper.offline:
            return self.gatherer.over
        if complete:
            self._done()
            if self._workers_live():
                return False
            self._tidy()
            return True
        self._left_at = self._left_at or time.monotonic()
        return time.monotonic() - self._left_at > AWAY_S_MAX

    def _workers_live(self) -> bool:
        """Whether a forked worker may log more, after its parent is gone.

        Once they are all gone, what they logged last is looked for one more time.
        """
        if time.monotonic() - self._workers_at < WORKERS_S:
            return True
        known = tending.workers(self.shipper.directory)
        if any(map(tending.is_alive, known)):
            self._workers_at = time.monotonic()
            return True
        last, self._workers_gone = bool(known) and not self._workers_gone, True
        if last:
            self.shipper.scan(force=True)
        return last

    def _tidy(self) -> None:
        """Everything is on the server: the spool has done its duty."""
        import shutil

        shutil.rmtree(self.shipper.directory, ignore_errors=True)


def main() -> None:
    """Entry of the internal process."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    directory = Path(sys.argv[1])
    pidfd, control, events, hold = (int(each) for each in sys.argv[2:6])
    key = os.environ.pop("HEARTLINE_INTERNAL_KEY", "")
    tending.tend(directory)
    gc.enable()
    gc.freeze()
    shipper = Shipper(directory, events, key=key)
    Vigil(shipper, pidfd, control, hold).run()


if __name__ == "__main__":
    main()
