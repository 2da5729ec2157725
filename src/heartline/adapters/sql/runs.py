"""Runs, their ledgers and the index over their values. Never decides a state."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import index, query, rows
from heartline.adapters.sql.hot import Hot
from heartline.adapters.sql.tables import bodies, field_names, ledger, lives, projects, runs, tags
from heartline.adapters.sql.tables import fields as values
from heartline.adapters.sql.upsert import upsert
from heartline.core.filters.fields import flat, indexable
from heartline.core.lifecycle import LIVE, Entry, Instant
from heartline.core.records import RunKey, RunPath, RunRecord
from heartline.core.texts import clean_record, clean_values
from heartline.ports import Answer, Conflict, Life, Question

ALIVE = 0
SUMMARY = "summary."
_LIFE = Hot(
    sa.select(
        lives.c.life, lives.c.version, lives.c.progress_at, lives.c.last_step,
        projects.c.entity, projects.c.name,
    )
    .join(runs, runs.c.key == lives.c.run)
    .join(projects, projects.c.key == runs.c.project)
    .where(lives.c.run == sa.bindparam("key"))
)  # fmt: skip
_HOLD = Hot(sa.select(lives.c.run).where(lives.c.run == sa.bindparam("key")).with_for_update())
_SWAP = Hot(
    sa.update(lives).where(
        lives.c.run == sa.bindparam("of"), lives.c.version == sa.bindparam("seen")
    )
)


class SqlRuns:
    """`RunStore`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection
        self._loaded: dict[RunKey, RunRecord] = {}

    def create(self, record: RunRecord, entries: Sequence[Entry]) -> RunRecord:
        """Store a new run; Conflict if the path is taken."""
        record = clean_record(record)
        project = self._held_project(record.path)
        try:
            done = self._db.execute(
                sa.insert(runs).values(project=project, deleted_at=ALIVE, **rows.wide(record))
            )
        except sa.exc.IntegrityError as error:
            raise Conflict(str(record.path)) from error
        key = RunKey(done.inserted_primary_key[0])  # type: ignore[index]
        made = rows.keyed(record, key, version=1)
        self._lay(made)
        self._append(made.key, entries)
        index.put(self._db, made.key, project, {}, indexable(made))
        return made

    def _lay(self, made: RunRecord) -> None:
        life = {"version": made.version, **_narrow(made)}
        self._db.execute(sa.insert(lives).values(run=made.key, **life))
        self._db.execute(sa.insert(bodies).values(run=made.key, **rows.nested(made)))
        self._put_tags(made)

    def put_back(self, record: RunRecord, held: Sequence[index.Held]) -> RunRecord:
        """A run that was deleted, as it was; Conflict if its path is taken."""
        back = rows.keyed(record, record.key, record.version + 1)
        project = self._place(back, deleted_at=ALIVE)
        self._lay(back)
        index.put_held(self._db, back.key, project, held)
        self._loaded[back.key] = back
        return back

    def find(self, path: RunPath) -> RunRecord | None:
        """The run at this path, unless deleted."""
        return self._one(
            (projects.c.entity == path.entity)
            & (projects.c.name == path.project)
            & (runs.c.id == path.id)
        )

    def get(self, key: RunKey, *, hold: bool = False) -> RunRecord | None:
        """The run with this key, unless deleted; SQLite has one unit at a time that writes."""
        if hold:
            _HOLD(self._db, {"key": key})
        return self._one(runs.c.key == key)

    def get_many(self, keys: Sequence[RunKey]) -> Sequence[RunRecord]:
        """Those of the keys that exist."""
        if not keys:
            return []
        return self._all(
            rows.select().where(runs.c.key.in_(list(keys)), runs.c.deleted_at == ALIVE)
        )

    def _one(self, condition: sa.ColumnElement[bool]) -> RunRecord | None:
        row = self._db.execute(rows.select().where(condition, runs.c.deleted_at == ALIVE)).first()
        if row is None:
            return None
        found = rows.record(row, self._tags([row.key]))
        self._loaded[found.key] = found
        return found

    def _all(self, select: sa.Select[Any]) -> list[RunRecord]:
        found = self._db.execute(select).all()
        labels = self._tags([row.key for row in found])
        return [rows.record(row, labels) for row in found]

    def _tags(self, keys: list[int]) -> dict[int, list[str]]:
        labels: dict[int, list[str]] = {}
        if keys:
            asked = sa.select(tags).where(tags.c.run.in_(keys)).order_by(tags.c.tag)
            for row in self._db.execute(asked):
                labels.setdefault(row.run, []).append(row.tag)
        return labels

    def life(self, key: RunKey) -> Life | None:
        """Only what the lifecycle needs of a run."""
        row = _LIFE(self._db, {"key": key}).fetchone()
        if row is None:
            return None
        run, version, progress_at, last_step, *place = row
        return Life(rows.LIFE.decode(run), version, progress_at, last_step, (place[0], place[1]))

    def save_life(self, key: RunKey, life: Life) -> None:
        """Compare-and-set an unchanged state with its newer heartbeat."""
        self._swap(key, life.version, rows.narrow(life.run, life.progress_at, life.last_step))

    def _swap(self, key: RunKey, version: int, values: dict[str, Any]) -> None:
        done = _SWAP(self._db, {"of": key, "seen": version, "version": version + 1, **values})
        if done.rowcount != 1:
            raise Conflict(f"run {key} was changed meanwhile")

    def save(self, record: RunRecord, entries: Sequence[Entry] = ()) -> RunRecord:
        """Compare-and-set everything; append the entries to the ledger."""
        known = self._loaded.get(record.key) or self.get(record.key)
        record = clean_record(record)
        self._swap(record.key, record.version, _narrow(record))
        if known is not None and known.path != record.path:
            self._move(record)
        self._db.execute(
            sa.update(runs).where(runs.c.key == record.key).values(**rows.wide(record))
        )
        self._db.execute(
            sa.update(bodies).where(bodies.c.run == record.key).values(**rows.nested(record))
        )
        self._append(record.key, entries)
        # A change of state alone moves no index: that is what most saves are.
        if known is not None and known.tags != record.tags:
            self._put_tags(record)
        if known is not None and _values(known) != _values(record):
            project = self._project(record.path.entity, record.path.project)
            index.put(self._db, record.key, project, indexable(known), indexable(record))
        saved = rows.keyed(record, record.key, record.version + 1)
        self._loaded[record.key] = saved
        return saved

    def _move(self, record: RunRecord) -> None:
        """Into another project, with what the index holds under that project's own names."""
        project = self._place(record)
        held = index.held(self._db, record.key)
        self._db.execute(sa.delete(values).where(values.c.run == record.key))
        index.put_held(self._db, record.key, project, held)

    def _place(self, record: RunRecord, **more: int) -> int:
        project = self._held_project(record.path)
        own = sa.update(runs).where(runs.c.key == record.key)
        try:
            self._db.execute(own.values(project=project, id=record.path.id, **more))
        except sa.exc.IntegrityError as error:
            raise Conflict(str(record.path)) from error
        return project

    def _append(self, key: RunKey, entries: Sequence[Entry]) -> None:
        if entries:
            self._db.execute(
                sa.insert(ledger),
                [
                    {"run": key, "number": entry.seq, "entry": msgspec.msgpack.encode(entry)}
                    for entry in entries
                ],
            )

    def _put_tags(self, record: RunRecord) -> None:
        self._db.execute(sa.delete(tags).where(tags.c.run == record.key))
        upsert(self._db, tags, [{"run": record.key, "tag": tag} for tag in record.tags])

    def indexed(
        self, keys: Sequence[RunKey], fields: Sequence[str] | None
    ) -> Mapping[RunKey, Mapping[str, float | str]]:
        """The indexed config.* and summary.* values of these runs."""
        asked = (
            sa.select(values.c.run, field_names.c.name, values.c.number, values.c.text)
            .join(field_names, field_names.c.key == values.c.field)
            .where(values.c.run.in_(list(keys)))
        )
        if fields is not None:
            asked = asked.where(field_names.c.name.in_(list(fields)))
        found: dict[RunKey, dict[str, float | str]] = {}
        for row in self._db.execute(asked):
            value = row.number if row.text is None else row.text
            if value is not None:
                found.setdefault(RunKey(row.run), {})[row.name] = value
        return found

    def index_summary(self, key: RunKey, summary: Mapping[str, float | str | bool | None]) -> None:
        """Refresh the indexed last values of series."""
        record = self._loaded.get(key) or self.get(key)
        if record is not None:
            own = {n: v for n, v in indexable(record).items() if n.startswith(SUMMARY)}
            known = flat(clean_values(summary), SUMMARY) | own
            project = self._project(record.path.entity, record.path.project)
            index.put(self._db, key, project, self._summary(key), known)

    def _summary(self, key: RunKey) -> index.Values:
        """What the index holds of a run's summary; NaN has neither number nor text there."""
        asked = (
            sa.select(field_names.c.name, values.c.number, values.c.text)
            .join(field_names, field_names.c.key == values.c.field)
            .where(values.c.run == key, field_names.c.name.startswith(SUMMARY))
        )
        return {
            row.name: row.text if row.text is not None else math.nan if row.number is None
            else row.number
            for row in self._db.execute(asked)
        }  # fmt: skip

    def _held_project(self, path: RunPath) -> int:
        """That nobody deletes until this unit ends; one that was deleted just now is made again."""
        try:
            return self._project(path.entity, path.project, hold=True)
        except LookupError as error:
            raise Conflict(str(path)) from error

    def _project(self, entity: str, name: str, *, hold: bool = False) -> int:
        asked = sa.select(projects.c.key).where(
            projects.c.entity == entity, projects.c.name == name
        )
        asked = asked.with_for_update(read=True, key_share=True) if hold else asked
        found = self._db.execute(asked).scalar()
        if found is None:
            raise LookupError(f"no project {entity}/{name}: create it first")
        return int(found)

    def ledger(self, key: RunKey) -> Sequence[Entry]:
        """All entries, oldest first."""
        asked = sa.select(ledger.c.entry).where(ledger.c.run == key).order_by(ledger.c.number)
        return [
            msgspec.msgpack.decode(blob, type=Entry) for blob in self._db.execute(asked).scalars()
        ]

    def overdue(self, now: Instant, limit: int) -> Sequence[RunKey]:
        """Runs whose stored deadline is at or before `now`, earliest first."""
        asked = (
            sa.select(lives.c.run)
            .where(lives.c.deadline <= now)
            .order_by(lives.c.deadline)
            .limit(limit)
        )
        return [RunKey(run) for run in self._db.execute(asked).scalars()]

    def next_deadline(self) -> Instant | None:
        """The earliest stored deadline."""
        found = self._db.execute(sa.select(sa.func.min(lives.c.deadline))).scalar()
        return None if found is None else Instant(found)

    def defer(self, record: RunRecord, until: Instant | None) -> None:
        """Ask again then, if it still is what was read."""
        same = (lives.c.run == record.key) & (lives.c.version == record.version)
        self._db.execute(sa.update(lives).where(same).values(deadline=until))

    def live(self) -> Sequence[RunKey]:
        """All runs that have not ended."""
        words = [state.value for state in LIVE]
        asked = sa.select(runs.c.key).where(runs.c.state.in_(words), runs.c.deleted_at == ALIVE)
        return [RunKey(key) for key in self._db.execute(asked).scalars()]

    def query(self, question: Question) -> Answer:
        """A page of runs with counts."""
        keys, total, states = query.answer(self._db, question)
        found = {record.key: record for record in self.get_many(keys)}
        return Answer([found[key] for key in keys if key in found], total, states)

    def keys(self, question: Question) -> Sequence[RunKey]:
        """Of that page only the keys."""
        return query.answer(self._db, replace(question, counted=False))[0]

    def fields(self, project: tuple[str, str], contains: str, limit: int) -> Sequence[str]:
        """Known `config.*` and `summary.*` fields of a project."""
        asked = (
            sa.select(field_names.c.name)
            .join(projects, projects.c.key == field_names.c.project)
            .where(projects.c.entity == project[0], projects.c.name == project[1])
            .where(sa.exists().where(values.c.field == field_names.c.key))
            .order_by(field_names.c.name)
        )
        # Databases differ in what they think a capital letter is.
        wanted = contains.lower()
        names = (name for name in self._db.execute(asked).scalars() if wanted in name.lower())
        return list(islice(names, limit))

    def values(self, project: tuple[str, str], field: str, limit: int) -> Sequence[tuple[Any, int]]:
        """The commonest values of a field with counts."""
        return query.commonest(self._db, project, field, limit)

    def delete(self, key: RunKey) -> None:
        """Hide the run, for good, and free its path; `deleted_at` holds the key: it is unique."""
        self._db.execute(sa.update(runs).where(runs.c.key == key).values(deleted_at=runs.c.key))
        for table in (lives, bodies, tags, values):
            self._db.execute(sa.delete(table).where(table.c.run == key))

    def states(self, project: tuple[str, str]) -> Mapping[str, int]:
        """Count of runs by state."""
        asked = (
            sa.select(runs.c.state, sa.func.count())
            .join(projects, projects.c.key == runs.c.project)
            .where(projects.c.entity == project[0], projects.c.name == project[1])
            .where(runs.c.deleted_at == ALIVE)
            .group_by(runs.c.state)
        )
        return {row[0]: row[1] for row in self._db.execute(asked)}

    def changed_since(self, seq: int, limit: int) -> Sequence[tuple[int, RunKey]]:
        """(global ledger sequence, run) of changes after `seq`."""
        asked = (
            sa.select(ledger.c.seq, ledger.c.run)
            .where(ledger.c.seq > seq)
            .order_by(ledger.c.seq)
            .limit(limit)
        )
        return [(row.seq, RunKey(row.run)) for row in self._db.execute(asked)]

    def last_seq(self) -> int:
        """The newest global ledger sequence."""
        return self._db.execute(sa.select(sa.func.max(ledger.c.seq))).scalar() or 0


def _values(record: RunRecord) -> tuple[Any, ...]:
    """What the index holds of a run."""
    return (record.config, record.summary)


def _narrow(record: RunRecord) -> dict[str, Any]:
    return rows.narrow(record.life, record.progress_at, record.last_step)
