// A run as a row of numbers and words to draw. Never asks the server.
import type { RunView } from '@/data/records';

export interface Row {
  run: RunView;
  values: (number | string | null)[];
}

export function short(field: string): string {
  return field.replace(/^(config|summary)\./, '');
}

export function fieldOf(run: RunView, field: string): number | string | null {
  const dot = field.indexOf('.');
  const own =
    dot > 0
      ? field.startsWith('config.')
        ? run.config
        : run.summary
      : (run as unknown as Record<string, never>);
  const value = own?.[dot > 0 ? field.slice(dot + 1) : field];
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return null;
  return typeof value === 'number' || typeof value === 'string' ? value : null;
}
