"""The trainings of `heartline demo`: real models on scikit-learn's digits. Never told how to end well.

Run as `python -m heartline.cli.training CASE`. Each case is a plain training script; what differs
is its settings, and for one of them a fault that real programs have (it keeps every batch).
"""

import sys
import time
import warnings
from dataclasses import asdict, dataclass
from typing import Any

import heartline

BATCH_ROWS = 64
SEED = 7
CLASSES = 10
BRISK_EPOCHS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """The settings of one training; `pause_s` leaves the cores to others.

    From `BRISK_EPOCHS` on it is `later_pause_s`: whoever goes on for hours must not have so many
    more epochs than the others that these are squeezed into a corner of every chart.
    """

    hidden: int
    learning_rate: float
    epochs: int
    solver: str = "adam"
    activation: str = "relu"
    pause_s: float = 0.0
    later_pause_s: float = 0.0
    keeps_batches: int = 0


CASES = {
    "finishes": Case(hidden=64, learning_rate=0.004, epochs=60),
    "diverges": Case(
        hidden=64, learning_rate=2.0, epochs=25, solver="sgd", activation="identity", pause_s=0.1
    ),
    "is-killed": Case(hidden=48, learning_rate=0.003, epochs=2_000, pause_s=0.1),
    "is-interrupted": Case(hidden=32, learning_rate=0.002, epochs=2_000, pause_s=0.1),
    "leaks-memory": Case(
        hidden=64, learning_rate=0.002, epochs=2_000, pause_s=0.1, keeps_batches=15
    ),
    "goes-on": Case(hidden=96, learning_rate=0.0005, epochs=260, pause_s=1.0, later_pause_s=30.0),
}


def digits() -> tuple[Any, Any, Any, Any]:
    """Images and labels to train on, then those to validate with."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, y = load_digits(return_X_y=True)
    x_train, x_val, y_train, y_val = train_test_split(
        x / 16.0, y, test_size=0.25, random_state=SEED
    )
    return x_train, y_train, x_val, y_val


def network(case: Case) -> Any:
    """The model of a case."""
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        (case.hidden,),
        activation=case.activation,
        solver=case.solver,
        learning_rate_init=case.learning_rate,
        random_state=SEED,
    )


def learn(model: Any, x: Any, y: Any) -> None:
    """One batch. scikit-learn takes a Ctrl-C within a fit for its end and warns; we end with it."""
    try:
        model.partial_fit(x, y, classes=range(CLASSES))
    except UserWarning:
        raise KeyboardInterrupt from None


def train(name: str, case: Case) -> None:
    """One training from the first batch to the last epoch, or to what happens before."""
    import numpy as np
    from sklearn.metrics import log_loss

    warnings.filterwarnings("error", message="Training interrupted by user")
    random = np.random.default_rng(SEED)
    x, y, x_val, y_val = digits()
    model = network(case)
    config = {"dataset": "digits", "rows": len(x), "batch": BATCH_ROWS, **asdict(case)}
    run = heartline.init(project="demo", name=name, config=config)
    kept: list[Any] = []
    for epoch in range(case.epochs):
        order = random.permutation(len(x))
        for start in range(0, len(x), BATCH_ROWS):
            rows = order[start : start + BATCH_ROWS]
            learn(model, x[rows], y[rows])
        # The fault of one case: augmented copies that nobody lets go of.
        kept += [x + random.normal(0, 0.02, x.shape) for _ in range(case.keeps_batches)]
        val_loss = log_loss(y_val, model.predict_proba(x_val))
        run.log(
            {
                "train": {"loss": model.loss_, "accuracy": model.score(x, y)},
                "val": {"loss": val_loss, "accuracy": model.score(x_val, y_val)},
            }
        )
        if epoch % 5 == 0:
            print(f"epoch {epoch}: validation loss {val_loss:.4f}", flush=True)
        time.sleep(case.pause_s if epoch < BRISK_EPOCHS else case.later_pause_s or case.pause_s)
    run.finish()


if __name__ == "__main__":
    train(sys.argv[1], CASES[sys.argv[1]])
