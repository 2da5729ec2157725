"""Promises of sweeps at their exact edges, one short story each."""

import itertools
import struct
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from heartline.adapters.memory.database import MemoryDatabase
from heartline.adapters.search import Seeker
from heartline.core.lifecycle import (
    LIVE,
    Actor,
    Attempt,
    CauseKind,
    Confidence,
    Created,
    Exited,
    Heard,
    Instant,
    Now,
    Started,
    State,
    StopAsked,
    Verdict,
    Wall,
    create,
    step,
)
from heartline.core.records import Project, RunKey, RunPath, RunRecord, User
from heartline.core.sweep.statuses import TRANSITIONS, Event, Status
from heartline.core.sweep.trials import START_MS, Stage
from heartline.usecases.access import Principal
from heartline.usecases.control_run import delete_run
from heartline.usecases.control_sweep import Controlled, control_sweep, delete_sweep, look_after
from heartline.usecases.create_sweep import create_sweep
from heartline.usecases.hear_agent import Beat, Order, Reply, hear, join
from heartline.usecases.next_trial import Tools
from heartline.usecases.open_run import open_run
from heartline.usecases.receive import receive
from heartline.usecases.refusal import Refused
from heartline.wire import ingest
from heartline.wire.sweeps import SweepCreate, TrialEnd
from tests.server.writer import block

from .sweep_world import BO, LEASE_MS, PATH, Ids
from .world import law

GRID = {"method": "grid", "parameters": {"a": {"values": [1, 2, 3]}}, "metric": {"name": "loss"}}
EVENTS = {Event.PAUSE: "pause", Event.RESUME: "resume", Event.STOP: "stop", Event.CANCEL: "cancel"}


class Story:
    """One sweep, agents by hand, and a clock that moves when it is told."""

    def __init__(self, config: Any = GRID, prior: tuple[str, ...] = (), **changes: Any) -> None:
        self.db, self.ids, self.at = MemoryDatabase(), Ids(), 1_000
        self.healthy, self.seqs = 0, itertools.count(1)
        self.db.state.users["bo"] = BO.user
        for name in prior:
            self.run_of(name, config={"a": 2})
            self.ran(name)
        said = SweepCreate(
            config={**config, **changes}, project="p", id="s", prior_runs=list(prior)
        )
        made = self.do(lambda tx: create_sweep(tx, BO, said, self.ids, self.now))
        assert not isinstance(made, Refused), made
        self.key = made.key

    @property
    def now(self) -> Now:
        return Now(Instant(self.at), Wall(1_700_000_000_000 + self.at))

    @property
    def tools(self) -> Tools:
        return Tools(Seeker(), self.ids, self.now, Instant(self.healthy))

    @property
    def sweep(self) -> Any:
        return self.db.state.sweeps[self.key]

    def do(self, unit: Callable[[Any], Any]) -> Any:
        return self.db.write_now(unit)

    def agent(self) -> str:
        made = self.do(lambda tx: join(tx, BO, PATH, "vm", "heartline", 5_000, self.tools))
        found: str = made[1].id
        return found

    def beat(self, agent: str, *running: str, ended: Any = (), wants: bool = True) -> list[Order]:
        said = Beat(running, ended, wants, seq=next(self.seqs))
        reply = self.do(lambda tx: hear(tx, BO, PATH, agent, said, self.tools))
        assert isinstance(reply, Reply), reply
        return reply.orders

    def given(self, agent: str, *running: str) -> str:
        """The run of the one trial that an agent is given."""
        (order,) = self.beat(agent, *running)
        assert order.kind in {"run", "resume"}, order
        return order.run_id

    def control(self, action: str, who: Principal = BO) -> Controlled | Refused:
        found: Controlled | Refused = self.do(
            lambda tx: control_sweep(tx, who, PATH, action, "", self.now)
        )
        return found

    def turn(self) -> None:
        self.do(lambda tx: look_after(tx, self.key, self.now, Instant(self.healthy)))

    def trial(self, number: int) -> Any:
        return self.db.state.trials[self.key, number]

    def run(self, run_id: str) -> Any:
        return next(each for each in self.db.state.runs.values() if each.path.id == run_id)

    def run_of(self, name: str, **words: Any) -> RunRecord:
        """A run that nobody's trial is."""

        def unit(tx: Any) -> RunRecord:
            tx.accounts.put_project(Project("bo", "p", 1))
            life, made = create(Created(Actor("user", "bo")), self.now)
            path = RunPath("bo", "p", name)
            record = RunRecord(RunKey(0), path, name, "bo", life, made.entries[0], 1, **words)
            found: RunRecord = tx.runs.create(record, made.entries)
            return found

        return self.do(unit)

    def start(self, run_id: str, launch: str = "") -> ingest.OpenReply:
        said = ingest.OpenRequest(
            project="p", launch=launch or run_id, writer="w", seq=next(self.seqs),
            heartbeat_ms=5_000, id=run_id, resume="allow",
        )  # fmt: skip
        reply = self.do(lambda tx: open_run(tx, BO, said, self.ids, self.now))
        assert isinstance(reply, ingest.OpenReply), reply
        return reply

    def say(self, reply: Any, launch: str, count: int = 0, end: str = "", **more: Any) -> Any:
        causes = {"finished": "finished", "failed": "exit_code", "preempted": "given_back"}
        stop = ingest.Exit(state=end, cause=causes.get(end, "signal"), confidence=3,
                           records=reply.durable + count, at=0)  # fmt: skip
        batch = ingest.Batch(
            run=reply.run, epoch=reply.epoch, nonce=launch, writer="w", spool="w",
            seq=next(self.seqs), first=reply.durable, count=count,
            history=[block(reply.durable, count)] if count else [], exit=stop if end else None, **more,
        )  # fmt: skip
        return self.do(lambda tx: receive(tx, batch, self.now)).reply

    def lose(self, reply: Any, launch: str, *values: float) -> None:
        """The first rows of a process, with these losses."""
        rows = block(0, len(values))
        rows.columns[0] = ingest.Column("loss", b"", struct.pack(f"<{len(values)}d", *values))
        batch = ingest.Batch(
            run=reply.run, epoch=reply.epoch, nonce=launch, writer="w", spool="w",
            seq=next(self.seqs), first=0, count=len(values), history=[rows],
        )  # fmt: skip
        self.do(lambda tx: receive(tx, batch, self.now))

    def ran(self, run_id: str, end: str = "finished", rows: int = 1) -> None:
        """A whole process, from birth to death."""
        self.say(self.start(run_id), run_id, rows if end == "finished" else 0, end)


