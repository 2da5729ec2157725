"""The reference `RunStore`: what every other must agree with. Never quick."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from heartline.adapters.memory.state import State
from heartline.core.filters.evaluate import matches, sort_key
from heartline.core.filters.fields import field_value, flat, indexable
from heartline.core.filters.tree import Order
from heartline.core.lifecycle import LIVE, Entry, Instant, Now, Wall, deadline
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.core.texts import clean_record, clean_values
from heartline.ports import Answer, Conflict, Life, Question

NOWHEN = Now(Instant(0), Wall(0))


class MemoryRuns:
    """`RunStore`."""

    def __init__(self, state: State) -> None:
        self._state = state

    def create(self, record: RunRecord, entries: Sequence[Entry]) -> RunRecord:
        """Store a new run; Conflict if the path is taken."""
        record = clean_record(record)
        path = record.path
        if (path.entity, path.project) not in self._state.projects:
            raise LookupError(f"no project {path.entity}/{path.project}: create it first")
        if self.find(path) is not None:
            raise Conflict(str(path))
        key = RunKey(self._state.next_key)
        self._state.next_key += 1
        return self._put(replace(record, key=key, version=1), entries)

    def _put(self, record: RunRecord, entries: Sequence[Entry]) -> RunRecord:
        state = self._state
        gone = indexable(state.runs[record.key]) if record.key in state.runs else {}
        series = {n: v for n, v in state.indexed.get(record.key, {}).items() if n not in gone}
        state.indexed[record.key] = series | indexable(record)
        state.runs[record.key] = record
        self._set_deadline(record.key, deadline(record.life))
        state.ledger += tuple((record.key, entry) for entry in entries)
        return record

    def _set_deadline(self, key: RunKey, at: Instant | None) -> None:
        self._state.deadlines.pop(key, None)
        if at is not None:
            self._state.deadlines[key] = at

    def find(self, path: RunPath) -> RunRecord | None:
        """The run at this path, unless deleted."""
        return next((run for run in self._state.runs.values() if run.path == path), None)

    def get(self, key: RunKey, *, hold: bool = False) -> RunRecord | None:
        """The run with this key, unless deleted; one unit at a time writes."""
        return self._state.runs.get(key)

    def get_many(self, keys: Sequence[RunKey]) -> Sequence[RunRecord]:
        """Those of the keys that exist."""
        return [run for key in keys if (run := self.get(key)) is not None]

    def life(self, key: RunKey) -> Life | None:
        """Only what the lifecycle needs of a run."""
        run = self.get(key)
        if run is None:
            return None
        place = (run.path.entity, run.path.project)
        return Life(run.life, run.version, run.progress_at, run.last_step, place)

    def save_life(self, key: RunKey, life: Life) -> None:
        """Compare-and-set an unchanged state with its newer heartbeat."""
        run = self._seen(key, life.version)
        self._put(
            replace(
                run,
                life=life.run,
                progress_at=life.progress_at,
                last_step=life.last_step,
                version=life.version + 1,
            ),
            (),
        )

    def _seen(self, key: RunKey, version: int) -> RunRecord:
        run = self.get(key)
        if run is None or run.version != version:
            raise Conflict(f"run {key} was changed meanwhile")
        return run

    def save(self, record: RunRecord, entries: Sequence[Entry] = ()) -> RunRecord:
        """Compare-and-set everything; append the entries to the ledger."""
        self._seen(record.key, record.version)
        there = self.find(record.path)
        if there is not None and there.key != record.key:
            raise Conflict(str(record.path))
        return self._put(replace(clean_record(record), version=record.version + 1), entries)

    def ledger(self, key: RunKey) -> Sequence[Entry]:
        """All entries, oldest first."""
        return [entry for run, entry in self._state.ledger if run == key]

    def overdue(self, now: Instant, limit: int) -> Sequence[RunKey]:
        """Runs whose stored deadline is at or before `now`, earliest first."""
        due = sorted((at, key) for key, at in self._state.deadlines.items() if at <= now)
        return [key for _, key in due[:limit]]

    def next_deadline(self) -> Instant | None:
        """The earliest stored deadline."""
        return min(self._state.deadlines.values(), default=None)

    def defer(self, record: RunRecord, until: Instant | None) -> None:
        """Ask again then, if it still is what was read."""
        if self._state.runs[record.key].version != record.version:
            return
        self._state.deadlines.pop(record.key, None)
        if until is not None:
            self._state.deadlines[record.key] = until

    def live(self) -> Sequence[RunKey]:
        """All runs that have not ended."""
        return [key for key, run in self._state.runs.items() if run.state in LIVE]

    def query(self, question: Question) -> Answer:
        """A page of runs with counts."""
        found = [
            (run, replace(run, summary=self._summary(run)))
            for run in self._state.runs.values()
            if (run.path.entity, run.path.project) in set(question.projects)
        ]
        found = [pair for pair in found if matches(question.filter, pair[1], question.now)]
        found.sort(key=lambda pair: -pair[0].key)
        for order in reversed(question.order or (Order("created", descending=True),)):
            found = _sorted(found, order, question.now)
        states = Counter(run.state.value for run, _ in found if question.counted)
        page = found[question.offset : question.offset + question.limit]
        return Answer([run for run, _ in page], states.total(), dict(states))

    def keys(self, question: Question) -> Sequence[RunKey]:
        """Of that page only the keys."""
        return [run.key for run in self.query(question).runs]

    def _summary(self, run: RunRecord) -> dict[str, Any]:
        known = self._state.indexed.get(run.key, {})
        return {
            name.removeprefix("summary."): value
            for name, value in known.items()
            if name.startswith("summary.")
        }

    def fields(self, project: tuple[str, str], contains: str, limit: int) -> Sequence[str]:
        """Known `config.*` and `summary.*` fields of a project."""
        names = {name for run in self._of(project) for name in self._state.indexed[run.key]}
        return sorted(name for name in names if contains.lower() in name.lower())[:limit]

    def _of(self, project: tuple[str, str]) -> list[RunRecord]:
        return [
            run
            for run in self._state.runs.values()
            if (run.path.entity, run.path.project) == project
        ]

    def values(self, project: tuple[str, str], field: str, limit: int) -> Sequence[tuple[Any, int]]:
        """The commonest values of a field with counts."""
        counts: Counter[Any] = Counter()
        for run in self._of(project):
            value = field_value(replace(run, summary=self._summary(run)), field, NOWHEN)
            counts.update(value if isinstance(value, list) else [value])
        found = [(value, n) for value, n in counts.items() if value not in {None, ""}]
        fine = [each for each in found if not _is_nan(each[0])]
        fine.sort(key=lambda each: (-each[1], isinstance(each[0], str), each[0]))
        return fine[:limit]

    def indexed(
        self, keys: Sequence[RunKey], fields: Sequence[str] | None
    ) -> Mapping[RunKey, Mapping[str, float | str]]:
        """The indexed config.* and summary.* values of these runs."""
        return {
            key: {
                name: value
                for name, value in self._state.indexed[key].items()
                if (fields is None or name in fields) and not _is_nan(value)
            }
            for key in keys
            if key in self._state.indexed
        }

    def index_summary(self, key: RunKey, values: Mapping[str, float | str | bool | None]) -> None:
        """Refresh the indexed last values of series."""
        if key in self._state.runs:
            own = indexable(self._state.runs[key])
            known = flat(clean_values(values), "summary.")
            self._state.indexed[key] = known | own

    def delete(self, key: RunKey) -> None:
        """Hide the run at once, for good."""
        for held in (self._state.runs, self._state.indexed, self._state.deadlines):
            held.pop(key, None)

    def put_back(self, record: RunRecord, indexed: Mapping[str, float | str]) -> RunRecord:
        """A run that was deleted, as it was; Conflict if its path is taken."""
        if self.find(record.path) is not None:
            raise Conflict(str(record.path))
        back = self._put(replace(record, version=record.version + 1), ())
        self._state.indexed[record.key] = dict(indexed)
        return back

    def states(self, project: tuple[str, str]) -> Mapping[str, int]:
        """Count of runs by state."""
        return dict(Counter(run.state.value for run in self._of(project)))

    def changed_since(self, seq: int, limit: int) -> Sequence[tuple[int, RunKey]]:
        """(global ledger sequence, run) of changes after `seq`."""
        found = list(enumerate((run for run, _ in self._state.ledger), start=1))
        return [each for each in found if each[0] > seq][:limit]

    def last_seq(self) -> int:
        """The newest global ledger sequence."""
        return len(self._state.ledger)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


Pair = tuple[RunRecord, RunRecord]


def _sorted(found: list[Pair], order: Order, now: Now) -> list[Pair]:
    """Numbers, then texts, each in the direction asked; runs that lack the field last."""
    groups: tuple[list[Pair], ...] = ([], [], [])
    for pair in found:
        groups[sort_key(pair[1], order, now)[0]].append(pair)
    numbers, texts, lacking = groups
    numbers.sort(key=lambda pair: sort_key(pair[1], order, now)[1])
    texts.sort(key=lambda pair: sort_key(pair[1], order, now)[2], reverse=order.descending)
    return numbers + texts + lacking
