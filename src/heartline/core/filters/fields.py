"""The fields that runs can be filtered and sorted by, and their value in a run. Never parses."""

import difflib
from collections.abc import Callable, Collection, Mapping
from typing import Any

from heartline.core.filters.tree import FilterError
from heartline.core.lifecycle import LIVE, Now, State
from heartline.core.records import RunRecord
from heartline.core.texts import as_float, clean

FIELDS = (
    "state", "name", "id", "user", "tags", "group", "job_type", "sweep", "created", "started",
    "ended", "heartbeat", "duration", "cause", "confidence", "host", "notes", "client", "attempt",
    "last_step", "entity", "project",
)  # fmt: skip
TIMES = frozenset({"created", "started", "ended", "heartbeat"})
ALIASES = {
    "display_name": "name", "displayName": "name", "username": "user", "jobType": "job_type",
    "created_at": "created", "createdAt": "created", "heartbeat_at": "heartbeat",
    "heartbeatAt": "heartbeat", "heard": "heartbeat", "started_at": "started",
    "ended_at": "ended", "tag": "tags", "runtime": "duration", "ran": "duration", "step": "last_step",
}  # fmt: skip
PREFIXES = ("config", "summary")
STATES = tuple(state.value for state in State)
FIELDS_PER_RUN_MAX = 2_000
TEXT_CHARS_COMPARED_MAX = 256


Naming = Callable[[str], str]
"""How a field is called that somebody wrote; FilterError says that none is meant by it."""


def canonical(field: str, known: Callable[[], Collection[str]] = tuple) -> str:
    """The one name of a field; FilterError names an unknown one and the nearest that exists.

    A name of no field of ours is that of the `known` one, of config or summary, that ends in it.
    """
    name = clean(ALIASES.get(field, field))
    if name.startswith("summary_metrics."):
        name = "summary." + name.removeprefix("summary_metrics.")
    head, _, path = name.partition(".")
    if name in FIELDS or (head in PREFIXES and path):
        return name
    if not name:
        raise FilterError("a field has no name: write one such as `state` or `config.lr`")
    there = known()
    meant = [full for prefix in PREFIXES if (full := f"{prefix}.{name}") in there]
    if not meant:
        raise _unknown(name, there)
    if len(meant) > 1:
        raise FilterError(f"`{name}` is both {' and '.join(meant)}: write one of them")
    return meant[0]


def _unknown(name: str, there: Collection[str]) -> FilterError:
    bare = {full.partition(".")[2]: full for full in there}
    words = [*FIELDS, *ALIASES, "config.", "summary.", *there, *bare]
    near = difflib.get_close_matches(name, words, n=1)
    meant = f"`{bare.get(near[0], near[0])}`" if near else f"`config.{name}` or `summary.{name}`"
    return FilterError(
        f"unknown field `{name}`; did you mean {meant}? Known: {', '.join(FIELDS)}, config.<key>, "
        "summary.<key>"
    )


def state_word(word: str) -> str:
    """A state as it is stored, from any writing of it; FilterError names one that there is not."""
    if (found := word.strip().lower()) in STATES:
        return found
    raise FilterError(f"`{word}` is no state. Known: {', '.join(STATES)}")


def at_path(values: Mapping[str, Any], path: str) -> float | str | None:
    """A scalar by its dotted path, as `flat` finds it: keys may themselves hold dots."""
    if (found := scalar(values.get(path))) is not None:
        return found
    parts = path.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        inner = values.get(".".join(parts[:cut]))
        if isinstance(inner, Mapping):
            found = at_path(inner, ".".join(parts[cut:]))
            if found is not None:
                return found
    return None


def field_value(record: RunRecord, field: str, now: Now) -> Any:
    """The value that a canonical field has in a run; None if it has none."""
    head, _, path = field.partition(".")
    if head in PREFIXES and path:
        return at_path(record.config if head == "config" else record.summary, path)
    return _plain(record, field, now)


def _plain(record: RunRecord, field: str, now: Now) -> Any:
    match field:
        case "state":
            return record.state.value
        case "id" | "entity" | "project":
            return getattr(record.path, field)
        case "name" | "last_step":
            return getattr(record, field)
        case "created" | "started" | "ended":
            return getattr(record, f"{field}_at")
        case "tags":
            return list(record.tags)
        case "heartbeat":
            return heard_at(record)
        case "duration":
            return duration_ms(record, now)
        case "cause":
            return record.told.cause.value
        case "confidence":
            return record.told.confidence.name.lower()
        case "attempt":
            return record.life.attempt.epoch
        case _:
            return getattr(record, field) or None


def scalar(value: Any) -> float | str | None:
    """A value as it is compared and sorted: a float, or the beginning of a text; else None."""
    if isinstance(value, str):
        return value[:TEXT_CHARS_COMPARED_MAX]
    return number(value)


def number(value: Any) -> float | None:
    """A number or boolean as a float, infinite where no float reaches; else None."""
    return as_float(value) if isinstance(value, bool | int | float) else None


def indexable(record: RunRecord) -> dict[str, float | str]:
    """What the index holds of a run's own values, by canonical field."""
    found = flat(record.config, "config.") | flat(record.summary, "summary.")
    return dict(list(found.items())[:FIELDS_PER_RUN_MAX])


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, float | str]:
    """Every scalar under its dotted path, as it is indexed; of two with one path the shallower."""
    found: dict[str, float | str] = {}
    inner: list[str] = []
    for key, value in values.items():
        if isinstance(value, Mapping):
            inner.append(key)
        elif (plain := scalar(value)) is not None:
            found[f"{prefix}{key}"] = plain
    for key in sorted(inner, key=len, reverse=True):
        for path, plain in flat(values[key], f"{prefix}{key}.").items():
            found.setdefault(path, plain)
    return found


def heard_at(record: RunRecord) -> int | None:
    """When any writer of the newest attempt was last heard."""
    return max((w.heard_wall for w in record.life.writers if w.id), default=None)


def duration_ms(record: RunRecord, now: Now) -> int | None:
    """How long the run has run: until its end, or until now while it lives."""
    if record.started_at is None:
        return None
    end = now.wall if record.state in LIVE else (record.ended_at or record.life.since)
    return max(0, end - record.started_at)
