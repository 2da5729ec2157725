"""`python -m benchmarks.runs_query [runs]`: the table of runs and heartbeats, at the storage's door.

Without HTTP, so that a slow query cannot hide behind a slow encoder, nor the other way round.
"""

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from heartline.adapters.sql.database import SqlDatabase, open_engine
from heartline.core.filters import parse, parse_order
from heartline.core.lifecycle import (
    Actor,
    Attempt,
    Changed,
    Created,
    Heard,
    Instant,
    Now,
    Started,
    State,
    Wall,
    create,
    lease_ms,
    step,
)
from heartline.core.records import Project, RunKey, RunPath, RunRecord
from heartline.ports import Life, Question
from tests import bulk

WALL = 1_700_000_000_000
FIELDS = 100
ENDS = [State.FINISHED, State.FINISHED, State.FINISHED, State.FAILED, State.CRASHED, State.KILLED]
BO = Actor("user", "bo")
ROUNDS = 15

SHAPES = {
    "newest 50, all runs": ("", "-created"),
    "state = crashed": ("state = crashed", "-created"),
    "state in (failed, crashed), by name": ("state in (failed, crashed)", "name"),
    "config.lr > 0.5 (half)": ("config.lr > 0.5", "-created"),
    "config.lr > 0.999 (few)": ("config.lr > 0.999", "-created"),
    "config.opt = adam (a third)": ("config.opt = adam", "-created"),
    "config.opt != adam": ("config.opt != adam", "-created"),
    "summary.loss < 0.01 (few)": ("summary.loss < 0.01", "-created"),
    "sort by config.lr": ("", "-config.lr"),
    "sort by summary.loss": ("", "summary.loss"),
    "state = crashed, by summary.loss": ("state = crashed", "summary.loss"),
    "config.lr > 0.9, by -summary.loss": ("config.lr > 0.9", "-summary.loss"),
    "config.lr > 0.5, by summary.loss": ("config.lr > 0.5", "summary.loss"),
    "state and config and summary": (
        "state = finished and config.opt = adam and summary.loss < 0.5", "-created",
    ),
    "sort by a field that half lack": ("", "config.half"),
    "name ~ 9{2}$": ("name ~ 9{2}$", "-created"),
    "tags = even": ("tags = even", "-created"),
    "page at offset 50,000": ("", "-created"),
}  # fmt: skip


def record(n: int, dice: random.Random) -> tuple[RunRecord, Any]:
    now = Now(Instant(0), Wall(WALL + n))
    life, made = create(Created(BO), now)
    life = replace(life, state=dice.choice(ENDS), writers=())
    config: dict[str, Any] = {f"field_{k}": dice.random() for k in range(FIELDS // 2)}
    config |= {"lr": dice.random(), "opt": dice.choice(["adam", "sgd", "lion"])}
    if n % 2:
        config["half"] = dice.random()
    summary: dict[str, Any] = {f"metric_{k}": dice.random() for k in range(FIELDS // 2 - 5)}
    summary |= {"loss": dice.random(), "acc": dice.random()}
    return RunRecord(
        RunKey(0), RunPath("bo", "table", f"r{n}"), f"run {n}", "bo", life,
        replace(made.entries[0], after=life.state), now.wall, config=config, summary=summary,
        started_at=now.wall, ended_at=now.wall + 1_000, tags=("even",) if n % 2 == 0 else (),
    ), made.entries  # fmt: skip


def p50_ms(db: SqlDatabase, unit: Callable[[Any], Any]) -> float:
    took = []

    def silent(tx: Any) -> None:
        # `asyncio.run` writes out the result of its task to compare it, which takes long.
        unit(tx)

    for _ in range(ROUNDS):
        began = time.perf_counter()
        asyncio.run(db.read(silent))
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def shapes(db: SqlDatabase) -> dict[str, float]:
    now = Now(Instant(0), Wall(WALL + 10**6))
    found = {}
    for name, (filters, order) in SHAPES.items():
        question = Question(
            [("bo", "table")], parse(filters, now.wall), parse_order(order), now, 50,
            50_000 if "offset" in name else 0,
        )  # fmt: skip
        found[name] = p50_ms(db, lambda tx, q=question: tx.runs.query(q))
        print(f"  {name}: {found[name]:.1f} ms", file=sys.stderr, flush=True)
    project = ("bo", "table")
    found["counts by state"] = p50_ms(db, lambda tx: tx.runs.states(project))
    found["fields for suggestions"] = p50_ms(db, lambda tx: tx.runs.fields(project, "loss", 50))
    found["values for suggestions"] = p50_ms(
        db, lambda tx: tx.runs.values(project, "config.opt", 50)
    )
    return found


def heartbeats(db: SqlDatabase, runs: int = 1_000, rounds: int = 20) -> dict[str, float]:
    """Plain beats through `life` and `save_life`, one unit each, as many as the writer takes."""
    attempt = Attempt(1, "a")

    def start(tx: Any, n: int) -> RunKey:
        tx.accounts.put_project(Project("bo", "live", 1))
        made, _entries = record(n, random.Random(n))
        life, first = create(Created(BO), Now(Instant(0), Wall(WALL)))
        life, outcome = step(
            life, Started(attempt, "w", 1, lease_ms(5_000), BO), Now(Instant(0), Wall(WALL))
        )
        assert isinstance(outcome, Changed)
        path = RunPath("bo", "live", f"live{n}")
        made = replace(made, path=path, life=life, told=outcome.entries[-1])
        return tx.runs.create(made, (*first.entries, *outcome.entries)).key

    keys = [db.submit(lambda tx, n=n: start(tx, n)).result() for n in range(runs)]

    def beat(tx: Any, key: RunKey, seq: int) -> None:
        known = tx.runs.life(key)
        now = Now(Instant(seq * 1_000), Wall(WALL + seq * 1_000))
        life, _ = step(known.run, Heard(attempt, "w", seq), now)
        tx.runs.save_life(key, Life(life, known.version, now.wall, seq, known.place))

    began, cpu = time.perf_counter(), time.process_time()
    for seq in range(2, rounds + 2):
        waiting = [db.submit(lambda tx, k=key, s=seq: beat(tx, k, s)) for key in keys]
        for each in waiting:
            each.result()
    took, burnt = time.perf_counter() - began, time.process_time() - cpu
    beats = runs * rounds
    return {"beats/s": beats / took, "CPU at 2,000 beats/s, % of a core": burnt / beats * 200_000}


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kept = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    target = kept or Path(tempfile.mkdtemp(prefix="heartline-bench-")) / "runs.db"
    known = target.exists()
    if not known:
        dice = random.Random(0)
        bulk.put_runs(target, (record(n, dice) for n in range(runs)))
    db = SqlDatabase(open_engine(str(target)))
    found = {f"{name}, ms": value for name, value in shapes(db).items()}
    if not known:
        found.update(heartbeats(db))
    asyncio.run(db.close())
    print(f"{runs:,} runs of {FIELDS} values, {target.stat().st_size / 1e6:,.0f} MB")
    for name, value in found.items():
        print(f"{name:<48}{value:>10,.1f}")


if __name__ == "__main__":
    main()
