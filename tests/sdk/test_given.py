"""What `init` cannot mean is refused where it may raise; what is asked later is only warned of."""

from pathlib import Path
from typing import Any

import pytest

import heartline
from heartline.sdk.sync import is_live, is_readable
from tests.sdk.stub import rows
from tests.sdk.training import Training

BAD: list[tuple[dict[str, Any], str]] = [
    ({"name": "n" * 513}, "name: at most 512 characters"),
    ({"name": "torn \ud800"}, "name: text is wanted"),
    ({"notes": "n" * 262_145}, "notes: at most 262144 characters"),
    ({"group": "g" * 513}, "group: at most 512 characters"),
    ({"job_type": "a\0b"}, "job_type: at most 512 characters, none of them NUL"),
    ({"tags": ["t"] * 101}, "tags: at most 100"),
    ({"tags": ["t" * 65]}, "tags: each has 1 to 64 characters"),
    ({"tags": 3}, "tags: a list of words is wanted, got int"),
    ({"project": "a/b"}, "project `a/b`: no /"),
    ({"project": "p" * 129}, "project: between 1 and 128 characters"),
    ({"id": "a?b"}, "run id `a?b`: no /"),
    ({"config": "config.yaml"}, "not the path of a file"),
    ({"config": 3}, "not a value of type int"),
    ({"config": {str(n): n for n in range(20_001)}}, "config: at most 20000 values"),
    ({"settings": 3}, "settings takes a dict or Settings, got int"),
    ({"settings": {"bogus": 1}}, "unknown setting `bogus`; known: api_key"),
    ({"settings": {"heartbeat": "often"}}, "setting `heartbeat`: a number of seconds"),
    ({"settings": {"finish_timeout": float("nan")}}, "from 0 to 31622400, got nan"),
    ({"settings": {"finish_timeout": 10**30}}, "from 0 to 31622400, got 1e+30"),
    ({"settings": {"init_timeout": 10**400}}, "from 0 to 31622400, got far more"),
    ({"settings": {"system_interval": -1}}, "from 0 to 31622400, got -1"),
    ({"settings": {"heartbeat": "inf"}}, "from 0 to 31622400, got inf"),
    ({"settings": {"heartbeat": True}}, "from 0 to 31622400, got bool"),
    ({"settings": {"silent": 3}}, "setting `silent`: True or False, got int"),
    ({"settings": {"base_url": 3}}, "setting `base_url`: text, got int"),
    ({"mode": "on"}, "mode `on`: one of online"),
    ({"resume": "maybe"}, "resume `maybe`: one of allow"),
    ({"resume": "must"}, "resume='must' needs the id"),
    ({"reinit": "again"}, "reinit `again`: one of finish_previous"),
]


@pytest.mark.parametrize(("given", "told"), BAD, ids=[told for _, told in BAD])
def test_what_init_cannot_mean_is_refused_by_name(given: dict[str, Any], told: str) -> None:
    with pytest.raises(heartline.BadSetting) as refused:
        heartline.init(**{"mode": "disabled", **given})
    assert told in str(refused.value)


def test_what_has_an_honest_way_to_be_text_is_taken(training: Training) -> None:
    training.run(
        "run.finish()",
        begin="import heartline, pathlib\nrun = heartline.init(project='p', id=7, name=3, "
        "notes=pathlib.Path('x'), tags=(1, 'b'), group=4, job_type=5, settings={'git': 'no'})\n"
        "assert (run.id, run.name, run.group, run.job_type) == ('7', '3', '4', '5')\n",
    )
    opened = training.ended().request
    assert (opened.id, opened.name, opened.notes) == ("7", "3", "x")
    assert (opened.tags, opened.group, opened.job_type) == (["1", "b"], "4", "5")


