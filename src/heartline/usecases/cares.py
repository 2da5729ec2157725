"""Who has seen, put off or taken on what needs a person. Never changes a run.

Seen and snoozed are each person's own; who looks after a run is known to all who may see it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from heartline.core.lifecycle import Now
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Transaction
from heartline.usecases.access import Principal, principal, read_only
from heartline.usecases.refusal import Refused

SEEN, SEEN_MAX = "seen", 5_000
SNOOZED, SNOOZED_MAX = "snoozed", 1_000
ASSIGNED = "assigned"
KEYS_MAX = 1_000
SNOOZE_MS_MAX = 30 * 24 * 3600 * 1000
ASSIGNEES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Snooze:
    """Put off until a time (wall ms), or (None) until it changes; `of` says what was put off."""

    until: int | None
    of: str

    def holds(self, what: str, now: Now) -> bool:
        """Whether this very thing is still put off: another state or cause is news."""
        return self.of == what and (self.until is None or now.wall < self.until)


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who looks after a run, by whom that was said, and when (wall ms)."""

    user: str
    by: str
    at: int


def seen_ends(tx: Transaction, who: Principal) -> Mapping[str, int]:
    """The ledger entry that somebody has seen as a run's end, by the run's number."""
    return tx.accounts.document(SEEN, "", who.user.name) or {}


def _visible(tx: Transaction, who: Principal, keys: Sequence[RunKey]) -> list[RunRecord]:
    found = tx.runs.get_many(keys[:KEYS_MAX])
    return [record for record in found if who.may_see(record.path.entity)]


def see(tx: Transaction, who: Principal, keys: Sequence[RunKey]) -> int:
    """Somebody has seen how these runs ended; a run that ends again is news again."""
    seen = dict(seen_ends(tx, who))
    before = len(seen)
    for record in _visible(tx, who, keys):
        seen[str(record.key)] = record.told.seq
    newest = dict(sorted(seen.items(), key=lambda each: int(each[0]))[-SEEN_MAX:])
    tx.accounts.put_document(SEEN, "", who.user.name, newest)
    return len(newest) - before


def snoozes(tx: Transaction, who: Principal) -> dict[RunKey, Snooze]:
    """What somebody has put off, also what is over by now."""
    found = tx.accounts.documents(SNOOZED, who.user.name)
    return {RunKey(int(key)): Snooze(told["until"], told["of"]) for key, told in found.items()}


def snooze(
    tx: Transaction, who: Principal, what: Mapping[RunKey, str], for_ms: int | None, now: Now
) -> int | Refused:
    """Put these off, as they are now; `for_ms` None: until they change."""
    if for_ms is not None and not 0 < for_ms <= SNOOZE_MS_MAX:
        return Refused("unprocessable", f"for_ms: 1 to {SNOOZE_MS_MAX}, or null: until it changes")
    before = snoozes(tx, who)
    for key in [k for k, s in before.items() if s.until is not None and s.until <= now.wall]:
        tx.accounts.delete_document(SNOOZED, who.user.name, str(key))
        del before[key]
    if len(before.keys() | what.keys()) > SNOOZED_MAX:
        return Refused("conflict", f"you have put off {SNOOZED_MAX} runs; bring some back first")
    until = None if for_ms is None else now.wall + for_ms
    for key, of in what.items():
        told = {"until": until, "of": of}
        tx.accounts.put_document(SNOOZED, who.user.name, str(key), told)
    return len(what)


def wake(tx: Transaction, who: Principal, keys: Sequence[RunKey]) -> int:
    """Bring back what was put off."""
    mine = snoozes(tx, who)
    found = [key for key in keys[:KEYS_MAX] if key in mine]
    for key in found:
        tx.accounts.delete_document(SNOOZED, who.user.name, str(key))
    return len(found)


def assignments(tx: Transaction, records: Iterable[RunRecord]) -> dict[RunKey, Assigned]:
    """Who looks after which of these runs."""
    wanted = {record.key: record for record in records}
    scopes = {_scope(record) for record in wanted.values()}
    return {
        RunKey(int(key)): Assigned(told["user"], told["by"], told["at"])
        for scope in sorted(scopes)
        for key, told in tx.accounts.documents(ASSIGNED, scope).items()
        if RunKey(int(key)) in wanted
    }


def assign(
    tx: Transaction, who: Principal, keys: Sequence[RunKey], user: str, now: Now
) -> list[RunRecord] | Refused:
    """Give runs to somebody who may see them; to nobody, if no name is given."""
    records = _visible(tx, who, keys)
    for record in records:
        entity = record.path.entity
        if not who.may_write(entity):
            return read_only(tx, entity)
        if user and user not in assignees(tx, entity):
            told = f"{user} cannot be given {record.path}: only people who may see it can"
            return Refused("unprocessable", told)
    for record in records:
        if user:
            told_of = {"user": user, "by": who.user.name, "at": now.wall}
            tx.accounts.put_document(ASSIGNED, _scope(record), str(record.key), told_of)
        else:
            tx.accounts.delete_document(ASSIGNED, _scope(record), str(record.key))
    return records


def assignees(tx: Transaction, entity: str) -> list[str]:
    """The people who may see what an entity has, by name."""
    people = [u for u in tx.accounts.users() if not u.disabled and not u.service]
    return [u.name for u in people if principal(tx, u).may_see(entity)][:ASSIGNEES_MAX]


def forget_run(tx: Transaction, record: RunRecord) -> None:
    """A run that is deleted needs nobody."""
    tx.accounts.delete_document(ASSIGNED, _scope(record), str(record.key))


def forget_person(tx: Transaction, name: str) -> None:
    """Whoever gets this name next has seen and put off nothing."""
    tx.accounts.delete_document(SEEN, "", name)
    for key in list(tx.accounts.documents(SNOOZED, name)):
        tx.accounts.delete_document(SNOOZED, name, key)


def _scope(record: RunRecord) -> str:
    return f"{record.path.entity}/{record.path.project}"
