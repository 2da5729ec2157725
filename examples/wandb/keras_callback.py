"""Keras with the client's `WandbMetricsLogger`: a small network on a known function.

pip install tensorflow wandb; eval "$(heartline env wandb)"
"""

import keras
import numpy as np
import wandb
from wandb.integration.keras import WandbMetricsLogger


def main() -> None:
    with wandb.init(project="keras", name="wave", config={"units": 16, "epochs": 5}) as run:
        x = np.linspace(-3, 3, 512).reshape(-1, 1)
        model = keras.Sequential([
            keras.layers.Dense(run.config.units, activation="tanh"), keras.layers.Dense(1),
        ])  # fmt: skip
        model.compile("adam", loss="mse", metrics=["mae"])
        model.fit(
            x, np.sin(x), epochs=run.config.epochs, validation_split=0.2, verbose=0,
            callbacks=[WandbMetricsLogger(log_freq=4)],
        )  # fmt: skip


if __name__ == "__main__":
    main()
