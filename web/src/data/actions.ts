// What people can do, each as one call. Never changes the cache: news does.
import { asked, at, call, inside } from './client';
import type { RunPath, SweepPath } from './queries';
import type * as api from './records';

const of = (path: RunPath) => `/runs${at(path.entity, path.project, path.id)}`;
const sweepAt = (path: SweepPath) => `/sweeps${at(path.entity, path.project, path.id)}`;

export const login = (body: api.LoginBody) => call<api.UserView>('POST', '/login', body);
export const logout = () => call<unknown>('POST', '/logout');
export const updateRun = (path: RunPath, body: api.RunUpdate) =>
  call<api.RunView>('PATCH', of(path), body);
export const stopRun = (path: RunPath, reason: string) =>
  call<api.RunView>('POST', `${of(path)}/stop`, { reason });
export const overrideState = (path: RunPath, state: string, reason: string) =>
  call<api.RunView>('POST', `${of(path)}/state`, { state, reason });
export const markSeen = (keys: number[]) => call<unknown>('POST', '/attention/seen', { keys });
/** Off one's own list for a while; `for_ms` null: until state or cause changes. */
export const snooze = (keys: number[], for_ms: number | null) =>
  call<unknown>('POST', '/attention/snooze', { keys, for_ms });
export const wake = (keys: number[]) => call<unknown>('POST', '/attention/wake', { keys });
export const assign = (keys: number[], user: string) =>
  call<unknown>('POST', '/attention/assign', { keys, user });
export const controlSweep = (path: SweepPath, action: string, reason: string) =>
  call<api.SweepView>('POST', `${sweepAt(path)}${at(action)}`, { reason });
export const updateSweep = (path: SweepPath, body: api.SweepUpdate) =>
  call<api.SweepView>('PATCH', sweepAt(path), body);
export const deleteSweep = (path: SweepPath) => call<unknown>('DELETE', sweepAt(path));
export const saveView = (
  entity: string,
  project: string,
  name: string,
  document: Record<string, string>,
) => call<unknown>('PUT', `/projects${at(entity, project)}/views${at(name)}`, document);
export const deleteView = (entity: string, project: string, name: string) =>
  call<unknown>('DELETE', `/projects${at(entity, project)}/views${at(name)}`);
export const describeProject = (entity: string, project: string, description: string) =>
  call<api.ProjectView>('PATCH', `/projects${at(entity, project)}`, { description });
export const deleteProject = (entity: string, project: string) =>
  call<unknown>('DELETE', `/projects${at(entity, project)}`);
export const makeKey = (user: string, description: string) =>
  call<api.KeyMade>('POST', `/users${at(user)}/keys`, { description });
/** One's own key for the lines of a first run. */
export const firstKey = async () => {
  const me = await call<api.UserView>('GET', '/viewer');
  return (await makeKey(me.name, 'first run')).api_key ?? '';
};
export const dropKey = (user: string, id: string) =>
  call<unknown>('DELETE', `/users${at(user)}/keys${at(id)}`);
export const makeUser = (body: api.NewUser) => call<api.UserMade>('POST', '/users', body);
export const updateUser = (name: string, body: api.UserUpdate) =>
  call<api.UserView>('PATCH', `/users${at(name)}`, body);
export const makeTeam = (body: api.NewTeam) => call<unknown>('POST', '/teams', body);
export const setMember = (team: string, body: api.MemberBody) =>
  call<unknown>('POST', `/teams${at(team)}/members`, body);
export const dropMember = (team: string, user: string) =>
  call<unknown>('DELETE', `/teams${at(team)}/members${at(user)}`);

// Fewer than the server takes: what runs say is written between two parts.
const AT_ONCE = 250;

/** What became of an action on many runs; `rest` are those to be tried again. */
export interface Bulk {
  done: number[];
  refused: Record<string, string>;
  rest: number[];
  /** For so long what was deleted can be brought back. */
  kept_ms: number;
}

/** One action on many runs. A part that fails keeps what was done; a first part throws. */
export async function bulk({ keys, ...body }: api.BulkAction): Promise<Bulk> {
  const result: Bulk = { done: [], refused: {}, rest: [], kept_ms: 0 };
  for (let i = 0; i < keys.length; i += AT_ONCE) {
    const part: api.BulkAction = { ...body, keys: keys.slice(i, i + AT_ONCE) };
    try {
      const told = await call<api.BulkResult>('POST', '/runs/actions', part);
      const { done, refused, kept_ms = 0 } = told;
      result.kept_ms = kept_ms;
      result.done.push(...(done ?? []));
      Object.assign(result.refused, refused);
    } catch (error) {
      if (i === 0) throw error;
      result.rest = keys.slice(i);
      for (const key of result.rest) result.refused[key] = (error as Error).message;
      break;
    }
  }
  return result;
}

/** Runs with every value of config and summary, as a file. */
export async function exported(runs: readonly api.RunView[]): Promise<Blob> {
  const [{ entity, project }] = runs;
  const filters = { id: { $in: runs.map((run) => run.id) } };
  const body: api.RunQuery = { entity, project, filters, order: '-created' };
  return (await asked('POST', '/runs/export?form=csv', body)).blob();
}

/** Where the browser gets a file's bytes itself. */
export function fileAddress(path: RunPath, file: string): string {
  return `/api/v1${of(path)}/files/${inside(file)}`;
}
