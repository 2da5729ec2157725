// Hosts, and the runs of a group at a glance, as query options. Never asks by itself.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { quoted } from '@/lib/query';
import { at, call } from './client';
import type * as api from './records';

const LIVE_MS = 5_000;
/** A host where nothing runs may get a run, of which there is no news here. */
const IDLE_MS = 15_000;
const SLOW_MS = 60_000;

/** One host, with what runs there now. */
export function host(name: string) {
  return queryOptions({
    queryKey: ['host', name],
    queryFn: async ({ signal }) => {
      const found = await call<api.HostDetail>('GET', `/hosts${at(name)}`, undefined, signal);
      return { ...found, at: Date.now() };
    },
    refetchInterval: (query) => (query.state.data?.live.length ? LIVE_MS : IDLE_MS),
    placeholderData: keepPreviousData,
  });
}

export interface GroupPath {
  entity: string;
  project: string;
  group: string;
}

/** At most so many members are told one by one, the newest. */
export const MEMBERS_MAX = 500;

/** The filter that finds the members of a group. */
export function membersOf(group: string): string {
  return `group = ${quoted(group)}`;
}

function asked({ entity, project, group }: GroupPath, select: string[]): api.RunQuery {
  const filters = { group };
  return { entity, project, filters, order: '-created', limit: MEMBERS_MAX, select };
}

/** The newest members, and how all of them stand. */
export function members(path: GroupPath) {
  return queryOptions({
    queryKey: ['group', path.entity, path.project, path.group, 'members'],
    queryFn: async ({ signal }) => {
      const found = await call<api.RunPage>('POST', '/runs/query', asked(path, []), signal);
      return { ...found, at: Date.now() };
    },
    refetchInterval: (query) =>
      query.state.data?.runs.some((run) => run.silent_ms !== null) ? LIVE_MS : false,
  });
}

/** How many members stand so, and why, over all of them. */
export function causes(path: GroupPath) {
  const { entity, project, group } = path;
  const query = { entity, project, filters: { group }, by: ['state', 'cause'] };
  return queryOptions({
    queryKey: ['group', entity, project, group, 'causes'],
    queryFn: ({ signal }) => call<api.RunGroups>('POST', '/runs/groups', query, signal),
  });
}

/** The newest members with these values of config and summary; they change rarely. */
export function memberValues(path: GroupPath, fields: string[]) {
  return queryOptions({
    queryKey: ['group', path.entity, path.project, path.group, 'values', fields],
    queryFn: ({ signal }) => call<api.RunPage>('POST', '/runs/query', asked(path, fields), signal),
    enabled: fields.length > 0,
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
  });
}