def a_lost_answer_is_given_again() -> None:
    story = Story()
    agent = story.agent()
    first = story.given(agent)
    law(story.given(agent) == first, "a trial was lost with its answer")
    law(story.sweep.made == 1 and story.trial(0).handouts == 1, "one trial was counted twice")
    law(story.given(agent, first) != first, "an agent with a second place was given the same")


def who_never_starts_loses_the_trial_at_the_exact_edge() -> None:
    story = Story()
    one, two = story.agent(), story.agent()
    first = story.given(one)
    others = [story.given(two), story.given(two, "t4")]
    for at in range(0, START_MS, 4_000):
        story.at = 1_000 + at
        story.beat(one, wants=False)
        story.beat(two, *others, wants=False)
    story.at = 1_000 + START_MS - 1
    law(story.beat(two, *others, wants=True) == [], "taken away a millisecond early")
    story.at += 1
    (order,) = story.beat(two, *others)
    law(order.run_id == first and order.kind == "run", "not handed out again")
    law(story.sweep.made == 3, "handing out again counts as a new trial")


def a_silent_agent_loses_its_trial_and_is_told_so_when_it_returns() -> None:
    story = Story()
    one, two = story.agent(), story.agent()
    first = story.given(one)
    story.beat(one, first, wants=False)
    story.at += LEASE_MS - 1
    story.turn()
    law(story.trial(0).stage is Stage.HANDED, "taken away a millisecond early")
    story.at += 1
    story.turn()
    law(story.trial(0).stage is Stage.QUEUED, "not taken away")
    law(story.given(two) == first, "what came back is not given first")
    (order,) = story.beat(one, first, wants=False)
    law((order.kind, order.run_id) == ("stop", first), "two agents run one trial")
    law("another agent" in order.reason, "the agent is not told why")


def time_without_a_server_counts_against_no_agent() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    story.beat(one, first, wants=False)
    story.at += 10 * LEASE_MS
    story.healthy = story.at
    story.at += LEASE_MS - 1
    story.turn()
    law(story.trial(0).stage is Stage.HANDED, "our own silence counted")
    law(story.sweep.status is Status.RUNNING, "a sweep crashed of our silence")
    story.at += 1
    story.turn()
    law(story.sweep.status is Status.CRASHED, "every agent is lost")
    story.beat(one, first, wants=False)
    law(story.sweep.status is Status.RUNNING, "its agent is back")


