"""`python -m benchmarks.app_fill mlflow|trackio|aim DIR RUNS LINES POINTS`: a peer's store, filled.

Prints the names of the two projects in addresses. How long filling takes is not measured here: it
goes by the quickest door that the peer has, and where it has none by copies of rows of its own.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
import uuid
from multiprocessing import get_context
from pathlib import Path

WORKERS = os.cpu_count() or 1


def value(line: int, step: int) -> float:
    return 1 / (1 + step / 9_000) + line / 50


def mlflow(directory: str, runs: int, lines: int, points: int) -> list[str]:
    """One run of each kind through the client, the others as copies of its rows."""
    from mlflow.tracking import MlflowClient

    database = f"{directory}/mlflow.db"
    client = MlflowClient(f"sqlite:///{database}")
    found = []
    for name, count, length in (("table", runs, 1), ("long", lines, points)):
        experiment = client.create_experiment(name)
        first = client.create_run(experiment, run_name=f"{name}-0").info.run_id
        client.log_metric(first, "loss", value(0, length - 1), step=length - 1)
        client.set_terminated(first)
        with sqlite3.connect(database) as db:
            for n in range(count):
                run = first if n == 0 else copied(db, first, f"{name}-{n}", value(n, length - 1))
                rows = ((run, value(n, step), step) for step in range(length - 1))
                db.executemany(
                    "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan)"
                    " VALUES ('loss', ?2, 0, ?1, ?3, 0)",
                    rows,
                )
        found.append(experiment)
    return found


def copied(db: sqlite3.Connection, first: str, name: str, last: float) -> str:
    """Another run like the first, with a name and a last value of its own."""
    run = uuid.uuid4().hex
    for table in ("runs", "tags", "metrics", "latest_metrics"):
        names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        values = ", ".join("?1" if each == "run_uuid" else each for each in names)
        if table == "metrics":
            values += " FROM metrics WHERE run_uuid = ?2 ORDER BY step DESC LIMIT 1"
        else:
            values += f" FROM {table} WHERE run_uuid = ?2"
        db.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}", (run, first))
    db.execute("UPDATE runs SET name = ?2 WHERE run_uuid = ?1", (run, name))
    db.execute(
        "UPDATE tags SET value = ?2 WHERE run_uuid = ?1 AND key = 'mlflow.runName'", (run, name)
    )
    for table in ("metrics", "latest_metrics"):
        db.execute(f"UPDATE {table} SET value = ?2 WHERE run_uuid = ?1", (run, last))
    return run


def trackio(directory: str, runs: int, lines: int, points: int) -> list[str]:
    os.environ["TRACKIO_DIR"] = directory
    from trackio.sqlite_storage import SQLiteStorage

    for n in range(runs):
        SQLiteStorage.bulk_log("table", f"run-{n}", [{"loss": n / runs}], steps=[0])
    steps = list(range(points))
    for n in range(lines):
        rows = [{"loss": value(n, step)} for step in steps]
        SQLiteStorage.bulk_log("long", f"long-{n}", rows, steps=steps)
    return ["table", "long"]


def aim(directory: str, runs: int, lines: int, points: int) -> list[str]:
    """It has no door for many values: as many processes as there are cores."""
    from aim import Repo

    Repo.from_path(directory, init=True)
    work = [("table", directory, n, 1) for n in range(runs)]
    work += [("long", directory, n, points) for n in range(lines)]
    # Not by fork: the threads of its store would not come along, but their locks would.
    with get_context("spawn").Pool(WORKERS) as pool:
        pool.starmap(aims, work, chunksize=1)
    # Its server would do so at leisure, and not find a run's metrics until it has.
    index = "from aim.cli.cli import cli_entry_point as go; go()"
    words = [sys.executable, "-c", index, "storage", "--repo", directory, "reindex", "-y"]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return ["table", "long"]


def aims(project: str, directory: str, n: int, points: int) -> None:
    from aim import Run
    from aim.storage.context import Context

    run = Run(
        repo=directory, experiment=project, system_tracking_interval=None,
        capture_terminal_logs=False, log_system_params=False,
    )  # fmt: skip
    run.name = f"{project}-{n}"
    run.track(value(n, 0), name="loss", step=0)
    # Between the first and the last without the book-keeping that each call does anew: the first
    # is the greatest, the last the least.
    tracker, at = run._tracker, time.time()
    series = tracker.sequence_infos[Context({}).idx, "loss"]
    for step in range(1, points - 1):
        tracker._add_value(series, value(n, step), step, None, at)
    if points > 1:
        run.track(value(n, points - 1), name="loss", step=points - 1)
    run.close()


FILL = {"mlflow": mlflow, "trackio": trackio, "aim": aim}

if __name__ == "__main__":
    kind, directory, *sizes = sys.argv[1:]
    Path(directory).mkdir(parents=True, exist_ok=True)
    print(json.dumps(FILL[kind](directory, *map(int, sizes))))
