"""Keys that were made a moment ago, for those who made them. Never on disk, never for long."""

from collections.abc import Callable

from heartline.usecases.access import Principal

TOLD_MS = 60_000
KEPT_MAX = 1_000


class NewKeys:
    """The client reads a new key from a second question: it may, for a minute."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, str, int]] = {}

    def keep(self, key_id: str, secret: str, maker: str, now_wall: int) -> None:
        """For `TOLD_MS`, and only for who made it."""
        self._drop(lambda until: until < now_wall)
        if len(self._kept) >= KEPT_MAX:
            self._kept.clear()
        self._kept[key_id] = (secret, maker, now_wall + TOLD_MS)

    def told(self, key_id: str, who: Principal | None, now_wall: int) -> str | None:
        """The key itself, if it is new and the asker made it."""
        secret, maker, until = self._kept.get(key_id, ("", "", 0))
        mine = who is not None and who.user.name == maker
        return secret if mine and until >= now_wall else None

    def _drop(self, old: Callable[[int], bool]) -> None:
        self._kept = {name: kept for name, kept in self._kept.items() if not old(kept[2])}


NEW_KEYS = NewKeys()
