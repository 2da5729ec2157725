"""What units of work promise that overlap, as those of several servers on one PostgreSQL do."""

import threading
import time
from array import array
from dataclasses import replace
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from heartline.adapters.search import Seeker
from heartline.adapters.system import SystemIds
from heartline.core.lifecycle import Instant
from heartline.core.records import Block, Column, Stream, User
from heartline.core.sweep.statuses import Status
from heartline.core.sweep.trials import Stage
from heartline.usecases.access import Principal
from heartline.usecases.accounts import create_user, update_user
from heartline.usecases.control_sweep import look_after
from heartline.usecases.hear_agent import Beat, hear
from heartline.usecases.next_trial import Tools
from heartline.usecases.offsets import Lines, Place, put_rows
from heartline.usecases.refusal import Refused
from heartline.usecases.summary import index_summary, shown_summary
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


def overlapped(database, first, second, then=lambda _tx, answer: answer):
    """What two units answer of which the second has begun before the first is saved.

    It has then come to its end, or waits for what the first one holds; the first does the rest.
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
        return then(tx, answer)

    def waiting(tx):
        assert looked.wait(PATIENCE_S)
        answer = second(tx)
        ended.set()
        return answer

    answers = [database.submit(holding), database.submit(waiting)]
    return [each.result(2 * PATIENCE_S) for each in answers]


def make_user(name, email):
    """A new user; what the use case answers."""

    def unit(tx):
        made = create_user(tx, User(name, email=email), None, SystemIds(), 1)
        return made if isinstance(made, Refused) else made[0]

    return unit


def change_user(name, **words):
    """A change by an admin."""
    return lambda tx: update_user(tx, WHO, name, words)


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


@pytest.mark.parametrize("second", [make_user("al", "Bo@x"), change_user("bo", email="bo@x")])
def test_two_at_once_do_not_get_one_email(postgresql, second):
    postgresql.submit(lambda tx: tx.accounts.put_user(User("bo"))).result(PATIENCE_S)
    answers = overlapped(postgresql, make_user("cy", "bo@x"), second)
    assert [type(each) for each in answers] == [User, Refused]


def test_two_admins_do_not_demote_each_other_at_once(postgresql):
    for name in ("al", "bo"):
        admin = User(name, admin=True)
        postgresql.submit(lambda tx, admin=admin: tx.accounts.put_user(admin)).result(PATIENCE_S)
    down = [change_user(name, admin=False) for name in ("al", "bo")]
    assert [type(each) for each in overlapped(postgresql, *down)] == [User, Refused]


def test_the_index_of_a_summary_keeps_what_was_seen_last(postgresql):
    run = postgresql.submit(make).result(PATIENCE_S)

    def append(tx, step):
        block = Block(array("q", [step]), array("q", [step]), (Column("loss", array("d", [step])),))
        tx.series.append(Stream(run.key, 1, "w"), step, 1, history=[block])

    def indexes_both(tx):
        append(tx, 1)
        index_summary(tx, run.key)

    def looks_at_the_first(tx):
        return shown_summary(tx, tx.runs.get(run.key, hold=True))

    def writes_it(tx, summary):
        tx.runs.index_summary(run.key, summary)
        return summary

    def indexed(tx):
        return tx.runs.indexed([run.key], ["summary.loss"])[run.key]

    postgresql.submit(lambda tx: append(tx, 0)).result(PATIENCE_S)
    seen = overlapped(postgresql, looks_at_the_first, indexes_both, writes_it)
    assert seen == [{"loss": 0.0}, None]
    assert postgresql.submit(indexed).result(PATIENCE_S) == {"summary.loss": 1.0}


def test_what_is_held_goes_on_from_where_it_was_when_it_was_held(postgresql):
    run = postgresql.submit(make).result(PATIENCE_S)
    stream = Stream(run.key, 1, "w")

    def append(tx, first):
        return tx.series.append(stream, first, 1)

    def unit(tx):
        tx.series.durable(stream)
        postgresql.submit(lambda other: append(other, 1)).result(PATIENCE_S)
        return append(tx, tx.series.durable(stream, hold=True))

    assert postgresql.submit(lambda tx: append(tx, 0)).result(PATIENCE_S) == 1
    assert postgresql.submit(unit).result(PATIENCE_S) == 3


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
