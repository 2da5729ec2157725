"""Open an attempt of a run, or join it as one more writer. Never starts a process."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from heartline.core.lifecycle import (
    Actor,
    Attempt,
    Changed,
    Created,
    Evidence,
    Now,
    Started,
    State,
    create,
    lease_ms,
)
from heartline.core.records import (
    CLOCK_AHEAD_MS,
    WORLD_SIZE,
    Project,
    RunKey,
    RunPath,
    RunRecord,
    Stream,
)
from heartline.ports import Ids, Transaction
from heartline.usecases import recall
from heartline.usecases.access import Principal, known_entity
from heartline.usecases.deleted import launched
from heartline.usecases.keep import apply
from heartline.usecases.moved import standing
from heartline.usecases.names import check_name, check_values, check_words
from heartline.usecases.receive import stop_order
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import shown_summary
from heartline.usecases.told_late import clock_ahead_ms, happened_at
from heartline.wire.ingest import OpenReply, OpenRequest

MISSING = "no run {path} to resume; use resume='allow' to start it, or mend the id"
TAKEN = "run {path} exists already; choose another id, or resume='allow' to go on with it"
DELETED = "run {path} was deleted while this process was writing to it"
LIVES = (
    "run {path} is running in another process, and what is sent later does not take its place: "
    "send this with `heartline sync` when it has ended"
)
FIRST_EPOCH = 1
HEARD = frozenset({State.RUNNING, State.PREEMPTING})
RESUMES = ("", "allow", "must", "never", "auto")


def open_run(
    tx: Transaction, who: Principal, request: OpenRequest, ids: Ids, now: Now
) -> OpenReply | Refused:
    """Idempotent for the same launch and writer; a new launch opens a new attempt."""
    path = RunPath(who.meant(request.entity), request.project, request.id)
    refused = _fits(request) or _check(tx, who, path)
    if refused is not None:
        return refused
    record = _standing(tx, who, path)
    mine = record is not None and record.life.attempt.nonce == request.launch
    if record is None and request.resume == "must":
        return Refused("not_found", MISSING.format(path=path))
    if record is not None and request.resume == "never" and record.life.attempt.epoch and not mine:
        return Refused("conflict", TAKEN.format(path=path))
    if launched(tx, path, request.launch):
        return Refused("gone", DELETED.format(path=path))
    if record is None:
        name = request.name or ids.run_name()
        record = create_run(tx, path, name, who.user.name, now, late=_late(request, now))
    stale = _older_attempt(tx, record, request.launch)
    if stale is None and not mine:
        stale = recall.past(tx, record, request, now)
    if stale is not None:
        recall.opened(tx, record, request, stale, now)
        return _reply(tx, record, request, stale, resumed=True)
    if not mine and _takes_the_place_of_the_living(record, request, now):
        return Refused("conflict", LIVES.format(path=path))
    record = _start(tx, record, request, now)
    epoch = record.life.attempt.epoch
    return _reply(tx, record, request, epoch, resumed=epoch > FIRST_EPOCH)


def _standing(tx: Transaction, who: Principal, path: RunPath) -> RunRecord | None:
    # A run that was moved goes on where it is now, for those who may write there.
    found = standing(tx, path)
    return found if found is not None and who.may_write(found.path.entity) else None


def _fits(request: OpenRequest) -> Refused | None:
    wrong = (
        check_words(
            name=request.name,
            notes=request.notes,
            tags=request.tags,
            group=request.group,
            job_type=request.job_type,
            sweep=request.sweep,
            host=request.host,
            client=request.client,
            launch=request.launch,
            writer=request.writer,
        )
        or check_values("config", request.config)
        or check_values("environment", request.environment)
    )
    if wrong is None and request.resume not in RESUMES:
        wrong = f"resume `{request.resume[:40]}`: one of {', '.join(RESUMES[1:])}, or empty"
    return None if wrong is None else Refused("unprocessable", wrong)


def _check(tx: Transaction, who: Principal, path: RunPath) -> Refused | None:
    for name, what in ((path.project, "project"), (path.id, "run id")):
        if problem := check_name(name, what):
            return Refused("unprocessable", problem)
    if not known_entity(tx, path.entity):
        return Refused(
            "not_found", f"no user or team `{path.entity}`; leave entity out to use yours"
        )
    if not who.may_write(path.entity):
        return Refused("forbidden", f"you may not write to `{path.entity}`")
    return None


def create_run(
    tx: Transaction, path: RunPath, name: str, user: str, now: Now, by: Actor | None = None,
    *, late: int | None = None,
) -> RunRecord:  # fmt: skip
    """A pending run at this path, and its project if it is new."""
    if tx.accounts.project(path.entity, path.project) is None:
        tx.accounts.put_project(Project(path.entity, path.project, now.wall))
    life, made = create(
        Created(by or Actor("user", user), evidence=Evidence(happened_at=late)), now
    )
    record = RunRecord(RunKey(0), path, name, user, life, made.entries[0], now.wall)
    return tx.runs.create(record, made.entries)


def _older_attempt(tx: Transaction, record: RunRecord, launch: str) -> int | None:
    """A zombie that knocks again goes on in its own attempt, and moves nothing."""
    if launch == record.life.attempt.nonce:
        return None
    epochs = (e.attempt.epoch for e in tx.runs.ledger(record.key) if e.attempt.nonce == launch)
    return max(epochs, default=None)


def _takes_the_place_of_the_living(record: RunRecord, request: OpenRequest, now: Now) -> bool:
    """Whether what is only told later would supersede an attempt whose process is heard."""
    later = request.offline or (request.ended and _late(request, now) is not None)
    return later and record.life.attempt.epoch > 0 and record.life.state in HEARD


def _start(tx: Transaction, record: RunRecord, request: OpenRequest, now: Now) -> RunRecord:
    life = record.life
    joins = life.attempt.nonce == request.launch
    attempt = life.attempt if joins else Attempt(life.attempt.epoch + 1, request.launch)
    said = Started(
        attempt,
        request.writer,
        request.seq,
        lease_ms(request.heartbeat_ms),
        Actor("process", request.client),
        request.rank,
        request.host,
        Evidence(happened_at=_late(request, now)),
    )
    if not joins or life.writer(request.writer) is None:
        record = _joined(record, request, now) if joins else _described(record, request, now)
    record, outcome = apply(tx, record, said, now)
    return record if isinstance(outcome, Changed) else tx.runs.save(record)


def _late(request: OpenRequest, now: Now) -> int | None:
    """When the process had started, if that is told late."""
    return happened_at(request.started_at, request.sent_at, now)


def _joined(record: RunRecord, request: OpenRequest, now: Now) -> RunRecord:
    """One more rank: it adds what is missing and overwrites nothing that was said since."""
    environment = {} if request.rank else request.environment
    return replace(
        record,
        config={**request.config, **record.config},
        environment=_seen(
            {**environment, **record.environment}, request, now, leads=request.rank == 0
        ),
    )


def _described(record: RunRecord, request: OpenRequest, now: Now) -> RunRecord:
    """What the program says of its run; absent words leave what stands."""
    words = {
        name: value
        for name in ("name", "notes", "group", "job_type", "sweep", "client", "host")
        if (value := getattr(request, name))
    }
    if request.tags is not None:
        words["tags"] = tuple(dict.fromkeys(request.tags))
    primary = not request.rank
    environment = {**record.environment, **request.environment} if primary else record.environment
    return replace(
        record,
        **words,
        config={**record.config, **request.config},
        environment=_seen(environment, request, now, leads=primary),
        started_at=record.started_at or _late(request, now) or now.wall,
        ended_at=None,
    )


def _seen(
    environment: Mapping[str, Any], request: OpenRequest, now: Now, *, leads: bool
) -> dict[str, Any]:
    """With what the server adds to a start's surroundings: the first rank's word is the run's.

    Others add what is missing. How many ranks there are is not taken back by one who is silent.
    """
    seen = {
        "offline": request.offline or None,
        CLOCK_AHEAD_MS: clock_ahead_ms(request.sent_at, now),
    }
    here = {key: value for key, value in seen.items() if value is not None}
    if request.world_size is not None:
        here[WORLD_SIZE] = request.world_size
    if not leads:
        return {**here, **environment}
    return {key: value for key, value in environment.items() if key not in seen} | here


def _reply(
    tx: Transaction, record: RunRecord, request: OpenRequest, epoch: int, *, resumed: bool
) -> OpenReply:
    path = record.path
    stream = Stream(record.key, epoch, request.writer, request.rank)
    if epoch != record.life.attempt.epoch:
        attempt = Attempt(epoch, request.launch)
        stream = recall.stream(tx, record.key, attempt, request.writer, request.rank)
    return OpenReply(
        run=record.key,
        entity=path.entity,
        project=path.project,
        id=path.id,
        name=record.name,
        path=quote(f"/{path.entity}/{path.project}/runs/{path.id}"),
        epoch=epoch,
        durable=tx.series.durable(stream),
        resumed=resumed,
        last_step=record.last_step if resumed else -1,
        config=dict(record.config),
        summary=shown_summary(tx, record) if resumed else {},
        heartbeat_ms=request.heartbeat_ms,
        stop=stop_order(record.life) if epoch == record.life.attempt.epoch else None,
    )
