"""A training that goes on where it was killed: one run, several attempts.

python examples/resume.py        # kill it whenever you like
python examples/resume.py        # goes on from the last checkpoint, in the same run
heartline show resume-example    # both attempts, with how the first one ended
"""

import json
import sys
import time
from pathlib import Path

import heartline

STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 2_000
CHECKPOINT = Path("resume-example.json")

run = heartline.init(project="examples", id="resume-example", resume="allow")
state = json.loads(CHECKPOINT.read_text()) if CHECKPOINT.exists() else {"step": 0, "x": 10.0}
print(f"starting at step {state['step']}", flush=True)

for step in range(state["step"], STEPS):
    gradient = 2 * (state["x"] - 3)
    state = {"step": step + 1, "x": state["x"] - 0.01 * gradient}
    run.log({"x": state["x"], "loss": (state["x"] - 3) ** 2}, step=step)
    time.sleep(0.001)
    if step % 100 == 99:
        # Whole or not at all: a kill in the middle of a write must not cost the checkpoint.
        beside = CHECKPOINT.with_suffix(".part")
        beside.write_text(json.dumps(state))
        beside.replace(CHECKPOINT)
        print(f"step {step}: saved", flush=True)

CHECKPOINT.unlink(missing_ok=True)
run.finish()
