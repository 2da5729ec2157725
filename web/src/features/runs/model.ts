// Columns, sorting and selection of the runs table, as plain values. Never fetches.
import type { RunView } from '@/data/records';
import { internal } from '@/lib/flat';
import { ago, clock, duration, figure, number, setting } from '@/lib/format';
import { FIRST_VIEW } from '@/lib/view';

export interface Column {
  field: string;
  label: string;
  width: number;
  /** The field it is sorted by; nothing if it cannot be. */
  order: string;
  numeric: boolean;
}

const METRIC = 80;
const LIKED_MAX = 6;
const ORDERS_MAX = 5;
const DIFFERING_MAX = 24;

const BASE: Record<string, Omit<Column, 'field'>> = {
  heard: { label: 'Heard / ran', width: 84, order: 'duration', numeric: true },
  created: { label: 'Created', width: 92, order: 'created', numeric: false },
  ended: { label: 'Ended', width: 112, order: 'ended', numeric: false },
  user: { label: 'User', width: 72, order: 'user', numeric: false },
  host: { label: 'Host', width: 110, order: 'host', numeric: false },
  tags: { label: 'Tags', width: 110, order: 'tags', numeric: false },
  group: { label: 'Group', width: 110, order: 'group', numeric: false },
  job_type: { label: 'Job type', width: 100, order: 'job_type', numeric: false },
  sweep: { label: 'Sweep', width: 100, order: 'sweep', numeric: false },
  last_step: { label: 'Step', width: 72, order: 'last_step', numeric: true },
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
  return { field, label, width: METRIC, order: field, numeric: true };
}

const GAP = 12;
const EDGE = 12;
export const COLUMN_MIN = 48;
export type Widths = Readonly<Record<string, number>>;

/** How the columns stand: what is pinned stays at `left` when the table is scrolled sideways. */
export interface Layout {
  pinned: (Column & { left: number })[];
  columns: Column[];
  template: string;
  width: number;
  dotLeft: number;
  nameLeft: number;
  stateLeft: number;
}

export function laidOut(
  fields: readonly string[],
  pins: readonly string[],
  dots: boolean,
  widths: Widths = {},
): Layout {
  const check = dots ? 18 : 22;
  const name = widths.name ?? (dots ? 110 : 170);
  const state = widths.state ?? (dots ? 168 : 200);
  const dotLeft = EDGE + check + GAP;
  const nameLeft = dots ? dotLeft + 24 + GAP : dotLeft;
  // Beside charts there is less room: what a number needs, and not what its name would like.
  const narrowed = (field: string): Column => {
    const found = column(field);
    if (widths[field]) return { ...found, width: widths[field] };
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
    widths.name ? `${name}px` : `minmax(${name}px, 1.3fr)`,
    ...width(pinned),
    widths.state ? `${state}px` : `minmax(${state}px, 1.1fr)`,
    ...width(columns),
  ].join(' ');
  const rest = columns.reduce((sum, each) => sum + each.width + GAP, 0);
  const places = { dotLeft, nameLeft, stateLeft: left };
  return { pinned, columns, template, ...places, width: left + state + rest + EDGE };
}

/** Fields picked where nobody chose: what is short, tells runs apart, and fits into the room. */
export function picked(
  known: readonly string[],
  room: number,
  telling: readonly string[] = [],
): string[] {
  const summary = known.filter((field) => field.startsWith('summary.') && !internal(field));
  const liked = [...summary].sort((a, b) => rank(a) - rank(b));
  if (!room) return ['heard', ...liked.slice(0, 2)];
  const plain = [...telling, 'last_step', 'created', 'user', 'tags'];
  const free = room - laidOut(['heard', ...plain], [], false).width;
  const fit = Math.floor(free / (METRIC + GAP));
  return ['heard', ...liked.slice(0, Math.max(2, Math.min(fit, LIKED_MAX))), ...plain];
}

