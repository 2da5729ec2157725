"""The JSON records of one host and the runs on it. Never says what a host should do.

Names and units are those of `heartline.wire.api`.
"""

from typing import Any

import msgspec

from heartline.wire.api import RunView


class HostRun(msgspec.Struct, kw_only=True):
    """A run with its writers on this host: how many, how many live, when they were last heard.

    `silent_ms` is since the last beat of the quietest live one. `measured`: the run's system
    metrics are shown as they were measured here, and not on another of its hosts.
    """

    run: RunView
    writers: int
    writers_live: int
    ranks: list[int]
    heard_at: int | None
    silent_ms: int | None
    measured: bool


class Silence(msgspec.Struct, kw_only=True):
    """Runs, by key, whose writers here were last heard within `span_ms`; `at`: the last of them."""

    at: int
    span_ms: int
    runs: list[int]
    sentence: str


class HostDetail(msgspec.Struct, kw_only=True):
    """A host as far as the caller's runs tell: `state` is the worst on it now or lately.

    `lately` are the newest of the `ended` runs that have ended there; `machine` is what the
    newest run said of it. Of very many live runs only those are looked at that were heard the
    longest ago: `not_looked_at` counts the others.
    """

    host: str
    state: str
    heard_at: int | None
    live: list[HostRun]
    lately: list[HostRun]
    ended: int
    silences: list[Silence]
    machine: dict[str, Any]
    not_looked_at: int = 0
