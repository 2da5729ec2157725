"""The index over config and summary values: it says what the run says now, nothing else."""

from dataclasses import replace

from .test_runs import ask, make

PROJECT = ("bo", "digits")


def save(world, run, **words):
    return world.write(lambda tx: tx.runs.save(replace(tx.runs.get(run.key), **words)))


def values(world, run):
    return world.read(lambda tx: tx.runs.indexed([run.key], None)).get(run.key, {})


def test_a_value_that_was_removed_is_no_longer_found(world):
    run = world.write(lambda tx: make(tx, config={"lr": 0.1, "opt": "adam"}))
    save(world, run, config={"opt": "adam"})
    assert values(world, run) == {"config.opt": "adam"}
    assert ask(world, "config.lr exists")[0] == []
    assert ask(world, "config.lr < 1")[0] == []
    assert world.read(lambda tx: tx.runs.fields(PROJECT, "", 10)) == ["config.opt"]


def test_a_value_that_became_something_else_is_found_as_that_only(world):
    run = world.write(lambda tx: make(tx, config={"a": 1, "b": "x", "c": 2, "d": {"e": 3}}))
    save(world, run, config={"a": "one", "b": 7, "c": {"inner": 5}, "d": [1, 2]})
    assert values(world, run) == {"config.a": "one", "config.b": 7.0, "config.c.inner": 5.0}
    assert ask(world, "config.a = 1")[0] == []
    assert ask(world, "config.c = 2")[0] == []
    assert ask(world, "config.d.e exists")[0] == []
    assert ask(world, 'config.b = "x"')[0] == []


def test_a_save_that_did_not_read_the_run_first_leaves_nothing_stale(world):
    run = world.write(lambda tx: make(tx, config={"lr": 0.1}))
    world.write(lambda tx: tx.runs.save(replace(run, config={"bs": 8})))
    assert values(world, run) == {"config.bs": 8.0}


def test_a_config_value_that_became_none_or_nan_is_out_of_order_and_filter(world):
    run = world.write(lambda tx: make(tx, config={"lr": 0.1, "wd": 0.2}))
    save(world, run, config={"lr": None, "wd": float("nan")})
    assert values(world, run) == {}
    assert ask(world, "config.lr < 1 or config.wd < 1")[0] == []


def test_a_series_that_is_gone_is_gone_from_the_index_but_what_was_set_by_hand_stays(world):
    run = world.write(lambda tx: make(tx, summary={"best": 1.0}))
    world.write(lambda tx: tx.runs.index_summary(run.key, {"best": 1.0, "loss": 0.5, "acc": 0.9}))
    world.write(lambda tx: tx.runs.index_summary(run.key, {"best": 1.0, "loss": 0.4}))
    assert values(world, run) == {"summary.best": 1.0, "summary.loss": 0.4}


def test_a_summary_value_removed_by_hand_is_gone_and_the_series_stay(world):
    run = world.write(lambda tx: make(tx, summary={"best": 1.0}))
    world.write(lambda tx: tx.runs.index_summary(run.key, {"best": 1.0, "loss": 0.5}))
    save(world, run, summary={})
    assert values(world, run) == {"summary.loss": 0.5}


def test_fields_of_deleted_runs_are_not_suggested(world):
    run = world.write(lambda tx: make(tx, config={"lr": 0.1, "Größe": 3}))
    assert world.read(lambda tx: tx.runs.fields(PROJECT, "GRÖSS", 9)) == []
    assert world.read(lambda tx: tx.runs.fields(PROJECT, "GRÖ", 9)) == ["config.Größe"]
    world.write(lambda tx: tx.runs.delete(run.key))
    assert world.read(lambda tx: tx.runs.fields(PROJECT, "", 9)) == []


def test_long_texts_are_compared_by_their_beginning_everywhere(world):
    long = "a" * 300
    world.write(lambda tx: make(tx, config={"path": long}))
    assert ask(world, {"config.path": long})[0] == ["r1"]
    assert ask(world, {"config.path": {"$regex": "^a+$"}})[0] == ["r1"]
    assert ask(world, {"config.path": {"$gt": "b"}})[0] == []


def test_numbers_beyond_what_a_database_holds_are_compared_without_a_fault(world):
    world.write(lambda tx: make(tx, config={"big": 10**30, "low": -float("inf"), "i": 2**53 + 1}))
    huge = "9" * 400
    assert ask(world, f"config.big < {huge} and attempt < {huge}")[0] == ["r1"]
    assert ask(world, f"attempt > {huge} or last_step = {10**30}")[0] == []
    assert ask(world, "config.low < -1e300")[0] == ["r1"]
    assert ask(world, "config.low > 1e300")[0] == []
    assert ask(world, {"config.i": 2**53})[0] == ["r1"]
    for sign in ("=", ">", ">=", "<", "<="):
        assert ask(world, f"config.big {sign} nan")[0] == []
        assert ask(world, f"attempt {sign} nan")[0] == []
    assert ask(world, "config.big != nan and attempt != nan")[0] == ["r1"]
