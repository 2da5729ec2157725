"""The index over values of runs: rows of `fields`, under the names of a project. Never a question."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from heartline.adapters.sql import rows
from heartline.adapters.sql.tables import field_names
from heartline.adapters.sql.tables import fields as values
from heartline.adapters.sql.upsert import insert_missing, upsert
from heartline.core.records import RunKey

Values = Mapping[str, float | str]
Held = tuple[str, float | None, str | None]
"""Name, number, text: as a row has it; NaN has neither."""


def put(db: Connection, run: RunKey, project: int, old: Values, new: Values) -> None:
    """Bring the index from what it holds of a run to what it should."""
    changed = [name for name, value in new.items() if old.get(name) != value]
    gone = [name for name in old if name not in new]
    keys = _keys(db, project, [*changed, *gone])
    found = [{"run": run, "field": keys[name], **rows.indexed(new[name])} for name in changed]
    upsert(db, values, found)
    if gone:
        places = [keys[name] for name in gone]
        db.execute(sa.delete(values).where(values.c.run == run, values.c.field.in_(places)))


def held(db: Connection, run: RunKey) -> list[Held]:
    """What the index holds of a run."""
    asked = (
        sa.select(field_names.c.name, values.c.number, values.c.text)
        .join(field_names, field_names.c.key == values.c.field)
        .where(values.c.run == run)
    )
    return [(row.name, row.number, row.text) for row in db.execute(asked)]


def put_held(db: Connection, run: RunKey, project: int, found: Sequence[Held]) -> None:
    """The same under the names of this project."""
    keys = _keys(db, project, [name for name, _, _ in found])
    upsert(
        db,
        values,
        [
            {"run": run, "field": keys[name], "number": number, "text": text}
            for name, number, text in found
        ],
    )


def _keys(db: Connection, project: int, names: list[str]) -> dict[str, int]:
    if not names:
        return {}

    def load() -> dict[str, int]:
        asked = sa.select(field_names.c.name, field_names.c.key).where(
            field_names.c.project == project, field_names.c.name.in_(names)
        )
        return {row.name: row.key for row in db.execute(asked)}

    found = load()
    missing = [{"project": project, "name": name} for name in names if name not in found]
    if missing:
        insert_missing(db, field_names, missing, ["project", "name"])
        found = load()
    return found
