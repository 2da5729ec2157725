// The settings that one chart may have of its own. Never asks the server.
import { type FormEvent, useState } from 'react';
import type { SmoothingKind } from '@/lib/smoothing';
import type { OwnSettings, View } from '@/lib/view';
import { SMOOTHINGS } from './toolbar';

export interface OwnProps {
  name: string;
  view: View;
  own: OwnSettings;
  onOwn: (key: string, own: OwnSettings) => void;
}

export default function OwnForm({ name, view, own, onOwn }: OwnProps) {
  const set = (change: OwnSettings) => onOwn(name, { ...own, ...change });
  const smoothing = own.smoothing ?? view.smoothing;
  return (
    <div className="own-menu stack">
      <label className="row">
        <input
          type="checkbox"
          checked={own.yLog ?? view.yLog}
          onChange={(event) => set({ yLog: event.target.checked })}
        />{' '}
        Logarithmic y
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={own.clip ?? view.clip}
          onChange={(event) => set({ clip: event.target.checked })}
        />{' '}
        No outliers
      </label>
      <label className="row">
        <span className="grow">Smoothing</span>
        <select
          className="field"
          value={smoothing.kind}
          onChange={(event) => {
            const kind = event.target.value as SmoothingKind;
            set({ smoothing: { kind, amount: kind === 'none' ? 0 : smoothing.amount || 0.6 } });
          }}
        >
          <option value="none">off</option>
          {SMOOTHINGS.map(([kind, word]) => (
            <option key={kind} value={kind}>
              {word}
            </option>
          ))}
        </select>
      </label>
      {smoothing.kind !== 'none' && (
        <label className="row">
          <span className="grow">How much</span>
          <input
            type="range"
            min="0.01"
            max="0.99"
            step="0.01"
            value={smoothing.amount}
            onChange={(event) =>
              set({ smoothing: { ...smoothing, amount: Number(event.target.value) } })
            }
          />
        </label>
      )}
      <Range own={own} onRange={(y) => set({ y })} />
      <Marks own={own} onMarks={(marks) => set({ marks })} />
      <button
        type="button"
        disabled={Object.keys(own).length === 0}
        onClick={() => onOwn(name, {})}
      >
        As all charts
      </button>
    </div>
  );
}

function Range({
  own,
  onRange,
}: {
  own: OwnSettings;
  onRange: (range: [number, number] | undefined) => void;
}) {
  const [low, setLow] = useState(String(own.y?.[0] ?? ''));
  const [high, setHigh] = useState(String(own.y?.[1] ?? ''));
  const wrong = (low !== '' || high !== '') && !(low !== '' && high !== '' && +low < +high);
  const done = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onRange(low === '' ? undefined : [Number(low), Number(high)]);
  };
  return (
    <form className="row" onSubmit={done} onBlur={done}>
      <span className="grow">y from</span>
      <input
        className="field"
        inputMode="decimal"
        aria-label="Smallest y"
        aria-invalid={wrong}
        value={low}
        onChange={(event) => setLow(event.target.value)}
      />
      to
      <input
        className="field"
        inputMode="decimal"
        aria-label="Largest y"
        aria-invalid={wrong}
        value={high}
        onChange={(event) => setHigh(event.target.value)}
      />
      <button type="submit" className="unseen">
        Set the range
      </button>
    </form>
  );
}

function Marks({
  own,
  onMarks,
}: {
  own: OwnSettings;
  onMarks: (marks: number[] | undefined) => void;
}) {
  const [text, setText] = useState((own.marks ?? []).join(' '));
  const values = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  const wrong = !values.every(Number.isFinite);
  const done = (event: FormEvent) => {
    event.preventDefault();
    if (!wrong) onMarks(values.length ? values : undefined);
  };
  return (
    <form className="row" onSubmit={done} onBlur={done}>
      <label className="row grow">
        <span className="grow">Lines at</span>
        <input
          className="field"
          placeholder="0.5 0.9"
          aria-invalid={wrong}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
    </form>
  );
}
