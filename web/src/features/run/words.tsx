// Tags and notes of a run, edited in place.
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { updateRun } from '@/data/actions';
import type { RunUpdate, RunView } from '@/data/records';
import { Card } from '@/ui/parts';

export function TagsAndNotes({ run }: { run: RunView }) {
  const cache = useQueryClient();
  const [adding, add] = useState(false);
  const [notes, setNotes] = useState<string | null>(null);
  const [fault, setFault] = useState('');
  const path = { entity: run.entity, project: run.project, id: run.id };
  const save = async (change: RunUpdate) => {
    setFault('');
    try {
      await updateRun(path, change);
      await cache.invalidateQueries({
        queryKey: ['run', run.entity, run.project, run.id, 'detail'],
      });
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    }
  };
  const tags = run.tags ?? [];
  const addTag = (word: string) => {
    add(false);
    if (word.trim() && !tags.includes(word.trim())) void save({ tags: [...tags, word.trim()] });
  };
  return (
    <Card title="Tags and notes">
      <div className="row wrap">
        {tags.map((tag) => (
          <span key={tag} className="tag">
            <span className="cut">{tag}</span>
            <button
              type="button"
              aria-label={`Remove the tag ${tag}`}
              onClick={() => void save({ tags: tags.filter((each) => each !== tag) })}
            >
              ×
            </button>
          </span>
        ))}
        {adding ? (
          <input
            className="field"
            autoFocus
            aria-label="New tag"
            style={{ width: 120 }}
            onBlur={(event) => addTag(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') addTag(event.currentTarget.value);
              if (event.key === 'Escape') add(false);
            }}
          />
        ) : (
          <button type="button" className="button plain" onClick={() => add(true)}>
            + tag
          </button>
        )}
      </div>
      {notes === null ? (
        <div style={{ marginTop: 8 }}>
          {run.notes && (
            <p className="any" style={{ whiteSpace: 'pre-wrap' }}>
              {run.notes}
            </p>
          )}
          <button
            type="button"
            className="button plain"
            style={{ marginLeft: -11 }}
            onClick={() => setNotes(run.notes ?? '')}
          >
            {run.notes ? 'Edit the note' : 'Add a note…'}
          </button>
        </div>
      ) : (
        <form
          className="stack"
          style={{ marginTop: 8, gap: 6 }}
          onSubmit={(event) => {
            event.preventDefault();
            void save({ notes });
            setNotes(null);
          }}
        >
          <textarea
            className="field"
            rows={4}
            aria-label="Note"
            value={notes}
            onChange={(event) => setNotes(event.target.value)}
          />
          <div className="row">
            <button type="submit" className="button primary">
              Save
            </button>
            <button type="button" className="button" onClick={() => setNotes(null)}>
              Cancel
            </button>
          </div>
        </form>
      )}
      {fault && (
        <p role="alert" className="hue-failed any" style={{ color: 'var(--hue)' }}>
          {fault}
        </p>
      )}
    </Card>
  );
}
