"""Wrong passwords of late: guessing is made slow, and no stranger locks anybody out.

Never stores.
"""

import asyncio
import ipaddress
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from heartline.core.lifecycle import Instant
from heartline.server.problems import ProblemError

PERIOD_MS = 60_000
FROM_ONE_ADDRESS_FOR_ONE_USER_MAX = 10
FROM_ONE_ADDRESS_MAX = 100
FOR_ONE_USER_MAX = 100
TRACKED_MAX = 10_000
KNOWN_MAX = 10_000
CHECKS_AT_ONCE_MAX = 4
CHECKS_WAITING_MAX = 64
TOO_MANY = "too many wrong passwords; try again in a minute"
CROWDED = "too many are signing in just now; try again in a moment"
V6_PREFIX = 64

Key = tuple[str, str]


class Guesses:
    """Counts by user and address, by address, and by user.

    Where a user has signed in before, only that address's own guesses count: however much others
    guess, it stays open.
    """

    def __init__(self) -> None:
        self._at: dict[Key, deque[Instant]] = {}
        self._known: dict[Key, None] = {}
        self._turns = asyncio.Semaphore(CHECKS_AT_ONCE_MAX)
        self._waiting = 0

    def count(self, user: str, address: str, now: Instant) -> None:
        """One more: before it is looked at, so that many at once are no more than one by one."""
        for key in _kept_at(user, address):
            if key not in self._at and len(self._at) >= TRACKED_MAX:
                del self._at[next(iter(self._at))]
            lately = self._at.pop(key, None) or deque(maxlen=FOR_ONE_USER_MAX)
            lately.append(now)
            self._at[key] = lately

    def take_back(self, user: str, address: str, now: Instant) -> None:
        """It was no wrong one: as if that of `now` had never been counted."""
        for key in _kept_at(user, address):
            lately = self._at.get(key, deque())
            if now in lately:
                lately.remove(now)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """A turn to look at one password; refused at once where many wait for theirs."""
        if self._waiting >= CHECKS_WAITING_MAX:
            raise ProblemError("too_many", CROWDED)
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    def proved(self, user: str, address: str) -> None:
        """The password was right."""
        self._known.pop((user, address), None)
        self._known[user, address] = None
        if len(self._known) > KNOWN_MAX:
            del self._known[next(iter(self._known))]

    def too_many(self, user: str, address: str, now: Instant) -> bool:
        """Whether to wait before the next is looked at."""
        if self._lately((user, address), now) >= FROM_ONE_ADDRESS_FOR_ONE_USER_MAX:
            return True
        if (user, address) in self._known:
            return False
        return (
            self._lately(("", address), now) >= FROM_ONE_ADDRESS_MAX
            or self._lately((user, ""), now) >= FOR_ONE_USER_MAX
        )

    def _lately(self, key: Key, now: Instant) -> int:
        return sum(now - at < PERIOD_MS for at in self._at.get(key, ()))


def _kept_at(user: str, address: str) -> tuple[Key, Key, Key]:
    return (user, address), ("", address), (user, "")


def address_of(request: Any) -> str:
    """Where a request comes from.

    Of a proxy on this machine, what it says; of IPv6, the network.
    """
    said = request.client.host if request.client else ""
    if _loopback(said):
        said = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip() or said
    try:
        found = ipaddress.ip_address(said)
    except ValueError:
        return said[:64]
    if found.version == 6:
        return str(ipaddress.ip_network(f"{found}/{V6_PREFIX}", strict=False))
    return str(found)


def _loopback(said: str) -> bool:
    try:
        return ipaddress.ip_address(said).is_loopback
    except ValueError:
        return False
