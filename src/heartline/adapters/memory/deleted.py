"""The reference `DeletedStore`. Never quick."""

from collections.abc import Sequence

from heartline.adapters.memory.runs import MemoryRuns
from heartline.adapters.memory.state import Aside, State
from heartline.core.records import Deleted, RunKey, RunRecord
from heartline.ports import Conflict


class MemoryDeleted:
    """`DeletedStore`."""

    def __init__(self, state: State, runs: MemoryRuns) -> None:
        self._state, self._runs = state, runs

    def put(self, key: RunKey, by: str, at: int) -> None:
        """Set aside the run as it is now."""
        run = self._runs.get(key)
        if run is None:
            raise Conflict(f"run {key} is gone")
        self._state.deleted[key] = Aside(run, self._state.indexed[key], by, at)
        self._runs.delete(key)

    def get(self, key: RunKey) -> Deleted | None:
        """What is known of one."""
        found = self._state.deleted.get(key)
        return None if found is None else _told(found)

    def newest(self, entity: str, project: str, limit: int) -> tuple[Sequence[Deleted], int]:
        """The last deleted, and how many there are."""
        found = [
            _told(each)
            for each in self._state.deleted.values()
            if each.run.path.entity == entity and project in {"", each.run.path.project}
        ]
        found.sort(key=lambda each: (-each.at, -each.key))
        return found[:limit], len(found)

    def before(self, at: int, limit: int) -> Sequence[RunKey]:
        """Those that were deleted at or before `at`, the earliest first."""
        found = sorted((each.at, key) for key, each in self._state.deleted.items() if each.at <= at)
        return [key for _, key in found[:limit]]

    def bring_back(self, key: RunKey) -> RunRecord:
        """Where it was and as it was."""
        found = self._state.deleted.pop(key, None)
        if found is None:
            raise Conflict(f"run {key} is not aside")
        return self._runs.put_back(found.run, found.indexed)

    def drop(self, key: RunKey) -> bool:
        """Forget it for good."""
        return self._state.deleted.pop(key, None) is not None


def _told(aside: Aside) -> Deleted:
    run = aside.run
    return Deleted(
        run.key, run.path, run.name, run.user, run.state, run.created_at, aside.by, aside.at
    )