def test_no_call_of_a_run_raises_into_training_and_each_is_named_once(training: Training) -> None:
    done = training.run("""
        class Odd:
            __hash__ = None
            def __str__(self): raise RuntimeError('odd')
        for _ in range(2):
            run.define_metric('loss', summary=5)
            run.define_metric('loss', summary='median')
            run.define_metric('loss', goal='up')
            run.tags = None
            run.name = Odd()
            run.notes = None
            run.config.update(None)
            run.config.update('text')
            run.summary.update({'odd': Odd()}, best=1)
            run.save(None)
            run.alert(Odd())
            run.alert('twice', wait_duration='soon')
            run.on_stop(3)
            run.mark_preempting(False)
        run.log({'loss': 1.0})
        run.finish(exit_code=float('inf'))
        print('trained')
    """)
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr
    for told in (
        "define_metric was not done: 'int' object", "define_metric was not done: summary `median`",
        "define_metric was not done: goal `up`", "tags was not done", "name was not done: odd",
        "update was not done: a mapping or a namespace is wanted, got NoneType",
        "save was not done", "alert was not done: odd", "on_stop was not done: a function",
        "finish takes a number as exit code, got inf: taken as 1",
    ):  # fmt: skip
        assert done.stderr.count(told) == 1, (told, done.stderr)
    kept = training.ended()
    assert [end.state for end in kept.exits] == ["failed"]


def test_what_is_kept_otherwise_than_it_was_given_is_said_once(training: Training) -> None:
    done = training.run(
        """
        class Odd: pass
        for n in range(2):
            run.log({'x': None, 'y': n})
            run.log({'y': 9}, step=40.7)
            run.alert('t', level='FOO')
            run.config.update({'odd': Odd(), 'floor': float('-inf')})
            run.config.inner = {'top': float('inf')}
        assert run.config.lost != run.config.lost and run.config.floor < 0
        run.finish()
        """,
        begin="import heartline\nrun = heartline.init(project='p', id='r', "
        "config={'lost': float('nan'), 'thing': [object()]})\n",
    )
    assert done.returncode == 0, done.stderr
    for told in (
        "not kept: x: None is no value", "log takes whole steps: 40.7 was taken as 40",
        "alert level `FOO` was taken as INFO", "`odd` is kept as text: a Odd has no other way",
        "`thing` is kept as text: a object has no other way",
    ):  # fmt: skip
        assert done.stderr.count(told) == 1, (told, done.stderr)
    kept = training.ended()
    assert kept.request.config is not None
    assert kept.request.config["lost"] == "NaN"
    changes = [change.config for batch in kept.batches for change in batch.changes if change.config]
    assert {"floor": "-Infinity"}.items() <= changes[0].items()
    assert changes[1] == {"inner": {"top": "Infinity"}}


def test_a_key_of_two_kinds_and_the_names_of_a_row_are_said_once(training: Training) -> None:
    done = training.run("""
        for n in range(3): run.log({'tc': n, '_step': 7, '_timestamp': 1, 'deep': {'_step': n}})
        run.log({'tc': 'text'})
        for n in range(3): run.log({'tc': n})
        run.finish()
    """)
    told = "`tc` was a number, now text: its charts show the numbers alone"
    assert done.stderr.count(told) == 1, done.stderr
    assert done.stderr.count("not kept: _step: the row's own") == 1
    assert done.stderr.count("not kept: _timestamp: the row's own") == 1
    found = [row for _, row in rows(training.ended())]
    assert found[0] == {"tc": 0.0, "deep._step": 0.0}
    assert [row["tc"] for row in found if "tc" in row and row["tc"] != "text"] == [0, 1, 2] * 2


def test_a_forked_child_that_logs_is_told_that_its_steps_are_its_parents(
    training: Training,
) -> None:
    done = training.run("""
        run.log({'w': 0})
        for child in range(2):
            if os.fork() == 0:
                for n in range(3): run.log({'w': child})
                os._exit(0)
            os.wait()
        run.finish()
    """)
    assert done.stderr.count("this forked process logs into the run of its parent") == 2
    found = [step for step, row in rows(training.ended()) if "w" in row]
    assert sorted(found) == [0, 1, 1, 2, 2, 3, 3]


def test_a_torn_certificate_is_told_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"request": {"project": 3}}')
    assert not is_live(tmp_path)
    assert not is_readable(tmp_path)
