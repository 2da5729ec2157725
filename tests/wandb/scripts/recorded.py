"""Short runs of the real client for the recorder; nothing is read back."""

import os
import subprocess
import sys

import wandb

PROJECT = "transcripts"


def logged(count: int, first: int = 0, **how: object) -> None:
    run = wandb.init(project=PROJECT, **how)
    for n in range(count):
        run.log({"a": first + n})
    run.finish()


def told() -> None:
    run = wandb.init(
        project=PROJECT, id="told", name="a name", config={"lr": 0.1, "nest": {"a": [1, 2]}},
        tags=["t"], group="g", job_type="train", notes="n",
    )  # fmt: skip
    run.define_metric("epoch", hidden=True)
    run.define_metric("a", step_metric="epoch", summary="min,max")
    for n in range(4):
        run.log({"a": n, "epoch": n // 2, "bad": float("nan"), "deep": {"x": n}})
    run.log({"a": float("inf"), "html": wandb.Html("<b>x</b>")})
    print("a line\nten percent\rdone")
    print("an error", file=sys.stderr)
    run.config["late"] = 1
    run.summary["best"] = 3
    run.mark_preempting()
    run.finish()


def again() -> None:
    logged(3, id="again", resume="allow")
    logged(2, first=3, id="again", resume="must")


def rewound() -> None:
    logged(5, id="rewound")
    logged(2, first=100, resume_from="rewound?_step=2")


def forked() -> None:
    logged(4, id="parent")
    logged(2, first=100, id="forked", fork_from="parent?_step=1")


def shared() -> None:
    """The second process is begun and ends within the first."""
    how = wandb.Settings(mode="shared", x_label="first", x_primary=True)
    run = wandb.init(project=PROJECT, id="shared", config={"of": "first"}, settings=how)
    run.log({"a": 0})
    own = {name: value for name, value in os.environ.items() if name != "WANDB_SERVICE"}
    subprocess.run([sys.executable, __file__, "second"], env=own, check=True)
    run.log({"a": 1})
    run.finish()


def second() -> None:
    how = wandb.Settings(
        mode="shared", x_label="second", x_primary=False, x_update_finish_state=False
    )
    run = wandb.init(project=PROJECT, id="shared", settings=how)
    run.log({"a": 10})
    run.log({"a": 11})
    run.finish()


def sent_later() -> None:
    """Sent twice, and the second time nothing is new."""
    run = wandb.init(project=PROJECT, id="sent_later", mode="offline")
    for n in range(3):
        run.log({"a": n})
    where = os.path.dirname(run.dir)
    run.finish()
    for _ in range(2):
        mark = [name for name in os.listdir(where) if name.endswith(".synced")]
        for name in mark:
            os.remove(os.path.join(where, name))
        subprocess.run([sys.executable, "-m", "wandb", "sync", where], check=True)


def raised() -> None:
    run = wandb.init(project=PROJECT, id="raised")
    run.log({"a": 1})
    raise ValueError("no good")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
