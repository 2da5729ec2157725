"""Save your work when somebody asks the run to stop.

python examples/stop.py &
heartline stop stop-example --reason "the loss is flat"
"""

import threading
import time

import heartline

asked = threading.Event()
run = heartline.init(project="examples", id="stop-example", resume="allow")
run.on_stop(lambda by: (print(f"{by} asks us to stop", flush=True), asked.set()))

step = run.step
while not asked.is_set():
    run.log({"loss": 1 / (step + 1)}, step=step)
    step += 1
    time.sleep(0.1)

print("saving a last checkpoint", flush=True)
raise SystemExit(143)
