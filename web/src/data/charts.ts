// Charts over many runs and values that are no numbers, as query options. Never asks by itself.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { asked, at, call, inside, params } from './client';
import { type Band, decodeBands } from './frames';
import type { RunPath } from './queries';
import type * as api from './records';

const SLOW_MS = 15_000;
const runAt = (path: RunPath) => `/runs${at(path.entity, path.project, path.id)}`;

/** Mean and band of every group, over the newest runs that match. */
export function bands(query: api.GroupWindowQuery) {
  return queryOptions({
    queryKey: ['bands', query],
    queryFn: async ({ signal }): Promise<Band[]> => {
      const answer = await asked('POST', '/window/groups', query, signal);
      return decodeBands(await answer.arrayBuffer());
    },
    structuralSharing: false,
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
    staleTime: SLOW_MS,
    gcTime: 30_000,
  });
}

/** Runs by the values of fields. */
export function groups(query: api.GroupQuery) {
  return queryOptions({
    queryKey: ['runs', query.entity, query.project, 'groups', query],
    queryFn: ({ signal }) => call<api.RunGroups>('POST', '/runs/groups', query, signal),
    placeholderData: keepPreviousData,
    staleTime: SLOW_MS,
  });
}

/** Which configuration moves a metric. */
export function importance(query: api.ImportanceQuery) {
  return queryOptions({
    queryKey: ['importance', query],
    queryFn: ({ signal }) => call<api.ImportanceView>('POST', '/importance', query, signal),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
    staleTime: SLOW_MS,
  });
}

/** Every key that any of these runs has, in one answer. */
export function sharedKeys(query: api.KeysQuery) {
  return queryOptions({
    queryKey: ['keys', query],
    queryFn: ({ signal }) => call<api.SharedKey[]>('POST', '/keys', query, signal),
    enabled: query.runs.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 10_000,
  });
}

/** What runs logged under a key that is no number: texts, pictures, tables. */
export function objects(query: api.ObjectsQuery) {
  return queryOptions({
    queryKey: ['objects', query],
    queryFn: ({ signal }) => call<api.ObjectsView[]>('POST', '/objects', query, signal),
    placeholderData: keepPreviousData,
    staleTime: SLOW_MS,
  });
}

/** The text of a file of a run, up to a size. */
export function fileText(path: RunPath, file: string, most: number) {
  return queryOptions({
    queryKey: ['file-text', path.entity, path.project, path.id, file, most],
    queryFn: async ({ signal }) => {
      const answer = await asked('GET', `${runAt(path)}/files/${inside(file)}`, undefined, signal);
      const size = Number(answer.headers.get('content-length') ?? 0);
      if (size > most) throw new Error(`${size} bytes are too many to show here; download it`);
      return answer.text();
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  });
}

/** Where the browser gets an image made small. */
export function thumbnailAddress(path: RunPath, file: string, side: number): string {
  return `/api/v1${runAt(path)}/thumbnails/${inside(file)}?side=${side}`;
}

/** Where the browser gets all runs that match as a file. */
export function exportAddress(
  entity: string,
  project: string,
  filters: string,
  order: string,
  form: 'csv' | 'parquet',
): string {
  return `/api/v1/runs/export${params({ entity, project, filters, order, form })}`;
}
