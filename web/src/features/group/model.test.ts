import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json, RunGroup, RunView } from '@/data/records';
import { bars, differences, places, rankOf, ranks, standings } from './model';

function run(key: number, more: Partial<RunView> = {}): RunView {
  const plain = {
    state: 'finished',
    name: `run ${key}`,
    created_at: key,
    cause: '',
    id: `r${key}`,
  };
  return { key, entity: 'e', project: 'p', qualifier: '', ...plain, ...more } as RunView;
}

const group = (state: string, cause: string, runs: number) =>
  ({ values: [state, cause], runs, states: {}, fields: {} }) as RunGroup;

describe('how members stand', () => {
  test('the worst first, with what it was', () => {
    const found = standings(
      { finished: 5, crashed: 3, failed: 1 },
      [
        group('crashed', 'out_of_memory', 1),
        group('crashed', 'lost_heartbeat', 2),
        group('failed', 'exit_code', 1),
        group('finished', 'finished', 5),
      ],
      [],
    );
    expect(found.map(({ state, n }) => [state, n])).toEqual([
      ['crashed', 3],
      ['failed', 1],
      ['finished', 5],
    ]);
    expect(found[0].causes).toEqual(['2 lost heartbeat', '1 out of memory']);
    expect(found[1].causes).toEqual(['exit code']);
    expect(found[2].causes).toEqual([]);
  });

  test('qualifiers count apart, but only where every member is told', () => {
    const told = [
      run(1, { state: 'running', qualifier: 'unreachable' }),
      run(2, { state: 'running' }),
    ];
    const seen = (states: Record<string, number>) =>
      standings(states, [], told).map(({ state, n }) => `${n} ${state}`);
    expect(seen({ running: 2 })).toEqual(['1 unreachable', '1 running']);
    expect(seen({ running: 900 })).toEqual(['900 running']);
  });
});

describe('ranks', () => {
  test('are told by the configuration, or else by the name', () => {
    expect(rankOf(run(1), { rank: 3 })).toBe(3);
    expect(rankOf(run(1, { name: 'ddp-rank-12' }))).toBe(12);
    expect(rankOf(run(1, { name: 'frank-12' }))).toBe(null);
    expect(rankOf(run(1), { rank: 'low' })).toBe(null);
  });

  test('those that no member is are shown as missing', () => {
    const configs = new Map<number, Record<string, Json>>([
      [1, { rank: 0, world_size: 4 }],
      [2, { rank: 2, world_size: 4 }],
    ]);
    const found = ranks([run(2), run(1)], configs);
    expect(found.map((each) => each.run?.key ?? null)).toEqual([1, null, 2, null]);
  });

  test('members that are not ranks, or twice the same one, are none', () => {
    expect(ranks([run(1), run(2)], new Map())).toEqual([]);
    const twice = new Map<number, Record<string, Json>>([
      [1, { rank: 0 }],
      [2, { rank: 0 }],
    ]);
    expect(ranks([run(1), run(2)], twice)).toEqual([]);
  });
});

test('what differs comes with its values, and what is the same is counted', () => {
  const { differ, same } = differences([
    { lr: 0.1, seed: 1, depth: 3 },
    { lr: 0.1, seed: 2, depth: 3, warm: true },
    { lr: 0.2, seed: 3, depth: 3 },
  ]);
  expect(same).toBe(1);
  expect(differ.map((each) => each.field)).toEqual(['lr', 'warm', 'seed']);
  expect(differ[0].values).toEqual([
    [0.1, 2],
    [0.2, 1],
  ]);
  expect(differ[1].values).toEqual([
    [undefined, 2],
    [true, 1],
  ]);
});

test('hosts stand as the worst member on them', () => {
  const found = places([
    run(1, { host: 'gpu-10' }),
    run(2, { host: 'gpu-9', state: 'running' }),
    run(3, { host: 'gpu-10', state: 'crashed' }),
    run(4, { host: '' }),
  ]);
  expect(found).toEqual([
    { host: 'gpu-10', state: 'crashed', members: 2, live: 0 },
    { host: 'gpu-9', state: 'running', members: 1, live: 1 },
  ]);
});

test('no bar covers another, and a silent member is drawn as far as it was heard', () => {
  const span = fc.record({ from: fc.nat(500), length: fc.nat(200), live: fc.boolean() });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 40 }), (spans) => {
      const runs = spans.map(({ from, length, live }, i) =>
        run(
          i,
          live
            ? { started_at: from, state: 'running' }
            : { started_at: from, ended_at: from + length },
        ),
      );
      const found = bars(runs, 1_000);
      for (const a of found.bars)
        for (const b of found.bars)
          if (a !== b && a.row === b.row) expect(a.to < b.from || b.to < a.from).toBe(true);
      expect(found.bars.every((each) => each.row < found.rows)).toBe(true);
    }),
  );
  const silent = run(1, {
    started_at: 5,
    heard_at: 40,
    state: 'running',
    qualifier: 'unreachable',
  });
  expect(bars([silent], 1_000).bars[0].to).toBe(40);
});
