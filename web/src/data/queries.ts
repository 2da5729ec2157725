// What can be asked of the server, as query options with their keys. Never asks by itself.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { envelopes } from './batch';
import { asked, at, call, params } from './client';
import type * as api from './records';

export interface RunPath {
  entity: string;
  project: string;
  id: string;
}

export type SweepPath = RunPath;

export interface Listing {
  entity: string;
  project: string;
  filters: string;
  order: string;
  select: string[];
}

export const PAGE = 100;
const LIVE_MS = 5_000;
const runs = (path: RunPath) => `/runs${at(path.entity, path.project, path.id)}`;
const runKey = (path: RunPath) => ['run', path.entity, path.project, path.id] as const;

/** Paths of runs by their number, since news names runs by number. */
const paths = new Map<number, RunPath>();

function remember(run: api.RunView): void {
  paths.set(run.key, { entity: run.entity, project: run.project, id: run.id });
}

export function pathOf(run: number): RunPath | undefined {
  return paths.get(run);
}

export const viewer = queryOptions({
  queryKey: ['viewer'],
  queryFn: ({ signal }) => call<api.UserView>('GET', '/viewer', undefined, signal),
  staleTime: 60_000,
  retry: false,
});

export const server = queryOptions({
  queryKey: ['server'],
  queryFn: ({ signal }) => call<api.ServerView>('GET', '/server', undefined, signal),
});

export const projects = queryOptions({
  queryKey: ['projects'],
  queryFn: ({ signal }) => call<api.ProjectView[]>('GET', '/projects', undefined, signal),
});

export function project(entity: string, name: string) {
  return queryOptions({
    queryKey: ['project', entity, name],
    queryFn: ({ signal }) =>
      call<api.ProjectView>('GET', `/projects${at(entity, name)}`, undefined, signal),
  });
}

export function deletedRuns(entity: string, name: string) {
  return queryOptions({
    queryKey: ['project', entity, name, 'deleted'],
    queryFn: ({ signal }) =>
      call<api.DeletedRuns>('GET', `/projects${at(entity, name)}/deleted`, undefined, signal),
  });
}

export const attention = queryOptions({
  queryKey: ['attention'],
  queryFn: ({ signal }) => call<api.Attention>('GET', '/attention', undefined, signal),
  refetchInterval: LIVE_MS,
});

/** The people who may see what an entity has. */
export function assignees(entity: string) {
  return queryOptions({
    queryKey: ['assignees', entity],
    queryFn: ({ signal }) =>
      call<string[]>('GET', `/attention/assignees${params({ entity })}`, undefined, signal),
    staleTime: 60_000,
  });
}

async function page(
  listing: Listing,
  offset: number,
  limit: number,
  signal?: AbortSignal,
): Promise<api.RunPage & { took: number; at: number }> {
  const { entity, project: name, filters, order, select } = listing;
  const body: api.RunQuery = { entity, project: name, filters, order, limit, offset, select };
  const began = performance.now();
  const found = await call<api.RunPage>('POST', '/runs/query', body, signal);
  found.runs.forEach(remember);
  return { ...found, took: performance.now() - began, at: Date.now() };
}

/** One page of the runs that match. */
export function runsPage(listing: Listing, index: number) {
  return queryOptions({
    queryKey: ['runs', listing.entity, listing.project, listing, index],
    queryFn: ({ signal }) => page(listing, index * PAGE, PAGE, signal),
    refetchInterval: (query) =>
      query.state.data?.runs.some((run) => run.silent_ms !== null) ? LIVE_MS : false,
    // Rows of another sorting may stand in for a moment, rows of another place never.
    placeholderData: (before, query) => (query?.queryKey[4] === index ? before : undefined),
  });
}

const ASKED_MAX = 1_000;

/** Runs of a listing from its top, as many as there are up to `most`; and how many there are. */
export async function runsUpTo(
  listing: Listing,
  most: number,
): Promise<{ runs: api.RunView[]; total: number }> {
  const found: api.RunView[] = [];
  for (;;) {
    const asked = Math.min(ASKED_MAX, most - found.length);
    const { runs, total } = await page(listing, found.length, asked);
    found.push(...runs);
    if (runs.length === 0 || found.length >= Math.min(total, most)) return { runs: found, total };
  }
}

