"""`python -m benchmarks.app_fill mlflow|trackio DIR RUNS LINES POINTS`: a peer's own store, filled.

Run by the Python of the peers; prints the numbers of the two projects where a peer has such. How
long filling takes is not measured here: it goes by the quickest door that the peer has.
"""

import json
import os
import sys

PER_BATCH = 1_000


def value(line: int, step: int) -> float:
    return 1 / (1 + step / 9_000) + line / 50


def mlflow(directory: str, runs: int, lines: int, points: int) -> list[str]:
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{directory}/mlflow.db")

    def put(experiment: str, name: str, values: list[float]) -> None:
        run = client.create_run(experiment, run_name=name).info.run_id
        for first in range(0, len(values), PER_BATCH):
            part = enumerate(values[first : first + PER_BATCH], first)
            client.log_batch(run, metrics=[Metric("loss", each, 0, step) for step, each in part])
        client.set_terminated(run)

    table, long = client.create_experiment("table"), client.create_experiment("long")
    for n in range(runs):
        put(table, f"run-{n}", [n / runs])
    for n in range(lines):
        put(long, f"long-{n}", [value(n, step) for step in range(points)])
    return [table, long]


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


if __name__ == "__main__":
    kind, directory, *sizes = sys.argv[1:]
    print(json.dumps({"mlflow": mlflow, "trackio": trackio}[kind](directory, *map(int, sizes))))