def preempted_runs_go_first_and_are_resumed_as_they_are() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    reply = story.start(first)
    story.beat(one, first, wants=False)
    story.say(reply, first, preempting=True)
    story.say(reply, first, end="failed", preempting=True)
    law(story.run(first).state is State.PREEMPTED, "not preempted")
    (order,) = story.beat(one)
    law((order.kind, order.run_id) == ("resume", first), "a preempted run does not go first")
    law(story.trial(0).handouts == 2 and story.sweep.made == 1, "counted twice")
    story.say(story.start(first, "again"), "again", 1, "finished")
    law(story.given(one) != first, "a run that was resumed once and finished is run again")


def what_an_agent_said_before_a_trial_says_nothing_of_it() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    reply = story.start(first)
    story.say(reply, first, end="killed")
    story.turn()
    law(story.trial(0).stage is Stage.RUNNING, "judged by a list from before it was given")
    story.at += LEASE_MS
    story.turn()
    law(story.trial(0).stage is Stage.QUEUED, "died with its agent, and not to be run again")


def a_failed_point_is_not_run_again_and_a_dead_agents_is() -> None:
    story = Story(stop_after_failures=0)
    one, two = story.agent(), story.agent()
    first = story.given(one)
    story.ran(first, end="failed")
    second = story.given(one)
    law(second != first, "a failed trial was run again")
    story.start(second)
    story.beat(one, second, wants=False)
    # SIGKILL for the agent and all below it: nobody is heard any more.
    story.at += LEASE_MS
    story.beat(two, wants=False)
    killed = Exited(Attempt(1, second), "w", 10**6, Verdict(
        State.KILLED, CauseKind.SIGNAL, Confidence.PROVEN), Actor("process"))  # fmt: skip

    def unit(tx: Any) -> None:
        from heartline.usecases.keep import apply

        apply(tx, story.run(second), killed, story.now)

    story.do(unit)
    (order,) = story.beat(two)
    law((order.kind, order.run_id) == ("resume", second), "the trial of a dead agent is lost")
    law(story.sweep.made == 2, "run again counts as new")


def a_paused_sweep_makes_nothing_and_keeps_its_agents() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    story.start(first)
    before = story.run(first).life
    law(isinstance(story.control("pause"), Controlled), "not paused")
    law(story.beat(one, first, wants=True) == [], "a paused sweep gave an order")
    law(story.run(first).life == before, "pausing touched a run")
    story.ran(first)
    law(story.beat(one) == [], "a paused sweep handed out a trial, or sent its agent home")
    for _ in range(2):
        law(isinstance(story.control("resume"), Controlled), "two people cannot resume")
    law(story.given(one) != first, "a resumed sweep hands nothing out")
    law(isinstance(story.control("stop"), Controlled), "not stopped")
    law(story.control("resume").code == "conflict", "a stopped sweep was resumed")


def a_stopped_sweep_lets_runs_end_and_sends_agents_home() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    reply = story.start(first)
    story.beat(one, first, wants=False)
    story.control("stop")
    law(story.beat(one, first) == [], "an agent at work was disturbed")
    story.say(reply, first, 1, "finished")
    law([each.kind for each in story.beat(one)] == ["exit"], "an agent was kept")
    law(story.trial(0).value is not None and story.sweep.status is Status.STOPPED, "not settled")


def a_cancelled_sweep_kills_every_live_run() -> None:
    story = Story()
    one, two = story.agent(), story.agent()
    runs = [story.given(one), story.given(two)]
    story.start(runs[0])
    story.beat(one, runs[0], wants=False)
    story.control("cancel")
    waiting, running = story.run(runs[1]), story.run(runs[0])
    law(waiting.state is State.KILLED, "a pending run was left")
    law(waiting.told.cause is CauseKind.SWEEP_CANCELLED, "killed for another reason")
    law(running.state is State.RUNNING and running.life.stop is not None, "not asked to stop")
    (order,) = story.beat(one, runs[0], wants=False)
    law(order.kind == "stop", "its agent is not told")
    end = TrialEnd(run=runs[0], signal="SIGTERM")
    law([e.kind for e in story.beat(one, ended=[end])] == ["exit"], "an agent was kept")
    law(story.run(runs[0]).state is State.KILLED, "the agent's word does not end the run")
    law(story.run(runs[0]).told.cause is CauseKind.SWEEP_CANCELLED, "another cause")
    late = story.run_of("late", sweep="s")
    story.do(lambda tx: tx.sweeps.put_trial(
        replace(story.trial(0), number=2, run=late.key,
                                          run_id="late", stage=Stage.HANDED, claimed=False)))  # fmt: skip
    story.turn()
    law(story.run("late").state is State.KILLED, "who came late to a cancelled sweep lives on")


