// Values as bars from a common zero, each with its name. Never sorts them.
import type { ReactNode } from 'react';
import { number } from '@/lib/format';

export interface BarRow {
  key: string | number;
  label: ReactNode;
  value: number;
  onEnter?: () => void;
  onLeave?: () => void;
}

export function BarRows({ rows }: { rows: readonly BarRow[] }) {
  const low = rows.reduce((a, { value }) => Math.min(a, value), 0);
  const high = rows.reduce((a, { value }) => Math.max(a, value), 0);
  const part = (value: number) => ((value - low) / (high - low || 1)) * 100;
  return (
    <ul className="bars">
      {rows.map(({ key, label, value, onEnter, onLeave }) => (
        <li key={key} onMouseEnter={onEnter} onMouseLeave={onLeave}>
          {label}
          <span className="bar-space">
            <span
              className="bar"
              style={{
                left: `${Math.min(part(0), part(value))}%`,
                width: `${Math.abs(part(value) - part(0))}%`,
              }}
            />
          </span>
          <span className="right">{number(value)}</span>
        </li>
      ))}
    </ul>
  );
}
