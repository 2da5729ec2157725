"""What every SweepStore promises."""

from dataclasses import replace

import pytest

from heartline.core.lifecycle import Actor, CauseKind, Instant, State, StopAsked, step
from heartline.core.records import RunKey
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.stopping import Rung
from heartline.core.sweep.trials import Agent, Stage, Sweep, SweepKey, Trial
from heartline.ports import Conflict
from tests.contract.test_runs import NOW, make

GIVEN = {"method": "grid", "parameters": {"lr": {"values": [0.1, 1, True, "ö\u0000", None]}}}


def sweep(tx, name="s1", project="digits", **words):
    return tx.sweeps.create(
        Sweep(
            SweepKey(0), "bo", project, name, "a sweep", "bo", GIVEN, Status.PENDING, 5, "made", 5,
            **words,
        )
    )  # fmt: skip


def trial(of, number, run=1, stage=Stage.HANDED, **words):
    return Trial(
        of.key, number, RunKey(run), f"r{run}", {"lr": 0.1, "n": {"a": [1]}}, stage, 7, **words
    )


def agent(of, name, at=1, **words):
    return Agent(name, of.key, "vm", "bo", "heartline", at, Instant(3), 4, 15_000, **words)


def test_a_sweep_is_found_by_its_path_and_by_its_key_as_it_was_stored(world):
    made = world.write(lambda tx: sweep(tx, fails=("x",), description="ü", prior=2))
    assert world.read(lambda tx: tx.sweeps.find("bo", "digits", "s1")) == made
    assert world.read(lambda tx: tx.sweeps.get(made.key)) == made
    assert made.given == GIVEN and made.key > 0
    for path in (("al", "digits", "s1"), ("bo", "other", "s1"), ("bo", "digits", "s2")):
        assert world.read(lambda tx, path=path: tx.sweeps.find(*path)) is None


def test_a_path_is_taken_once_until_it_is_deleted(world):
    first = world.write(sweep)
    with pytest.raises(Conflict):
        world.write(sweep)
    world.write(lambda tx: tx.sweeps.delete(first.key))
    again = world.write(sweep)
    assert again.key != first.key
    assert world.read(lambda tx: tx.sweeps.get(first.key)) is None


def test_who_saves_second_or_saves_what_is_gone_is_told_so(world):
    made = world.write(sweep)
    saved = world.write(lambda tx: tx.sweeps.save(replace(made, made=1)))
    assert saved == replace(made, made=1, version=made.version + 1)
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.sweeps.save(replace(made, made=1)))
    world.write(lambda tx: tx.sweeps.delete(made.key))
    with pytest.raises(Conflict):
        world.write(lambda tx: tx.sweeps.save(saved))


def test_the_sweeps_of_projects_come_newest_first(world):
    places = (("digits", "a"), ("other", "b"), ("digits", "c"), ("third", "d"))
    for project, name in places:
        world.write(lambda tx, project=project, name=name: sweep(tx, name, project))
    asked = [("bo", "digits"), ("bo", "third")]
    found = world.read(lambda tx: tx.sweeps.of_projects(asked))
    assert [each.id for each in found] == ["d", "c", "a"]
    assert list(world.read(lambda tx: tx.sweeps.of_projects([]))) == []


def test_the_sweeps_of_a_project_are_counted_without_deleted_ones(world):
    gone = world.write(sweep)
    for project, name in (("digits", "a"), ("other", "b"), ("digits", "c")):
        world.write(lambda tx, project=project, name=name: sweep(tx, name, project))
    assert world.read(lambda tx: tx.sweeps.count(("bo", "digits"))) == 3
    world.write(lambda tx: tx.sweeps.delete(gone.key))
    places = (("bo", "digits"), ("bo", "other"), ("al", "digits"))
    assert [world.read(lambda tx, at=at: tx.sweeps.count(at)) for at in places] == [2, 1, 0]


