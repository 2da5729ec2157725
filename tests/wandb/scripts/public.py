"""The public API of the real `wandb` client, one scene per call; prints what it saw as JSON."""

import json
import math
import sys
from pathlib import Path

import wandb
from wandb.apis.public import Run
from wandb.apis.public.runhistory.downloads import IncompleteRunHistoryError

import heartline

PROJECT = "public"


def path(api: wandb.Api, run_id: str = "") -> str:
    return f"{api.default_entity}/{PROJECT}" + (f"/{run_id}" if run_id else "")


def made_by_wandb() -> None:
    for n, (lr, opt) in enumerate([(0.1, "sgd"), (0.01, "adam"), (0.3, "adam")]):
        run = wandb.init(
            project=PROJECT, id=f"w{n}", name=f"wand-{n}", group="g" if n else None,
            job_type="train", tags=["t", f"n{n}"], notes=f"note {n}",
            config={"lr": lr, "opt": opt, "net": {"depth": n}},
        )  # fmt: skip
        for step in range(4):
            run.log({"loss": (n + 1) / (step + 1), "epoch": step})
        print(f"said by {n}")
        run.finish(exit_code=3 if n == 2 else 0)


def made_by_us() -> None:
    run = heartline.init(
        project=PROJECT, id="h0", name="heart-0", tags=["t", "ours"], group="g",
        config={"lr": 0.2, "opt": "sgd", "net": {"depth": 9}},
    )  # fmt: skip
    for step in range(1_200):
        run.log({"loss": 1 / (step + 1), "epoch": step // 100, "odd": float("nan")})
        if step % 100 == 0:
            run.log({"acc": step / 1_200}, step=step)
    print("said by us")
    run.finish()


def make() -> dict:
    made_by_wandb()
    made_by_us()
    return {}


QUESTIONS = {
    "state": {"state": "finished"},
    "state in": {"state": {"$in": ["failed", "crashed"]}},
    "name": {"name": "w1"},
    "display_name": {"display_name": "wand-0"},
    "displayName regex": {"displayName": {"$regex": "^wand"}},
    "config eq": {"config.lr": 0.1},
    "config value": {"config.lr.value": {"$gt": 0.05, "$lte": 0.2}},
    "nested": {"config.net.depth": {"$gte": 1}},
    "nested value": {"config.net.value.depth": {"$lt": 1}},
    "summary": {"summary_metrics.loss": {"$lt": 0.3}},
    "tags": {"tags": "n1"},
    "tags in": {"tags": {"$in": ["n0", "ours"]}},
    "tags nin": {"tags": {"$nin": ["n0", "ours"]}},
    "and or": {"$and": [{"$or": [{"name": "w0"}, {"name": "w1"}]}, {"config.opt": "adam"}]},
    "nor": {"$nor": [{"name": "w0"}, {"name": "h0"}]},
    "not": {"config.opt": {"$not": {"$eq": "adam"}}},
    "ne": {"config.opt": {"$ne": "adam"}},
    "exists": {"summary_metrics.acc": {"$exists": True}},
    "absent": {"group": {"$exists": False}},
    "group": {"group": "g"},
    "jobType": {"jobType": "train"},
    "created": {"created_at": {"$gt": "2020-01-01T00:00:00Z"}},
    "createdAt": {"createdAt": {"$lt": "2020-01-01"}},
    "heartbeatAt": {"heartbeatAt": {"$gte": "2020-01-01T00:00:00"}},
    "notes": {"notes": "note 1"},
    "description": {"description": {"$regex": "2"}},
    "sweep": {"sweep": "none"},
    "all": {},
}
ORDERS = (
    "+created_at", "-created_at", "+heartbeat_at", "config.lr.value", "-config.lr",
    "-summary_metrics.loss", "+summary_metrics.acc", "+display_name",
)  # fmt: skip


def ask() -> dict:
    api = wandb.Api()
    found = {}
    for name, filters in QUESTIONS.items():
        runs = api.runs(path(api), filters=filters, order="+created_at")
        found[name] = [run.id for run in runs]
        assert len(runs) == len(found[name]), name
    user = api.viewer.username
    mine = len(api.runs(path(api), filters={"username": user}))
    orders = {order: [run.id for run in api.runs(path(api), order=order)] for order in ORDERS}
    paged = [run.id for run in api.runs(path(api), per_page=1)]
    full = {
        run.id: [run.config["lr"], run.summary["loss"], run.user.username == user]
        for run in api.runs(path(api), lazy=False)
    }
    return {"found": found, "mine": mine, "orders": orders, "paged": paged, "full": full}


def exported(run: Run) -> str:
    try:
        return str(run.download_history_exports("exports").paths)
    except IncompleteRunHistoryError:
        left = run.download_history_exports("exports", require_complete_history=False)
        return f"incomplete, {len(left.paths)} files, live: {left.contains_live_data}"


def history() -> dict:
    api = wandb.Api()
    ours, theirs = api.run(path(api, "h0")), api.run(path(api, "w0"))
    scanned = list(ours.scan_history(page_size=500))
    ranged = list(ours.scan_history(keys=["loss"], page_size=7, min_step=5, max_step=33))
    return {
        "scanned": [row["_step"] for row in scanned] == list(range(1_200)),
        "nan": all(math.isnan(row["odd"]) for row in scanned),
        "whole": [type(scanned[250]["epoch"]).__name__, scanned[250]["epoch"]],
        "ranged": [row["loss"] for row in ranged] == [1 / (n + 1) for n in range(5, 33)],
        "sparse": [row["acc"] for row in ours.scan_history(keys=["acc", "loss"])],
        "sampled": len(ours.history(samples=50, pandas=False)),
        "keyed": len(ours.history(keys=["loss", "epoch"], samples=50, pandas=False)),
        "odd": ours.history(keys=["odd"], samples=2, pandas=False)[0]["odd"],
        "last": [ours.lastHistoryStep, theirs.lastHistoryStep],
        "theirs": [[row["_step"], row["epoch"]] for row in theirs.scan_history()],
        "beta": len(list(theirs.beta_scan_history())),
        "exported": exported(theirs),
        "histories": len(api.runs(path(api), filters={"tags": "n0"}).histories(samples=2)),
        "lines": [[line.content for line in run.console_logs(per_page=1)]
                  for run in (ours, theirs)],
        "tail": [line.content for line in theirs.console_logs(last=1)],
        "system": [isinstance(run.system_metrics, dict) for run in (ours, theirs)],
        "metadata": theirs.metadata["program"].endswith("public.py"),
        "summary": sorted(key for key in theirs.summary.keys() if not key.startswith("_")),
    }  # fmt: skip


def change() -> dict:
    api = wandb.Api()
    made = api.create_run(project=PROJECT, run_id="made")
    told = {"made": made.state}
    run = api.run(path(api, "made"))
    run.config["lr"] = 7
    run.tags = ["a", "b"]
    run.name, run.notes = "renamed", "noted"
    run.update()
    run.summary.update({"best": 3, "deep": {"x": 1}})
    Path("weights.txt").write_text("weights", encoding="utf-8")
    run.upload_file("weights.txt")
    back = wandb.Api().run(path(api, "made"))
    told["back"] = [back.config, back.tags, back.name, back.notes, dict(back.summary)["best"]]
    told["files"] = [[file.name, file.size, file.download(replace=True).read()]
                     for file in back.files(pattern="weight%.t_t")]  # fmt: skip
    back.file("weights.txt").delete()
    told["left"] = len(wandb.Api().run(path(api, "made")).files())
    told["failed"] = [back.update_state("failed"), wandb.Api().run(path(api, "made")).state]
    told["pending"] = [back.update_state("pending"), wandb.Api().run(path(api, "made")).state]
    told["refused"] = api.run(path(api, "w0")).update_state("failed")
    made = Run.create(api, project=PROJECT, run_id="waits", state="pending")
    told["waits"] = made.state
    told["info"] = api.run(path(api, "w2")).state
    api.run(path(api, "w0")).wait_until_finished()
    back.delete()
    told["gone"] = len(api.runs(path(api), filters={"name": "made"}))
    return told


def wait(run_id: str, code: str) -> list:
    """Of the ends, their wait knows finished, crashed and failed: it must not hang for others."""
    run = wandb.init(project=PROJECT, id=run_id)
    run.log({"a": 1})
    if run_id == "preempted":
        run.mark_preempting()
    run.finish(exit_code=int(code))
    back = wandb.Api().run(path(wandb.Api(), run_id))
    back.wait_until_finished()
    back.stop()
    waited = back.state
    back.load(force=True)
    return [waited, back.state]


def accounts() -> dict:
    api = wandb.Api()
    viewer = api.viewer
    told = {"viewer": [viewer.username, viewer.admin, viewer.teams], "default": api.default_entity}
    team = api.create_team("vision")
    told["team"] = [team.name, [[m.username, m.admin] for m in team.members], team.is_team]
    user = api.create_user("ada@example.org")
    told["user"] = [user.username, user.email]
    told["invited"] = [team.invite("ada@example.org"), team.invite("ada"), team.invite("nobody")]
    account = team.create_service_account("nightly runs")
    told["service"] = [account.username, account.account_type]
    theirs = wandb.Api(api_key=account.api_key)
    told["theirs"] = [theirs.viewer.username, theirs.default_entity, theirs.viewer.teams]
    again = wandb.Api().team("vision")
    told["members"] = [[m.username, m.account_type] for m in again.members]
    told["removed"] = next(m for m in again.members if m.username == "ada").delete()
    told["found"] = [api.user("ada").username, [u.username for u in api.users("ad")]]
    secret = viewer.generate_api_key("for tests")
    told["key"] = [wandb.Api(api_key=secret).viewer.username, len(api.viewer.api_keys)]
    kept = wandb.Api().viewer
    told["deleted"] = [
        kept.delete_api_key(f"...{secret[-4:]}"), len(wandb.Api().viewer.api_keys),
    ]  # fmt: skip
    api.create_project("made", "vision")
    told["projects"] = [project.name for project in api.projects("vision")]
    told["project"] = api.project("made", "vision").path
    told["nobody"] = None if api.user("nobody") is None else "somebody"
    return told


def charts() -> dict:
    api = wandb.Api()
    spec = {"mark": "line", "data": {"name": "wandb"}}
    chart = api.create_custom_chart(
        entity=api.default_entity, name="mine", display_name="Mine", spec_type="vega2",
        access="private", spec=spec,
    )  # fmt: skip
    reports = list(api.reports(path(api)))
    return {"chart": chart, "reports": len(reports)}


def absent() -> dict:
    """What is not built says so at once, and a run that meets it ends well."""
    told = {}
    run = wandb.init(project=PROJECT, id="absent")
    run.log({"t": wandb.Table(columns=["x", "y"], data=[[1, "a"]]), "a": 1})
    run.log_code(".")
    artifact = wandb.Artifact("set", type="dataset")
    for name, what in (
        ("use", lambda: run.use_artifact("set:latest")),
        ("log", lambda: run.log_artifact(artifact).wait()),
    ):
        try:
            what()
            told[name] = "done"
        except Exception as error:
            told[name] = str(error)
    run.finish()
    back = wandb.Api().run(path(wandb.Api(), "absent"))
    told["state"] = back.state
    told["tables"] = len([file for file in back.files() if file.name.endswith("table.json")])
    return told


if __name__ == "__main__":
    print("RESULT " + json.dumps(globals()[sys.argv[1]](*sys.argv[2:])))
