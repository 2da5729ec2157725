"""Plain heartbeats, held in memory for a while: they change nothing that people must not lose.

Whoever judges or shows a run on this server asks here first. After a crash of this process the
amnesty at the next start covers what was held. Never used where several servers share a database.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from heartline.core.lifecycle import Attempt, Changed, Heard, Millis, Now, Run, State, step
from heartline.core.records import RunKey, RunRecord
from heartline.ports import Feed, News, Transaction
from heartline.usecases.access import Principal
from heartline.wire.ingest import Batch, BatchReply

RUNS_KNOWN_MAX = 100_000
SAVES_PER_UNIT_MAX = 200
# A fraction of the lease: the stored deadline must be moved on before it comes.
HELD_PART, HELD_OF = 2, 3


Beats = Mapping[RunKey, Sequence[tuple[Heard, Now]]]


@dataclass(slots=True)
class _Voice:
    """One writer: how it stands, and its newest beat that is not stored yet."""

    state: State
    lease: Millis
    seq: int
    beat: tuple[Heard, Now] | None = None


@dataclass(slots=True)
class _Known:
    """A run as last stored by this process."""

    entity: str
    attempt: Attempt
    voices: dict[str, _Voice]
    durable: dict[str, int] = field(default_factory=dict)
    held_since: int | None = None
    due_at: int = 0


class Hearts:
    """What is known of live runs; `hold` is False where other servers judge too."""

    def __init__(self, *, hold: bool) -> None:
        self._hold = hold
        self._known: dict[RunKey, _Known] = {}
        self._held: set[RunKey] = set()

    def hear(self, batch: Batch, who: Principal, now: Now) -> BatchReply | None:
        """The answer to a plain beat; None if this is more than one, and must be received."""
        known = self._known.get(RunKey(batch.run))
        if known is None or not _is_plain(batch):
            return None
        voice, durable = known.voices.get(batch.writer), known.durable.get(batch.spool)
        if voice is None or durable is None or batch.seq <= voice.seq:
            return None
        attempt = known.attempt
        if batch.epoch != attempt.epoch or batch.nonce != attempt.nonce:
            return None
        says = State.PREEMPTING if batch.preempting else State.RUNNING
        if voice.state is not says or not who.may_write(known.entity):
            return None
        voice.seq = batch.seq
        voice.beat = Heard(attempt, batch.writer, batch.seq, batch.preempting), now
        self._hold_from(RunKey(batch.run), known, voice)
        return BatchReply(durable=durable)

    def learn(self, key: RunKey, run: Run, entity: str, spool: str, durable: int) -> None:
        """The run as just stored; a stop on its way is nothing to answer from memory."""
        if not self._hold:
            return
        voices = {
            each.id: _Voice(each.state, each.lease, each.seq)
            for each in run.writers
            if each.lease is not None and each.state in {State.RUNNING, State.PREEMPTING}
        }
        if run.stop is not None or not voices:
            self.forget(key)
            return
        known = self._known.get(key)
        if known is None or known.attempt != run.attempt:
            if len(self._known) >= RUNS_KNOWN_MAX:
                return
            known = self._known[key] = _Known(entity, run.attempt, voices)
        for name, voice in voices.items():
            old = known.voices.get(name)
            if old is not None and old.seq > voice.seq:
                voice.seq, voice.beat = old.seq, old.beat
        known.voices = voices
        known.durable[spool] = durable

    def forget(self, key: RunKey) -> None:
        """The run was changed by someone else: the next beat must be received."""
        self._known.pop(key, None)
        self._held.discard(key)

    def unsaved(self, key: RunKey) -> Sequence[tuple[Heard, Now]]:
        """Beats of a run that the database does not know yet."""
        known = self._known.get(key)
        if known is None:
            return ()
        return [voice.beat for voice in tuple(known.voices.values()) if voice.beat is not None]

    def shown(self, record: RunRecord) -> RunRecord:
        """The record with the beats that are not stored yet."""
        beats = self.unsaved(record.key)
        return replace(record, life=_heard(record.life, beats)) if beats else record

    def due(self, now: Now) -> list[RunKey]:
        """Runs whose beats have been held for long enough."""
        return [key for key in self._held if self._known[key].due_at <= now.alive]

    def held(self) -> list[RunKey]:
        """All runs with beats that are not stored yet."""
        return list(self._held)

    def saved(self, beats: Beats, lost: Iterable[RunKey]) -> None:
        """After the commit: what was stored is held no longer, but for beats that came since."""
        for key, said in beats.items():
            known = self._known.get(key)
            if known is None:
                continue
            stored = {heard.writer: heard.seq for heard, _ in said}
            for name, voice in known.voices.items():
                if voice.beat is not None and voice.beat[0].seq <= stored.get(name, voice.seq - 1):
                    voice.beat = None
            known.held_since = None
            self._held.discard(key)
            newer = [voice for voice in known.voices.values() if voice.beat is not None]
            for voice in newer:
                self._hold_from(key, known, voice)
        for key in lost:
            self.forget(key)

    def _hold_from(self, key: RunKey, known: _Known, voice: _Voice) -> None:
        if known.held_since is not None or voice.beat is None:
            return
        known.held_since = voice.beat[1].alive
        known.due_at = known.held_since + voice.lease * HELD_PART // HELD_OF
        self._held.add(key)

    @property
    def runs(self) -> int:
        """How many runs are known to be live."""
        return len(self._known)


def _is_plain(batch: Batch) -> bool:
    return not (batch.count or batch.exit or batch.stop_acknowledged)


def _heard(run: Run, beats: Iterable[tuple[Heard, Now]]) -> Run:
    for heard, at in beats:
        run, _ = step(run, heard, at)
    return run


def save(tx: Transaction, beats: Beats) -> list[RunKey]:
    """Store these beats; the runs that could not take them, since others changed them."""
    lost = []
    for key, said in beats.items():
        life = tx.runs.life(key)
        if life is None or not _is_quiet(life.run, said):
            lost.append(key)
            continue
        run = _heard(life.run, said)
        if run is not life.run:
            tx.runs.save_life(key, replace(life, run=run))
    return lost


def _is_quiet(run: Run, said: Iterable[tuple[Heard, Now]]) -> bool:
    """Whether the beats move no state: anything else is a matter for `receive`."""
    for heard, at in said:
        run, outcome = step(run, heard, at)
        if isinstance(outcome, Changed) and outcome.entries:
            return False
    return run.stop is None


class ListeningFeed:
    """`Feed` that makes the hearts forget a run whose state was changed; `hear` hears all of it."""

    def __init__(
        self, feed: Feed, hearts: Hearts, hear: Callable[[News], None] = lambda _: None
    ) -> None:
        self._feed, self._hearts, self._hear = feed, hearts, hear

    def signal(self, news: News) -> None:
        """Pass on."""
        if "state" in news.topics:
            self._hearts.forget(news.run)
        self._hear(news)
        self._feed.signal(news)

    def listen(self) -> AsyncIterator[News]:
        """Pass on."""
        return self._feed.listen()
