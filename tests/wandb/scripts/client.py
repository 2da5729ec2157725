"""The real `wandb` client, one scene per call; prints what it saw as JSON."""

import json
import os
import sys
import time

import numpy as np
import wandb

PROJECT = "scenes"


def rows(run_id: str) -> list:
    api = wandb.Api()
    run = api.run(f"{api.default_entity}/{PROJECT}/{run_id}")
    return [[row["_step"], row["a"]] for row in run.scan_history()]


def logged(count: int, first: int = 0, **how: object) -> None:
    run = wandb.init(project=PROJECT, **how)
    for n in range(count):
        run.log({"a": first + n})
    run.finish()


def basic() -> dict:
    run = wandb.init(
        project=PROJECT, id="basic", config={"lr": 0.1, "nest": {"a": [1, 2]}}, tags=["t"],
        notes="n", group="g", job_type="train",
    )  # fmt: skip
    for n in range(20):
        run.log({"loss": 1 / (n + 1), "bad": float("nan"), "deep": {"x": n}})
    print("hello from the client")
    run.finish()
    api = wandb.Api()
    entity = api.default_entity
    back = api.run(f"{entity}/{PROJECT}/basic")
    found = api.runs(
        f"{entity}/{PROJECT}", filters={"config.lr": 0.1, "state": "finished"},
        order="-summary_metrics.loss",
    )  # fmt: skip
    return {
        "state": back.state, "config": back.config, "loss": back.summary["loss"],
        "rows": len(list(back.scan_history())), "sampled": len(back.history(pandas=False)),
        "files": [file.name for file in back.files()], "tags": back.tags, "group": back.group,
        "found": [run.id for run in found], "count": len(found),
        "program": bool(back.metadata["program"]), "deep": "deep.x" in back.summary or "deep" in back.summary,
    }  # fmt: skip


def resume() -> dict:
    logged(5, id="resume", resume="allow")
    logged(5, first=5, id="resume", resume="must")
    refused = []
    for word, run_id in (("never", "resume"), ("must", "nobody")):
        try:
            wandb.init(project=PROJECT, id=run_id, resume=word)
        except Exception as error:
            refused.append(type(error).__name__)
    return {"rows": rows("resume"), "refused": refused}


def rewind() -> dict:
    logged(10, id="rewind")
    logged(3, first=100, resume_from="rewind?_step=4")
    return {"rows": rows("rewind")}


def fork() -> dict:
    logged(6, id="parent")
    logged(3, first=100, id="child", fork_from="parent?_step=3")
    return {"rows": rows("child"), "parent": len(rows("parent"))}


def media() -> dict:
    run = wandb.init(project=PROJECT, id="media")
    run.log({"table": wandb.Table(columns=["x"], data=[[1]]), "h": wandb.Histogram([1, 2]), "a": 1})
    run.alert("title", "text")
    run.finish()
    api = wandb.Api()
    back = api.run(f"{api.default_entity}/{PROJECT}/media")
    return {"state": back.state, "tables": [f.name for f in back.files() if "table" in f.name]}


def offline() -> dict:
    run = wandb.init(project=PROJECT, id="offline", mode="offline")
    for n in range(5):
        run.log({"a": n})
    where = os.path.dirname(run.dir)
    run.finish()
    for again in ("", "--no-skip-synced"):
        os.system(f"{sys.executable} -m wandb sync {again} {where} >/dev/null 2>&1")
    return {"rows": rows("offline")}


def edit() -> dict:
    logged(2, id="edit")
    api = wandb.Api()
    path = f"{api.default_entity}/{PROJECT}/edit"
    run = api.run(path)
    run.tags.append("new")
    run.config["added"] = 1
    run.update()
    run.summary.update({"best": 3})
    back = wandb.Api().run(path)
    told = {"tags": back.tags, "added": back.config["added"], "best": back.summary["best"]}
    back.delete()
    try:
        wandb.Api().run(path)
        told["gone"] = False
    except Exception:
        told["gone"] = True
    return told


def exit3() -> dict:
    wandb.init(project=PROJECT, id="exit3").log({"a": 1})
    sys.exit(3)


def exception() -> dict:
    wandb.init(project=PROJECT, id="exception").log({"a": 1})
    raise ValueError("x")


