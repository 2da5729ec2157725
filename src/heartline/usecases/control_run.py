"""What people do to runs: stop, override, edit, delete. Never touches a process."""

from dataclasses import replace

from heartline.core.lifecycle import Actor, Ignored, Now, Overridden, State, StopAsked
from heartline.core.records import RunPath, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, changed
from heartline.usecases.deleted import remember
from heartline.usecases.keep import apply
from heartline.usecases.names import NAME_CHARS_MAX
from heartline.usecases.refusal import Refused
from heartline.wire.api import RunUpdate

NOTES_CHARS_MAX = 100_000
REASON_CHARS_MAX = 1_000
TAGS_MAX = 100


def ask_stop(
    tx: Transaction, who: Principal, path: RunPath, reason: str, now: Now
) -> RunRecord | Refused:
    """Ask a run to stop; asking twice changes nothing more."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    said = StopAsked(Actor("user", who.user.name), reason=reason[:REASON_CHARS_MAX])
    record, outcome = apply(tx, record, said, now)
    if isinstance(outcome, Ignored) and record.life.stop is None:
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
    words = {
        name: value
        for name in ("name", "notes", "group", "job_type")
        if (value := getattr(said, name)) is not None
    }
    if len(words.get("name", "")) > NAME_CHARS_MAX or len(words.get("notes", "")) > NOTES_CHARS_MAX:
        return Refused("unprocessable", f"name: at most {NAME_CHARS_MAX} characters")
    if said.tags is not None:
        if len(said.tags) > TAGS_MAX:
            return Refused("unprocessable", f"at most {TAGS_MAX} tags")
        words["tags"] = tuple(dict.fromkeys(said.tags))
    return tx.runs.save(
        replace(
            record,
            **words,
            config={**record.config, **(said.config or {})},
            summary={**record.summary, **(said.summary or {})},
        )
    )


def delete_run(
    tx: Transaction, who: Principal, path: RunPath, now: Now
) -> RunRecord | Refused:
    """Hide the run at once; its series and files are swept later."""
    record = changed(tx, who, path)
    if isinstance(record, Refused):
        return record
    remember(tx, record, who.user.name, now.wall)
    tx.runs.delete(record.key)
    return record
