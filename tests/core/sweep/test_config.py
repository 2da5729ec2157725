"""A configuration is read as a whole; each fault names its key and says what to do."""

import pytest

from heartline.core.sweep.config import Early, Faults, Metric, SweepConfig, read

GOOD = {"method": "random", "parameters": {"lr": {"min": 0.0, "max": 1.0}}}


def faults(**changes):
    found = read({**GOOD, **changes})
    assert isinstance(found, Faults), found
    return {fault.key: fault.said for fault in found.faults}


def good(**changes):
    found = read({**GOOD, **changes})
    assert isinstance(found, SweepConfig), found
    return found


P = "parameters"
BAD = [
    ({"method": "baysian"}, "method", "did you mean `bayes`"),
    ({"method": None}, "method", "grid, random, bayes"),
    ({"method": ["grid"]}, "method", "did you mean `grid`"),
    ({"metod": "grid"}, "metod", "did you mean `method`"),
    ({P: {}}, P, "name at least one"),
    ({P: None}, P, "name at least one"),
    ({P: [1]}, P, "name at least one"),
    ({P: {"lr": 3}}, f"{P}.lr", "{value: 3}"),
    ({P: {"lr": {}}}, f"{P}.lr", "give value, values, or min and max"),
    ({P: {"lr": {"min": 1}}}, f"{P}.lr", "give value, values, or min and max"),
    ({P: {"lr": {"mini": 1, "max": 2}}}, f"{P}.lr.mini", "did you mean `min`"),
    ({P: {"lr": {"min": 2, "max": 1}}}, f"{P}.lr", "swap them"),
    ({P: {"lr": {"min": "1e-4", "max": 1}}}, f"{P}.lr.min", "`1e-4`: write a number"),
    ({P: {"lr": {"min": float("nan"), "max": 1.0}}}, f"{P}.lr.min", "write a number"),
    ({P: {"lr": {"min": float("inf"), "max": 1.0}}}, f"{P}.lr.min", "write a number"),
    ({P: {"lr": {"min": True, "max": 1.0}}}, f"{P}.lr.min", "write a number"),
    ({P: {"lr": {"min": 0.2, "max": 0.8, "distribution": "int_uniform"}}}, f"{P}.lr",
     "no whole number"),
    ({P: {"lr": {"distribution": "loguniform", "min": 1, "max": 2}}}, f"{P}.lr",
     "did you mean `log_uniform`"),
    ({P: {"lr": {"distribution": ["x"], "min": 1, "max": 2}}}, f"{P}.lr", "no distribution"),
    ({P: {"lr": {"distribution": "log_uniform_values", "min": 0, "max": 1}}}, f"{P}.lr.min",
     "above 0"),
    ({P: {"lr": {"distribution": "log_uniform", "min": 0, "max": 1e4}}}, f"{P}.lr",
     "log_uniform_values"),
    ({P: {"lr": {"distribution": "normal", "mu": 0, "sigma": 0}}}, f"{P}.lr.sigma", "above 0"),
    ({P: {"lr": {"distribution": "q_uniform", "min": 0, "max": 1, "q": -1}}}, f"{P}.lr.q",
     "above 0"),
    ({P: {"lr": {"distribution": "beta", "a": -1, "b": 1}}}, f"{P}.lr.a", "above 0"),
    ({P: {"lr": {"values": []}}}, f"{P}.lr.values", "a list of 1 to"),
    ({P: {"lr": {"values": "abc"}}}, f"{P}.lr.values", "a list of 1 to"),
    ({P: {"lr": {"values": [1, 2], "probabilities": [1]}}}, f"{P}.lr.probabilities", "write 2"),
    ({P: {"lr": {"values": [1, 2], "probabilities": [0.5, 0.6]}}}, f"{P}.lr.probabilities",
     "add up to 1"),
    ({P: {"lr": {"distribution": "constant"}}}, f"{P}.lr.value", "is missing"),
    ({P: {"opt": {P: {"lr": {"min": 2, "max": 1}}}}}, f"{P}.opt.lr", "swap them"),
    ({"method": "grid"}, f"{P}.lr", "a grid cannot go through `uniform`"),
    ({"method": "bayes"}, "metric", "bayes needs one"),
    ({"metric": {}}, "metric.name", "the key that the program logs"),
    ({"metric": "loss"}, "metric.name", "the key that the program logs"),
    ({"metric": {"name": "loss", "goal": "min"}}, "metric.goal", "did you mean `minimize`"),
    ({"metric": {"name": "loss", "gaol": "x"}}, "metric.gaol", "did you mean `goal`"),
    ({"metric": {"name": "loss", "target": "low"}}, "metric.target", "write a number"),
    ({"run_cap": 0}, "run_cap", "a whole number from 1"),
    ({"run_cap": 2.5}, "run_cap", "a whole number from 1"),
    ({"run_cap": float("inf")}, "run_cap", "a whole number from 1"),
    ({"run_cap": float("nan")}, "run_cap", "a whole number from 1"),
    ({"run_cap": True}, "run_cap", "a whole number from 1"),
    ({"sampler": "tpi"}, "sampler", "did you mean `tpe`"),
    ({"stop_after_failures": -1}, "stop_after_failures", "from 0"),
    ({"program": 7}, "program", "write a text"),
    ({"command": "python x.py"}, "command", "a list of words"),
    ({"command": ["${prgram}"]}, "command", "did you mean `${program}`"),
    ({"early_terminate": {"type": "hyperbnad"}}, "early_terminate.type", "did you mean `hyper"),
    ({"early_terminate": {"type": ["x"]}}, "early_terminate.type", "hyperband, median"),
    ({"early_terminate": True}, "early_terminate", "write {type: hyperband"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "key", "said"), BAD, ids=lambda each: str(each)[:60])
