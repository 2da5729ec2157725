import { QueryClient } from '@tanstack/react-query';
import { describe, expect, test } from 'vitest';
import { Live } from './live';
import { concerns, follow } from './news';
import { TRIALS_PAGE } from './queries';

const PLACE = { entity: 'e', project: 'p' };
const run = (n: number) => ({ ...PLACE, run: n, topics: ['state'] });
const sweep = (...topics: string[]) => ({ ...PLACE, run: 0, sweep: 's', topics });
const page = (n: number, stage: string) => ({
  total: n,
  trials: Array.from({ length: n }, (_, i) => ({ run: i + 1, stage })),
});

test('a host follows the runs that are on it, and a group those of its project', () => {
  const host = { live: [{ run: { key: 7 } }] };
  expect(concerns(['host', 'gpu-1'], run(7), true, host)).toBe(true);
  expect(concerns(['host', 'gpu-1'], run(8), true, host)).toBe(false);
  expect(concerns(['host', 'gpu-1'], run(7), true)).toBe(false);
  expect(concerns(['group', 'e', 'p', 'g', 'members'], run(8), true)).toBe(true);
  expect(concerns(['group', 'e', 'q', 'g', 'members'], run(8), true)).toBe(false);
  expect(concerns(['group', 'e', 'p', 'g', 'members'], sweep('status'), true)).toBe(false);
});

describe('news of a sweep', () => {
  const key = ['sweep', 'e', 'p', 's', 'detail'];

  test('reach its page, and nothing elsewhere', () => {
    expect(concerns(key, sweep('status'), true)).toBe(true);
    expect(concerns(['sweep', 'e', 'p', 'other', 'detail'], sweep('status'), true)).toBe(false);
    expect(concerns(['runs', 'e', 'p'], sweep('trials'), true)).toBe(false);
    expect(concerns(['attention'], sweep('trials'), true)).toBe(false);
  });

  test('reach the project that counts its sweeps when one is made or goes', () => {
    expect(concerns(['project', 'e', 'p'], sweep('status'), true)).toBe(true);
    expect(concerns(['project', 'e', 'q'], sweep('status'), true)).toBe(false);
    expect(concerns(['project', 'e', 'p'], sweep('trials', 'agents'), true)).toBe(false);
  });

  test('a full page of ended trials is not asked for again by new trials', () => {
    const trials = ['sweep', 'e', 'p', 's', 'trials', 0];
    expect(concerns(trials, sweep('trials'), true, page(TRIALS_PAGE, 'ended'))).toBe(false);
    expect(concerns(trials, sweep('trials'), true, page(TRIALS_PAGE, 'running'))).toBe(true);
    expect(concerns(trials, sweep('trials'), true, page(3, 'ended'))).toBe(true);
    expect(concerns(trials, sweep('agents'), true, page(3, 'ended'))).toBe(false);
  });

  test('a run that changes reaches the page of trials that it is on', () => {
    const trials = ['sweep', 'e', 'p', 's', 'trials', 0];
    expect(concerns(trials, run(2), true, page(3, 'ended'))).toBe(true);
    expect(concerns(trials, run(9), true, page(3, 'ended'))).toBe(false);
    expect(concerns(key, run(9), true)).toBe(true);
  });
});

test('the list of sweeps of a project follows its sweeps and runs, others do not', () => {
  const cache = new QueryClient();
  const here = ['sweeps', 'e', 'p'];
  const there = ['sweeps', 'e', 'q'];
  cache.setQueryData(here, []);
  cache.setQueryData(there, []);
  const live = new Live(() => 0);
  follow(live, cache);
  const data = JSON.stringify({ ...PLACE, sweep: 's', topics: ['status'] });
  // biome-ignore lint/complexity/useLiteralKeys: as the stream does it
  live['message']({ event: 'sweep', id: '1', data });
  expect(cache.getQueryState(here)?.isInvalidated).toBe(true);
  expect(cache.getQueryState(there)?.isInvalidated).toBe(false);
});
