"""A seeded world: trainers that die, internal processes, a network and a server that fail.

Real are: the machine, the classifier, the courier, the frames' content, the use cases and the
reference database. Virtual are time, processes, network and disk. One seed is one world.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from heartline.adapters.memory.database import MemoryDatabase
from heartline.core.lifecycle import LIVE, TERMINAL, Confidence, Now, State, Wall, fold
from heartline.core.lifecycle.classify import Signs, classify
from heartline.core.lifecycle.time import AMNESTY_MS, started, tick
from heartline.core.lifecycle.view import explaining
from heartline.core.records import RunKey, RunPath, Stream, User
from heartline.sdk.courier import Courier
from heartline.sdk.courier import Stream as Shipped
from heartline.sdk.values import encode
from heartline.usecases.access import Principal
from heartline.usecases.control_run import ask_stop
from heartline.usecases.expire_leases import expire_leases
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import receive
from heartline.usecases.refusal import Refused
from heartline.wire import ingest, spool

STEP_MS = 500
HEARTBEAT_MS = 5_000
LEASE_MS = 15_000
FAULTY_STEPS = (60, 160)
CALM_STEPS = 120
BO = Principal(User("bo", admin=True), {"bo": "admin"})

FATES = {
    "finish": Signs(finish_called=True),
    "exit 0": Signs(exit_code=0),
    "exit 3": Signs(exit_code=3),
    "exception": Signs(exit_code=1, noted_exception="ValueError: x"),
    "killed": Signs(signal="SIGKILL"),
    "out of memory": Signs(signal="SIGKILL", oom=True),
    "segfault": Signs(signal="SIGSEGV"),
    "notes only": Signs(noted_exception="E: x"),
    "vanished": Signs(),
    "host lost": None,
}


class Broken(AssertionError):
    """A law does not hold in this world."""


def law(holds: bool, text: str) -> None:
    if not holds:
        raise Broken(text)


class Records:
    """A spool in memory: what the trainer has logged and the internal process reads."""

    def __init__(self) -> None:
        self.payloads: list[bytes] = []
        self.next = 0

    def read(self, limit: int, _bytes_max: int) -> list[bytes]:
        found = self.payloads[self.next : self.next + min(limit, 7)]
        self.next += len(found)
        return found

    def seek(self, record: int) -> None:
        self.next = record


class Ids:
    """Names without chance."""

    def run_name(self) -> str:
        return "brave-fold-1"


@dataclass
class Server:
    """One server over one database; down, slow, crashing between apply and commit, restored."""

    db: MemoryDatabase = field(default_factory=MemoryDatabase)
    up: bool = True
    wall: int = 1_700_000_000_000
    passed_ms: int = 0
    backup: Any = None
    judged: list[tuple[RunKey, int]] = field(default_factory=list)

    def now(self) -> Now:
        clock = self.db.state.clock
        return Now(type(clock.at)(clock.at + min(self.passed_ms, 2_000)), Wall(self.wall))

    def start(self) -> None:
        self.up, self.passed_ms = True, 0
        self.db.state.clock = started(self.db.state.clock)

    def turn(self) -> None:
        """The clockwork's tick: advance, then judge."""
        self.db.state.clock = tick(self.db.state.clock, self.passed_ms)
        self.passed_ms = 0
        healthy, now = self.db.state.clock.healthy_since, self.now()
        ended, _ = self.db.write_now(lambda tx: expire_leases(tx, healthy, now))
        for record in ended:
            self.judged.append((record.key, now.alive))

    def handle(self, request: Any, dice: random.Random, faults: float) -> Any:
        """Take a request; a crash comes before the commit, or between commit and reply."""
        if not self.up:
            return None
        before = self.db.state
        now = self.now()

        def unit(tx: Any) -> Any:
            if isinstance(request, ingest.OpenRequest):
                return open_run(tx, BO, request, Ids(), now)
            return receive(tx, request, now)

        answer = self.db.write_now(unit)
        if dice.random() < faults * 0.05:
            self.up = False
            if dice.random() < 0.5:
                self.db.state = before
            return None
        return answer


