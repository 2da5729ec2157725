// Columns, sorting and selection of the runs table, as plain values. Never fetches.
import type { RunView } from '@/data/records';
import { ago, clock, duration, figure, number, setting } from '@/lib/format';

export interface Column {
  field: string;
  label: string;
  width: number;
  /** The field it is sorted by; nothing if it cannot be. */
  order: string;
  numeric: boolean;
}

const BASE: Record<string, Omit<Column, 'field'>> = {
  heard: { label: 'Heard / ran', width: 88, order: 'duration', numeric: true },
  created: { label: 'Created', width: 100, order: 'created', numeric: false },
  ended: { label: 'Ended', width: 112, order: 'ended', numeric: false },
  user: { label: 'User', width: 90, order: 'user', numeric: false },
  host: { label: 'Host', width: 110, order: 'host', numeric: false },
  tags: { label: 'Tags', width: 130, order: 'tags', numeric: false },
  group: { label: 'Group', width: 110, order: 'group', numeric: false },
  job_type: { label: 'Job type', width: 100, order: 'job_type', numeric: false },
  sweep: { label: 'Sweep', width: 100, order: 'sweep', numeric: false },
  last_step: { label: 'Step', width: 80, order: 'last_step', numeric: true },
  attempt: { label: 'Attempt', width: 76, order: 'attempt', numeric: true },
  ranks: { label: 'Ranks', width: 76, order: '', numeric: true },
  notes: { label: 'Notes', width: 180, order: '', numeric: false },
  client: { label: 'Client', width: 120, order: 'client', numeric: false },
  id: { label: 'Id', width: 110, order: 'id', numeric: false },
};

export const BASE_FIELDS = Object.keys(BASE);
export const GROUP_FIELDS = [
  'state',
  'cause',
  'user',
  'host',
  'group',
  'job_type',
  'tags',
  'sweep',
  'client',
];

export function column(field: string): Column {
  const base = BASE[field];
  if (base) return { field, ...base };
  const label = field.replace(/^(config|summary)\./, '');
  return { field, label, width: 80, order: field, numeric: true };
}

const GAP = 12;
const EDGE = 12;

/** How the columns stand: what is pinned stays at `left` when the table is scrolled sideways. */
export interface Layout {
  pinned: (Column & { left: number })[];
  columns: Column[];
  template: string;
  width: number;
  dotLeft: number;
  nameLeft: number;
}

export function laidOut(fields: readonly string[], pins: readonly string[], dots: boolean): Layout {
  const [check, name, state] = dots ? [18, 110, 168] : [22, 180, 210];
  const dotLeft = EDGE + check + GAP;
  const nameLeft = dots ? dotLeft + 24 + GAP : dotLeft;
  // Beside charts there is less room: what a number needs, and not what its name would like.
  const narrowed = (field: string): Column => {
    const found = column(field);
    return dots ? { ...found, width: Math.min(found.width, field === 'heard' ? 78 : 68) } : found;
  };
  let left = nameLeft + name + GAP;
  const pinned = pins
    .filter((field) => fields.includes(field))
    .map((field) => {
      const found = { ...narrowed(field), left };
      left += found.width + GAP;
      return found;
    });
  const columns = fields.filter((field) => !pins.includes(field)).map(narrowed);
  const width = (all: readonly Column[]) => all.map((each) => `${each.width}px`);
  const template = [
    `${check}px`,
    ...(dots ? ['24px'] : []),
    `minmax(${name}px, 1.3fr)`,
    ...width(pinned),
    `minmax(${state}px, 1.1fr)`,
    ...width(columns),
  ].join(' ');
  const rest = columns.reduce((sum, each) => sum + each.width + GAP, 0);
  return { pinned, columns, template, dotLeft, nameLeft, width: left + state + rest + EDGE };
}

/** Fields picked where nobody chose: what is short and tells runs apart. */
export function picked(known: readonly string[], wide: boolean): string[] {
  const summary = known.filter((field) => field.startsWith('summary.') && !/[./]_/.test(field));
  const liked = [...summary].sort((a, b) => rank(a) - rank(b)).slice(0, wide ? 4 : 2);
  return wide ? ['heard', ...liked, 'last_step', 'created', 'user', 'tags'] : ['heard', ...liked];
}

function rank(field: string): number {
  const name = field.toLowerCase();
  const held = /val|eval|test/.test(name) ? 0 : 2;
  return held + (/loss|acc/.test(name) ? 0 : 1);
}

/** What must be asked with each run for these columns. */
export function selected(fields: readonly string[]): string[] {
  return fields.filter((field) => /^(config|summary)\./.test(field));
}

/** The next sorting when a header is pressed. */
export function nextOrder(now: string, field: string): string {
  return now === `-${field}` ? field : `-${field}`;
}

export function sortedBy(order: string, field: string): 'ascending' | 'descending' | 'none' {
  if (!field) return 'none';
  return order === field ? 'ascending' : order === `-${field}` ? 'descending' : 'none';
}

/** A value of config or summary. */
export function fieldValue(run: RunView, field: string): unknown {
  const [head, name] = [field.slice(0, field.indexOf('.')), field.slice(field.indexOf('.') + 1)];
  const values = head === 'config' ? run.config : head === 'summary' ? run.summary : null;
  return values?.[name];
}

/** How long since it was heard, or how long it ran; `age` is since the answer was made. */
export function heardWords(run: RunView, age: number, now: number): string {
  if (run.state === 'pending') return `waits ${duration(now - run.created_at)}`;
  if (run.silent_ms !== null && run.silent_ms !== undefined) {
    const silent = run.silent_ms + Math.max(0, age);
    return run.qualifier === 'unreachable'
      ? `${duration(silent)} silent`
      : `${duration(silent)} ago`;
  }
  return duration(run.duration_ms);
}

/** The words of a plain cell. */
export function cellWords(run: RunView, field: string, age: number, now: number): string {
  switch (field) {
    case 'heard':
      return heardWords(run, age, now);
    case 'created':
      return ago(run.created_at, now);
    case 'ended':
      return run.ended_at ? clock(run.ended_at, now) : '–';
    case 'last_step':
      return (run.last_step ?? -1) < 0 ? '–' : number(run.last_step);
    case 'attempt':
      return run.attempt ? String(run.attempt) : '–';
    case 'ranks':
      return run.ranks
        ? run.ranks_live
          ? `${run.ranks_live} of ${run.ranks}`
          : String(run.ranks)
        : '–';
    case 'tags':
      return run.tags?.join(', ') || '–';
    case 'user':
    case 'host':
    case 'group':
    case 'job_type':
    case 'sweep':
    case 'notes':
    case 'client':
    case 'id':
      return run[field] || '–';
    default:
      return field.startsWith('config.')
        ? setting(fieldValue(run, field) ?? null)
        : figure(fieldValue(run, field));
  }
}
