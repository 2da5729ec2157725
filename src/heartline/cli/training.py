"""The trainings of `heartline demo`: real models on scikit-learn's digits. Never told how to end well.

Run as `python -m heartline.cli.training CASE`. Each case is a plain training script; what differs
is its settings, and for one of them a fault that real programs have (it keeps every batch).
"""

import sys
import time
from dataclasses import dataclass
from typing import Any

import heartline

BATCH_ROWS = 64
SEED = 7


@dataclass(frozen=True, slots=True)
class Case:
    """The settings of one training; `pause_s` leaves the cores to others."""

    hidden: int
    learning_rate: float
    epochs: int
    solver: str = "adam"
    activation: str = "relu"
    pause_s: float = 0.0
    keeps_batches: int = 0


CASES = {
    "finishes": Case(hidden=64, learning_rate=0.004, epochs=25),
    "diverges": Case(
        hidden=64, learning_rate=2.0, epochs=25, solver="sgd", activation="identity", pause_s=0.1
    ),
    "is-killed": Case(hidden=48, learning_rate=0.003, epochs=2_000, pause_s=0.1),
    "is-interrupted": Case(hidden=32, learning_rate=0.002, epochs=2_000, pause_s=0.1),
    "leaks-memory": Case(
        hidden=64, learning_rate=0.002, epochs=2_000, pause_s=0.1, keeps_batches=40
    ),
    "goes-on": Case(hidden=96, learning_rate=0.0005, epochs=7_200, pause_s=1.0),
}


def train(name: str, case: Case) -> None:
    """One training from the first batch to the last epoch, whatever comes first."""
    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.metrics import log_loss
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier

    random = np.random.default_rng(SEED)
    digits = load_digits()
    x, x_val, y, y_val = train_test_split(
        digits.data / 16.0, digits.target, test_size=0.25, random_state=SEED
    )
    model = MLPClassifier(
        (case.hidden,),
        activation=case.activation,
        solver=case.solver,
        learning_rate_init=case.learning_rate,
        random_state=SEED,
    )
    run = heartline.init(
        project="demo",
        name=name,
        config={
            "dataset": "digits", "rows": len(x), "hidden": case.hidden, "solver": case.solver,
            "lr": case.learning_rate, "batch": BATCH_ROWS, "epochs": case.epochs,
        },
    )  # fmt: skip
    kept: list[Any] = []
    for epoch in range(case.epochs):
        order = random.permutation(len(x))
        for start in range(0, len(x), BATCH_ROWS):
            rows = order[start : start + BATCH_ROWS]
            model.partial_fit(x[rows], y[rows], classes=digits.target_names)
        # The fault of one case: augmented copies that nobody lets go of.
        kept += [x + random.normal(0, 0.02, x.shape) for _ in range(case.keeps_batches)]
        run.log(
            {
                "epoch": epoch,
                "train": {"loss": model.loss_, "accuracy": model.score(x, y)},
                "val": {
                    "loss": log_loss(y_val, model.predict_proba(x_val)),
                    "accuracy": model.score(x_val, y_val),
                },
            }
        )
        if epoch % 5 == 0:
            print(f"epoch {epoch}: training loss {model.loss_:.4f}", flush=True)
        time.sleep(case.pause_s)
    run.finish()


if __name__ == "__main__":
    train(sys.argv[1], CASES[sys.argv[1]])