def test_trials_come_by_number_and_open_ones_alone(world):
    one, other = world.write(sweep), world.write(lambda tx: sweep(tx, "s2"))
    stages = {2: Stage.QUEUED, 0: Stage.ENDED, 1: Stage.RUNNING, -1: Stage.ENDED}
    rungs = (Rung(3, 0.25, float("inf")),)

    def fill(tx):
        for number, stage in stages.items():
            tx.sweeps.put_trial(trial(one, number, run=10 + number, stage=stage, rungs=rungs))
        tx.sweeps.put_trial(trial(other, 0, run=20, stage=Stage.HANDED))

    world.write(fill)
    found = world.read(lambda tx: tx.sweeps.trials(one.key, -5, 100))
    assert [(each.number, each.prior) for each in found] == [
        (-1, True), (0, False), (1, False), (2, False),
    ]  # fmt: skip
    assert found[0] == trial(one, -1, run=9, stage=Stage.ENDED, rungs=rungs)
    assert [e.number for e in world.read(lambda tx: tx.sweeps.trials(one.key, 1, 1))] == [1]
    assert [e.number for e in world.read(lambda tx: tx.sweeps.open_trials(one.key))] == [1, 2]
    assert world.read(lambda tx: tx.sweeps.trial_of(RunKey(20))).sweep == other.key
    assert world.read(lambda tx: tx.sweeps.trial_of(RunKey(99))) is None
    assert list(world.read(lambda tx: tx.sweeps.unsettled())) == [one.key, other.key]
    world.write(lambda tx: tx.sweeps.put_trial(trial(other, 0, run=20, stage=Stage.ENDED)))
    assert list(world.read(lambda tx: tx.sweeps.unsettled())) == [one.key]
    world.write(lambda tx: tx.sweeps.delete(one.key))
    assert list(world.read(lambda tx: tx.sweeps.unsettled())) == []
    assert list(world.read(lambda tx: tx.sweeps.trials(one.key, -5, 100))) == []


def test_the_best_value_is_the_earliest_of_equals_before_a_number(world):
    made = world.write(sweep)
    values = {-1: 4.0, 0: None, 1: 2.0, 2: 5.0, 3: 2.0, 4: 5.0, 5: 1.0}

    def fill(tx):
        for number, value in values.items():
            tx.sweeps.put_trial(trial(made, number, run=number + 2, value=value))

    world.write(fill)

    def best(before, largest):
        found = world.read(lambda tx: tx.sweeps.best(made.key, before, largest=largest))
        return None if found is None else found.number

    assert [best(n, False) for n in (-1, 0, 2, 4, 9)] == [None, -1, 1, 1, 5]
    assert [best(n, True) for n in (-1, 0, 2, 4, 9)] == [None, -1, -1, 2, 2]


def test_what_runs_are_shown_as_is_read_from_the_runs(world):
    made = world.write(sweep)
    runs = [world.write(lambda tx, name=name: make(tx, name, sweep="s1")) for name in "abc"]
    said = StopAsked(Actor("sweep", "s1"), CauseKind.SWEEP_CANCELLED)

    def fill(tx):
        for number, run in enumerate(runs):
            tx.sweeps.put_trial(trial(made, number, run=run.key))
        life, outcome = step(runs[0].life, said, NOW)
        told = outcome.entries[-1]
        tx.runs.save(replace(runs[0], life=life, told=told), outcome.entries)
        tx.runs.delete(runs[2].key)

    world.write(fill)
    keys = [run.key for run in runs]
    found = world.read(lambda tx: tx.sweeps.standings([*keys, RunKey(999)]))
    assert set(found) == set(keys[:2])
    assert found[keys[0]].state is State.KILLED
    assert found[keys[0]].asked and not found[keys[0]].live
    assert found[keys[1]].live and found[keys[1]].epoch == 0
    assert world.read(lambda tx: dict(tx.sweeps.states(made.key))) == {"killed": 1, "pending": 1}
    assert dict(world.read(lambda tx: tx.sweeps.standings([]))) == {}


def test_agents_are_kept_oldest_first_and_go_with_their_sweep(world):
    one, other = world.write(sweep), world.write(lambda tx: sweep(tx, "s2"))

    def fill(tx):
        tx.sweeps.put_agent(agent(one, "b", at=2, running=("r1",)))
        tx.sweeps.put_agent(agent(one, "a", at=1))
        tx.sweeps.put_agent(agent(other, "c"))
        tx.sweeps.put_agent(agent(one, "a", at=1, total=3, left=True))

    world.write(fill)
    found = world.read(lambda tx: tx.sweeps.agents(one.key))
    assert [each.id for each in found] == ["a", "b"]
    assert found[0] == agent(one, "a", at=1, total=3, left=True)
    assert world.read(lambda tx: tx.sweeps.agent("b")).running == ("r1",)
    world.write(lambda tx: [tx.sweeps.put_agent(agent(one, f"n{n}", at=9 + n)) for n in range(999)])
    newest = [each.id for each in world.read(lambda tx: tx.sweeps.agents(one.key))]
    assert (len(newest), newest[0], newest[-1]) == (1_000, "b", "n998")
    world.write(lambda tx: tx.sweeps.delete(one.key))
    assert world.read(lambda tx: tx.sweeps.agent("b")) is None
    assert world.read(lambda tx: tx.sweeps.agent("c")) is not None


def test_a_unit_that_fails_leaves_no_trial_behind(world):
    made = world.write(sweep)

    def fails(tx):
        tx.sweeps.put_trial(trial(made, 0))
        tx.sweeps.save(replace(made, made=1))
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        world.write(fails)
    assert list(world.read(lambda tx: tx.sweeps.open_trials(made.key))) == []
    assert world.read(lambda tx: tx.sweeps.get(made.key)) == made