/** The first few, or none of them but their number and states. */
export function runsFirst(listing: Listing, limit: number) {
  return queryOptions({
    queryKey: ['runs', listing.entity, listing.project, listing, `first ${limit}`],
    queryFn: ({ signal }) => page(listing, 0, limit, signal),
    placeholderData: keepPreviousData,
  });
}

export function run(path: RunPath) {
  return queryOptions({
    queryKey: [...runKey(path), 'detail'],
    queryFn: async ({ signal }) => {
      const found = await call<api.RunDetail>('GET', runs(path), undefined, signal);
      remember(found.run);
      return { ...found, at: Date.now() };
    },
    refetchInterval: (query) => (query.state.data?.run.silent_ms == null ? false : LIVE_MS),
  });
}

/** Runs known by their numbers only. */
export function runsByKey(keys: readonly number[]) {
  return queryOptions({
    queryKey: ['runs', '', '', 'keys', keys],
    queryFn: async ({ signal }) => {
      const body: api.RunsQuery = { runs: [...keys] };
      const found = await call<api.RunView[]>('POST', '/runs/by-keys', body, signal);
      found.forEach(remember);
      return found;
    },
    enabled: keys.length > 0,
    placeholderData: keepPreviousData,
  });
}

export function ledger(path: RunPath) {
  return queryOptions({
    queryKey: [...runKey(path), 'ledger'],
    queryFn: ({ signal }) =>
      call<api.LedgerEntry[]>('GET', `${runs(path)}/ledger`, undefined, signal),
  });
}

export function attempts(path: RunPath) {
  return queryOptions({
    queryKey: [...runKey(path), 'attempts'],
    queryFn: ({ signal }) =>
      call<api.AttemptView[]>('GET', `${runs(path)}/attempts`, undefined, signal),
  });
}

export function keys(path: RunPath, system: boolean) {
  return queryOptions({
    queryKey: [...runKey(path), 'keys', system],
    queryFn: ({ signal }) =>
      call<api.KeyView[]>(
        'GET',
        `${runs(path)}/keys${params({ system: system ? 1 : 0 })}`,
        undefined,
        signal,
      ),
  });
}

export function files(path: RunPath) {
  return queryOptions({
    queryKey: [...runKey(path), 'files'],
    queryFn: ({ signal }) => call<api.FileView[]>('GET', `${runs(path)}/files`, undefined, signal),
  });
}

export function consolePage(path: RunPath, first: number, limit: number) {
  return queryOptions({
    queryKey: [...runKey(path), 'console', first, limit],
    queryFn: ({ signal }) => consoleLines(path, first, limit, signal),
    // The last page grows: its shorter self stands in until it is there.
    placeholderData: (before, query) => (query?.queryKey[5] === first ? before : undefined),
    staleTime: 60_000,
  });
}

export function consoleLines(
  path: RunPath,
  first: number,
  limit: number,
  signal: AbortSignal,
): Promise<api.ConsolePage> {
  return call<api.ConsolePage>(
    'GET',
    `${runs(path)}/console${params({ first, limit })}`,
    undefined,
    signal,
  );
}

export function consoleTail(path: RunPath, last: number) {
  return queryOptions({
    queryKey: [...runKey(path), 'console', 'last', last],
    queryFn: ({ signal }) =>
      call<api.ConsolePage>('GET', `${runs(path)}/console${params({ last })}`, undefined, signal),
  });
}

export function fields(entity: string, name: string, contains: string, limit: number) {
  return queryOptions({
    queryKey: ['fields', entity, name, contains, limit],
    queryFn: ({ signal }) =>
      call<string[]>(
        'GET',
        `/projects${at(entity, name)}/fields${params({ contains, limit })}`,
        undefined,
        signal,
      ),
    staleTime: 30_000,
    placeholderData: keepPreviousData,
  });
}

export function values(entity: string, name: string, field: string, limit: number) {
  return queryOptions({
    queryKey: ['values', entity, name, field, limit],
    queryFn: ({ signal }) =>
      call<[api.Json, number][]>(
        'GET',
        `/projects${at(entity, name)}/values${params({ field, limit })}`,
        undefined,
        signal,
      ),
    staleTime: 30_000,
  });
}

