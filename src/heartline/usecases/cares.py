"""Who has seen, snoozed or been assigned what needs a person. Never changes a run.

Seen and snoozed are each person's own; who looks after a run is known to all who may see it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from heartline.core.lifecycle import Now
from heartline.core.records import RunKey, RunPath, RunRecord, User
from heartline.ports import Transaction
from heartline.usecases.access import Principal, entities, principal, read_only
from heartline.usecases.refusal import Refused

SEEN, SEEN_MAX = "seen", 5_000
SNOOZED, SNOOZED_MAX = "snoozed", 1_000
ASSIGNED = "assigned"
KEYS_MAX = 1_000
SNOOZE_MS_MAX = 30 * 24 * 3600 * 1000
ASSIGNEES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Snooze:
    """Snoozed until a time (wall ms), or (None) until it changes; `of` says what was snoozed."""

    until: int | None
    of: str

    def holds(self, what: str, now: Now) -> bool:
        """Whether this very thing is still snoozed: another state or cause is news."""
        return self.of == what and (self.until is None or now.wall < self.until)


@dataclass(frozen=True, slots=True)
class Snoozable:
    """What each of some runs is due for now, and those of one's snoozes that no longer hold."""

    of: Mapping[RunKey, str]
    over: Mapping[RunKey, Snooze]


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
    found = tx.runs.get_many(keys)
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
    """What somebody has snoozed, also what is over by now."""
    found = tx.accounts.documents(SNOOZED, who.user.name)
    return {RunKey(int(key)): Snooze(told["until"], told["of"]) for key, told in found.items()}


def snooze(
    tx: Transaction, who: Principal, what: Snoozable, for_ms: int | None, now: Now
) -> int | Refused:
    """Snooze these as they are now; `for_ms` None: until they change. Those that are over go."""
    if for_ms is not None and not 0 < for_ms <= SNOOZE_MS_MAX:
        return Refused("unprocessable", f"for_ms: 1 to {SNOOZE_MS_MAX}, or null: until it changes")
    before = snoozes(tx, who)
    over = [key for key, each in before.items() if _is_over(each, what.over.get(key), now)]
    for key in over:
        tx.accounts.delete_document(SNOOZED, who.user.name, str(key))
        del before[key]
    if len(before.keys() | what.of.keys()) > SNOOZED_MAX:
        return Refused("conflict", f"you have snoozed {SNOOZED_MAX} runs; wake some first")
    until = None if for_ms is None else now.wall + for_ms
    for key, of in what.of.items():
        told = {"until": until, "of": of}
        tx.accounts.put_document(SNOOZED, who.user.name, str(key), told)
    return len(what.of)


def _is_over(each: Snooze, found: Snooze | None, now: Now) -> bool:
    """Whether its time has passed, or it was found over and is still the same."""
    return each == found or (each.until is not None and each.until <= now.wall)


def wake(tx: Transaction, who: Principal, keys: Sequence[RunKey]) -> int:
    """Bring back what was snoozed."""
    mine = snoozes(tx, who)
    found = [key for key in keys if key in mine]
    for key in found:
        tx.accounts.delete_document(SNOOZED, who.user.name, str(key))
    return len(found)


def assignments(tx: Transaction, records: Iterable[RunRecord]) -> dict[RunKey, Assigned]:
    """Who looks after which of these runs; nobody who can no longer see them."""
    wanted = {record.key: record for record in records}
    scopes = {_scope(record) for record in wanted.values()}
    found = {
        RunKey(int(key)): Assigned(told["user"], told["by"], told["at"])
        for scope in sorted(scopes)
        for key, told in tx.accounts.documents(ASSIGNED, scope).items()
        if RunKey(int(key)) in wanted
    }
    held = {(each.user, wanted[key].path.entity) for key, each in found.items()}
    able = {pair for pair in held if _may_look_after(tx, *pair)}
    return {k: each for k, each in found.items() if (each.user, wanted[k].path.entity) in able}


def _may_look_after(tx: Transaction, name: str, entity: str) -> bool:
    """Whether there is such a person, who may see what the entity has."""
    user = tx.accounts.user(name)
    return user is not None and _sees(tx, user, entity)


def _sees(tx: Transaction, user: User, entity: str) -> bool:
    return not user.disabled and not user.service and principal(tx, user).may_see(entity)


def assign(
    tx: Transaction, who: Principal, keys: Sequence[RunKey], user: str, now: Now
) -> list[RunRecord] | Refused:
    """Assign runs to somebody who may see them; to nobody, if no name is given."""
    records = _visible(tx, who, keys)
    for entity in sorted({record.path.entity for record in records}):
        if not who.may_write(entity):
            return read_only(tx, entity)
        if user and not _may_look_after(tx, user, entity):
            told = f"{user} cannot be assigned runs of {entity}: only people who may see them can"
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
    return [u.name for u in tx.accounts.users() if _sees(tx, u, entity)][:ASSIGNEES_MAX]


def carry(tx: Transaction, before: RunRecord, after: RunRecord) -> None:
    """A run that was moved keeps who looks after it, if they may see it there."""
    told = tx.accounts.document(ASSIGNED, _scope(before), str(before.key))
    if told is None:
        return
    forget_run(tx, before.path, before.key)
    if _may_look_after(tx, told["user"], after.path.entity):
        tx.accounts.put_document(ASSIGNED, _scope(after), str(after.key), told)


def forget_run(tx: Transaction, path: RunPath, key: RunKey) -> None:
    """A run that is gone for good needs nobody, nor does one at the place that it has left."""
    tx.accounts.delete_document(ASSIGNED, f"{path.entity}/{path.project}", str(key))


def forget_person(tx: Transaction, who: Principal, name: str) -> None:
    """Whoever gets this name next has seen, snoozed and been assigned nothing; `who`: an admin."""
    tx.accounts.delete_document(SEEN, "", name)
    for key in list(tx.accounts.documents(SNOOZED, name)):
        tx.accounts.delete_document(SNOOZED, name, key)
    for project in tx.accounts.projects(entities(tx, who)):
        scope = f"{project.entity}/{project.name}"
        for key, told in list(tx.accounts.documents(ASSIGNED, scope).items()):
            if told["user"] == name:
                tx.accounts.delete_document(ASSIGNED, scope, key)


def _scope(record: RunRecord) -> str:
    return f"{record.path.entity}/{record.path.project}"