class Process:
    """A trainer with its internal process; `fate` is how the trainer ends, the truth."""

    def __init__(self, world: "World", run: str, launch: str, rank: int | None) -> None:
        self.world, self.run = world, run
        self.writer = f"w{len(world.processes)}"
        self.records = Records()
        self.courier = Courier(self.writer, launch, rank)
        self.courier.add(Shipped(self.writer, self.records))
        self.rank, self.launch = rank, launch
        self.fate = world.dice.choice(list(FATES))
        self.alive, self.watched = True, True
        self.partitioned_until = 0
        self.key = 0
        self.epoch = 0
        self.acknowledged = 0
        self.beat_at = -HEARTBEAT_MS
        self.seq = 0
        self.logged = 0
        self.preempting = False
        self.gone = False
        self.forgotten = False
        self.told: list[float | None] = []
        self.checked = -1

    def request(self) -> ingest.OpenRequest:
        self.seq += 1
        ended = self.courier.exit is not None
        return ingest.OpenRequest(
            project="p", launch=self.launch, writer=self.writer,
            seq=self.courier.exit_seq - 1 if ended else self.seq, heartbeat_ms=HEARTBEAT_MS,
            id=self.run, resume="allow", rank=self.rank,
        )  # fmt: skip

    def log(self) -> None:
        self.records.payloads.append(
            encode([spool.LOG, self.logged, self.logged / 10, {"loss": float(self.logged)}])
        )
        self.told.append(float(self.logged))
        self.logged += 1

    def die(self) -> None:
        self.alive = False
        signs = FATES[self.fate]
        if signs is None:
            self.watched = False
            return
        verdict = classify(signs)
        self.seq += 1
        self.courier.ended(
            ingest.Exit(
                state=verdict.state.value, cause=verdict.cause.value,
                confidence=int(verdict.confidence), records=len(self.records.payloads), at=0,
            ),
            self.seq,
        )  # fmt: skip

    def ship(self, at: int, faults: float) -> None:
        """One round of the internal process: open, or one batch; replies may never come."""
        if self.gone or not self.watched or at < self.partitioned_until:
            return
        if self.told_all:
            # Everything is told: the internal process ends, and its spool goes with it.
            self.gone = True
            return
        if self.courier.must_open:
            reply = self.world.call(self.request(), faults)
            if isinstance(reply, ingest.OpenReply):
                self.key, self.epoch = reply.run, reply.epoch
                self.courier.opened(reply)
            return
        self.seq += 1
        batch = self.courier.batch(self.seq)
        due = at - self.beat_at >= HEARTBEAT_MS
        if not batch.count and batch.exit is None and not due:
            self.courier.lost()
            return
        answer = self.world.call(batch, faults)
        if answer is None:
            self.courier.lost()
            return
        if isinstance(answer, Refused):
            law(False, f"refused: {answer}")
        self.beat_at = at
        self.courier.replied(answer.reply)
        if not self.courier.must_open:
            self.acknowledged = answer.reply.durable

    @property
    def told_all(self) -> bool:
        """Its end and every record were acknowledged: it will not speak again."""
        return self.courier.exit_taken and self.settled

    @property
    def settled(self) -> bool:
        told = self.courier.exit is None or self.courier.exit_taken
        sent = self.records.next == len(self.records.payloads) and self.courier.drained
        return not self.watched or (sent and told and not self.courier.must_open)


