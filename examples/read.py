"""Read runs back: which ended badly, why, and how the best of the others did.

python examples/digits.py; python examples/read.py
"""

import heartline

api = heartline.Api()

for run in api.runs("digits", filters="state in [failed, crashed, killed]")[:10]:
    print(f"{run.name}: {run.state} ({run.confidence}), {run.sentence}")

for run in api.runs("digits", filters={"state": "finished"}, order="-summary.val.accuracy")[:1]:
    print(f"best: {run.name} with {run.summary['val.accuracy']:.3f}, settings {run.config}")
    for row in run.history(samples=5, keys=["loss", "val.accuracy"]):
        print(f"  step {row['_step']:>3}: loss {row['loss']:.4f}")