export function views(entity: string, name: string) {
  return queryOptions({
    queryKey: ['views', entity, name],
    queryFn: ({ signal }) =>
      call<Record<string, Record<string, string>>>(
        'GET',
        `/projects${at(entity, name)}/views`,
        undefined,
        signal,
      ),
    staleTime: 30_000,
  });
}

/** Envelopes of one chart; `system` ones are measured beside the program. */
export function window(query: api.WindowQuery, system: boolean) {
  return queryOptions({
    queryKey: ['window', query, system],
    queryFn: ({ signal }) => envelopes(query, system, signal),
    enabled: query.runs.length > 0 && query.keys.length > 0,
    structuralSharing: false,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: 30_000,
  });
}

const sweepKey = (path: SweepPath) => ['sweep', path.entity, path.project, path.id] as const;
const sweepAt = (path: SweepPath) => `/sweeps${at(path.entity, path.project, path.id)}`;
export const TRIALS_PAGE = 500;
const TRIALS_LIMIT = 1_000;
const PRIOR_FIRST = -1_000_000;
const WEIGH_MS = 15_000;

export function sweeps(entity: string, name: string) {
  return queryOptions({
    queryKey: ['sweeps', entity, name],
    queryFn: ({ signal }) =>
      call<api.SweepView[]>(
        'GET',
        `/sweeps${params({ entity, project: name })}`,
        undefined,
        signal,
      ),
  });
}

export function sweep(path: SweepPath) {
  return queryOptions({
    queryKey: [...sweepKey(path), 'detail'],
    queryFn: async ({ signal }) => {
      const text = await (await asked('GET', sweepAt(path), undefined, signal)).text();
      // The text itself tells 1.0 from 1, which the configuration's reader wants to see.
      return { ...(JSON.parse(text) as api.SweepDetail), text, at: Date.now() };
    },
    refetchInterval: (query) =>
      query.state.data?.sweep.agents_live && !query.state.error ? LIVE_MS : false,
  });
}

/** One page of a sweep's trials, by number. */
export function trials(path: SweepPath, index: number) {
  return queryOptions({
    queryKey: [...sweepKey(path), 'trials', index],
    queryFn: ({ signal }) => trialsFrom(path, index * TRIALS_PAGE, TRIALS_PAGE, signal),
    staleTime: 30_000,
  });
}

/** The runs that a sweep took over from before: they are numbered below zero. */
export function priorTrials(path: SweepPath) {
  return queryOptions({
    queryKey: [...sweepKey(path), 'trials', -1],
    queryFn: async ({ signal }) => {
      const first = await trialsFrom(path, PRIOR_FIRST, 1, signal);
      if (!first.trials.some((each) => each.prior)) return { trials: [], total: first.total };
      const found = await trialsFrom(path, PRIOR_FIRST, TRIALS_LIMIT, signal);
      return { ...found, trials: found.trials.filter((each) => each.prior) };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function trialsFrom(
  path: SweepPath,
  first: number,
  limit: number,
  signal: AbortSignal,
): Promise<api.TrialPage> {
  const address = `${sweepAt(path)}/trials${params({ first, limit })}`;
  return call<api.TrialPage>('GET', address, undefined, signal);
}

export function importance(path: SweepPath) {
  return queryOptions({
    queryKey: [...sweepKey(path), 'importance'],
    queryFn: ({ signal }) =>
      call<api.SweepImportance>('GET', `${sweepAt(path)}/importance`, undefined, signal),
    refetchInterval: WEIGH_MS,
    staleTime: WEIGH_MS,
  });
}

export const users = queryOptions({
  queryKey: ['users'],
  queryFn: ({ signal }) => call<api.UserView[]>('GET', '/users', undefined, signal),
});

export function userKeys(name: string) {
  return queryOptions({
    queryKey: ['user-keys', name],
    queryFn: ({ signal }) =>
      call<api.KeyMade[]>('GET', `/users${at(name)}/keys`, undefined, signal),
  });
}

export const teams = queryOptions({
  queryKey: ['teams'],
  queryFn: ({ signal }) =>
    call<{ name: string; org: string }[]>('GET', '/teams', undefined, signal),
});

export function members(team: string) {
  return queryOptions({
    queryKey: ['members', team],
    queryFn: ({ signal }) =>
      call<{ user: string; role: string }[]>('GET', `/teams${at(team)}/members`, undefined, signal),
  });
}
