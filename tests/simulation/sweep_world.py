"""A seeded world of sweeps: agents that die, trials that fail, partitions, people who steer.

Real are the use cases, the machines and the reference database. Virtual are time, processes and
the network. One seed is one world.
"""

import itertools
import random
from dataclasses import dataclass, field
from typing import Any

from heartline.adapters.memory.database import MemoryDatabase
from heartline.adapters.search import Seeker
from heartline.core.lifecycle import LIVE, TERMINAL, CauseKind, Instant, Now, State, Wall
from heartline.core.lifecycle.time import started, tick
from heartline.core.records import RunKey, User
from heartline.core.sweep.statuses import TRANSITIONS, Status
from heartline.core.sweep.trials import HANDOUTS_MAX, Stage
from heartline.usecases.access import Principal
from heartline.usecases.control_sweep import control_sweep, look_after
from heartline.usecases.create_sweep import create_sweep
from heartline.usecases.expire_leases import expire_leases
from heartline.usecases.hear_agent import Beat, Reply, hear, join
from heartline.usecases.next_trial import Tools
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import receive
from heartline.usecases.refusal import Refused
from heartline.wire import ingest
from heartline.wire.sweeps import SweepCreate, TrialEnd

from .world import Broken, law

STEP_MS = 500
BEAT_MS = 5_000
LEASE_MS = 15_000
FAULTY_STEPS = (60, 200)
CALM_STEPS = 2_000
BO = Principal(User("bo", admin=True), {"bo": "admin"})
PATH = ("bo", "p", "s")
GOING = {Status.PENDING, Status.RUNNING, Status.CRASHED}
FATES = ["finished"] * 6 + ["failed", "failed", "killed", "preempted", "vanished", "never"]
ENDS = {
    "finished": ("finished", "finished", 0),
    "failed": ("failed", "exit_code", 1),
    "killed": ("killed", "signal", None),
    "preempted": ("failed", "exit_code", 1),
    "never": ("failed", "exit_code", 1),
}
GRID = {"a": {"values": [1, 2, 3]}, "b": {"values": ["x", "y"]}}


class Ids:
    """Names in order."""

    def __init__(self) -> None:
        self.count = itertools.count(1)

    def run_id(self) -> str:
        return f"t{next(self.count)}"

    def run_name(self) -> str:
        return "brave-fold-1"


@dataclass
class Child:
    """The process of a trial; `fate` is how it ends if nobody kills it."""

    run: str
    launch: str
    fate: str
    lasts: int
    born: int
    alive: bool = True
    key: int = 0
    epoch: int = 0
    seq: int = 0
    beat_at: int = -BEAT_MS
    told: bool = False
    with_agent: bool = False
    killed: bool = False


@dataclass
class Agent:
    """An agent as it really is; `heard_at` is when the server truly heard it last."""

    id: str
    slots: int
    children: list[Child] = field(default_factory=list)
    ended: list[TrialEnd] = field(default_factory=list)
    alive: bool = True
    gone: bool = False
    heard_at: int = 0
    heard_lists: tuple[str, ...] = ()
    heard_seq: int = 0
    beat_at: int = -BEAT_MS
    cut_until: int = 0