class World:
    """Everything that one seed draws."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.server = Server()
        self.processes: list[Process] = []
        self.late: list[tuple[int, Any]] = []
        self.at = 0
        self.down_until = 0
        self.restored = False
        self.delivered: dict[str, int] = {}
        self.proven: dict[tuple[int, int, str], Any] = {}
        self.trace: list[str] = []
        self.seen: dict[RunKey, Any] = {}
        self.server.db.state.users["bo"] = BO.user
        for run in range(self.dice.randint(1, 2)):
            self.launch(f"run{run}")

    def launch(self, run: str) -> None:
        launch = f"L{len(self.processes)}"
        ranks = self.dice.choice([1, 1, 1, 2, 3])
        for rank in range(ranks):
            self.processes.append(Process(self, run, launch, rank if ranks > 1 else None))

    def call(self, request: Any, faults: float) -> Any:
        """Over the network: lost on the way there, on the way back, late, or twice."""
        if self.dice.random() < faults * 0.1:
            if self.dice.random() < 0.5:
                self.late.append((self.at + self.dice.randint(1, 40_000), request))
            return None
        answer = self.server.handle(request, self.dice, faults)
        heard = answer is not None and isinstance(request, ingest.Batch)
        if heard and not isinstance(answer, Refused) and not answer.reply.reopen:
            self.delivered[request.writer] = self.server.now().alive
        if self.dice.random() < faults * 0.1:
            self.late.append((self.at + self.dice.randint(0, 40_000), request))
        return None if self.dice.random() < faults * 0.1 else answer

    def live(self, faults: float) -> None:
        """Half a second of this world."""
        self.at += STEP_MS
        self.server.wall += STEP_MS
        if self.server.up:
            self.server.passed_ms += STEP_MS
        self._misfortune(faults)
        for due, request in list(self.late):
            if due <= self.at:
                self.late.remove((due, request))
                self.server.handle(request, self.dice, 0.0)
        for process in self.processes:
            if process.alive:
                for _ in range(self.dice.randint(0, 3)):
                    process.log()
            process.ship(self.at, faults)
        stalled = self.dice.random() < faults * 0.05
        if self.server.up and not stalled and self.at % 1_000 == 0:
            self.server.turn()
        self.check()

    def _misfortune(self, faults: float) -> None:
        dice, server = self.dice, self.server
        if not server.up and self.at >= self.down_until:
            server.start()
        if dice.random() < faults * 0.01 and server.up:
            server.up = False
            self.down_until = self.at + dice.choice([1_000, 20_000, 600_000])
        if dice.random() < faults * 0.01:
            server.wall += dice.choice([-(10**10), 10**10, 3_600_000])
        if dice.random() < faults * 0.01:
            server.backup = server.db.state.copy()
        if server.backup is not None and dice.random() < faults * 0.005:
            server.db.state = server.backup.copy()
            server.start()
            self.restored = True
            self.seen.clear()
            self.delivered.clear()
            self.proven.clear()
            for process in self.processes:
                process.acknowledged = 0
                process.forgotten = process.gone or process.told_all
        for process in self.processes:
            if process.alive and dice.random() < faults * 0.01:
                process.partitioned_until = self.at + dice.choice([2_000, 14_000, 60_000])
            if process.alive and dice.random() < faults * 0.02:
                process.die()
            elif process.alive and dice.random() < faults * 0.005:
                process.preempting = True
                process.records.payloads.append(encode([spool.PREEMPTING, True]))
                process.told.append(None)
        if dice.random() < faults * 0.004:
            self.launch(dice.choice(self.processes).run)
        if dice.random() < faults * 0.004 and server.up:
            path = RunPath("bo", "p", dice.choice(self.processes).run)
            now = server.now()
            server.db.write_now(lambda tx: ask_stop(tx, BO, path, "", now))

    def check(self) -> None:
        """What must hold at every moment."""
        state = self.server.db.state
        for record in state.runs.values():
            if self.seen.get(record.key) is record:
                # Values are frozen: what was looked at and was not saved since still holds.
                continue
            self.seen[record.key] = record
            entries = [entry for run, entry in state.ledger if run == record.key]
            law(fold(entries) is record.state, "state is not the fold of the ledger")
            law([e.seq for e in entries] == list(range(1, len(entries) + 1)), "ledger has gaps")
            told = record.told
            law(told == explaining(entries), "what is told is not what the ledger tells")
            law(record.state in {told.after, told.writer_state}, "what is told is not the state")
            if record.state in TERMINAL:
                law(record.ended_at is not None, "an ended run has no end")
                live = [w.id for w in record.life.writers if w.state in LIVE]
                law(not live, f"{record.state} with live writers {live}")
            for writer in record.life.writers:
                self._check_writer(record, writer)
        for process in self.processes:
            self._check_records(process)
        self._check_judgements()

    def _check_writer(self, record: Any, writer: Any) -> None:
        place = (record.key, record.life.attempt.epoch, writer.id)
        if writer.confidence is Confidence.PROVEN and writer.state in TERMINAL:
            known = self.proven.setdefault(place, writer.state)
            law(known is writer.state, f"a proven {known} became {writer.state}")
        elif place in self.proven:
            law(False, f"a proven {self.proven[place]} became {writer.state}")
        if writer.state is State.FINISHED:
            process = next(p for p in self.processes if p.writer == writer.id)
            stream = Stream(record.key, record.life.attempt.epoch, writer.id)
            durable = self.server.db.state.durable.get(stream, 0)
            law(durable >= len(process.records.payloads), "Finished before all data was durable")

    def _check_records(self, process: Process) -> None:
        """Acknowledged is durable, in order, once."""
        if not process.key:
            return
        state = self.server.db.state
        stream = Stream(RunKey(process.key), process.epoch, process.writer)
        durable = state.durable.get(stream, 0)
        law(durable >= process.acknowledged, "an acknowledged record is gone")
        if durable == process.checked and not self.restored:
            return
        process.checked = durable
        place = (stream.run, process.epoch, process.rank or 0, process.writer, False, "loss")
        stored = [point.value for point in state.points.get(place, ())]
        said = [value for value in process.told[:durable] if value is not None]
        law(stored == said, f"stored {len(stored)} points, durable are {len(said)}")

    def _check_judgements(self) -> None:
        """No lease ended before a full lease of healthy server time without a word."""
        for key, alive in self.server.judged:
            record = self.server.db.state.runs.get(key)
            if record is None:
                continue
            for writer in record.life.writers:
                lapsed = writer.by.kind == "server" and writer.state in TERMINAL
                heard = self.delivered.get(writer.id)
                process = next((p for p in self.processes if p.writer == writer.id), None)
                if process is None or process.forgotten:
                    continue
                if lapsed and heard is not None and heard <= alive:
                    law(alive - heard >= LEASE_MS, f"judged after {alive - heard} ms of silence")
                healthy = self.server.db.state.clock.healthy_since
                law(not lapsed or alive >= healthy + AMNESTY_MS or healthy > alive,
                    "judged within the amnesty")  # fmt: skip
        self.server.judged.clear()

    def settle(self) -> None:
        """The faults stop; everything must become as it really was."""
        self.down_until = self.at
        for process in self.processes:
            process.partitioned_until = 0
            if process.alive:
                process.die()
        for _ in range(CALM_STEPS):
            self.live(0.0)
            if all(process.settled for process in self.processes) and self._all_ended():
                break
        self.converged()

    def _all_ended(self) -> bool:
        return not self.late and all(
            record.state in TERMINAL for record in self.server.db.state.runs.values()
        )

    def converged(self) -> None:
        """When faults stop, the shown state equals the truth."""
        for process in self.processes:
            law(process.settled, f"{process.writer} ({process.fate}) still has something to send")
            if process.watched and process.key and not process.forgotten:
                law(process.acknowledged == len(process.records.payloads), "records are missing")
        for record in self.server.db.state.runs.values():
            law(record.state in TERMINAL, f"{record.path} is {record.state} for ever")
            for writer in record.life.writers:
                self._true(record, writer)
            told = (
                f"{record.path.id} {record.state} {record.told.cause} {record.life.attempt.epoch}"
            )
            self.trace.append(told)

    def _true(self, record: Any, writer: Any) -> None:
        process = next((p for p in self.processes if p.writer == writer.id), None)
        if process is None or process.forgotten:
            # What a restored backup forgot of those who are gone, nobody can tell again.
            return
        signs = FATES[process.fate]
        stop = record.life.stop is not None
        if signs is None:
            expected = {State.CRASHED, State.PREEMPTED} | ({State.KILLED} if stop else set())
        else:
            expected = {classify(signs).state}
            if expected != {State.FINISHED}:
                expected |= {State.PREEMPTED} if process.preempting else set()
                expected |= {State.KILLED} if stop else set()
        law(writer.state in expected, f"{process.fate} is shown as {writer.state}")


def play(seed: int) -> list[str]:
    """One whole world; its trace. Broken if a law does not hold."""
    world = World(seed)
    for _ in range(world.dice.randint(*FAULTY_STEPS)):
        world.live(1.0)
    world.settle()
    return world.trace
