"""What agents start: logs a loss of its parameters; with `until`, goes on until that file is there."""

import os
import threading

import wandb

STEP_S = 0.1

with wandb.init(settings=wandb.Settings(x_file_stream_transmit_interval=0.5)) as run:
    step = 0
    while True:
        run.log({"loss": (run.config["lr"] - 0.2) ** 2 + 1 / (step + 1)})
        step += 1
        until = os.environ.get("TRIAL_UNTIL")
        if step >= 3 and (not until or os.path.exists(until)):
            break
        threading.Event().wait(STEP_S)