def the_breaker_stops_a_sweep_whose_first_runs_all_fail() -> None:
    story = Story(GRID, parameters={"a": {"min": 1, "max": 9}}, stop_after_failures=3)
    one = story.agent()
    for _ in range(3):
        first = story.given(one)
        story.ran(first, end="failed")
    law([each.kind for each in story.beat(one)] == ["exit"], "it goes on")
    law(story.sweep.status is Status.FAILED and story.sweep.made == 3, "not stopped")
    law("first 3 runs all ended the same way" in story.sweep.sentence, "it does not say why")
    law(isinstance(story.control("resume"), Controlled), "it cannot be resumed")
    for _ in range(2):
        story.ran(story.given(one), end="failed")
    story.ran(story.given(one), end="finished")
    for _ in range(3):
        story.ran(story.given(one), end="failed")
    law(story.beat(one) != [] and story.sweep.status is not Status.FAILED, "one good end is enough")


def a_worse_run_is_stopped_early_and_told_why() -> None:
    rule = {"type": "hyperband", "min_iter": 3}
    story = Story(GRID, early_terminate=rule, parameters={"a": {"min": 1, "max": 9}})
    one = story.agent()
    runs = [story.given(one)]
    for _ in range(2):
        runs.append(story.given(one, *runs))
    replies = [story.start(run) for run in runs]
    story.beat(one, *runs, wants=False)
    for reply, run in zip(replies, runs, strict=True):
        story.say(reply, run, 4)
        story.turn()
    asked = [run for run in runs if story.run(run).life.stop is not None]
    # The best value so far is the same for all: nobody is stopped.
    law(asked == [], "equals were stopped")
    fourth = story.given(one, *runs)
    reply = story.start(fourth)
    story.beat(one, *runs, fourth, wants=False)
    story.lose(reply, fourth, 9, 8, 7, 0.0)
    story.turn()
    stop = story.run(fourth).life.stop
    law(stop is not None and stop.cause is CauseKind.EARLY_STOPPING, "a worse run goes on")
    law("hyperband: after 3 rows" in stop.reason, "the rule is not the reason")
    (order,) = story.beat(one, *runs, fourth, wants=False)
    law(order.kind == "stop" and "hyperband" in order.reason, "its agent is not told")
    end = TrialEnd(run=fourth, signal="SIGTERM")
    story.beat(one, *runs, ended=[end], wants=False)
    shown = story.run(fourth)
    law(shown.state is State.KILLED, "not Killed")
    law(shown.told.cause is CauseKind.EARLY_STOPPING, "not by early stopping")
    law(not story.sweep.fails, "the breaker counts what the rule stopped")