def killed() -> dict:
    run = wandb.init(project=PROJECT, id="killed")
    run.log({"a": 1})
    time.sleep(1)
    os.kill(os.getpid(), 9)
    return {}


def files() -> dict:
    """All kinds of files that a run has, uploaded and downloaded again."""
    with open("notes of mine.txt", "w") as file:
        file.write("mine")
    os.system("git init -q . && git add client.py && "
              "git -c user.name=a -c user.email=a@b commit -q -m one && echo '# two' >> client.py")  # fmt: skip
    how = wandb.Settings(save_code=True, disable_git=False)
    run = wandb.init(project=PROJECT, id="files", settings=how)
    run.save("notes of mine.txt")
    pixels = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]]
    run.log({
        "image": wandb.Image(np.array(pixels, "uint8"), caption="four"),
        "images": [wandb.Image(np.zeros((2, 2), "uint8")) for _ in range(2)],
        "table": wandb.Table(columns=["x", "y"], data=[[1, "one"], [2, None]]),
        "html": wandb.Html("<b>bold</b>"), "bars": wandb.Histogram([1, 2, 2]),
        "points": wandb.Object3D(np.zeros((3, 3))),
    })  # fmt: skip
    run.finish()
    api = wandb.Api()
    back = api.run(f"{api.default_entity}/{PROJECT}/files")
    row = next(iter(back.scan_history()))
    told = {file.name: file.size for file in back.files()}
    table = json.load(back.file(row["table"]["path"]).download("down", replace=True))
    image = open(back.file(row["image"]["path"]).download("down", replace=True).name, "rb").read()
    mine = back.file("notes of mine.txt").download("down", replace=True).read()
    back.upload_file("client.py")
    added = "client.py" in [file.name for file in back.files()]
    back.file("client.py").delete()
    return {
        "files": told, "table": table["data"], "image": len(image) == row["image"]["size"],
        "caption": row["image"]["caption"], "bars": row["bars"]["_type"],
        "many": row["images"]["count"], "mine": mine, "added": added,
        "left": "client.py" in [file.name for file in back.files()],
        "commit": bool(back.commit), "host": back.metadata["host"],
    }  # fmt: skip


def pending() -> dict:
    """A run that was made before its process; then one that is told its state."""
    from wandb.apis.public import Run

    api = wandb.Api()
    made = Run.create(
        api, project=PROJECT, entity=api.default_entity, run_id="pend", state="pending"
    )
    told = {"made": made.state}
    Run.create(api, project=PROJECT, entity=api.default_entity, run_id="other", state="pending")
    try:
        wandb.init(project=PROJECT, id="other", resume="must")
    except wandb.errors.UsageError:
        told["must"] = "refused"
    run = wandb.init(project=PROJECT, id="pend", resume="never")
    run.log({"a": 0})
    told["begun"] = wandb.Api().run(f"{api.default_entity}/{PROJECT}/pend").state
    back = wandb.Api().run(f"{api.default_entity}/{PROJECT}/pend")
    told["failed"] = back.update_state("failed")
    told["told"] = wandb.Api().run(f"{api.default_entity}/{PROJECT}/pend").state
    run.finish()
    back = wandb.Api().run(f"{api.default_entity}/{PROJECT}/pend")
    told["pending"] = [back.update_state("pending"), wandb.Api().run("/".join(back.path)).state]
    logged(2, first=1, id="pend", resume="allow")
    told["end"], told["rows"] = wandb.Api().run("/".join(back.path)).state, rows("pend")
    return told


def outlives() -> dict:
    """Logs until it is told that its server was killed and is back, and a little longer."""
    often = wandb.Settings(x_file_stream_transmit_interval=0.5)
    run = wandb.init(project=PROJECT, id="outlives", settings=often)
    n = 0
    while not os.path.exists("back"):
        run.log({"a": n})
        n += 1
        time.sleep(0.02)
    for n in range(n, n + 50):
        run.log({"a": n})
    run.finish()
    return {"logged": n + 1, "rows": rows("outlives")}


if __name__ == "__main__":
    print("RESULT " + json.dumps(globals()[sys.argv[1]]()))
