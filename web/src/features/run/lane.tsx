// The run's life as lanes: one row an attempt, a pulse where something was heard. Never guesses a beat.
import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { keys, type RunPath, window as windowQuery } from '@/data/queries';
import type { LedgerEntry, RunView } from '@/data/records';
import { clock, duration } from '@/lib/format';
import { OUTLINES, type Part, SHAPES } from '@/lib/shapes';
import { BADGES, LIVE, type Shown } from '@/lib/states';
import { useNow } from '@/ui/parts';
import { useWidth } from '@/ui/size';
import { type Lane, lanes } from './model';

const ROW = 52;
const BAR = 20;
const SIDE = 10;
const AXIS = 22;

export function StateLane({
  run,
  ledger,
  path,
}: {
  run: RunView;
  ledger: readonly LedgerEntry[];
  path: RunPath;
}) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const ticking = useNow();
  const now = LIVE.has(run.state) ? ticking : (run.ended_at ?? run.since);
  const found = lanes(ledger, now);
  const from = ledger[0]?.at ?? run.created_at;
  const to = Math.max(from + 1000, now, ledger.at(-1)?.at ?? 0);
  const pulses = usePulses(run, path, Math.max(40, Math.floor(width / 8)));
  const x = (at: number) => SIDE + ((at - from) / (to - from)) * Math.max(10, width - 2 * SIDE);
  const height = found.length * ROW + AXIS;
  return (
    <div ref={box} className="lane">
      {width > 0 && (
        <svg width={width} height={height} role="img" aria-label={spoken(found, run)}>
          {ticks(from, to, Math.max(2, Math.floor(width / 130))).map((at) => (
            <g key={at}>
              <path d={`M${x(at)} 4V${height - AXIS + 4}`} stroke="var(--grid)" />
              <text
                x={Math.min(Math.max(x(at), 28), width - 30)}
                y={height - 5}
                textAnchor="middle"
                className="lane-text"
              >
                {clock(at, to).slice(-8)}
              </text>
            </g>
          ))}
          {found.map((lane, i) => (
            <Row key={lane.attempt} lane={lane} top={i * ROW} x={x} pulses={pulses} to={to} />
          ))}
        </svg>
      )}
      <Legend lanes={found} pulses={pulses} />
    </div>
  );
}

/** What the marks mean, of those that are drawn. */
function Legend({ lanes, pulses }: { lanes: readonly Lane[]; pulses: readonly number[] }) {
  const all = lanes.flatMap((each) => each.stretches);
  const isSilent = all.some((each) => each.silent);
  const running = all.filter((each) => each.state === 'running');
  const isHeard = pulses.some((at) => running.some(({ from, to }) => from <= at && at <= to));
  if (!isHeard && !isSilent) return null;
  return (
    <p className="lane-legend row wrap quiet small">
      {isHeard && (
        <span className="row hue-running">
          <svg width="26" height={BAR} aria-hidden="true">
            <path d={beats(0, 26, (x) => x, BAR - 7, [13])} fill="none" stroke="var(--hue)" />
          </svg>
          measurements of it arrived
        </span>
      )}
      {isSilent && (
        <span className="row hue-amber">
          <i className="lane-silent" />
          nothing was heard
        </span>
      )}
    </p>
  );
}

function Row({
  lane,
  top,
  x,
  pulses,
  to,
}: {
  lane: Lane;
  top: number;
  x: (at: number) => number;
  pulses: number[];
  to: number;
}) {
  const first = lane.stretches[0]?.from ?? lane.end?.at ?? to;
  const base = top + 20;
  return (
    <g>
      <text x={x(first)} y={top + 13} className="lane-text">
        Attempt {lane.attempt}
        {lane.host && ` · ${lane.host}`}
      </text>
      {lane.stretches.map((each, i) => (
        <g
          key={i}
          className={`hue-${each.silent ? 'amber' : (BADGES[each.state as Shown]?.hue ?? 'pending')}`}
        >
          <rect
            x={x(each.from)}
            y={base}
            width={Math.max(1.5, x(each.to) - x(each.from))}
            height={BAR}
            fill="var(--hue-bg)"
          />
          <rect
            x={x(each.from)}
            y={base + BAR - 1.5}
            width={Math.max(1.5, x(each.to) - x(each.from))}
            height={1.5}
            fill="var(--hue)"
          />
          {each.silent && <title>{`silent for ${duration(each.to - each.from)}`}</title>}
          {each.state === 'running' && (
            <path
              d={beats(each.from, each.to, x, base + BAR - 7, pulses)}
              fill="none"
              stroke="var(--hue)"
              strokeWidth="1"
            />
          )}
        </g>
      ))}
      {lane.end && (
        <EndMark
          x={x(lane.end.at)}
          y={base + BAR / 2}
          state={lane.end.state as Shown}
          presumed={lane.end.presumed}
        />
      )}
    </g>
  );
}

function EndMark({
  x,
  y,
  state,
  presumed,
}: {
  x: number;
  y: number;
  state: Shown;
  presumed: boolean;
}) {
  const parts: Part[] = (presumed ? OUTLINES[state] : undefined) ?? SHAPES[state] ?? SHAPES.pending;
  return (
    <g
      transform={`translate(${x - 8} ${y - 8}) scale(1.14)`}
      className={`hue-${BADGES[state]?.hue ?? 'pending'}`}
    >
      {parts.map((part, i) => (
        <path
          key={i}
          d={part.d}
          fill={
            part.fill === 'none' ? 'none' : part.fill === 'ink' ? 'var(--hue)' : 'var(--surface)'
          }
          stroke={part.stroke === 'ink' ? 'var(--hue)' : part.stroke ? 'var(--surface)' : undefined}
          strokeWidth={part.width}
          strokeDasharray={part.dash}
        />
      ))}
    </g>
  );
}

/** A flat line with a pulse where measurements of the run arrived. */
function beats(
  from: number,
  to: number,
  x: (at: number) => number,
  y: number,
  pulses: number[],
): string {
  let path = `M${x(from)} ${y}`;
  for (const at of pulses) {
    if (at < from || at > to) continue;
    const p = x(at);
    path += `H${p - 2}l1 -2l1.500 -7l2 10l1 -1`;
  }
  return `${path}L${Math.max(x(from), x(to))} ${y}`;
}

function usePulses(run: RunView, path: RunPath, width: number): number[] {
  const known = useQuery(keys(path, true));
  const key =
    known.data?.find((each) => each.key === 'process.cpu_percent')?.key ?? known.data?.[0]?.key;
  const found = useQuery({
    ...windowQuery({ runs: [run.key], keys: key ? [key] : [], x: '_timestamp', width }, true),
    enabled: key !== undefined && width > 40,
  });
  return found.data?.[0] ? Array.from(found.data[0].x) : [];
}

function ticks(from: number, to: number, many: number): number[] {
  const steps = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400,
  ].map((s) => s * 1000);
  const step = steps.find((each) => (to - from) / each <= many) ?? Math.ceil((to - from) / many);
  const found: number[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) found.push(at);
  return found;
}

function spoken(found: Lane[], run: RunView): string {
  const parts = found.map(
    (lane) =>
      `attempt ${lane.attempt}: ${lane.stretches.map((each) => `${each.state} for ${duration(each.to - each.from)}`).join(', ')}${lane.end ? `, then ${lane.end.state}` : ''}`,
  );
  return `State of ${run.name} over time. ${parts.join('; ')}`;
}