class Unasked:
    """A store of sweeps that is not asked for all trials."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def __getattr__(self, name: str) -> Any:
        law(name != "trials", "all trials are read though none came further")
        return getattr(self.store, name)


def a_strict_rule_looks_again_when_a_trial_came_further_and_only_then() -> None:
    rule = {"type": "hyperband", "min_iter": 3, "strict": True}
    story = Story(GRID, early_terminate=rule, parameters={"a": {"min": 1, "max": 9}})
    one, two = story.agent(), story.agent()
    worst = story.given(one)
    story.lose(story.start(worst), worst, 9, 9, 9)
    story.beat(one, worst, wants=False)
    for n in range(2):
        story.turn()
        law(story.run(worst).life.stop is None, f"stopped beside {n}")

        def quiet(tx: Any) -> None:
            spied = SimpleNamespace(
                runs=tx.runs, series=tx.series, accounts=tx.accounts, sweeps=Unasked(tx.sweeps)
            )
            look_after(spied, story.key, story.now, Instant(0))  # type: ignore[arg-type]

        story.do(quiet)
        better = story.given(two)
        story.say(story.start(better), better, 4, "finished")
        story.beat(two, wants=False)
    story.turn()
    law(story.run(worst).life.stop is not None, "a strict rule forgets who was first")


def prior_runs_are_not_tried_again() -> None:
    story = Story(prior=("old",))
    one = story.agent()
    tried = []
    for _ in range(2):
        first = story.given(one)
        tried.append(story.trial(len(tried)).args["a"])
        story.ran(first)
    law([each.kind for each in story.beat(one)] == ["exit"], "it goes on")
    law(tried == [1, 3], f"a grid of 1, 2, 3 with 2 known tried {tried}")
    law(story.sweep.status is Status.FINISHED and story.sweep.made == 2, "not finished")
    law(story.run("old").sweep == "s" and story.trial(-1).prior, "the old run was not taken over")


def nobody_is_answered_by_a_sweep_that_is_gone_or_anothers() -> None:
    story, other = Story(), Story()
    one = story.agent()
    foreign = other.do(lambda tx: hear(tx, BO, PATH, one + "x", Beat(), other.tools))
    law(isinstance(foreign, Refused) and foreign.code == "not_found", "an agent of another sweep")
    waits = story.given(one)
    story.do(lambda tx: delete_sweep(tx, BO, PATH, story.now))
    law(story.run(waits).state is State.KILLED, "a trial of a deleted sweep waits for ever")
    gone = story.do(lambda tx: hear(tx, BO, PATH, one, Beat(), story.tools))
    law(isinstance(gone, Refused) and gone.code == "not_found", "a deleted sweep answers")
    stranger = Principal(User("al"), {"al": "admin"})
    viewer = Principal(User("vi"), {"bo": "viewer"})
    again = Story()
    for who, code in ((stranger, "not_found"), (viewer, "forbidden")):
        said = again.control("cancel", who)
        law(isinstance(said, Refused) and said.code == code, f"{who.user.name} may cancel")


def who_trains_what_a_backup_does_not_know_goes_on() -> None:
    story = Story()
    one, two = story.agent(), story.agent()
    newer, gone = story.given(one), story.given(two)
    story.start(newer), story.start(gone)
    # As after a restore: the run and its trial were made since the backup.
    del story.db.state.trials[story.key, 0], story.db.state.runs[story.run(newer).key]
    law(story.beat(one, newer, wants=False) == [], "a healthy training is stopped")
    story.do(lambda tx: delete_run(tx, BO, RunPath("bo", "p", gone), story.now))
    (order,) = story.beat(two, gone, wants=False)
    law((order.kind, order.reason) == ("stop", "the run was deleted"), f"{order}")


def a_metric_that_nobody_logs_is_noticed() -> None:
    story = Story(metric={"name": "acc"})
    one = story.agent()
    story.ran(story.given(one))
    story.beat(one, wants=False)
    law((story.sweep.finished, story.sweep.unmeasured) == (1, 1), "nobody notices")
    law(story.trial(0).value is None, "a value was invented")


def what_an_agent_gave_back_is_handed_out_at_once() -> None:
    story = Story()
    one, two = story.agent(), story.agent()
    first = story.given(one)
    reply = story.start(first)
    story.beat(one, first, wants=False)
    law(story.given(two) != first, "a trial that runs is another's")
    story.say(reply, first, end="preempted")
    law(story.given(story.agent()) == first, "it waits for the lease of an agent that has left")


def the_last_trial_ends_the_sweep_and_no_trial_is_too_many() -> None:
    story = Story(run_cap=2)
    one, two = story.agent(), story.agent()
    runs = [story.given(one), story.given(two)]
    law(story.beat(two, runs[1], wants=True) == [], "one trial too many")
    for run in runs:
        law(story.sweep.status is Status.RUNNING, "over too early")
        story.ran(run)
        story.turn()
    law(story.sweep.status is Status.FINISHED and story.sweep.made == 2, "not over")


def an_old_beat_is_no_sign_of_life() -> None:
    story = Story()
    one = story.agent()
    first = story.given(one)
    story.beat(one, first, wants=False)
    story.at += LEASE_MS - 1
    old = Beat((), wants=True, seq=1)
    reply = story.do(lambda tx: hear(tx, BO, PATH, one, old, story.tools))
    law(reply.orders == [] and story.sweep.made == 1, "an old beat was given a trial")
    story.at += 1
    story.turn()
    law(story.trial(0).stage is Stage.QUEUED, "an old beat kept an agent alive")


def in_state(story: Story, run_id: str, state: State) -> None:
    """Bring a trial's run into a state by what would have happened."""
    if state is State.PENDING:
        return
    reply = story.start(run_id)
    if state is State.PREEMPTING:
        story.say(reply, run_id, preempting=True)
    elif state is State.PREEMPTED:
        story.say(reply, run_id, preempting=True)
        story.say(reply, run_id, end="failed", preempting=True)
    elif state is not State.RUNNING:
        story.say(reply, run_id, end=state.value)


