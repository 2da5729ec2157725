"""Log without a network, send later. Nothing differs but the mode.

python examples/offline.py
heartline sync                   # exact, resumable, as often as you like
"""

import heartline

with heartline.init(project="examples", name="offline", mode="offline") as run:
    for step in range(1_000):
        run.log({"loss": 1 / (step + 1)})
    print(f"kept in {run.dir}; send it with: heartline sync")
