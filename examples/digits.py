"""Train a small network on handwritten digits, tracked with three lines of Heartline.

python examples/digits.py && heartline runs
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

import heartline

x, y = load_digits(return_X_y=True)
x_train, x_val, y_train, y_val = train_test_split(x / 16, y, test_size=0.25, random_state=0)
model = MLPClassifier((64,), learning_rate_init=0.003, random_state=0)
shuffle = np.random.default_rng(0)

run = heartline.init(project="digits", config={"hidden": 64, "lr": 0.003, "batch": 64})
for _epoch in range(30):
    order = shuffle.permutation(len(x_train))
    for start in range(0, len(order), 64):
        rows = order[start : start + 64]
        model.partial_fit(x_train[rows], y_train[rows], classes=np.arange(10))
    run.log({"loss": model.loss_, "val": {"accuracy": model.score(x_val, y_val)}})
