"""What units of work promise that overlap, as those of several servers on one PostgreSQL do."""

import threading
import time
from array import array
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from heartline.adapters.search import Seeker
from heartline.core.lifecycle import Instant
from heartline.core.records import Block, Column, Stream, User
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Stage
from heartline.usecases.access import Principal
from heartline.usecases.control_sweep import look_after
from heartline.usecases.hear_agent import Beat, hear
from heartline.usecases.next_trial import Tools
from heartline.usecases.offsets import Lines, Place, put_rows
from tests.contract.test_runs import NOW, make
from tests.contract.test_sweeps import agent, sweep, trial

WAITS = """SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
    AND datname = current_database()"""
END_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()"""
PATIENCE_S = 20
WHO = Principal(User("bo", admin=True), {"bo": "admin"})


def asks(made, name):
    """A beat of an agent that wants a trial; the runs that it is given."""

    def unit(tx):
        given = Tools(Seeker(), SimpleNamespace(), NOW)
        reply = hear(tx, WHO, ("bo", "digits", "s1"), name, Beat(wants=True), given)
        return [order.run_id for order in reply.orders]

    return unit


def looks(made, _name):
    """A look of the clockwork."""
    return lambda tx: look_after(tx, made.key, NOW, Instant(0)) and []


def overlapped(database, first, second):
    """What two units answer of which the second has begun before the first is saved.

    It has then come to its end, or waits for what the first one holds.
    """
    looked, ended = threading.Event(), threading.Event()

    def holding(tx):
        answer = first(tx)
        looked.set()
        until = time.monotonic() + PATIENCE_S
        with database.engine.connect() as watch:
            while not ended.is_set() and not watch.execute(sa.text(WAITS)).scalar():
                watch.rollback()
                assert time.monotonic() < until, "the second unit neither waits nor ends"
        return answer

    def waiting(tx):
        assert looked.wait(PATIENCE_S)
        answer = second(tx)
        ended.set()
        return answer

    answers = [database.submit(holding), database.submit(waiting)]
    return [each.result(2 * PATIENCE_S) for each in answers]


@pytest.mark.parametrize("other", [asks, looks])
def test_a_trial_that_came_back_is_handed_out_once_by_servers_that_work_at_once(postgresql, other):
    def fill(tx):
        config = {"method": "grid", "parameters": {"lr": {"values": [1]}}}
        going = replace(sweep(tx), status=Status.RUNNING, given=config, made=1)
        made, run = tx.sweeps.save(going), make(tx, "back", sweep="s1")
        back = trial(made, 0, run=run.key, agent="gone", handouts=1)
        tx.sweeps.put_trial(replace(back, run_id="back"))
        for name in ("a", "b"):
            tx.sweeps.put_agent(agent(made, name))
        return made

    made = postgresql.submit(fill).result(PATIENCE_S)
    given = overlapped(postgresql, asks(made, "a"), other(made, "b"))
    assert given == [["back"], []]
    (back,) = postgresql.submit(lambda tx: tx.sweeps.open_trials(made.key)).result(PATIENCE_S)
    assert (back.stage, back.agent, back.handouts) == (Stage.HANDED, "a", 2)


def test_lines_that_follow_each_other_at_once_are_all_taken(postgresql):
    run = postgresql.submit(make).result(PATIENCE_S)

    def put(offset):
        step = array("q", [offset])
        block = Block(step, step, (Column("loss", array("d", [1.0])),))
        lines = Lines(offset, 1, block, (0,))
        return lambda tx: put_rows(tx, Place(run, 1, "client"), lines)

    overlapped(postgresql, put(0), put(1))
    overlapped(postgresql, put(2), put(3))
    rows = postgresql.submit(lambda tx: tx.series.scan(run.key, None)).result(PATIENCE_S)
    assert [row.step for row in rows] == [0, 1, 2, 3]


def test_a_batch_whose_connection_is_lost_on_its_way_is_taken_once(postgresql):
    run = postgresql.submit(make).result(PATIENCE_S)
    step, tries = array("q", [0]), []

    def unit(tx):
        stream = Stream(run.key, 1, "w")
        durable = tx.series.durable(stream)
        tries.append(durable)
        if len(tries) == 1:
            with postgresql.engine.connect() as other:
                other.execute(sa.text(END_OTHERS))
        block = Block(step, step, (Column("loss", array("d", [1.0])),))
        return tx.series.append(stream, durable, 1, history=[block])

    assert postgresql.submit(unit).result(PATIENCE_S) == 1
    assert tries == [0, 0]
    rows = postgresql.submit(lambda tx: tx.series.scan(run.key, None)).result(PATIENCE_S)
    assert [row.step for row in rows] == [0]