def test_a_fault_names_its_key_and_the_fix(changes, key, said):
    found = faults(**changes)
    assert key in found and said in found[key], found


EARLY = [
    ({"type": "hyperband"}, "early_terminate.min_iter", "give min_iter, or max_iter with s"),
    ({"type": "hyperband", "max_iter": 27}, "early_terminate.s", "number of brackets"),
    ({"type": "hyperband", "min_iter": 3, "eta": 1}, "early_terminate.eta", "above 1"),
    ({"type": "hyperband", "min_iter": 0}, "early_terminate.min_iter", "from 1"),
    ({"type": "hyperband", "min_itr": 3}, "early_terminate.min_itr", "did you mean `min_iter`"),
    ({"type": "median"}, "early_terminate.min_iter", "median first looks after"),
]


@pytest.mark.parametrize(("rule", "key", "said"), EARLY, ids=str)
def test_a_rule_that_cannot_be_meant_is_named(rule, key, said):
    found = faults(early_terminate=rule, metric={"name": "loss"})
    assert key in found and said in found[key], found


def test_a_rule_needs_a_metric_to_look_at():
    found = faults(early_terminate={"type": "hyperband", "min_iter": 3})
    assert "early_terminate needs one" in found["metric"]


def test_all_faults_are_told_at_once():
    found = read({"method": "grit", "parameters": {"a": 1, "b": {"min": 3, "max": 1}}, "x": 1})
    assert isinstance(found, Faults) and len(found.faults) == 4
    assert found.told.count("; ") >= 3
    assert isinstance(read("method: grid"), Faults) and isinstance(read(None), Faults)


def test_what_was_written_is_what_is_read():
    found = good(
        metric={"name": "acc", "goal": "maximize", "target": 1},
        early_terminate={"type": "hyperband", "max_iter": 27, "s": 2},
        run_cap=9.0, program="t.py", name="n", description="d", seed=4, stop_after_failures=0,
        command=["${program}"], parameters={"o": {"parameters": {"lr": {"value": 1}}}},
    )  # fmt: skip
    assert found.metric == Metric("acc", "maximize", 1.0) and found.metric.sign == -1
    assert found.early == Early("hyperband", None, 27, 2, 3.0)
    assert (found.run_cap, found.program, found.seed, found.breaker_runs) == (9, "t.py", 4, 0)
    assert found.space[0].name == "o.lr" and found.space[0].path == ("o", "lr")


def test_the_plan_is_the_smaller_of_grid_and_cap():
    assert good().planned is None and good(run_cap=4).planned == 4
    grid = {"method": "grid", "parameters": {"a": {"min": 1, "max": 4}, "b": {"values": [1, 2]}}}
    assert read(grid).planned == 8 and read({**grid, "run_cap": 3}).planned == 3
    assert read({**grid, "run_cap": 30}).planned == 8
