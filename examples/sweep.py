"""Search learning rate and size of a small network with a sweep, in this one process.

python examples/sweep.py && heartline sweep list
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import heartline

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x / 16, y, test_size=0.25, random_state=0)


def train():
    run = heartline.init(config={"epochs": 8})
    model = MLPClassifier(
        (run.config["hidden"],), learning_rate_init=run.config["lr"], random_state=0
    )
    for _epoch in range(run.config["epochs"]):
        model.partial_fit(x_train, y_train, classes=np.arange(10))
        run.log({"loss": model.loss_, "val": {"accuracy": model.score(x_val, y_val)}})


sweep = heartline.sweep(
    {
        "method": "bayes",
        "metric": {"name": "val.accuracy", "goal": "maximize"},
        "parameters": {
            "lr": {"min": 1e-4, "max": 0.3, "distribution": "log_uniform_values"},
            "hidden": {"values": [16, 32, 64]},
        },
        "run_cap": 6,
    },
    project="digits",
)
heartline.agent(sweep, function=train)
best = heartline.Api().sweep(sweep).best
print(f"best: {best.value:.3f} with {best.args}")
