"""What people do to runs: stop, override, edit, delete. Never touches a process."""

from dataclasses import replace
from typing import Any

from heartline.core.lifecycle import (
    TERMINAL,
    Actor,
    Ignored,
    Now,
    Overridden,
    State,
    StopAsked,
)
from heartline.core.records import RunPath, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, changed
from heartline.usecases.deleted import remember
from heartline.usecases.forget_deleted import let_go
from heartline.usecases.keep import apply
from heartline.usecases.names import check_values, check_words
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunUpdate

REASON_CHARS_MAX = 1_000


def ask_stop(
    tx: Transaction, who: Principal, path: RunPath, reason: str, now: Now
) -> RunRecord | Refused:
    """Ask a run to stop; asking twice changes nothing more."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    said = StopAsked(Actor("user", who.user.name), reason=reason[:REASON_CHARS_MAX])
    record, outcome = apply(tx, record, said, now)
    if isinstance(outcome, Ignored) and (record.life.stop is None or record.state in TERMINAL):
        return Refused("conflict", outcome.reason)
    return record


def override_state(
    tx: Transaction, who: Principal, path: RunPath, state: str, reason: str, now: Now
) -> RunRecord | Refused:
    """Set the state by hand, with name and reason in the ledger."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    if state not in set(State):
        return Refused("unprocessable", f"`{state}` is no state; one of {', '.join(State)}")
    said = Overridden(Actor("user", who.user.name), State(state), reason[:REASON_CHARS_MAX])
    record, outcome = apply(tx, record, said, now)
    if isinstance(outcome, Ignored):
        return Refused("unprocessable", outcome.reason)
    return record


def update_run(
    tx: Transaction, who: Principal, path: RunPath, said: RunUpdate
) -> RunRecord | Refused:
    """Edit name, notes, tags, group, job type, config or summary values."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    words: dict[str, Any] = {
        name: value
        for name in ("name", "notes", "group", "job_type")
        if (value := getattr(said, name)) is not None
    }
    config = {**record.config, **(said.config or {})}
    summary = {**record.summary, **(said.summary or {})}
    wrong = (
        check_words(tags=said.tags, **words)
        or check_values("config", config)
        or check_values("summary", summary)
    )
    if wrong is not None:
        return Refused("unprocessable", wrong)
    if said.tags is not None:
        words["tags"] = tuple(dict.fromkeys(said.tags))
    return tx.runs.save(replace(record, **words, config=config, summary=summary))


def delete_run(
    tx: Transaction, who: Principal, path: RunPath, now: Now, *, for_good: bool = False
) -> RunRecord | Refused:
    """Take the run out of sight at once; all of it is kept aside for a time, unless `for_good`."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    tx.deleted.put(record.key, who.user.name, now.wall)
    remember(tx, record, who.user.name, now.wall)
    if for_good:
        let_go(tx, record.key)
    return record
