// The trials table as plain values: columns, sorting, what is kept. Pure.
import type { Json, TrialView } from '@/data/records';
import { spoken } from '@/lib/axis';
import { argOf } from './model';

export type Sorted = { key: string; down: boolean };

export function readSort(text: string | undefined): Sorted {
  if (!text) return { key: '#', down: true };
  return text.startsWith('-') ? { key: text.slice(1), down: true } : { key: text, down: false };
}

/** What a press on a header asks for; the first one shows what is best, or newest, or largest. */
export function writeSort(now: Sorted, key: string, downFirst = true): string {
  const down = now.key === key ? !now.down : downFirst;
  return `${down ? '-' : ''}${key}`;
}

export function keyValue(trial: TrialView, key: string): Json | undefined {
  switch (key) {
    case '#':
      return trial.number;
    case 'name':
      return trial.name;
    case 'state':
      return `${trial.state} ${trial.cause}`;
    case 'value':
      return trial.value;
    case 'ended':
      return trial.ended_at ?? undefined;
    default:
      return argOf(trial, key.replace(/^arg\./, ''));
  }
}

/** Sorted by one key; what has no value stands last either way, ties in the order of their number. */
export function sortTrials(trials: readonly TrialView[], by: Sorted): TrialView[] {
  const keyed = trials.map((trial) => ({ trial, value: keyValue(trial, by.key) }));
  const sign = by.down ? -1 : 1;
  keyed.sort((a, b) => {
    const [x, y] = [missing(a.value), missing(b.value)];
    if (x || y) return x === y ? a.trial.number - b.trial.number : x ? 1 : -1;
    return sign * compare(a.value, b.value) || a.trial.number - b.trial.number;
  });
  return keyed.map((each) => each.trial);
}

function missing(value: Json | undefined): boolean {
  return value === null || value === undefined;
}

function compare(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return spoken(a).localeCompare(spoken(b), 'en', { numeric: true });
}

/** How many trials there are by the state of their run, those whose run was deleted as ''. */
export function byState(trials: readonly TrialView[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const each of trials) found.set(each.state, (found.get(each.state) ?? 0) + 1);
  return found;
}

const DANGEROUS = /^[=+\-@\t\r]/;

/** All of them as text for a spreadsheet; no cell is taken for a formula. */
export function csv(
  trials: readonly TrialView[],
  names: readonly string[],
  metric: string,
): string {
  const head = ['trial', 'run', 'name', 'state', 'cause', metric || 'value', ...names];
  const rows = trials.map((each) => [
    each.number,
    each.run_id,
    each.name,
    each.state,
    each.cause,
    each.value,
    ...names.map((name) => argOf(each, name)),
  ]);
  return [head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n');
}

function cell(value: Json | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = spoken(value);
  const safe = DANGEROUS.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
