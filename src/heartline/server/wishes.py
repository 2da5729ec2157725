"""Who wants to see where a run's programs stand. Kept in memory: a wish is short-lived."""

from heartline.core.lifecycle import Wall
from heartline.core.records import RunKey

WISH_MS_MAX = 60_000
WISHES_MAX = 10_000


class Wishes:
    """The newest wish of each run, for as long as anybody may still wait for its answer."""

    def __init__(self) -> None:
        self._at: dict[RunKey, Wall] = {}

    def ask(self, run: RunKey, now: Wall) -> None:
        """The run's programs are told with their next heartbeat."""
        if len(self._at) >= WISHES_MAX:
            self._at = {key: at for key, at in self._at.items() if now - at < WISH_MS_MAX}
        if len(self._at) < WISHES_MAX:
            self._at[run] = now

    def hear(self, run: RunKey, at: Wall) -> None:
        """Asked at another server."""
        if at > self._at.get(run, 0):
            self.ask(run, at)

    def asked(self, run: RunKey, now: Wall) -> int:
        """When it was asked last; 0 if nobody waits."""
        at = self._at.get(run)
        return at if at is not None and now - at < WISH_MS_MAX else 0
