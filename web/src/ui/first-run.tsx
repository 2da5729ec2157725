// The lines that make a first run, for each way to train. Never makes a key that was not asked for.
import { useState } from 'react';
import { CopyBlock } from './parts';

function ways(
  base: string,
  project: string,
  key: string,
): Record<string, { note: string; code: string }> {
  return {
    Heartline: {
      note: 'Three lines in the training script.',
      code: `pip install heartline
export HEARTLINE_BASE_URL=${base}
${key ? `export HEARTLINE_API_KEY=${key}` : 'heartline login            # asks for an API key'}

# train.py
import heartline

with heartline.init(project="${project}", config={"lr": 3e-4}) as run:
    for step in range(1000):
        run.log({"train/loss": loss})`,
    },
    'wandb, unchanged': {
      note: 'Code that already uses wandb needs no change: point it here and run it.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=${key || '...'}
python train.py`,
    },
    Lightning: {
      note: 'The logger that Lightning has for wandb.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=${key || '...'}

from lightning.pytorch.loggers import WandbLogger
trainer = Trainer(logger=WandbLogger(project="${project}"))`,
    },
    'Hugging Face': {
      note: 'The Trainer reports by itself.',
      code: `export WANDB_BASE_URL=${base}
export WANDB_API_KEY=${key || '...'}
export WANDB_PROJECT=${project}

args = TrainingArguments(..., report_to="wandb", run_name="first")`,
    },
  };
}

/** A key of one's own, told once: in the lines above, so that they work as they are. */
function FreshKey({
  make,
  onMade,
  made,
}: {
  make: () => Promise<string>;
  onMade: (key: string) => void;
  made: boolean;
}) {
  const [fault, setFault] = useState('');
  if (made)
    return <p className="quiet">The new key is filled in. It is shown only now; copy it.</p>;
  return (
    <div className="row wrap">
      <button
        type="button"
        className="button"
        onClick={() => void make().then(onMade, (error: Error) => setFault(error.message))}
      >
        Fill in a new API key
      </button>
      {fault && <span role="alert">{fault}</span>}
    </div>
  );
}

export function FirstRun({
  project = 'my-project',
  makeKey,
}: {
  project?: string;
  /** Makes an API key of one's own. */
  makeKey: () => Promise<string>;
}) {
  const [key, setKey] = useState('');
  const found = ways(location.origin, project, key);
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
      <FreshKey make={makeKey} onMade={setKey} made={key !== ''} />
      <p className="quiet" role="status">
        Waiting for the first heartbeat… it appears here by itself.
      </p>
    </div>
  );
}
