"""What an agent and the server say to each other: join, beats, goodbye. Never starts anything.

A server that is away is asked again with longer and longer pauses; trials go on meanwhile, and
what has ended is told with the first beat that arrives.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import msgspec

from heartline.client import errors
from heartline.client.calls import Calls
from heartline.client.transport import quoted
from heartline.sdk.settings import resolve
from heartline.wire.sweeps import AgentBeat, AgentCreate, AgentCreated, BeatReply, TrialEnd

BEAT_TIMEOUT_S = 10.0
JOIN_PATIENCE_S = 60.0
HEARTBEAT_S_MIN = 0.2
IDLE_S = 0.25
AWAY_S = 0.5
AWAY_S_MAX = 5.0
GOODBYE_S = 5.0
AWAY = (errors.Unreachable, errors.ServerFault)

Say = Callable[[str], None]


class SweepGone(Exception):
    """The sweep was deleted, or is not ours to see any more."""


@dataclass
class Line:
    """The conversation of one agent. `due` is when the next beat is (monotonic seconds)."""

    calls: Calls
    path: tuple[str, str, str]
    kind: str
    say: Say
    me: AgentCreated = field(init=False)
    due: float = 0.0
    _pause_s: float = IDLE_S
    _away_s: float = 0.0
    _seq: int = 0

    @property
    def beat_s(self) -> float:
        """The rhythm that the server asks for."""
        return self.me.beat_ms / 1000

    def join(self) -> AgentCreated:
        """Become an agent of the sweep; an absent server is waited for."""
        beat_ms = int(max(resolve(None, None).heartbeat, HEARTBEAT_S_MIN) * 1000)
        said = AgentCreate(host=os.uname().nodename, kind=self.kind, beat_ms=beat_ms)
        with self.calls.waiting(JOIN_PATIENCE_S):
            self.me = self.calls.send("POST", f"{self._address}/agents", said, AgentCreated)
        return self.me

    @property
    def _address(self) -> str:
        return f"/api/v1/sweeps/{quoted(*self.path)}"

    def beat(
        self, running: Sequence[str], ended: Sequence[TrialEnd], *, wants: bool
    ) -> BeatReply | None:
        """One beat and its answer; None while the server is away."""
        said = AgentBeat(running=list(running), ended=list(ended), wants=wants)
        try:
            reply = self._send(said)
        except AWAY as error:
            self._absent(error)
            return None
        except errors.NotFound:
            self._again()
            return None
        if self._away_s:
            self.say("the server answers again")
            self._away_s = 0.0
        self.due = time.monotonic() + (min(self._pause_s, self.beat_s) if wants else self.beat_s)
        self._pause_s = min(self._pause_s * 2, self.beat_s)
        return reply

    def _send(self, said: AgentBeat) -> BeatReply:
        path = f"{self._address}/agents/{quoted(self.me.id)}/beat"
        self._seq += 1
        said = msgspec.structs.replace(said, seq=self._seq)
        return self.calls.send("POST", path, said, BeatReply, once=True)

    def hurry(self) -> None:
        """Something has happened: the next beat is now, and those after it come quickly."""
        self._pause_s = IDLE_S
        if not self._away_s:
            self.due = 0.0

    def _absent(self, error: errors.HeartlineError) -> None:
        if not self._away_s:
            self.say(f"{error}; runs go on, and it is asked again")
        self._away_s = min(max(AWAY_S, self._away_s * 2), AWAY_S_MAX)
        # Agents that lost the server together do not all come back in the same moment.
        self.due = time.monotonic() + self._away_s * random.uniform(0.7, 1.0)  # noqa: S311

    def _again(self) -> None:
        """A server that was restored from a backup may not know us any more; else it is the end."""
        try:
            self.join()
        except errors.NotFound as error:
            raise SweepGone(str(error)) from None
        except AWAY as error:
            self._absent(error)

    def leave(self, ended: Sequence[TrialEnd]) -> None:
        """Say goodbye; a server that does not hear it finds out by our silence."""
        said = AgentBeat(ended=list(ended), leaving=True)
        until = time.monotonic() + GOODBYE_S
        while True:
            try:
                self._send(said)
            except AWAY:
                if time.monotonic() > until:
                    return
                time.sleep(AWAY_S)
            except errors.HeartlineError:
                return
            else:
                return
