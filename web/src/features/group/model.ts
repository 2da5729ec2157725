// The members of a group, counted and arranged: worst first, ranks, what differs. Never concludes.
import type { Json, RunGroup, RunView } from '@/data/records';
import { internal } from '@/lib/flat';
import { causeWords, LIVE, type Shown, shownState } from '@/lib/states';

/** What needs a person most comes first. */
const WORST: Shown[] = [
  'crashed',
  'failed',
  'unreachable',
  'stalled',
  'preempting',
  'stopping',
  'killed',
  'preempted',
  'pending',
  'running',
  'finished',
];

/** What members have of config or summary, by their key. */
export type Values = ReadonlyMap<number, Record<string, Json>>;

export interface Standing {
  state: Shown;
  n: number;
  /** Why, in words with how many, the commonest first. */
  causes: string[];
}

/** What the badge of a run says. */
export function shown(run: RunView): Shown {
  return shownState(run.state, run.qualifier ?? '');
}

export function worse(a: Shown, b: Shown): number {
  return WORST.indexOf(a) - WORST.indexOf(b);
}

/** All members by state, the worst first; qualifiers only where every member is `told`. */
export function standings(
  states: Record<string, number>,
  counted: readonly RunGroup[],
  told: readonly RunView[],
): Standing[] {
  const n = new Map<Shown, number>();
  const add = (state: Shown, more: number) => n.set(state, (n.get(state) ?? 0) + more);
  const all = Object.values(states).reduce((sum, each) => sum + each, 0);
  for (const [state, each] of Object.entries(states)) add(shownState(state, ''), each);
  for (const run of told.length === all ? told.filter((each) => each.qualifier) : []) {
    add(shown(run), 1);
    add(shownState(run.state, ''), -1);
  }
  return [...n]
    .filter(([, each]) => each > 0)
    .map(([state, each]) => ({ state, n: each, causes: causesOf(state, counted) }))
    .sort((a, b) => worse(a.state, b.state));
}

function causesOf(state: Shown, counted: readonly RunGroup[]): string[] {
  const found = new Map<string, number>();
  for (const { values, runs } of counted) {
    const words = causeWords(String(values[1] ?? ''));
    if (values[0] === state && words) found.set(words, (found.get(words) ?? 0) + runs);
  }
  const sorted = [...found].sort((a, b) => b[1] - a[1]);
  return sorted.map(([words, n]) => (sorted.length > 1 ? `${n} ${words}` : words));
}

const RANKS = ['rank', 'global_rank', 'world_rank', 'RANK', 'dist.rank'];
const SIZES = ['world_size', 'WORLD_SIZE', 'dist.world_size'];
const NAMED = /\brank[-_ ]?(\d+)$/i;

/** Which rank a run says it is, in its configuration or by its name. */
export function rankOf(
  run: RunView,
  config: Record<string, Json> = run.config ?? {},
): number | null {
  for (const key of RANKS) {
    const said = config[key];
    if (typeof said === 'number' && Number.isInteger(said) && said >= 0) return said;
  }
  const found = NAMED.exec(run.name);
  return found ? Number(found[1]) : null;
}

export interface Rank {
  rank: number;
  /** Null where no member says that it is this one. */
  run: RunView | null;
}

const RANKS_MAX = 4_096;

/** The members by rank, with those that are missing; nothing if they are no ranks of one job. */
export function ranks(runs: readonly RunView[], configs: Values): Rank[] {
  const found = new Map<number, RunView>();
  let size = 0;
  for (const run of runs) {
    const config = configs.get(run.key) ?? {};
    const rank = rankOf(run, config);
    if (rank === null || found.has(rank)) return [];
    found.set(rank, run);
    size = Math.max(size, rank + 1, ...SIZES.map((key) => Number(config[key]) || 0));
  }
  if (found.size < 2 || size > RANKS_MAX) return [];
  return Array.from({ length: size }, (_, rank) => ({ rank, run: found.get(rank) ?? null }));
}

export interface Difference {
  field: string;
  /** Values with how many members have them, the commonest first; undefined: not set. */
  values: [Json | undefined, number][];
}

/** Settings that are not the same in all members, the fewest values first; and how many are. */
export function differences(configs: readonly Record<string, Json>[]): {
  differ: Difference[];
  same: number;
} {
  const fields = [...new Set(configs.flatMap(Object.keys))]
    .filter((each) => !internal(each))
    .sort();
  const all = fields.map((field): Difference => {
    const found = new Map<string, [Json | undefined, number]>();
    for (const config of configs) {
      const value = config[field];
      const at = JSON.stringify(value) ?? '';
      found.set(at, [value, (found.get(at)?.[1] ?? 0) + 1]);
    }
    return { field, values: [...found.values()].sort((a, b) => b[1] - a[1]) };
  });
  const differ = all.filter((each) => each.values.length > 1);
  differ.sort((a, b) => a.values.length - b.values.length);
  return { differ, same: all.length - differ.length };
}

function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

export interface Place {
  host: string;
  state: Shown;
  members: number;
  live: number;
}

/** Hosts with the worst that members are there, those first. */
export function places(runs: readonly RunView[]): Place[] {
  const found = new Map<string, Place>();
  for (const run of runs.filter((each) => each.host)) {
    const host = run.host ?? '';
    const place = found.get(host) ?? { host, state: 'finished', members: 0, live: 0 };
    if (place.members === 0 || worse(shown(run), place.state) < 0) place.state = shown(run);
    place.members += 1;
    place.live += LIVE.has(run.state) ? 1 : 0;
    found.set(host, place);
  }
  return [...found.values()].sort((a, b) => worse(a.state, b.state) || byName(a.host, b.host));
}

export interface Bar {
  run: RunView;
  row: number;
  from: number;
  to: number;
}

const OWN_ROWS_MAX = 24;

/** When each member ran, so that none covers another: a row each, or several in one where many. */
export function bars(runs: readonly RunView[], until: number): { bars: Bar[]; rows: number } {
  const rows: number[] = [];
  const started = (run: RunView) => run.started_at ?? run.created_at;
  const found = [...runs]
    .sort((a, b) => started(a) - started(b) || byName(a.name, b.name))
    .map((run): Bar => {
      const from = started(run);
      // A silent one is drawn as far as it was heard.
      const live = run.qualifier === 'unreachable' ? (run.heard_at ?? until) : until;
      const to = Math.max(from, run.ended_at ?? (LIVE.has(run.state) ? live : from));
      let row = runs.length > OWN_ROWS_MAX ? rows.findIndex((end) => end <= from) : -1;
      if (row < 0) row = rows.length;
      rows[row] = to + 1;
      return { run, row, from, to };
    });
  return { bars: found, rows: rows.length };
}
