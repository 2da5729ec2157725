// The lines that make a first run, for each way to train. Never shows a key: it is made in Settings.
import { useState } from 'react';
import { CopyBlock } from './parts';

function ways(base: string, project: string): Record<string, { note: string; code: string }> {
  return {
    Heartline: {
      note: 'Three lines in the training script.',
      code: `pip install heartline
export HEARTLINE_BASE_URL=${base}
heartline login            # asks for an API key; make one under Settings

# train.py
import heartline

with heartline.init(project="${project}", config={"lr": 3e-4}) as run:
    for step in range(1000):
        run.log({"train/loss": loss})`,
    },
    'wandb, unchanged': {
      note: 'Code that already uses wandb needs no change: point it here and run it.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=...   # make one under Settings
python train.py`,
    },
    Lightning: {
      note: 'The logger that Lightning has for wandb.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=...

from lightning.pytorch.loggers import WandbLogger
trainer = Trainer(logger=WandbLogger(project="${project}"))`,
    },
    'Hugging Face': {
      note: 'The Trainer reports by itself.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=...
export WANDB_PROJECT=${project}

args = TrainingArguments(..., report_to="wandb", run_name="first")`,
    },
  };
}

export function FirstRun({ project = 'my-project' }: { project?: string }) {
  const found = ways(location.origin, project);
  const [way, setWay] = useState('Heartline');
  return (
    <div className="stack">
      <div
        className="segmented"
        role="group"
        aria-label="How you train"
        style={{ alignSelf: 'flex-start', flexWrap: 'wrap' }}
      >
        {Object.keys(found).map((name) => (
          <button key={name} type="button" aria-pressed={name === way} onClick={() => setWay(name)}>
            {name}
          </button>
        ))}
      </div>
      <p>{found[way].note}</p>
      <CopyBlock text={found[way].code} />
      <p className="quiet" role="status">
        Waiting for the first heartbeat… it appears here by itself.
      </p>
    </div>
  );
}