def only_cancel_reaches_runs_whatever_their_state() -> None:
    """For every (sweep status, event, run state): the run is as the law says."""
    for status, event, state in itertools.product(Status, Event, State):
        story = Story()
        one = story.agent()
        first = story.given(one)
        story.beat(one, first, wants=False)
        in_state(story, first, state)
        law(story.run(first).state is state, f"the story does not reach {state}")
        moved = replace(story.sweep, status=status)
        story.db.state.sweeps[story.key] = moved
        life = story.run(first).life
        if event in EVENTS:
            story.control(EVENTS[event])
        elif event is Event.AGENT:
            story.agent()
        else:
            story.turn()
        after, place = story.run(first).life, f"{event} of a {status} sweep, run {state}"
        cancels = event is Event.CANCEL and TRANSITIONS[status][event] is Status.CANCELLED
        if event is not Event.CANCEL and status is not Status.CANCELLED:
            law(after == life, f"{place}: the run was touched")
        elif cancels and state is State.PENDING:
            law(after.state is State.KILLED, f"{place}: {after.state}")
        elif cancels and state in LIVE:
            law(after.state is state and after.stop is not None, f"{place}: not asked to stop")
        elif cancels:
            law(after == life, f"{place}: an ended run was touched")


def a_run_that_was_asked_to_stop_becomes_killed() -> None:
    """What cancel asked for is confirmed by any end but a good one, and by silence."""
    now = Now(Instant(0), Wall(0))
    begun, _ = step(
        create(Created(Actor("sweep", "s")), now)[0],
        Started(Attempt(1, "a"), "w", 0, LEASE_MS, Actor("process")), now,
    )  # fmt: skip
    asked, _ = step(begun, StopAsked(Actor("sweep", "s"), CauseKind.SWEEP_CANCELLED), now)
    for state, cause in ((State.KILLED, CauseKind.SIGNAL), (State.FAILED, CauseKind.EXIT_CODE)):
        verdict = Verdict(state, cause, Confidence.PROVEN)
        run, _ = step(asked, Exited(Attempt(1, "a"), "w", 1, verdict, Actor("process")), now)
        law(run.state is State.KILLED, f"{state} after a cancel is {run.state}")
    heard, _ = step(asked, Heard(Attempt(1, "a"), "w", 1), now)
    law(heard.state is State.RUNNING, "a request alone ended a run")


PROMISES = (
    a_lost_answer_is_given_again,
    who_never_starts_loses_the_trial_at_the_exact_edge,
    a_silent_agent_loses_its_trial_and_is_told_so_when_it_returns,
    time_without_a_server_counts_against_no_agent,
    preempted_runs_go_first_and_are_resumed_as_they_are,
    what_an_agent_said_before_a_trial_says_nothing_of_it,
    a_failed_point_is_not_run_again_and_a_dead_agents_is,
    a_paused_sweep_makes_nothing_and_keeps_its_agents,
    a_stopped_sweep_lets_runs_end_and_sends_agents_home,
    a_cancelled_sweep_kills_every_live_run,
    the_breaker_stops_a_sweep_whose_first_runs_all_fail,
    a_worse_run_is_stopped_early_and_told_why,
    a_strict_rule_looks_again_when_a_trial_came_further_and_only_then,
    prior_runs_are_not_tried_again,
    nobody_is_answered_by_a_sweep_that_is_gone_or_anothers,
    who_trains_what_a_backup_does_not_know_goes_on,
    a_metric_that_nobody_logs_is_noticed,
    what_an_agent_gave_back_is_handed_out_at_once,
    the_last_trial_ends_the_sweep_and_no_trial_is_too_many,
    an_old_beat_is_no_sign_of_life,
    only_cancel_reaches_runs_whatever_their_state,
    a_run_that_was_asked_to_stop_becomes_killed,
)