class SweepWorld:
    """Everything that one seed draws."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.db = MemoryDatabase()
        self.db.state.users["bo"] = BO.user
        self.ids, self.search = Ids(), Seeker()
        self.at, self.wall, self.passed_ms = 0, 1_700_000_000_000, 0
        self.down_until = 0
        self.agents: list[Agent] = []
        self.children: list[Child] = []
        self.late: list[tuple[int, Any]] = []
        self.trace: list[str] = []
        said: dict[str, Any] = {"method": "grid", "parameters": GRID, "stop_after_failures": 0}
        if self.dice.random() < 0.5:
            said["method"], said["run_cap"] = self.dice.choice(["grid", "random"]), 4
        self.planned = said.get("run_cap", 6)
        self.grid = said["method"] == "grid" and "run_cap" not in said
        self.now_is = self.now()
        made = self.unit(
            lambda tx: create_sweep(tx, BO, SweepCreate(config=said, project="p", id="s"),
                                    self.ids, self.now())
        )  # fmt: skip
        law(not isinstance(made, Refused), f"no sweep: {made}")
        self.key = made.key
        for _ in range(self.dice.randint(1, 3)):
            self.start_agent()

    # -- the server ------------------------------------------------------------------------

    @property
    def up(self) -> bool:
        return self.at >= self.down_until

    @property
    def sweep(self) -> Any:
        return self.db.state.sweeps[self.key]

    def now(self) -> Now:
        clock = self.db.state.clock
        return Now(Instant(clock.at + min(self.passed_ms, 2_000)), Wall(self.wall))

    def tools(self) -> Tools:
        return Tools(self.search, self.ids, self.now(), self.db.state.clock.healthy_since)

    def unit(self, act: Any) -> Any:
        """One unit of work, with what must hold across every one of them."""
        before = self.db.state
        answer = self.db.write_now(act)
        self.across(before, self.db.state)
        return answer

    def states(self, state: Any) -> dict[RunKey, State]:
        return {key: run.state for key, run in state.runs.items()}

    def across(self, before: Any, after: Any) -> None:
        """No trial is lost or doubled, no status moves but by the table, none is made when closed."""
        if not before.sweeps:
            return
        old, new = before.sweeps[self.key], after.sweeps[self.key]
        if new.status is not old.status:
            reached = {old.status}
            for _ in range(2):
                reached |= {to for each in reached for to in TRANSITIONS[each].values() if to}
            law(new.status in reached, f"{old.status} became {new.status}")
        law(new.made <= self.planned, f"{new.made} trials of {self.planned}")
        numbers = sorted(number for _, number in after.trials)
        law(numbers == list(range(new.made)), f"{new.made} made, numbered {numbers}")
        runs = [each.run for each in after.trials.values()]
        law(len(set(runs)) == len(runs), "two trials share a run")
        law(set(runs) <= set(after.runs), "a trial has no run")
        if new.made > old.made:
            law(new.status in GOING, f"a {new.status} sweep made a run")
            waited = [
                each.number for each in before.trials.values()
                if each.stage is Stage.QUEUED and after.trials[each.sweep, each.number].stage is Stage.QUEUED
            ]  # fmt: skip
            law(not waited, f"a new trial went before {waited}, which waited")
        for place, trial in after.trials.items():
            known = before.trials.get(place)
            if known is not None and trial.handouts > known.handouts:
                state = before.runs[trial.run].state
                law(new.status in GOING, f"handed out again while {new.status}")
                law(state not in {State.FINISHED, State.FAILED}, f"a {state} trial was run again")
            if known is not None and trial.stage is Stage.QUEUED is not known.stage:
                self._taken_away(known)

    def _taken_away(self, known: Any) -> None:
        """A trial comes back only from an agent that is silent, or that does not list it."""
        holder = next((each for each in self.agents if each.id == known.agent), None)
        if holder is None or known.run_id not in holder.heard_lists:
            return
        silent = self.now().alive - max(holder.heard_at, self.db.state.clock.healthy_since)
        law(silent >= LEASE_MS, f"taken from an agent that was heard {silent} ms ago")

    def call(self, faults: float, act: Any, cut_until: int = 0) -> Any:
        """Over the network: lost on the way there or back, late, twice; crash before commit."""
        if not self.up or self.at < cut_until:
            return None
        if self.dice.random() < faults * 0.08:
            if self.dice.random() < 0.5:
                self.late.append((self.at + self.dice.randint(0, 30_000), act))
            return None
        before = self.db.state
        heard = [(each.heard_at, each.heard_lists, each.heard_seq) for each in self.agents]
        answer = act()
        if self.dice.random() < faults * 0.01:
            self.db.state = before
            for each, known in zip(self.agents, heard, strict=True):
                each.heard_at, each.heard_lists, each.heard_seq = known
            self.down_until = self.at + 3_000
            return None
        return None if self.dice.random() < faults * 0.08 else answer

    def turn(self) -> None:
        """The clockwork."""
        clock = self.db.state.clock = tick(self.db.state.clock, self.passed_ms)
        self.passed_ms = 0
        self.unit(lambda tx: expire_leases(tx, clock.healthy_since, self.now()))
        self.unit(lambda tx: look_after(tx, self.key, self.now(), clock.healthy_since))

    # -- agents and their children ---------------------------------------------------------

    def start_agent(self) -> None:
        made = self.unit(lambda tx: join(tx, BO, PATH, "vm", "heartline", BEAT_MS, self.tools()))
        law(not isinstance(made, Refused), f"an agent was refused: {made}")
        agent = Agent(made[1].id, self.dice.choice([1, 1, 2]), heard_at=self.now().alive)
        self.agents.append(agent)

    def tend_agent(self, agent: Agent, faults: float) -> None:
        for child in [each for each in agent.children if not each.alive]:
            agent.children.remove(child)
            code = ENDS.get(child.fate, ENDS["killed"])[2] if not child.killed else None
            signal = None if code is not None else "SIGTERM"
            agent.ended.append(TrialEnd(run=child.run, exit_code=code, signal=signal))
            agent.beat_at = -BEAT_MS
        if self.at - agent.beat_at < BEAT_MS:
            return
        agent.beat_at = self.at
        said = Beat(
            tuple(each.run for each in agent.children), tuple(agent.ended),
            len(agent.children) < agent.slots, seq=self.at,
        )  # fmt: skip
        reply = self.call(faults, lambda: self._beat(agent, said), agent.cut_until)
        if reply is None:
            return
        law(isinstance(reply, Reply), f"a beat was refused: {reply}")
        agent.ended = [each for each in agent.ended if each not in said.ended]
        for order in reply.orders:
            self._obey(agent, order)

    def _beat(self, agent: Agent, said: Beat) -> Any:
        if said.seq >= agent.heard_seq:
            agent.heard_at, agent.heard_lists = self.now().alive, said.running
            agent.heard_seq = said.seq
        return self.unit(lambda tx: hear(tx, BO, PATH, agent.id, said, self.tools()))

    def _obey(self, agent: Agent, order: Any) -> None:
        match order.kind:
            case "run" | "resume":
                if order.run_id in [each.run for each in agent.children]:
                    raise Broken("an agent was given what it runs already")
                fate = self.dice.choice(FATES) if self.faulty else "finished"
                lasts = self.dice.randint(1, 40)
                launch = f"L{len(self.children)}"
                child = Child(order.run_id, launch, fate, lasts * STEP_MS, self.at)
                agent.children.append(child)
                self.children.append(child)
                agent.beat_at = self.at - BEAT_MS + STEP_MS
            case "stop":
                for child in agent.children:
                    if child.run == order.run_id and child.alive:
                        child.alive, child.killed = False, True
            case "exit":
                law(not agent.children, "an agent was sent home with trials running")
                law(self.sweep.status not in GOING, f"sent home by a {self.sweep.status} sweep")
                agent.gone = True

    def kill_agent(self, agent: Agent) -> None:
        """SIGKILL; its children may go down with it, unheard."""
        agent.alive = False
        down = self.dice.random() < 0.7
        for child in agent.children:
            if down and child.alive:
                child.alive, child.with_agent, child.told = False, True, True

    def tend_child(self, child: Child, faults: float) -> None:
        if child.alive and self.at - child.born >= child.lasts:
            child.alive = False
            child.told = child.fate == "vanished"
        if child.told or child.fate == "never":
            return
        if not child.key:
            if child.alive or child.fate != "vanished":
                self._open(child, faults)
            return
        due = self.at - child.beat_at >= BEAT_MS or not child.alive
        if due:
            self._say(child, faults)

    def _open(self, child: Child, faults: float) -> None:
        child.seq += 1
        said = ingest.OpenRequest(
            project="p", launch=child.launch, writer="w", seq=child.seq, heartbeat_ms=BEAT_MS,
            id=child.run, resume="allow",
        )  # fmt: skip
        reply = self.call(
            faults, lambda: self.unit(lambda tx: open_run(tx, BO, said, self.ids, self.now()))
        )
        if isinstance(reply, ingest.OpenReply):
            child.key, child.epoch = reply.run, reply.epoch

    def _say(self, child: Child, faults: float) -> None:
        child.seq, child.beat_at = child.seq + 1, self.at
        state, cause, _ = ENDS["killed"] if child.killed else ENDS.get(child.fate, ENDS["killed"])
        end = None
        if not child.alive:
            end = ingest.Exit(state=state, cause=cause, confidence=3, records=0, at=0)
        ending = not child.alive or self.at - child.born > child.lasts // 2
        batch = ingest.Batch(
            run=child.key, epoch=child.epoch, nonce=child.launch, writer="w", spool="w",
            seq=child.seq, first=0, count=0, exit=end,
            preempting=child.fate == "preempted" and ending and not child.killed,
        )  # fmt: skip
        answer = self.call(faults, lambda: self.unit(lambda tx: receive(tx, batch, self.now())))
        if answer is None or isinstance(answer, Refused):
            return
        child.told = end is not None
        if answer.reply.stop is not None and child.alive:
            child.alive, child.killed = False, True

    # -- people and misfortune -------------------------------------------------------------

    def steer(self, action: str) -> None:
        """A control, and the law: only cancel reaches a run, and it reaches every live one."""
        before = self.states(self.db.state)
        done = self.unit(lambda tx: control_sweep(tx, BO, PATH, action, "", self.now()))
        after = self.db.state.runs
        if isinstance(done, Refused) or action != "cancel":
            law(before == self.states(self.db.state), f"{action} changed the state of a run")
            if action != "cancel":
                stops = [run for run in after.values() if run.life.stop is not None]
                causes = {run.life.stop.cause for run in stops if run.state in LIVE}
                law(
                    causes <= {CauseKind.SWEEP_CANCELLED, CauseKind.EARLY_STOPPING},
                    "a run was stopped",
                )
                law(not causes or self.sweep.status is Status.CANCELLED, f"{action} stops runs")
            return
        for key, state in before.items():
            run = after[key]
            if state is State.PENDING:
                law(run.state is State.KILLED, "cancel left a pending run")
            elif state in LIVE:
                law(run.life.stop is not None, f"cancel did not reach a {state} run")

    def live(self, faults: float) -> None:
        """Half a second."""
        self.at += STEP_MS
        self.wall += STEP_MS
        if self.up:
            if self.passed_ms < 0:
                self.db.state.clock, self.passed_ms = started(self.db.state.clock), 0
            self.passed_ms += STEP_MS
        else:
            self.passed_ms = -1
        self._misfortune(faults)
        for due, act in list(self.late):
            if due <= self.at and self.up:
                self.late.remove((due, act))
                act()
        for agent in self.agents:
            if agent.alive and not agent.gone:
                self.tend_agent(agent, faults)
        for child in self.children:
            self.tend_child(child, faults)
        if self.up and self.at % 1_000 == 0:
            self.turn()

    def _misfortune(self, faults: float) -> None:
        dice = self.dice
        if dice.random() < faults * 0.006 and self.up:
            self.down_until = self.at + dice.choice([2_000, 20_000, 120_000])
        for agent in self.agents:
            if agent.alive and dice.random() < faults * 0.006:
                agent.cut_until = self.at + dice.choice([4_000, 20_000, 60_000])
            if agent.alive and dice.random() < faults * 0.006:
                self.kill_agent(agent)
        if not self.up:
            return
        if dice.random() < faults * 0.01 and len(self.agents) < 5:
            self.start_agent()
        if dice.random() < faults * 0.02:
            weights = [4, 6, 0.4, 0.4]
            self.steer(dice.choices(["pause", "resume", "stop", "cancel"], weights)[0])

    @property
    def faulty(self) -> bool:
        return not self.calm

    calm = False

    def settle(self) -> None:
        """The faults stop; the sweep must come to its end, with every count exact."""
        self.calm, self.down_until = True, self.at
        for agent in self.agents:
            agent.cut_until = 0
        self.live(0.0)
        if self.sweep.status in {Status.PAUSED, Status.FAILED}:
            self.steer("resume")
        if not any(each.alive and not each.gone for each in self.agents):
            self.start_agent()
        for _ in range(CALM_STEPS):
            self.live(0.0)
            if self._over():
                break
        self.converged()

    def _over(self) -> bool:
        over = self.sweep.status in {Status.FINISHED, Status.STOPPED, Status.CANCELLED}
        quiet = all(run.state in TERMINAL for run in self.db.state.runs.values())
        settled = all(each.stage is Stage.ENDED for each in self.db.state.trials.values())
        home = all(each.gone or not each.alive for each in self.agents)
        return over and quiet and settled and home and not self.late

    def converged(self) -> None:
        """What is left when everything has ended."""
        state, sweep = self.db.state, self.sweep
        shown = {each.run_id: state.runs[each.run].state.value for each in state.trials.values()}
        law(
            self._over(),
            f"no end: {sweep.status}, {shown}, {[(a.alive, a.gone) for a in self.agents]}",
        )
        last: dict[str, Child] = {}
        for child in self.children:
            law(not child.alive, "a process was left running")
            last[child.run] = child
        if sweep.status is Status.FINISHED:
            law(sweep.made == self.planned, f"finished with {sweep.made} of {self.planned}")
            points = {tuple(each.args.values()) for each in state.trials.values()}
            law(not self.grid or len(points) == 6, f"the grid has {len(points)} points of 6")
            for trial in state.trials.values():
                run, child = state.runs[trial.run], last.get(trial.run_id)
                known = any(
                    entry.attempt.epoch == 0 and entry.after in TERMINAL
                    for key, entry in state.ledger if key == trial.run
                )  # fmt: skip
                if known:
                    # Its agent told the end of a process that opened its run only later.
                    continue
                law(run.state is not State.PREEMPTED or trial.handouts >= HANDOUTS_MAX,
                    "a preempted trial was not run again")  # fmt: skip
                down = child is not None and child.with_agent and run.state is not State.FINISHED
                law(not down or trial.handouts >= HANDOUTS_MAX,
                    f"a trial that died with its agent was not run again ({run.state})")  # fmt: skip
        self.trace += [f"{sweep.status} {sweep.made}", *sorted(map(str, shown.items()))]


def play(seed: int) -> list[str]:
    """One whole world; its trace. Broken if a law does not hold."""
    world = SweepWorld(seed)
    for _ in range(world.dice.randint(*FAULTY_STEPS)):
        world.live(1.0)
    world.settle()
    return world.trace
