// Settings of all charts, in place. Never of one alone.
import { useEffect, useState } from 'react';
import type { SmoothingKind } from '@/lib/smoothing';
import type { Spread, View } from '@/lib/view';
import type { ChangeView } from '@/ui/address';
import { useKeys } from '@/ui/keys';

export const SMOOTHINGS: [SmoothingKind, string][] = [
  ['ema', 'exponential'],
  ['gaussian', 'gaussian'],
  ['mean', 'running mean'],
];
const AXES: [string, string][] = [
  ['_step', 'step'],
  ['_relative', 'relative time'],
  ['_timestamp', 'wall clock'],
];
const METRICS_MAX = 200;
const SPREAD_WORDS: [Spread, string][] = [
  ['range', 'min to max'],
  ['deviation', '± deviation'],
  ['error', '± standard error'],
];

export function Toolbar({
  view,
  change,
  keys,
  joinable,
  settings,
}: {
  view: View;
  change: ChangeView;
  keys: readonly string[];
  joinable: boolean;
  /** Fields of the configuration that charts can be joined by. */
  settings: readonly string[];
}) {
  const kind = view.smoothing.kind === 'none' ? 'ema' : view.smoothing.kind;
  const smoothing = (amount: number, next: SmoothingKind = kind) =>
    change(
      { smoothing: amount > 0 ? { kind: next, amount } : { kind: 'none', amount: 0 } },
      'replace',
    );
  useKeys([
    { keys: '0', words: 'Whole range', act: () => change({ zoom: null }) },
    { keys: 'Shift+L', words: 'Logarithmic y', act: () => change({ yLog: !view.yLog }) },
    {
      keys: 'm',
      words: 'Smoothing on or off',
      act: () => smoothing(view.smoothing.kind === 'none' ? 0.6 : 0),
    },
  ]);
  const metrics = keys.slice(0, METRICS_MAX);
  return (
    <div className="chart-toolbar" role="toolbar" aria-label="Charts">
      <Find value={view.find} onChange={(find) => change({ find }, 'replace')} />
      <label className="row">
        <span className="quiet">x</span>
        <select
          className="field"
          value={view.x}
          onChange={(event) => change({ x: event.target.value, zoom: null })}
        >
          {AXES.map(([x, word]) => (
            <option key={x} value={x}>
              {word}
            </option>
          ))}
          {metrics.length > 0 && (
            <optgroup label="a metric">
              {metrics.map((key) => (
                <option key={key}>{key}</option>
              ))}
            </optgroup>
          )}
          {!AXES.some(([x]) => x === view.x) && !metrics.includes(view.x) && (
            <option>{view.x}</option>
          )}
        </select>
      </label>
      <label className="row">
        <span className="quiet">smooth</span>
        <input
          type="range"
          min="0"
          max="0.99"
          step="0.01"
          value={view.smoothing.amount}
          onChange={(event) => smoothing(Number(event.target.value))}
          style={{ width: 84 }}
        />
        <span className="quiet small" style={{ width: 24 }}>
          {view.smoothing.amount ? view.smoothing.amount.toFixed(2) : 'off'}
        </span>
      </label>
      {view.smoothing.kind !== 'none' && (
        <select
          className="field"
          aria-label="How to smooth"
          value={kind}
          onChange={(event) =>
            smoothing(view.smoothing.amount, event.target.value as SmoothingKind)
          }
        >
          {SMOOTHINGS.map(([each, word]) => (
            <option key={each} value={each}>
              {word}
            </option>
          ))}
        </select>
      )}
      <label className="row">
        <input
          type="checkbox"
          checked={view.band}
          onChange={(event) => change({ band: event.target.checked })}
        />{' '}
        min–max
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={view.yLog}
          onChange={(event) => change({ yLog: event.target.checked })}
        />{' '}
        log y
      </label>
      <label className="row">
        <input
          type="checkbox"
          checked={view.xLog}
          onChange={(event) => change({ xLog: event.target.checked })}
        />{' '}
        log x
      </label>
      <label
        className="row"
        title="The y axis leaves out the lowest and highest fiftieth of values"
      >
        <input
          type="checkbox"
          checked={view.clip}
          onChange={(event) => change({ clip: event.target.checked })}
        />{' '}
        no outliers
      </label>
      {joinable && (
        <label className="row">
          <span className="quiet">join by</span>
          <select
            className="field"
            value={view.join}
            onChange={(event) => change({ join: event.target.value })}
          >
            <option value="">nothing</option>
            {['group', 'job_type', 'user', 'host', 'state', 'tags'].map((each) => (
              <option key={each}>{each}</option>
            ))}
            {view.join.includes('.') && <option>{view.join}</option>}
            <optgroup label="a setting">
              {settings
                .filter((field) => field !== view.join)
                .map((field) => (
                  <option key={field}>{field}</option>
                ))}
            </optgroup>
          </select>
        </label>
      )}
      {joinable && view.join && (
        <label className="row">
          <span className="quiet">band</span>
          <select
            className="field"
            value={view.spread}
            onChange={(event) => change({ spread: event.target.value as Spread })}
          >
            {SPREAD_WORDS.map(([each, word]) => (
              <option key={each} value={each}>
                {word}
              </option>
            ))}
          </select>
        </label>
      )}
      {view.zoom && (
        <button type="button" className="button" onClick={() => change({ zoom: null })}>
          Whole range
        </button>
      )}
    </div>
  );
}

const TYPING_MS = 150;

function Find({ value, onChange }: { value: string; onChange: (next: string) => void }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return (
    <input
      className="field"
      style={{ width: 130 }}
      placeholder="Find chart"
      aria-label="Find chart"
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  );
}
