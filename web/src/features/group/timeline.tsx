// When each member ran, as bars over the wall clock. Its table lists the same for keys.
import { useNavigate } from '@tanstack/react-router';
import { useMemo, useRef } from 'react';
import type { RunView } from '@/data/records';
import { clock, count, duration } from '@/lib/format';
import { BADGES, LIVE } from '@/lib/states';
import { Card, useNow } from '@/ui/parts';
import { useWidth } from '@/ui/size';
import { type Bar, bars, shown } from './model';

const AXIS = 22;
const TALL = { bar: 14, gap: 4, upTo: 24 };
const LOW = { bar: 5, gap: 1 };
const ROWS_MAX = 120;
const NAMED_PX = 60;
const PARTS = [0, 0.25, 0.5, 0.75, 1];

export function Timeline({ runs, total }: { runs: readonly RunView[]; total: number }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const ticking = useNow();
  const live = runs.some((run) => LIVE.has(run.state));
  const last = runs.reduce((most, run) => Math.max(most, run.ended_at ?? run.created_at), 0);
  const until = live ? ticking : last;
  const laid = useMemo(() => bars(runs, until), [runs, until]);
  const from = laid.bars.reduce((least, each) => Math.min(least, each.from), until - 1_000);
  const { bar, gap } = laid.rows <= TALL.upTo ? TALL : LOW;
  const rows = Math.min(laid.rows, ROWS_MAX);
  const height = rows * (bar + gap) + AXIS;
  const x = (at: number) => 2 + ((at - from) / Math.max(1, until - from)) * (width - 4);
  const left = laid.bars.filter((each) => each.row >= ROWS_MAX).length;
  return (
    <Card
      title="Timeline"
      note={`${total > runs.length ? `the newest ${count(runs.length)} members` : 'all members'}, over ${duration(until - from)}`}
    >
      <div ref={box} className="group-timeline">
        {width > 0 && (
          <svg
            width={width}
            height={height}
            role="img"
            aria-label={`When ${count(runs.length)} members ran, over ${duration(until - from)}`}
          >
            {PARTS.filter((part) => width > 300 || part === 0 || part === 1).map((part) => {
              const at = from + part * (until - from);
              return (
                <g key={part}>
                  <path d={`M${x(at)} 0V${height - AXIS}`} stroke="var(--grid)" />
                  <text
                    x={x(at)}
                    y={height - 6}
                    className="bar-text axis"
                    textAnchor={part === 0 ? 'start' : part === 1 ? 'end' : 'middle'}
                  >
                    {clock(at, ticking)}
                  </text>
                </g>
              );
            })}
            {laid.bars
              .filter((each) => each.row < ROWS_MAX)
              .map((each) => (
                <Member key={each.run.key} each={each} x={x} size={bar} step={bar + gap} />
              ))}
          </svg>
        )}
        {left > 0 && <p className="quiet small">{count(left)} more are not drawn.</p>}
      </div>
    </Card>
  );
}

function Member({
  each: { run, row, from, to },
  x,
  size,
  step,
}: {
  each: Bar;
  x: (at: number) => number;
  size: number;
  step: number;
}) {
  const navigate = useNavigate();
  const state = shown(run);
  const wide = Math.max(2, x(to) - x(from) - 1);
  const name = run.name || run.id;
  const inside = wide > NAMED_PX;
  const open = () =>
    void navigate({
      to: '/$entity/$project/runs/$run/overview',
      params: { entity: run.entity, project: run.project, run: run.id },
    });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the table lists the same for keys
    <g className={`member-bar hue-${BADGES[state].hue} is-${state}`} onClick={open}>
      <title>{`${name}: ${run.sentence}; ${duration(to - from)}`}</title>
      <rect x={x(from)} y={row * step} width={wide} height={size} rx="2" />
      {size >= TALL.bar && (
        <text
          x={inside ? x(from) + 5 : x(to) + 6}
          y={row * step + size - 3.5}
          className={inside ? 'bar-text' : 'bar-text beside'}
        >
          {inside ? cut(name, wide) : name}
        </text>
      )}
    </g>
  );
}

/** As many letters as the bar has room for. */
function cut(name: string, wide: number): string {
  const most = Math.floor((wide - 10) / 6.4);
  return name.length <= most ? name : `${name.slice(0, Math.max(1, most - 1))}…`;
}