/** The learning rate among settings, by its usual names: the shortest of them. */
export function learningRate(fields: readonly string[]): string | undefined {
  const found = fields.filter((field) => /^config\.(.*[._])?(lr|learning_rate)$/i.test(field));
  return found.sort((a, b) => a.length - b.length)[0];
}

function rank(field: string): number {
  const name = field.toLowerCase();
  const held = /val|eval|test/.test(name) ? 0 : 2;
  return held + (/loss|acc/.test(name) ? 0 : 1);
}

/** Settings that are not the same in all of these runs, as columns before what they reached. */
export function differing(runs: readonly RunView[], shown: readonly string[]): string[] {
  const all = runs.map((run) => run.config ?? {});
  const names = [...new Set(all.flatMap(Object.keys))].filter((name) => !internal(name)).sort();
  const found = names.filter((name) => new Set(all.map((each) => String(each[name]))).size > 1);
  const settings = found.slice(0, DIFFERING_MAX).map((name) => `config.${name}`);
  return ['heard', ...settings, ...shown.filter((field) => field.startsWith('summary.'))];
}

/** What must be asked with each run for these columns. */
export function selected(fields: readonly string[]): string[] {
  return fields.filter((field) => /^(config|summary)\./.test(field));
}

function parts(order: string): string[] {
  return order.split(',').filter(Boolean);
}

/** The next sorting when a header is pressed; with `more`, what is sorted by already stays. */
export function nextOrder(now: string, field: string, more = false): string {
  const [down, up] = [`-${field}`, field];
  // What is newest comes first by itself, and would leave nothing to sort after it.
  if (!more || now === FIRST_VIEW.order) return now === down ? up : down;
  const all = parts(now);
  if (all.includes(down)) return all.map((each) => (each === down ? up : each)).join(',');
  if (all.includes(up)) return all.filter((each) => each !== up).join(',') || down;
  return [...all.slice(0, ORDERS_MAX - 1), down].join(',');
}

export interface Sorting {
  way: 'ascending' | 'descending' | 'none';
  /** Its place among several; 0 where it is the only one. */
  rank: number;
}

export function sortedBy(order: string, field: string): Sorting {
  const all = parts(order);
  const at = field ? all.findIndex((each) => each.replace(/^[+-]/, '') === field) : -1;
  if (at < 0) return { way: 'none', rank: 0 };
  const way = all[at].startsWith('-') ? 'descending' : 'ascending';
  return { way, rank: all.length > 1 ? at + 1 : 0 };
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

/** Both how it is heard and how long it runs, for a title. */
export function heardTitle(run: RunView, age: number, now: number): string {
  const heard = run.silent_ms == null ? '' : `, heard ${duration(run.silent_ms + age)} ago`;
  return run.state === 'pending'
    ? heardWords(run, age, now)
    : `ran ${duration(run.duration_ms)}${heard}`;
}

/** Where a cell leads to, as an address of the app; nothing if it is only words. */
export function cellLink(run: RunView, field: string): string {
  const [entity, project] = [run.entity, run.project].map(encodeURIComponent);
  const value = field === 'sweep' || field === 'group' || field === 'host' ? run[field] : '';
  if (!value) return '';
  const last = encodeURIComponent(value);
  return field === 'host' ? `/hosts/${last}` : `/${entity}/${project}/${field}s/${last}`;
}

const [LINE_CELLS, LINE_LOOKED_AT] = [2, 4];

/** The second line on a narrow screen: why, how long, and what it reached, without what it lacks. */
export function lineWords(
  run: RunView,
  why: string,
  columns: readonly Column[],
  age: number,
  now: number,
): string {
  const cells = columns.slice(0, LINE_LOOKED_AT).flatMap(({ field, label }) => {
    const words = cellWords(run, field, age, now);
    // Of a silent run the reason says it already.
    if (words === '–' || (field === 'heard' && run.qualifier === 'unreachable')) return [];
    return field === 'heard' ? words : `${label} ${words}`;
  });
  return [why, ...cells.slice(0, LINE_CELLS)].filter(Boolean).join(' · ');
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
