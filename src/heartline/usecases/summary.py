"""The summary of a run: computed from its series, overlaid by what was set by hand."""

import fnmatch
from collections.abc import Iterable
from typing import Any

import msgspec

from heartline.core.records import KeyStats, MetricRule, RunKey, RunRecord
from heartline.ports import Transaction

PLAIN = ("last",)
INDEXED_KEYS_MAX = 1_000


def shown_summary(tx: Transaction, record: RunRecord) -> dict[str, Any]:
    """Each key's last value, or what `define_metric` asked for; explicit values win."""
    return summary_of(record, tx.series.keys([record.key])[record.key])


def summary_of(record: RunRecord, keys: Iterable[KeyStats]) -> dict[str, Any]:
    """The same, of keys that are at hand."""
    found: dict[str, Any] = {}
    for stats in keys:
        found.update(_values(stats, rule_for(record.metrics, stats.key)))
    found.update(record.summary)
    return found


def rule_for(rules: tuple[MetricRule, ...], key: str) -> MetricRule | None:
    """The rule of a key: its own, else the first glob that fits."""
    exact = next((rule for rule in rules if rule.name == key), None)
    return exact or next((rule for rule in rules if fnmatch.fnmatchcase(key, rule.name)), None)


def _values(stats: KeyStats, rule: MetricRule | None) -> dict[str, Any]:
    newest = msgspec.json.decode(stats.last_json) if stats.last_json else stats.last
    if stats.kind != "number":
        return {stats.key: newest}
    words = rule.summary if rule is not None and rule.summary else PLAIN
    if words == PLAIN:
        return {stats.key: newest}
    return {
        (stats.key if word == "last" else f"{stats.key}.{word}"): (
            newest if word == "last" else _word(stats, word, rule)
        )
        for word in words
        if word != "none"
    }


def _word(stats: KeyStats, word: str, rule: MetricRule | None) -> float | None:
    if word == "best":
        goal = rule.goal if rule is not None else ""
        return stats.max if goal.startswith("max") else stats.min
    found: float | None = getattr(stats, word)
    return found


def index_summary(tx: Transaction, key: RunKey) -> None:
    """Make the values of a run's series findable and sortable.

    Held, so that of two at once the one that looks later also writes later.
    """
    record = tx.runs.get(key, hold=True)
    if record is None:
        return
    values = shown_summary(tx, record)
    scalars = {
        name: value
        for name, value in list(values.items())[:INDEXED_KEYS_MAX]
        if isinstance(value, bool | int | float | str)
    }
    tx.runs.index_summary(key, scalars)
